"""Attempts and fallbacks: only when it may help, only before the first word, never longer than allowed."""

from __future__ import annotations

import httpx2
import pytest
from tests.plugins.openai.conftest import chunk, sse, text_of

from tzurot.payloads.generation import Category, GenerationError

FINE = sse(chunk("Hi"), chunk(finish="stop"))


def refusal(status, **headers):
    return httpx2.Response(status, json={"error": {"message": "no"}}, headers=headers)


async def test_what_may_pass_is_tried_again_with_growing_waits(bench):
    asked = bench(refusal(503), refusal(500), FINE)
    assert text_of(await asked.persist()) == "Hi"
    assert asked.waits == [1.0, 2.0]


async def test_the_wait_that_the_server_asks_for_is_kept(bench):
    asked = bench(refusal(429, **{"retry-after": "7"}), FINE)
    assert text_of(await asked.persist()) == "Hi"
    assert asked.waits == [7.0]


async def test_a_server_that_asks_for_too_long_a_wait_is_not_asked_again(bench):
    asked = bench(refusal(429, **{"retry-after": "3600"}), FINE)
    with pytest.raises(GenerationError) as caught:
        await asked.persist()
    assert caught.value.category is Category.RATE_LIMIT
    assert len(asked.bodies) == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413])
async def test_what_cannot_pass_is_not_tried_again(bench, status):
    asked = bench(refusal(status))
    with pytest.raises(GenerationError):
        await asked.persist()
    assert len(asked.bodies) == 1


async def test_attempts_end(bench):
    asked = bench(refusal(500))
    with pytest.raises(GenerationError):
        await asked.persist()
    assert len(asked.bodies) == 3


@pytest.mark.parametrize("status", [401, 402, 404, 429, 500])
async def test_the_fallbacks_are_tried_in_turn(bench, status):
    def answer(request):
        model = httpx2.Response(200, content=request.content).json()["model"]
        return fine() if model == "m/three" else refusal(status, **{"retry-after": "3600"})

    asked = bench(answer)
    assert text_of(await asked.persist({"fallbacks": ["m/two", "m/three", "m/four"]})) == "Hi"
    models = [body["model"] for body in asked.bodies]
    assert list(dict.fromkeys(models)) == ["m/one", "m/two", "m/three"]


def fine():
    return sse(chunk("Hi"), chunk(finish="stop"))


async def test_when_all_fail_the_last_failure_is_told(bench):
    asked = bench(refusal(402), refusal(404))
    with pytest.raises(GenerationError) as caught:
        await asked.persist({"fallbacks": ["m/two"]})
    assert caught.value.category is Category.MODEL_NOT_FOUND
    assert "m/two" in caught.value.message


async def test_an_answer_that_breaks_off_after_its_first_word_is_not_repeated(bench):
    asked = bench(sse(chunk("Hel"), done=False), FINE)
    with pytest.raises(GenerationError) as caught:
        await asked.persist({"fallbacks": ["m/two"]})
    assert caught.value.category is Category.TRUNCATED
    assert len(asked.bodies) == 1


async def test_an_answer_that_breaks_off_while_it_thinks_is_repeated(bench):
    asked = bench(
        sse(chunk(reasoning="hm"), done=False), sse(chunk(reasoning="ah"), chunk("Hi"), chunk(finish="stop"))
    )
    deltas = await asked.persist()
    assert text_of(deltas) == "Hi"
    assert "".join(d.reasoning for d in deltas) == "ah"


async def test_an_empty_answer_gets_one_more_chance(bench):
    asked = bench(sse(chunk(" \n"), chunk(finish="stop")))
    with pytest.raises(GenerationError) as caught:
        await asked.persist()
    assert caught.value.category is Category.EMPTY_RESPONSE
    assert len(asked.bodies) == 2


async def test_a_model_is_not_its_own_fallback(bench):
    asked = bench(refusal(404))
    with pytest.raises(GenerationError):
        await asked.persist({"fallbacks": ["m/one", "m/one"]})
    assert len(asked.bodies) == 1
