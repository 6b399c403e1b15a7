"""Every way in which a model server fails ends in one typed error, which tells what to do and no secret."""

from __future__ import annotations

import logging
import traceback

import httpx2
import pytest
from tests.plugins.openai.conftest import KEY, chunk, sse

from tzurot.payloads.contributions import State
from tzurot.payloads.generation import Category, GenerationError

STOP = chunk(finish="stop")
PAGE = "<!DOCTYPE html><html><body>Checking your browser</body></html>"


def refusal(status, message="no", headers=None, **error):
    return httpx2.Response(status, json={"error": {"message": message, **error}}, headers=headers)


def html(status):
    return httpx2.Response(status, text=PAGE, headers={"content-type": "text/html"})


async def failure(bench, *answers, **operator):
    with pytest.raises(GenerationError) as caught:
        await bench(*answers, **operator).ask()
    return caught.value


@pytest.mark.parametrize(
    ("answer", "category"),
    [
        (refusal(401), Category.AUTHENTICATION),
        (refusal(402), Category.CREDIT_EXHAUSTION),
        (refusal(403), Category.AUTHENTICATION),
        (refusal(403, metadata={"reasons": ["violence"], "flagged_input": "…"}), Category.CONTENT_POLICY),
        (refusal(404), Category.MODEL_NOT_FOUND),
        (refusal(400), Category.BAD_REQUEST),
        (refusal(400, "m/one is not a valid model ID"), Category.MODEL_NOT_FOUND),
        (refusal(400, code="context_length_exceeded"), Category.CONTEXT_LENGTH),
        (refusal(400, "request (9035 tokens) exceeds the available context size"), Category.CONTEXT_LENGTH),
        (refusal(413), Category.CONTEXT_LENGTH),
        (refusal(422), Category.BAD_REQUEST),
        (refusal(408), Category.TIMEOUT),
        (refusal(429), Category.RATE_LIMIT),
        (refusal(429, code="insufficient_quota"), Category.QUOTA_EXCEEDED),
        (refusal(429, "Rate limit exceeded: free-models-per-day"), Category.QUOTA_EXCEEDED),
        (refusal(400, metadata={"error_type": "content_policy_violation"}), Category.CONTENT_POLICY),
        (refusal(500), Category.SERVER_ERROR),
        (refusal(529), Category.SERVER_ERROR),
        (refusal(524), Category.TIMEOUT),
        (html(502), Category.SERVER_ERROR),
        (httpx2.Response(503, content=b""), Category.SERVER_ERROR),
        (httpx2.Response(400, json={"detail": "context window is 4096"}), Category.CONTEXT_LENGTH),
        (httpx2.Response(400, json=["nonsense"]), Category.BAD_REQUEST),
        # after 200: what the client library passes over in silence
        (httpx2.Response(200, json={"error": {"code": 429, "message": "slow"}}), Category.RATE_LIMIT),
        (httpx2.Response(200, json={"error": "overloaded"}), Category.SERVER_ERROR),
        (html(200), Category.SERVER_ERROR),
        (httpx2.Response(200, content=b""), Category.EMPTY_RESPONSE),
        (httpx2.Response(200, json={}), Category.TRUNCATED),
        (httpx2.Response(200, json=[1]), Category.EMPTY_RESPONSE),
        (
            httpx2.Response(200, content=b"{", headers={"content-type": "application/json"}),
            Category.SERVER_ERROR,
        ),
        (
            httpx2.Response(200, json={"choices": [{"message": {"content": ""}, "finish_reason": "stop"}]}),
            Category.EMPTY_RESPONSE,
        ),
        # in a stream
        (sse(done=False), Category.EMPTY_RESPONSE),
        (sse(), Category.EMPTY_RESPONSE),
        (sse("data: {broken\n\n"), Category.SERVER_ERROR),
        (sse(chunk("Hel"), "data: nonsense\n\n"), Category.SERVER_ERROR),
        (sse(chunk("Hel"), {"error": {"code": 429, "message": "slow"}}), Category.RATE_LIMIT),
        (
            sse(chunk("Hel"), {"error": {"code": 502, "message": "gone"}, "choices": []}),
            Category.SERVER_ERROR,
        ),
        (
            sse({"error": {"message": "bad", "metadata": {"error_type": "provider_overloaded"}}}),
            Category.SERVER_ERROR,
        ),
        (sse(chunk("Hel"), done=False), Category.TRUNCATED),
        (sse(chunk("Hel"), chunk(finish="error")), Category.SERVER_ERROR),
        (sse(STOP), Category.EMPTY_RESPONSE),
        (sse(chunk("<think>hm"), STOP), Category.EMPTY_RESPONSE),
        (sse(chunk(finish="content_filter")), Category.CONTENT_POLICY),
        (sse(chunk(reasoning="hm"), chunk(finish="length")), Category.EMPTY_RESPONSE),
        (sse("data: [1, 2]\n\n", 'data: "x"\n\n'), Category.EMPTY_RESPONSE),
        (httpx2.ConnectError("refused"), Category.NETWORK),
        (httpx2.RemoteProtocolError("gone"), Category.NETWORK),
        (httpx2.ConnectTimeout("slow"), Category.TIMEOUT),
        (httpx2.ReadTimeout("slow"), Category.TIMEOUT),
    ],
)
async def test_every_failure_has_its_category_and_one_line(bench, answer, category):
    error = await failure(bench, answer)
    assert error.category is category
    assert "\n" not in error.message
    assert error.message.startswith("models.test ")
    assert error.message.endswith(".")


