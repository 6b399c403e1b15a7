"""Cards as they are found in the wild: every container, every generation, every kind of sloppiness."""

from __future__ import annotations

import base64
import json

import pytest
from tests.plugins.cards.made import (
    PIXELS,
    card_png,
    charx,
    chunk,
    encoded,
    exported,
    imported,
    loaded,
    png,
    text_chunk,
    v2,
    v3,
)

from tzurot_plugins.cards.card import Form, Spec
from tzurot_plugins.cards.examples import read_examples, write_examples
from tzurot_plugins.cards.faults import CardError
from tzurot_plugins.cards.reading import read_card

FLAT = {"name": "Nova", "description": "A captain.", "first_mes": "Hi.", "talkativeness": "0.8"}


def as_json(raw):
    return json.dumps(raw).encode()


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(as_json(v2()), id="json"),
        pytest.param(b"\xef\xbb\xbf \n" + as_json(v2()), id="json with a byte order mark"),
        pytest.param(json.dumps(v2()).encode("utf-16"), id="json as UTF-16"),
        pytest.param(card_png(v2()), id="tEXt"),
        pytest.param(png(text_chunk("chara", encoded(v2()), b"zTXt")), id="zTXt"),
        pytest.param(png(text_chunk("chara", encoded(v2()), b"iTXt")), id="iTXt"),
        pytest.param(png(text_chunk("chara", encoded(v2()), b"iTXt", packed=True)), id="compressed iTXt"),
        pytest.param(png(text_chunk("CHARA", encoded(v2()))), id="keyword in capitals"),
        pytest.param(png(text_chunk("chara", encoded(v2()).rstrip(b"="))), id="no padding"),
        pytest.param(
            png(text_chunk("chara", b"\n".join(encoded(v2())[n : n + 9] for n in range(0, 200, 9)))),
            id="wrapped",
        ),
        pytest.param(png(text_chunk("chara", as_json(v2()))), id="JSON without base64"),
        pytest.param(
            png(text_chunk("chara", b"?"), text_chunk("chara", encoded(v2()))), id="broken one first"
        ),
        pytest.param(
            png(text_chunk("chara", encoded(v2())), text_chunk("chara", b"?")), id="broken one last"
        ),
        pytest.param(
            png(text_chunk("ccv3", encoded(v2())), text_chunk("chara", encoded(v2(name="X")))), id="both"
        ),
        pytest.param(
            png(
                chunk(b"acTL", b"\0\0\0\1\0\0\0\0"),
                chunk(b"fdAT", b"\0\0\0\0" + PIXELS),
                text_chunk("chara", encoded(v2())),
            ),
            id="APNG",
        ),
        pytest.param(charx(v2()), id="CHARX"),
        pytest.param(b"\xff\xd8\xff\xe0jpeg" + charx(v2()), id="JPEG and zip"),
    ],
)
def test_a_card_is_found_wherever_it_is(source):
    assert read_card(source).data["name"] == "Nova"


@pytest.mark.parametrize(
    ("raw", "spec"),
    [
        (FLAT, Spec.V1),
        (v2(), Spec.V2),
        (v3(), Spec.V3),
        ({**v3(), "spec_version": "3.9"}, Spec.V3),
        ({"spec": "chara_card_v2", "data": v2()["data"], "spec_version": "3.0"}, Spec.V3),
        ({"data": {"name": "Nova", "first_mes": "Hi."}}, Spec.V2),
    ],
)
def test_the_generation_shows_in_what_a_card_looks_like(raw, spec):
    assert read_card(as_json(raw)).spec is spec


def test_the_last_of_repeated_cards_counts():
    source = png(text_chunk("chara", encoded(v2(name="Old"))), text_chunk("chara", encoded(v2())))
    assert read_card(source).data["name"] == "Nova"


def test_two_cards_that_disagree_in_one_picture_are_said():
    source = png(text_chunk("ccv3", encoded(v3())), text_chunk("chara", encoded(v2(name="Other"))))
    assert [note.at for note in read_card(source).notes] == ["chara"]


def test_the_avatar_holds_no_card_so_that_uploading_it_tells_nobody_the_prompt(tmp_path):
    source = png(text_chunk("chara", encoded(v2())), text_chunk("chara-ext-asset_:1", b"AAAA"))
    assert (imported(source, tmp_path).folder / "avatar.png").read_bytes() == png()


