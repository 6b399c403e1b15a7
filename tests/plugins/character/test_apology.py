"""A character that can't answer says so in its own words, and what to do behind a spoiler."""

from __future__ import annotations

import pytest

from tzurot.payloads.generation import Category, GenerationError
from tzurot.testing.stage import Stage
from tzurot_plugins.character import CharacterPlugin
from tzurot_plugins.character.apology import LINES, apology


@pytest.mark.parametrize("category", Category)
async def test_every_kind_of_failure_has_a_line_without_the_errors_own_text(pack, category):
    async with Stage.of(CharacterPlugin, pack=pack) as stage:
        stage.model.otherwise = GenerationError(category, "sk-secret was refused by 10.0.0.7")
        said = await stage.say("Hello")
    assert said == [f"The lamp went out for a moment.\n||{LINES[category]}||"]


def test_a_character_without_a_line_of_its_own_stays_polite(character):
    assert apology(character, ValueError("sk-secret")).text == (
        f"Mara can't answer right now.\n||{LINES[Category.UNKNOWN]}||"
    )


def test_a_rate_limit_says_how_long_to_wait(character):
    error = GenerationError(Category.RATE_LIMIT, "slow down", retry_after=11.2)
    assert "Try again in 12 seconds." in apology(character, error).text


def test_an_apology_is_a_notice_and_no_memory(character):
    reply = apology(character, TimeoutError())
    assert reply.notice
    assert reply.meta["category"] == "timeout"


def test_an_apology_fits_one_discord_message(character):
    from dataclasses import replace

    for category in Category:
        long = replace(character, error_line="x" * 5000)
        assert len(apology(long, GenerationError(category, "")).text) <= 2000
