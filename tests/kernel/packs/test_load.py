# ruff: noqa: E501  (a table of errors reads best with one to a line)
"""What an author writes becomes what turns use, from one file or many; every error has its place."""

import re

import pytest

from tzurot.packs.compiled import Line, Voice
from tzurot.packs.load import load

LOCATED = re.compile(r"^\S*/[\w./-]+\.(yaml|md|txt):\d+:\d+: .+\.$|^\S*/[\w./-]+:\d+:\d+: .+[?.)]$")


def test_a_pack_with_everything_becomes_characters(data, grammar):
    loaded = load(data / "large_cast", grammar)
    assert loaded.problems == ()
    pack = loaded.pack
    one, two = pack.characters
    assert (pack.id, pack.name, pack.authors, pack.version) == (
        "large_cast",
        "A large cast",
        ("A", "B"),
        "0.1",
    )
    assert (one.key, one.names) == ("large_cast/one", ("One", "Uno", "一"))
    assert dict(one.profile) == {
        "description": "First.",
        "age": "1",
        "The house": "Old.",
        "The garden": "Older.",
    }
    assert one.examples == (
        (Line(Voice.USER, "a"), Line(Voice.CHAR, "b")),
        (Line(Voice.USER, "c"), Line(Voice.CHAR, "d\ne")),
    )
    assert dict(one.settings) == {"temperature": 1.5, "stop": ["\n\n"], "max_tokens": 12, "thinking": "off"}
    assert dict(two.settings) == {"temperature": 0.4, "stop": ["\n\n"]}
    assert one.avatar == "https://example.org/one.png"
    assert two.avatar == data / "large_cast" / "two.png"
    assert (one.talkativeness, two.talkativeness, one.age_restricted) == (0.25, 0.5, True)


def test_packs_and_characters_may_be_keys(data, grammar):
    pack = load(data / "large_cast", grammar).pack
    assert len({pack, *pack.characters, pack.characters[0]}) == 3


def test_a_character_called_no_is_called_no(data, grammar):
    assert load(data / "small", grammar).pack.characters[0].name == "No"


def test_a_split_pack_is_put_together_in_order(data, grammar):
    loaded = load(data / "split", grammar)
    assert [str(each) for each in loaded.problems if each.is_error] == []
    pack = loaded.pack
    assert [each.id for each in pack.characters] == ["first", "second", "third", "fourth"]
    assert pack.characters[0].description == "The first of all.\n\nIn two paragraphs."
    lore = pack.plugin_settings["lore"]
    assert [entry.text for entry in lore.entries] == [
        "The town sleeps early.",
        "The river runs north.",
        "It is always raining.",
    ]


def test_a_characters_plugin_settings_replace_the_packs_by_name(data, grammar):
    pack = load(data / "split", grammar).pack
    first, *_, fourth = pack.characters
    assert first.plugin_settings["lore"] is pack.plugin_settings["lore"]
    assert fourth.plugin_settings["lore"].budget == 99
    assert len(fourth.plugin_settings["lore"].entries) == 3
    assert (dict(first.enabled), dict(fourth.enabled)) == ({}, {"lore": False})


def test_a_plugin_that_a_pack_does_not_mention_has_its_defaults(data, grammar):
    one = load(data / "small", grammar).pack.characters[0]
    assert one.plugin_settings["lore"].budget == 100


def test_settings_of_a_plugin_listed_under_uses_are_a_warning(data, grammar):
    (problem,) = load(data / "split", grammar).problems
    assert not problem.is_error
    assert "pack.yaml:16:3: plugins.weather: the plugin weather is not installed here" in str(problem)


def test_every_error_of_a_bad_pack_is_told_at_its_place_and_in_order(data, grammar):
    problems = load(data / "broken", grammar).problems
    lines = [str(each)[len(str(problems[0].spot.file)) - len("broken/lore/a.yaml") :] for each in problems]
    assert "\n".join(lines) == (data / "broken.txt").read_text(encoding="utf-8").strip()
    assert all(LOCATED.match(str(each)) for each in problems)


