"""A plugin in front of a server that says exactly what a test wants, and a turn to ask it in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from tzurot.hooks.active import ActiveSet
from tzurot.kit import Kit
from tzurot.observe.trace import Trace
from tzurot.packs.compiled import Character
from tzurot.payloads.context import Role
from tzurot.payloads.decisions import Persona
from tzurot.payloads.generation import Delta, PromptMessage, Request
from tzurot.payloads.message import Author, Message, Place
from tzurot.settings.cascade import resolve
from tzurot.settings.registry import CORE
from tzurot.settings.scopes import Scope
from tzurot.turns.turn import Turn
from tzurot_plugins.openai import OpenAI
from tzurot_plugins.openai.clients import Clients
from tzurot_plugins.openai.config import Operator
from tzurot_plugins.openai.retries import Patience

KEY = "sk-canary-0123456789abcdef"
ADDRESS = "http://models.test/v1"


def chunk(content: Any = None, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    """One chunk of a stream."""
    said = {**({} if content is None else {"content": content}), **delta}
    return {"model": "m/real", "choices": [{"index": 0, "delta": said, "finish_reason": finish}]}


def sse(*chunks: Any, done: bool = True, **headers: str) -> httpx2.Response:
    """A stream of ``chunks``; texts go out as they are."""
    lines = [each if isinstance(each, str) else f"data: {json.dumps(each)}\n\n" for each in chunks]
    body = "".join(lines) + ("data: [DONE]\n\n" if done else "")
    return httpx2.Response(200, content=body, headers={"content-type": "text/event-stream", **headers})


def turn_with(settings: dict[str, Any] | None = None) -> Turn:
    """A turn under these settings of its user."""
    place = Place("test", "1")
    author = Author("7", "Noa")
    return Turn(
        id="t",
        message=Message("1", place, author, "Hello", datetime.now(UTC)),
        character=Character("mara", "pack", "Mara"),
        why="test",
        active=ActiveSet(frozenset(), {}),
        settings=resolve([CORE.read(Scope.USER, "7", settings or {})]),
        trace=Trace("1", place.conversation),
        persona=Persona("7", "Noa"),
    )


def request_with(turn: Turn, model: str = "m/one", **changes: Any) -> Request:
    """A request in ``turn``."""
    messages = (PromptMessage(Role.SYSTEM, "You are Mara."), PromptMessage(Role.USER, "Hello", name="Noa"))
    return Request(model, messages, turn.settings.parameters(), **changes)


async def gather(stream: AsyncIterator[Delta] | None) -> list[Delta]:
    assert stream is not None
    return [delta async for delta in stream]


def text_of(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas)


@dataclass
class Bench:
    """A plugin, what its server was asked, and how long was waited between attempts."""

    plugin: OpenAI
    requests: list[httpx2.Request] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(r.content) for r in self.requests if r.url.path.endswith("/chat/completions")]

    async def ask(
        self, settings: dict[str, Any] | None = None, model: str = "m/one", **changes: Any
    ) -> list[Delta]:
        """One generation, without retries."""
        turn = turn_with(settings)
        return await gather(self.plugin.generate(turn, request_with(turn, model, **changes)))

    async def persist(self, settings: dict[str, Any] | None = None, model: str = "m/one") -> list[Delta]:
        """A generation with retries and fallbacks round it."""
        turn = turn_with(settings)
        request = request_with(turn, model)
        return await gather(
            self.plugin.around_generate(turn, request, lambda changed: self.plugin.generate(turn, changed))
        )


Answer = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture
async def bench(tmp_path) -> AsyncIterator[Callable[..., Bench]]:
    """Make a bench whose server gives ``answers`` in order, the last one for ever."""
    made: list[Bench] = []

    def make(*answers: Answer, models: Any = None, **operator: Any) -> Bench:
        said = iter(answers)
        last: list[Answer] = []

        async def handle(request: httpx2.Request) -> httpx2.Response:
            await request.aread()
            bench.requests.append(request)
            if request.method == "GET":
                return (
                    models(request) if callable(models) else httpx2.Response(200, json=models or {"data": []})
                )
            answer = next(said, None) or last[0]
            last[:] = [answer]
            if isinstance(answer, Exception):
                raise answer
            if callable(answer):
                return answer(request)
            # A response can be read once; every request gets a fresh one.
            return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)

        operator = {"base_url": ADDRESS, "api_key": KEY, **operator}
        kit = Kit("openai", tmp_path, _none, _none, dict, operator=Operator(**operator))
        plugin = OpenAI(kit)
        replaced = Clients(plugin.settings, httpx2.MockTransport(handle))
        plugin.clients = replaced
        if plugin.backend is not None:
            plugin.backend._clients = replaced
        bench = Bench(plugin)

        async def note(seconds: float) -> None:
            bench.waits.append(seconds)
            await asyncio.sleep(0)

        plugin.patience = Patience(
            plugin.settings.attempts, plugin.settings.longest_wait_seconds, sleep=note, chance=lambda: 1.0
        )
        made.append(bench)
        return bench

    yield make
    for bench in made:
        await bench.plugin.kit.tasks.cancel()
        await bench.plugin.stop()


def _none(*_: object) -> Any:
    return None
