"""Over a real socket: streaming, cancelling, stalls, dropped connections, and connections that are shared."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime

import pytest
from aiohttp import web
from tests.plugins.openai.conftest import KEY, chunk, gather, request_with, text_of, turn_with

from tzurot.app import App
from tzurot.config import Config
from tzurot.hooks.discover import Found
from tzurot.kit import Kit
from tzurot.payloads.contributions import State
from tzurot.payloads.generation import Category, GenerationError
from tzurot.payloads.message import Author, Message, Place
from tzurot.testing.stage import PACK, StagePlatform
from tzurot_plugins.openai import OpenAI
from tzurot_plugins.openai.config import Operator

Handler = Callable[[web.Request, web.StreamResponse], Awaitable[None]]


class Stub:
    """A model server whose streams do what a test says."""

    def __init__(self) -> None:
        self.answer: Handler = say("Good ", "evening.")
        self.models: object = {"data": [{"id": "m/first", "context_length": 8192}]}
        self.listing = asyncio.Event()
        self.listing.set()
        self.connections: set[object] = set()
        self.gone = asyncio.Event()
        self.bodies: list[dict[str, object]] = []

    async def complete(self, request: web.Request) -> web.StreamResponse:
        self.connections.add(request.transport)
        self.bodies.append(await request.json())
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        try:
            await self.answer(request, response)
        except (ConnectionError, asyncio.CancelledError):
            self.gone.set()
            raise
        return response

    async def list(self, request: web.Request) -> web.Response:
        await self.listing.wait()
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return web.json_response({"error": {"message": "bad key"}}, status=401)
        return web.json_response(self.models)


def data(value: object) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


def say(*texts: str) -> Handler:
    async def answer(request: web.Request, response: web.StreamResponse) -> None:
        for text in texts:
            await response.write(data(chunk(text)))
        await response.write(data(chunk(finish="stop")) + b"data: [DONE]\n\n")

    return answer


@pytest.fixture
async def stub() -> AsyncIterator[tuple[Stub, str]]:
    server = Stub()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.complete)
    app.router.add_get("/v1/models", server.list)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield server, f"http://{host}:{port}/v1"
    await runner.cleanup()


@pytest.fixture
async def make(stub, tmp_path) -> AsyncIterator[Callable[..., OpenAI]]:
    made: list[OpenAI] = []

    def build(**operator: object) -> OpenAI:
        settings = Operator(**{"base_url": stub[1], "api_key": KEY, "stall_seconds": 30, **operator})
        made.append(OpenAI(Kit("openai", tmp_path, _none, _none, dict, operator=settings)))
        return made[-1]

    yield build
    for plugin in made:
        await plugin.kit.tasks.cancel()
        await plugin.stop()


def _none(*_: object) -> None:
    return None


def ask(plugin, model="m/one"):
    turn = turn_with()
    return plugin.generate(turn, request_with(turn, model))


async def test_words_arrive_while_the_server_still_speaks(stub, make):
    go_on = asyncio.Event()

    async def answer(request, response):
        await response.write(data(chunk("Good ")))
        await go_on.wait()
        await say("evening.")(request, response)

    stub[0].answer = answer
    async with aclosing(ask(make())) as deltas:
        assert (await anext(deltas)).text == "Good "
        go_on.set()
        assert text_of([delta async for delta in deltas]) == "evening."


async def endless(request, response):
    while True:
        await response.write(data(chunk("and ")))
        await asyncio.sleep(0.01)


async def test_closing_the_answer_ends_the_stream_on_the_server(stub, make):
    stub[0].answer = endless
    async with aclosing(ask(make())) as deltas:
        await anext(deltas)
    async with asyncio.timeout(5):
        await stub[0].gone.wait()


async def test_cancelling_the_turn_ends_the_stream_on_the_server(stub, make):
    stub[0].answer = endless
    begun = asyncio.Event()

    async def listen():
        async with aclosing(ask(plugin)) as deltas:
            async for _ in deltas:
                begun.set()

    plugin = make()
    task = asyncio.create_task(listen())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5):
        await stub[0].gone.wait()


async def test_a_server_that_falls_silent_times_out(stub, make):
    async def answer(request, response):
        await response.write(data(chunk("Good ")))
        await asyncio.Event().wait()

    stub[0].answer = answer
    with pytest.raises(GenerationError) as caught:
        await gather(ask(make(stall_seconds=0.2)))
    assert caught.value.category is Category.TIMEOUT


async def test_a_connection_that_drops_in_the_middle_is_told(stub, make):
    async def answer(request, response):
        await response.write(data(chunk("Good ")))
        request.transport.abort()

    stub[0].answer = answer
    with pytest.raises(GenerationError) as caught:
        await gather(ask(make()))
    assert caught.value.category is Category.NETWORK


async def test_a_server_that_is_not_there_is_told(make):
    with pytest.raises(GenerationError) as caught:
        await gather(ask(make(base_url="http://127.0.0.1:9/v1")))
    assert caught.value.category is Category.NETWORK
    assert "127.0.0.1:9 could not be reached" in caught.value.message


async def test_a_server_that_hangs_up_without_an_answer_is_not_called_slow(make):
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(GenerationError) as caught:
            await gather(ask(make(base_url=f"http://127.0.0.1:{port}/v1")))
    assert caught.value.category is Category.NETWORK


async def test_turns_share_connections(stub, make):
    plugin = make()
    for _ in range(5):
        assert text_of(await gather(ask(plugin))) == "Good evening."
    # One more may have been opened for the list of models.
    assert len(stub[0].connections) <= 2


async def test_many_turns_at_once_are_all_answered_over_few_connections(stub, make):
    plugin = make(connections=8)
    answers = await asyncio.gather(*(gather(ask(plugin)) for _ in range(64)))
    assert {text_of(answer) for answer in answers} == {"Good evening."}
    assert len(stub[0].connections) <= 8


async def test_without_a_named_model_the_servers_first_one_answers(stub, make):
    plugin = make()
    turn = turn_with()
    request = await plugin.edit_request(turn, request_with(turn, "auto"))
    await gather(plugin.generate(turn, request))
    assert stub[0].bodies[0]["model"] == "m/first"
    later = await plugin.edit_request(turn, request_with(turn, "auto"))
    assert later.model == "m/first"


async def test_the_operators_model_stands_behind_auto(stub, make):
    turn = turn_with()
    assert (await make(model="m/own").edit_request(turn, request_with(turn, "auto"))).model == "m/own"
    assert await make().edit_request(turn, request_with(turn, "m/one")) is None


async def test_the_list_of_models_is_never_waited_for(stub, make):
    stub[0].listing.clear()
    plugin = make()
    assert text_of(await gather(ask(plugin))) == "Good evening."
    assert plugin.backend.catalogue.cards == {}


async def test_local_models_and_missing_servers_are_not_ours(make, tmp_path):
    assert ask(make(), "local") is None
    unconfigured = OpenAI(Kit("openai", tmp_path, _none, _none, dict))
    assert ask(unconfigured) is None
    assert unconfigured.backend is None
    assert (await unconfigured.doctor())[0].state is State.OFF


@pytest.mark.parametrize(
    ("operator", "states", "word"),
    [
        ({}, [State.OK, State.OK], "takes the key, lists 1 models"),
        ({"api_key": "sk-wrong-0123456789"}, [State.FAILED], "Check OPENAI_API_KEY"),
        ({"base_url": "http://127.0.0.1:9/v1"}, [State.FAILED], "Check OPENAI_BASE_URL"),
        ({"model": "m/other"}, [State.OK, State.WARNING], "which the server doesn't list"),
    ],
)
async def test_the_doctor_tells_what_is_wrong(make, operator, states, word):
    findings = list(await make(**operator).doctor())
    assert [finding.state for finding in findings] == states
    assert word in " ".join(f.text for f in findings)


async def test_the_doctor_knows_an_address_that_lacks_its_end(stub, make):
    findings = list(await make(base_url=stub[1].removesuffix("/v1")).doctor())
    assert findings[0].state is State.WARNING
    assert "/v1" in findings[0].remedy


async def test_a_character_answers_through_the_whole_pipeline(stub, tmp_path):
    stub[0].answer = say("<think>She greets", " me.</think>Good ", "evening, Ana.")
    pack = tmp_path / "packs" / "stage" / "pack.yaml"
    pack.parent.mkdir(parents=True)
    pack.write_text(PACK, encoding="utf-8")
    config = Config(
        home=tmp_path,
        packs=(tmp_path / "packs",),
        enabled_plugins=(),
        plugins={"openai": {"base_url": stub[1], "api_key": KEY, "model": "m/first"}},
        settings={"min_p": 0.05},
    )
    async with App.open(config, extra=[Found(p, "tests", "0") for p in (OpenAI, StagePlatform)]) as app:
        message = Message("1", Place("stage", "1"), Author("7", "Ana"), "Hello, Mara", datetime.now(UTC))
        (result,) = (await app.receive(message)).results
    assert result.reply.text == "Good evening, Ana."
    assert result.turn.trace.reasoning == "She greets me."
    assert result.model == "m/real"
    assert stub[0].bodies[0]["model"] == "m/first"
    assert stub[0].bodies[0]["min_p"] == 0.05
