"""YAML is read as YAML 1.2, with places, and what packs don't use is refused in words."""

import pytest

from tzurot.packs.locate import parse


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("No", "No"),
        ("on", "on"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("0123", 123),
        ("0o17", 15),
        ("0xff", 255),
        ("2024-01-02", "2024-01-02"),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        ("+3", 3),
        ("true", True),
        ("~", None),
        ("", None),
        ("'true'", "true"),
        ("123456789012345678", 123456789012345678),
        ("=", "="),
    ],
)
def test_plain_scalars_mean_what_yaml_1_2_says(written, value):
    read = parse(f"a: {written}\n", "f.yaml").value["a"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: a: 'a' is already set on line 1. Keep one of the two."),
        ("a: b: c\n", "f.yaml:1:5: there is a ': ' or an indented key"),
        ("a: [1, 2\n", "f.yaml:1:4: a: this list is not closed."),
        ("a: {b: 2\n", "f.yaml:1:4: a: this mapping is not closed."),
        ('a: "x\nb: 1\n', "f.yaml:1:4: a: a quoted text is never closed."),
        ("a: 1\nb\n", "f.yaml:2:1: a key without ':' was found."),
        ("a:\n\tb: 1\n", "f.yaml:2:1: a: a tab stands where only spaces may."),
        ("a: @x\n", "f.yaml:1:4: a: a text may not start with '@'."),
        ("a: `x`\n", "f.yaml:1:4: a: a text may not start with '`'."),
        ("a: %x\n", "f.yaml:1:4: a: a text may not start with '%'."),
        ("a: 'it's'\n", "f.yaml:1:8: this line doesn't belong"),
        ("a: - b\n", "f.yaml:1:4: a: a list may not start on the line of its key."),
        ("a: Yuki\n  bad\n", "f.yaml:1:4: a: this text runs on over several lines"),
        ("a: &x 1\nb: *x\n", "f.yaml:1:4: a: anchors (&x) are not used in packs."),
        ("a: 1\nb: *x\n", "f.yaml:2:4: b: aliases (*x) are not used in packs."),
        ("a: !secret b\n", "f.yaml:1:4: a: tags (!secret) are not used in packs."),
        ("<<: {a: 1}\n", "f.yaml:1:1: <<: merge keys (<<) are not used in packs."),
        ("1: a\n", 'f.yaml:1:1: 1: the key 1 would not be read as text. Write "1".'),
        ("? [a]\n: b\n", "f.yaml:1:3: a list or mapping can't be a key."),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second YAML document starts here"),
        ("a: .inf\n", "f.yaml:1:4: a: .inf is no number that can be used here."),
        (f"a: {'9' * 5000}\n", "f.yaml:1:4: a: a number of 5000 characters"),
        ("a: 1e999\n", "f.yaml:1:4: a: 1e999 is larger than any number"),
        ("a: \x07\n", "f.yaml:1:4: an invisible control character"),
        ('a: "\\ud800"\n', "f.yaml:1:7: a: this escape names no character."),
        ("名前: [あ, い\n", "f.yaml:1:5: 名前: this list is not closed."),
        ("[" * 40 + "]" * 40, "f.yaml:1:33: "),
    ],
)
def test_what_packs_do_not_use_is_refused_at_its_place(text, told):
    problems = [str(problem) for problem in parse(text, "f.yaml").problems]
    assert any(problem.startswith(told) for problem in problems), problems


def test_all_faults_of_a_readable_file_are_told_at_once():
    document = parse("a: &x 1\na: 2\nb: !t 3\nc: *x\n4: 5\n", "f.yaml")
    assert [problem.spot.line for problem in document.problems] == [1, 2, 3, 4, 5]
    assert document.complete


def test_a_bomb_of_aliases_expands_to_nothing():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{b}: &{b} [*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a}]"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    document = parse("\n".join(lines), "bomb.yaml")
    assert len(document.problems) > 8
    assert len(str(document.value)) < 5000


def test_too_many_values_end_the_reading():
    document = parse("- a\n" * 60_000, "f.yaml")
    assert not document.complete
    assert str(document.problems[-1]).startswith("f.yaml:50000:3: ")
    assert "more than 50,000 values" in str(document.problems[-1])


def test_places_are_those_of_keys_and_values_or_of_what_surrounds_them():
    document = parse("a:\n  - b: 1\n    ü: {c: 2}\n", "f.yaml")
    spots = {
        "value": document.spot(("a", 0, "ü", "c")),
        "key": document.spot(("a", 0, "ü", "c"), on_key=True),
        "missing": document.spot(("a", 0, "nothing", "there")),
        "root": document.spot(()),
    }
    assert {name: (spot.line, spot.column) for name, spot in spots.items()} == {
        "value": (3, 12),
        "key": (3, 9),
        "missing": (2, 5),
        "root": (1, 1),
    }