def test_everything_a_card_says_has_its_place_in_the_pack(tmp_path):
    raw = v3(
        nickname="Cap",
        description="A captain.\n\nOf a ship.",
        personality="Bold.",
        scenario="Space.",
        first_mes="Hi {{user}}.",
        alternate_greetings=["Ahoy.", "Hm."],
        mes_example="<START>\n{{user}}: Where?\n{{char}}: There.\nFar.\n<start>\nNova: Alone.",
        tags=["sci-fi"],
        creator="Ann",
        creator_notes="For tests.",
        character_version="1.1",
        system_prompt="Be {{char}}.",
        post_history_instructions="Short.",
        extensions={"talkativeness": "0.9", "depth_prompt": {"prompt": "Think.", "depth": 2, "role": "user"}},
        character_book={"entries": [{"keys": ["k"], "content": "Lore."}]},
    )
    folder = imported(card_png(raw, "ccv3"), tmp_path).folder
    pack = loaded(folder)
    nova = pack.characters[0]
    assert (nova.name, nova.aliases, nova.tags, nova.talkativeness) == ("Cap", ("Nova",), ("sci-fi",), 0.9)
    assert dict(nova.profile) == {
        "description": "A captain.\n\nOf a ship.",
        "personality": "Bold.",
        "scenario": "Space.",
    }
    assert (nova.greeting, nova.greetings) == ("Hi {{user}}.", ("Ahoy.", "Hm."))
    assert [[(line.voice, line.text) for line in lines] for lines in nova.examples] == [
        [("user", "Where?"), ("char", "There.\nFar.")],
        [("char", "Alone.")],
    ]
    assert (pack.authors, pack.description, pack.version) == (("Ann",), "For tests.", "1.1")
    assert nova.plugin_settings["character"].instruction == "Be {{char}}."
    assert nova.plugin_settings["character"].reminder == "Short."
    prompt = nova.plugin_settings["cards"].depth_prompt
    assert (prompt.text, prompt.depth, prompt.role) == ("Think.", 2, "user")
    entry = nova.plugin_settings["lorebook"].books[0].entries[0]
    assert (entry.keys, entry.content) == (["k"], "Lore.")


def test_what_has_no_place_in_a_pack_is_said_and_exported_again(tmp_path):
    raw = v3(group_only_greetings=["All!"], source=["here"], extensions={"x/y": 1}, madeup=[1])
    raw["outside"] = "thing"
    found = imported(as_json(raw), tmp_path)
    assert {"group_only_greetings", "source", "extensions.x/y", "madeup", "outside"} <= {
        n.at for n in found.notes
    }
    assert read_card(exported(found.folder, "v3").data).raw == raw


LORE = {
    "name": "Ship",
    "extensions": {"odd": 1},
    "entries": [
        {
            "id": 7,
            "keys": ["Engine"],
            "secondary_keys": ["hot"],
            "content": "Loud.\n\nVery.",
            "comment": "Engines",
            "insertion_order": 30,
            "priority": 5,
            "selective": True,
            "extensions": {
                "position": 4,
                "depth": 2,
                "role": 1,
                "selectiveLogic": 3,
                "sticky": 4,
                "odd": [1],
            },
        },
        {"keys": ["a/b"], "content": "@@depth 3\nFirst.", "enabled": False, "use_regex": True},
    ],
}


def test_lore_stands_in_the_pack_as_a_person_would_write_it(tmp_path):
    folder = imported(as_json(v3(character_book=LORE)), tmp_path).folder
    assert (
        (folder / "lore" / "01.yaml").read_text("utf-8")
        == """\
- id: "0"
  title: Engines
  keys: [Engine]
  also: [hot]
  also_logic: all
  content: |-
    Loud.

    Very.
  order: 30
  position: depth
  role: user
  depth: 2
  sticky: 4
- id: "1"
  enabled: false
  keys: ["/a\\\\/b/i"]
  content: |-
    @@depth 3
    First.
"""
    )


def test_an_edited_lore_entry_changes_nothing_else_of_the_book(tmp_path):
    folder = imported(as_json(v3(character_book=LORE)), tmp_path).folder
    file = folder / "lore" / "01.yaml"
    text = file.read_text("utf-8").replace("sticky: 4", "sticky: 9").replace("order: 30", "order: 31")
    file.write_text(text + "- keys: [fresh]\n  content: New.\n  always: true\n", "utf-8")
    book = read_card(exported(folder).data).data["character_book"]
    first, second, third = book["entries"]
    old = LORE["entries"][0]
    changed = {"insertion_order": 31, "extensions": {**old["extensions"], "sticky": 9}}
    assert first == {**old, **changed}
    assert second == LORE["entries"][1]
    assert (third["keys"], third["content"], third["constant"]) == (["fresh"], "New.", True)
    assert {key: book[key] for key in ("name", "extensions")} == {"name": "Ship", "extensions": {"odd": 1}}


