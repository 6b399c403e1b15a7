"""Graded by a mock of the OpenAI API made by others: faults on the wire, and how a good client takes them."""

from __future__ import annotations

import pytest
from tests.plugins.openai.conftest import request_with, text_of, turn_with

from tzurot.kit import Kit
from tzurot.payloads.generation import Category, GenerationError
from tzurot_plugins.openai import OpenAI
from tzurot_plugins.openai.config import Operator

pytest.importorskip("llmock", reason="llmock (of the dev group) is not installed")


@pytest.fixture
async def plugin(llmock, tmp_path):
    settings = Operator(base_url=f"{llmock.url}/v1", api_key="sk-test-0123456789", stall_seconds=2)
    made = OpenAI(Kit("openai", tmp_path, _none, _none, dict, operator=settings))
    yield made
    await made.kit.tasks.cancel()
    await made.stop()


def _none(*_: object) -> None:
    return None


async def persist(plugin):
    turn = turn_with()
    stream = plugin.around_generate(turn, request_with(turn, "gpt-5"), lambda r: plugin.generate(turn, r))
    return text_of([delta async for delta in stream])


async def test_a_rate_limit_is_waited_out(llmock, plugin):
    llmock.reply("Good evening.", times=None).rate_limit(times=1, retry_after=1)
    assert await persist(plugin) == "Good evening."
    llmock.assert_resilient()


async def test_an_outage_ends_in_a_typed_error_and_no_storm(llmock, plugin):
    llmock.outage()
    with pytest.raises(GenerationError) as caught:
        await persist(plugin)
    assert caught.value.category is Category.SERVER_ERROR
    assert len(llmock.requests) <= 5


async def test_a_prompt_that_is_too_long_is_not_repeated(llmock, plugin):
    llmock.context_overflow(times=None)  # the list of models is asked for as well, and may come first
    with pytest.raises(GenerationError) as caught:
        await persist(plugin)
    assert caught.value.category is Category.CONTEXT_LENGTH
    llmock.assert_resilient()


@pytest.mark.parametrize(
    ("fault", "categories"),
    [
        ("truncate", {Category.TRUNCATED}),
        ("disconnect", {Category.NETWORK}),
        ("corrupt", {Category.SERVER_ERROR}),
    ],
)
async def test_half_an_answer_is_never_passed_off_as_a_whole_one(llmock, plugin, fault, categories):
    llmock.reply("One two three four five six seven eight nine ten.")
    getattr(llmock, fault)(after_chunks=3)
    with pytest.raises(GenerationError) as caught:
        await persist(plugin)
    assert caught.value.category in categories
