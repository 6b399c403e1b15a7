"""Reading the server's event stream, good and bad."""

from __future__ import annotations

import contextlib
import json

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from tzurot.payloads.generation import Category, Finish, GenerationError
from tzurot_plugins.local.stream import Broken, deltas, stream

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "content", "tool_calls", "function", "usage", "error", "index"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_an_event_of_any_shape_is_read_or_refused(event):
    with contextlib.suppress(GenerationError, ValueError):
        list(deltas(b"data: " + json.dumps(event).encode()))


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(line):
    with contextlib.suppress(GenerationError, ValueError):
        list(deltas(line))


def event(**fields):
    return b"data: " + json.dumps(fields).encode() + b"\n\n"


HELLO = event(choices=[{"delta": {"content": "Hello"}}], model="local")
STOP = event(choices=[{"delta": {}, "finish_reason": "stop"}])


async def answered(body: bytes, status: int = 200):
    """What our side makes of a server that answers with ``body``."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        return [d async for d in stream(session, str(server.make_url("")).rstrip("/"), "key", {})]


async def test_comments_and_thinking_are_kept_apart_from_text():
    thought = event(choices=[{"delta": {"reasoning_content": "hm"}}])
    got = await answered(b": ping\n\n" + thought + HELLO + STOP + b"data: [DONE]\n\n")
    assert [(d.text, d.reasoning) for d in got] == [("", "hm"), ("Hello", ""), ("", "")]
    assert got[-1].finish is Finish.STOP


@pytest.mark.parametrize("body", [HELLO, b"", b"<html>hello</html>", b"data: {not json\n\n", b"data: []\n\n"])
async def test_a_stream_without_an_end_is_never_taken_for_an_answer(body):
    with pytest.raises(Broken):
        await answered(body)


async def test_an_error_in_the_middle_of_the_stream_is_raised():
    with pytest.raises(GenerationError, match="out of memory"):
        await answered(HELLO + event(error={"message": "out of\nmemory"}))


@pytest.mark.parametrize(
    ("status", "body", "category"),
    [
        (400, b'{"error":{"type":"exceed_context_size_error","message":"9 > 8"}}', Category.CONTEXT_LENGTH),
        (400, b'{"error":{"message":"bad"}}', Category.BAD_REQUEST),
        (500, b"<html>oh</html>", Category.SERVER_ERROR),
        (503, b"[1]", Category.SERVER_ERROR),
    ],
)
async def test_refusals_have_a_category(status, body, category):
    with pytest.raises(GenerationError) as failed:
        await answered(body, status)
    assert failed.value.category is category
    assert "\n" not in failed.value.message


async def test_nobody_listening_is_a_broken_connection():
    async with aiohttp.ClientSession() as session:
        with pytest.raises(Broken):
            await anext(stream(session, "http://127.0.0.1:9", "key", {}))