def test_a_v1_card_that_cannot_say_a_change_becomes_a_v2_card(tmp_path):
    folder = imported(as_json(FLAT), tmp_path).folder
    assert exported(folder).data == as_json(FLAT)
    file = folder / "pack.yaml"
    file.write_text(
        file.read_text("utf-8").replace("    plugins:", "    greetings: [Yo.]\n    plugins:"), "utf-8"
    )
    card = read_card(exported(folder).data)
    assert card.spec is Spec.V2
    assert card.data["alternate_greetings"] == ["Yo."]
    assert card.data["extensions"]["talkativeness"] == "0.8"


@pytest.mark.parametrize(
    ("source", "form", "greeting"),
    [
        (b"name: Nova\ncontext: |\n  A captain.\ngreeting: Hi.\nextra: 1\n", Form.YAML, "Hi."),
        (as_json({"name": "Nova", "context": "A captain.", "greeting": "Hi."}), Form.JSON, "Hi."),
        (
            as_json({"char_name": "Nova", "char_persona": "A captain.", "char_greeting": "Hi."}),
            Form.JSON,
            "Hi.",
        ),
    ],
    ids=["oobabooga", "oobabooga as JSON", "Pygmalion"],
)
def test_other_programs_characters_become_packs_and_cards(source, form, greeting, tmp_path):
    folder = imported(source, tmp_path).folder
    nova = loaded(folder).characters[0]
    assert (nova.name, nova.description, nova.greeting) == ("Nova", "A captain.", greeting)
    assert read_card(source).form is form
    assert read_card(exported(folder, "v2").data).data["first_mes"] == greeting


def test_a_backyard_archive_becomes_a_pack(tmp_path):
    character = {"name": "nova", "displayName": "Nova", "persona": "A captain."}
    scenario = {
        "narrative": "Space.",
        "firstMessages": [{"text": "Hi."}],
        "exampleMessages": [{"text": "#{user}: Where?\n#{character}: There."}],
    }
    files = {
        "manifest.json": as_json({"characters": ["c/1.json"], "scenarios": ["s/1.json"]}),
        "c/1.json": as_json(character),
        "s/1.json": as_json(scenario),
        "images/a.png": png(),
    }
    source = charx({}, files).replace(b"card.json", b"curd.json")
    nova = loaded(imported(source, tmp_path).folder).characters[0]
    assert (nova.name, nova.greeting, nova.profile["scenario"]) == ("Nova", "Hi.", "Space.")
    assert nova.avatar is not None


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\xff", "no card of any kind"),
        (b"just words", "no card of any kind"),
        (b"[1]", "found a list"),
        (b'{"a": }', r"^1:7: this is no JSON"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": 1}', "neither 'data' nor"),
        (b"rcc||AAAA", "encrypted Risu card"),
        (b"\xff\xd8\xff\xe0 jpeg", "holds no card"),
        (png(), "this PNG holds no card"),
        (png(text_chunk("chara", b"?")), r"chunk 'chara' at byte 33: the card's data is no base64"),
        (png(text_chunk("chara", base64.b64encode(b"rcc||x"))), "encrypted Risu card"),
        (png(text_chunk("naidata", encoded({"lorebookVersion": 5}))), "NovelAI lorebook"),
        (as_json({"lorebookVersion": 5, "entries": []}), "NovelAI lorebook"),
        (as_json({"name": "W", "entries": {"1": {"key": ["k"]}}}), "a lorebook and no character"),
        (png()[:60], "byte"),
        (charx(v2())[:-9], "has no end|no card of any kind"),
    ],
)
def test_what_is_no_card_is_refused_with_its_place_and_reason(source, told):
    with pytest.raises(CardError, match=told):
        read_card(source)


def test_examples_are_written_as_they_are_read():
    dialogues = ((("user", "Where?"), ("char", "There.\nFar.")), (("char", "Alone."),))
    assert read_examples(write_examples(dialogues), ()) == dialogues