START = "schema: 1\nname: P\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1:1: expected a pack's settings, found an empty file."),
        ("- a\n", "1:1: expected a pack's settings, found a list."),
        ("schema:1\n", "1:1: expected a pack's settings, found a single value."),
        ("schema: 2\nname: P\n", "1:9: schema: this pack uses schema 2; this tzurot knows schema 1. Upgrade tzurot."),
        ("schema: 0\nname: P\ncharacters: [{id: a, name: A}]\n", "1:9: schema: expected 1, found 0."),
        (START, "1:1: 'characters' is missing. Write 'characters:' with a list."),
        (START + "characters: []\n", "3:13: characters: this may not be empty: it needs at least one item."),
        (START + "characters:\n", "3:12: characters: expected a list, found nothing."),
        (START + "characters:\n- {id: a, name: A}\n- {id: a, name: B}\n", "5:8: characters.1.id: 'a' is already the id"),
        (START + "characters:\n- {id: a, name: A}\n- {id: b, name: B, aliases: [a]}\n", "5:30: characters.1.aliases.0: 'a' is called 'a' as well"),
        (START + "characters: [{id: a, name: A, avatar: x.png}]\n", "3:39: characters.0.avatar: there is no file 'x.png'"),
        (START + "characters: [{id: a, name: A, avatar: 'http://x/y.png'}]\n", "3:39: characters.0.avatar: 'http://x/y.png' is no https address."),
        (START + "characters: [{id: a, name: A, avatar: notes.md}]\n", "3:39: characters.0.avatar: 'notes.md' is no picture."),
        (START + "characters: [{id: a, name: A, examples: [[{user: a, char: b}]]}]\n", "3:43: characters.0.examples.0.0: expected at most 1 entry, found 2."),
        (START + "characters: [{id: a, name: A, settings: {temperature: 9}}]\n", "3:55: characters.0.settings.temperature: expected at most 2, found 9."),
        (START + "characters: [{id: a, name: A, plugins: {lore: {budget: -1}}}]\n", "3:56: characters.0.plugins.lore.budget: expected at least 0, found -1."),
        (START + "characters: [{include: nope/*.yaml}]\n", "3:24: characters.0.include: no file of this pack matches 'nope/*.yaml'."),
        (START + "characters: [{include: pack.yaml}, {id: a, name: A}]\n", "3:14: characters.0: an included file can't include another."),
    ],
)  # fmt: skip
def test_an_error_is_told_with_file_line_and_column(write, grammar, text, told):
    loaded = load(write("p", text), grammar)
    assert loaded.pack is None
    assert any(f"pack.yaml:{told}" in str(problem) for problem in loaded.problems), loaded.problems


def test_a_folder_whose_name_is_no_id_is_refused(write, grammar):
    (problem,) = load(write("Old Harbour"), grammar).problems
    assert "a pack is known by its folder's name, and 'Old Harbour' is none that can be used" in str(problem)


def test_an_included_file_that_includes_is_refused_at_its_own_place(write, grammar):
    text = START + "characters:\n  - include: a.yaml\n"
    folder = write("p", text, **{"a.yaml": "- include: b.yaml\n", "b.yaml": "id: b\nname: B\n"})
    (problem,) = load(folder, grammar).problems
    assert "p/a.yaml:1:3: 0: an included file can't include another." in str(problem)


def test_a_plugins_validator_that_crashes_costs_one_line(write):
    from pydantic import BaseModel, field_validator

    from tzurot.packs.grammar import Grammar

    class Fragile(BaseModel):
        size: int = 1

        @field_validator("size")
        @classmethod
        def check(cls, value: int) -> int:
            return 1 // (value - 1)

    text = START + "characters: [{id: a, name: A}]\nplugins:\n  fragile: {size: 1}\n"
    (problem,) = load(write("p", text), Grammar({"fragile": Fragile})).problems
    assert "pack.yaml:5:3: plugins.fragile: the plugin fragile failed while it checked its settings" in str(
        problem
    )


def test_lints_of_plugins_are_warnings_at_their_places_and_their_crashes_too(write, grammar):
    from types import SimpleNamespace

    def crash(pack):
        raise RuntimeError("no")

    lints = [
        SimpleNamespace(
            name="short", check=lambda pack: [(("characters", 0, "name"), "this name is short.")]
        ),
        SimpleNamespace(name="fragile", check=crash),
    ]
    loaded = load(write("p"), grammar, lints=lints)
    assert loaded.pack is not None
    assert [str(each).split("/")[-1] for each in loaded.problems] == [
        "pack.yaml:1:1: the lint fragile failed (RuntimeError: no). Tell the plugin's author.",
        "pack.yaml:5:11: characters.0.name: this name is short.",
    ]
    assert not any(problem.is_error for problem in loaded.problems)
