"""Warnings about packs that are valid and still disappoint."""

from __future__ import annotations

import pytest

from tzurot.packs.compiled import Character, Line, Pack, Voice
from tzurot_plugins.character.lints import LINTS


def _warnings(*characters: Character) -> list[tuple[tuple[str | int, ...], str]]:
    pack = Pack("p", "Pack", characters)
    return [warning for lint in LINTS for warning in lint.check(pack)]


def _character(**given) -> Character:
    return Character(
        **{"id": "mara", "pack": "p", "name": "Mara", "profile": {"description": "Keeper."}, **given}
    )


def test_a_good_character_draws_no_warning():
    assert _warnings(_character(greeting="Hello.", examples=((Line(Voice.CHAR, "Hm."),),))) == []


@pytest.mark.parametrize(
    ("given", "path", "text"),
    [
        ({"greeting": "x" * 2001}, ("greeting",), "2,001 characters"),
        ({"greetings": ("ok", "x" * 2001)}, ("greetings", 1), "in pieces"),
        ({"profile": {}}, ("profile",), "no description"),
        ({"profile": {"description": "x" * 20_000}}, ("profile",), "lorebook"),
        ({"examples": ((Line(Voice.USER, "Hi"),),)}, ("examples", 0), "says nothing"),
        ({"name": "🌙"}, ("name",), "no letter"),
        ({"name": "Ma:ra"}, ("name",), "'Ma ra'"),
        ({"aliases": ("Keeper", "everyone")}, ("aliases", 1), "keep for themselves"),
        ({"name": "Discordia"}, ("name",), "Discord refuses"),
    ],
)
def test_a_warning_names_its_place_and_the_remedy(given, path, text):
    [(found, said)] = _warnings(_character(**given))
    assert found == ("characters", 0, *path)
    assert text in said


def test_two_characters_with_one_name_are_pointed_out():
    found = _warnings(_character(), _character(id="other", name="MARA"))
    assert [path for path, _ in found] == [("characters", 0, "name"), ("characters", 1, "name")]
