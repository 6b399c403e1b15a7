"""The real small model, in its own process, behind the plugin's hooks."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import aclosing

import aiohttp
import pytest

from tzurot.payloads.contributions import State
from tzurot.payloads.generation import Category, Finish, GenerationError
from tzurot_plugins.local import WARM
from tzurot_plugins.local.config import LocalSettings

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def said(local, turn, request):
    return [delta async for delta in local.generate(turn, request)]


async def test_an_answer_streams_in_pieces_with_usage_and_the_reason_it_ended(local, turn, ask):
    deltas = await said(local, turn, ask())
    texts = [delta.text for delta in deltas if delta.text]
    assert len(texts) > 1
    assert "".join(texts).strip()
    assert [delta.finish for delta in deltas if delta.finish] in ([Finish.STOP], [Finish.LENGTH])
    usage = deltas[-1].usage
    assert usage is not None
    assert usage.prompt > 0
    assert 0 < usage.completion <= 12


async def test_the_longest_answer_is_what_was_asked_for(local, turn, ask):
    deltas = await said(local, turn, ask("Count from one to one hundred, in words.", max_tokens=3))
    assert [d.finish for d in deltas if d.finish] == [Finish.LENGTH]
    assert deltas[-1].usage.completion == 3


async def test_the_same_seed_gives_the_same_answer(local, turn, ask):
    first, second = [
        "".join(d.text for d in await said(local, turn, ask(temperature=1.0, seed=7))) for _ in range(2)
    ]
    assert first == second


async def test_other_models_are_left_to_other_plugins(local, turn, ask):
    assert local.generate(turn, ask(model="gpt-9")) is None
    stream = local.generate(turn, ask(model="auto"))
    assert stream is not None
    await stream.aclose()


async def test_who_stops_listening_stops_the_model(local, turn, ask):
    async with aclosing(local.generate(turn, ask("Tell me a very long story.", max_tokens=900))) as stream:
        await anext(stream)
    # One slot: had the story gone on, this would wait for the rest of it.
    async with asyncio.timeout(15):
        assert await said(local, turn, ask())


async def test_answers_that_are_asked_for_at_once_are_all_given(local, turn, ask):
    answers = await asyncio.gather(*(said(local, turn, ask(max_tokens=4)) for _ in range(3)))
    assert all(answers)


async def test_a_prompt_that_is_too_long_is_said_to_be(local, turn, ask):
    with pytest.raises(GenerationError, match="too long for the local model") as failed:
        await said(local, turn, ask("word " * 3000))
    assert failed.value.category is Category.CONTEXT_LENGTH


async def test_only_who_has_the_key_is_answered(local, turn, ask):
    address = await local.child.address()
    assert address.url.startswith("http://127.0.0.1:")
    assert address.key not in repr(address)
    async with aiohttp.ClientSession() as stranger:
        body = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
        async with stranger.post(f"{address.url}/v1/chat/completions", json=body) as response:
            assert response.status == 401


async def test_a_model_that_was_killed_is_started_again(local, turn, ask):
    await local.child.address()
    before = local.child.pid
    os.kill(before, signal.SIGKILL)
    assert await said(local, turn, ask())
    assert local.child.pid not in (None, before)


async def test_a_model_that_dies_in_the_middle_of_an_answer_fails_that_answer(local, turn, ask):
    with pytest.raises(GenerationError, match="died while it answered") as failed:
        async with aclosing(local.generate(turn, ask("Tell me a long story.", max_tokens=500))) as stream:
            await anext(stream)
            os.kill(local.child.pid, signal.SIGKILL)
            async for _ in stream:
                pass
    assert failed.value.transient
    assert await said(local, turn, ask())


async def test_warming_reads_the_prompt_ahead(local, turn, ask):
    request = ask(
        "The lighthouse stands on a cliff above the harbour, and the harbour is full of boats. " * 3
    )
    warm = next(s.offer for s in local.services() if s.key.name == WARM.name)
    await warm(turn, request)
    deltas = await said(local, turn, request)
    assert deltas[-1].usage.cached > deltas[-1].usage.prompt // 2


async def test_loading_is_told_from_the_beginning_to_the_end(weights, turn, ask, make_plugin):
    told = []
    local = make_plugin(LocalSettings(context_size=512))
    watch = next(s.offer for s in local.services() if s.key.name == "model_loading")
    watch(lambda name, done: told.append((name, done)))
    forget = watch(lambda name, done: 1 / 0)
    try:
        await local.child.address()
    finally:
        forget()
        await local.stop()
    assert {name for name, _ in told} == {weights.stem}
    parts = [done for _, done in told]
    assert parts[0] == 0.0
    assert parts[-1] is None
    assert parts[:-1] == sorted(parts[:-1])
    assert parts[-2] == 1.0


async def test_after_the_end_nothing_runs_and_nothing_is_started(weights, turn, ask, make_plugin):
    local = make_plugin(LocalSettings(context_size=512))
    await local.child.address()
    pid = local.child.pid
    await local.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(GenerationError, match="tzurot is ending"):
        await local.child.address()


async def test_an_end_while_it_loads_leaves_nothing_behind(weights, make_plugin):
    local = make_plugin(LocalSettings(context_size=512))
    begun = asyncio.Event()
    next(s.offer for s in local.services() if s.key.name == "model_loading")(lambda *_: begun.set())
    loading = asyncio.create_task(local.child.address())
    await begun.wait()
    await local.stop()
    assert isinstance((await asyncio.gather(loading, return_exceptions=True))[0], asyncio.CancelledError)
    assert local.child.pid is None


async def test_the_doctor_finds_the_model(local, weights):
    (finding,) = await local.doctor()
    assert finding.state is State.OK
    assert weights.stem in finding.text
