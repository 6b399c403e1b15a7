"""Replies hold the character's own words, and nothing of the prompt."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tzurot.testing.stage import Stage
from tzurot_plugins.character import CharacterPlugin
from tzurot_plugins.character.cleaning import own_words

NAMES = ("Mara", "Keeper")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Good evening.", "Good evening."),
        ("Mara: Good evening.", "Good evening."),
        ("**Mara:** Good evening.", "Good evening."),
        ("**Mara**: Good evening.", "Good evening."),
        ("[Mara]: Good evening.", "Good evening."),
        ("Mara (she/her): Good evening.", "Good evening."),
        ("MARA:\nGood evening.", "Good evening."),
        ("Keeper: Good evening.", "Good evening."),
        ("Mara: Good evening.\nMara: Come in.", "Good evening.\nCome in."),
        ("Good evening.\nAna: Hello!\nMara: Come in.", "Good evening."),
        ("Good evening.\n\nUser: Hello!", "Good evening."),
        ("Good evening.\nAna#4f2a: Hello!", "Good evening."),
        ("Good evening.\nBo (away): Hello!", "Good evening."),
        ("Ready.\nSystem: online", "Ready.\nSystem: online"),
        ("Ana: Hello!\nMara: Good evening.", "Good evening."),
        ("Ana: Good evening.", "Good evening."),
        ("<note>\nIt is night.\n</note>\nGood evening.</note>", "Good evening."),
        ("Two things: fog and time.", "Two things: fog and time."),
        ("- Ana: three points\n- Tam: two", "- Ana: three points\n- Tam: two"),
        ("Look:\n```\nMara: x\nAna: y\n```", "Look:\n```\nMara: x\nAna: y\n```"),
        ("Marathon: a run", "Marathon: a run"),
        ("Mara:", ""),
        ("", ""),
    ],
)
def test_what_is_left_of_a_reply(text, kept):
    assert own_words(text, NAMES, ["Ana#4f2a", "Tam", "Bo (away)"]) == kept


def test_others_stay_where_the_pack_wants_them():
    text = "Good evening.\nAna: Hello!"
    assert own_words(text, NAMES, None) == text


def test_a_person_with_the_characters_name_does_not_silence_it():
    assert own_words("Mara: Good evening.", NAMES, ["Mara#4f2a"]) == "Good evening."


@settings(deadline=None)
@given(st.text(alphabet="Mara: \n*`Ana<note>", max_size=80))
def test_cleaning_never_invents_words(text):
    kept = own_words(text, NAMES, ["Ana"])
    assert kept == kept.strip()
    assert len(kept) <= len(text)


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        ("Mara: Come in.\nAna: Thank you!", ["Come in."]),
        ("I know you, {{user}}. I am {{char}}.", ["I know you, Ana. I am Mara."]),
        ("Mara:", []),
    ],
)
async def test_the_reply_as_it_is_sent(pack, answer, sent):
    async with Stage.of(CharacterPlugin, pack=pack) as stage:
        stage.model.script(answer)
        assert await stage.say("Hello") == sent
