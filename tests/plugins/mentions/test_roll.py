"""`@Name` finds the character that is meant, however people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzurot.packs.compiled import Character
from tzurot_plugins.mentions.roll import Roll

CAST = [
    Character("mara", "pier", "Mara"),
    Character("mara-lou", "pier", "Mara Lou"),
    Character("tam", "pier", "Old Tam", ("Tam", "Harbour Master of the Pier")),
    Character("who", "pier", "Dr. Who"),
    Character("b2", "pier", "2B"),
    Character("dart", "pier", "D'Artagnan"),
    Character("d", "pier", "D"),
    Character("lao", "pier", "老船長"),
    Character("weiss", "pier", "Weiß"),
    Character("num", "pier", "1234"),
    Character("mara", "other", "Mara"),
]
ROLL = Roll(CAST)


def called(text):
    return [character.name for character in ROLL.called(text).values()]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Mara hello", ["Mara"]),
        ("hello @mara!", ["Mara"]),
        ("@MARA: are you there?", ["Mara"]),
        ("I like @Mara's hat", ["Mara"]),
        ("I like @Mara’s hat", ["Mara"]),
        ("**@Mara** and @**Tam**", ["Mara", "Old Tam"]),
        ("(@Mara)", ["Mara"]),
        ("@Mara, @Tam", ["Mara", "Old Tam"]),
        ("@Tam and @Mara", ["Old Tam", "Mara"]),
        ("@Mara @mara @MARA", ["Mara"]),
        ("@Mara Lou, dear", ["Mara Lou"]),
        ("@mara   lou", ["Mara Lou"]),
        ("@Mara Louise", ["Mara"]),
        ("@harbour master of the pier", []),
        ("@Dr. Who?", ["Dr. Who"]),
        ("@2B", ["2B"]),
        ("@D'Artagnan", ["D'Artagnan"]),
        ("@D'Aramis", []),
        ("@D's", ["D"]),
        ("@老船長你好", ["老船長"]),
        ("@WEISS", ["Weiß"]),
        ("@mara-lou", ["Mara Lou"]),
        ("@mara-louise", []),
        ("@Marabou", []),
        ("@1234", []),
        ("mail@mara.example", []),
        ("<@123> <@!123> <@&123>", []),
        ("`@Mara`", []),
        ("``a ` @Mara``", []),
        ("```\n@Mara\n```", []),
        ("```py\n@Mara", []),
        ("`code` @Mara `code`", ["Mara"]),
        ("@ Mara", []),
        ("@\nMara", []),
        ("@Old\nTam", []),
        ("@", []),
        ("", []),
    ],
)
def test_it_hears_what_is_meant(text, names):
    assert called(text) == names


def test_a_name_that_two_packs_have_is_the_first_ones():
    assert [each.key for each in ROLL.called("@Mara").values()] == ["pier/mara"]


def test_only_so_many_signs_are_looked_at():
    assert called("@x " * 10 + "@Mara") == []


@given(st.text(max_size=400))
def test_no_text_breaks_it(text):
    assert len(ROLL.called("@" + text)) <= 10


@given(
    st.text(st.characters(categories=["L"]), min_size=1, max_size=12),
    st.sampled_from(["", ".", "!", ", hi", "'s"]),
)
def test_every_name_made_of_letters_is_found(name, after):
    assert Roll([Character("x", "p", name)]).called(f"@{name}{after}")