async def test_an_error_says_who_what_why_and_what_to_do(bench):
    error = await failure(bench, refusal(401, "No auth credentials found"))
    assert error.message == (
        "models.test refused the key (401, No auth credentials found). Check OPENAI_API_KEY."
    )
    assert error.status == 401
    error = await failure(bench, html(200))
    assert "Check OPENAI_BASE_URL; most addresses end in /v1." in error.message
    error = await failure(bench, sse(chunk(reasoning="hm"), chunk(finish="length")))
    assert error.message == (
        "models.test answered with nothing (all its tokens went into thinking). "
        "Raise max_tokens, or lower `thinking`."
    )


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
async def test_the_wait_a_server_asks_for_is_read(bench, headers, seconds):
    assert (await failure(bench, refusal(429, headers=headers))).retry_after == seconds


async def test_an_answer_without_end_is_refused_before_it_fills_the_memory(bench):
    huge = httpx2.Response(200, content=b" " * (9 * 2**20), headers={"content-type": "application/json"})
    assert "more than an answer can be" in (await failure(bench, huge)).message


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: refusal(401, f"bad key: {request.headers['authorization']}"),
        lambda request: refusal(400, f"you sent {KEY}"),
        lambda request: refusal(500, "our own key is sk-proj-AbCdEf0123456789, oops"),
        lambda request: httpx2.Response(502, text=f"<html>{request.headers['authorization']}</html>"),
        lambda request: sse({"error": {"message": f"key {KEY} is odd"}}),
        lambda request: httpx2.Response(200, json={"error": {"message": KEY}}),
    ],
)
async def test_no_key_gets_into_errors_logs_or_tracebacks(bench, answer, caplog):
    caplog.set_level(logging.DEBUG)
    asked = bench(answer, models=answer)
    with pytest.raises(GenerationError) as caught:
        await asked.persist({"fallbacks": ["m/two"]})
    findings = await asked.plugin.doctor()
    told = (
        "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text + str(findings)
    )
    told += repr(asked.plugin.settings) + repr(asked.plugin.backend.server) + repr(vars(asked.plugin))
    for secret in (KEY, "canary", "AbCdEf0123456789"):
        assert secret not in told


async def test_the_doctor_tries_the_key_at_openrouter_whose_list_is_public(bench):
    def answer(request):
        if request.url.path.endswith("/key"):
            return refusal(401, "User not found")
        return httpx2.Response(200, json={"data": [{"id": "openrouter/auto"}]})

    asked = bench(refusal(500), models=answer, base_url="https://openrouter.ai/api/v1")
    (finding,) = await asked.plugin.doctor()
    assert finding.state is State.FAILED
    assert "openrouter.ai refused the key (401, User not found)" in finding.text
