"""What plugins cost: thirty of them on every hook of a turn, beside none."""

from __future__ import annotations

import gc
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import pytest
from tests.benchmarks.measuring import table

from tzurot import (
    CallGenerate,
    CallTurn,
    Casting,
    Delta,
    Drop,
    Fragment,
    Manifest,
    Message,
    NoConfig,
    Outbound,
    Persona,
    Plugin,
    Reply,
    Request,
    Turn,
    TurnResult,
    Utterance,
    Verdict,
    hookimpl,
)
from tzurot.testing.stage import Stage

pytestmark = pytest.mark.benchmark
PLUGINS, TURNS = 30, 300


class Busy(Plugin[NoConfig]):
    """Implements every hook of a turn and does next to nothing in each."""

    manifest = Manifest(name="busy", summary="implements everything")

    @hookimpl
    async def ingress(self, message: Message) -> Message | Drop | None:
        return None

    @hookimpl
    async def gate(self, message: Message) -> Verdict | None:
        return None

    @hookimpl
    async def cast(self, message: Message) -> Sequence[Casting] | None:
        return None

    @hookimpl
    async def persona(self, turn: Turn) -> Persona | None:
        return None

    @hookimpl
    async def history(self, turn: Turn) -> Sequence[Utterance] | None:
        return None

    @hookimpl
    async def build_context(self, turn: Turn) -> Iterable[Fragment]:
        name = self.manifest.name
        return [Fragment(f"fact of {name}", f"What {name} knows is known here.")]

    @hookimpl
    async def edit_request(self, turn: Turn, request: Request) -> Request:
        return request

    @hookimpl
    async def around_turn(self, turn: Turn, call_next: CallTurn) -> TurnResult:
        return await call_next()

    @hookimpl
    async def around_generate(
        self, turn: Turn, request: Request, call_next: CallGenerate
    ) -> AsyncIterator[Delta]:
        async for delta in call_next(request):
            yield delta

    @hookimpl
    def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta] | None:
        return None

    @hookimpl
    async def edit_reply(self, turn: Turn, reply: Reply) -> Reply:
        return reply

    @hookimpl
    async def chunk(self, turn: Turn, reply: Reply) -> Sequence[Outbound] | None:
        return None

    @hookimpl
    async def after_turn(self, result: TurnResult) -> None:
        return None


def _plugin(number: int) -> type[Plugin[Any]]:
    manifest = Manifest(name=f"busy{number:02}", summary="implements everything")
    return type(f"Busy{number}", (Busy,), {"manifest": manifest})


async def _cpu_ms_a_turn(count: int) -> float:
    async with Stage.of(*(_plugin(number) for number in range(count))) as stage:
        assert len(stage.app.registry.plugins) == count + 2
        for _ in range(20):
            await stage.say("hello")
        gc.collect()
        began = time.process_time()
        for _ in range(TURNS):
            await stage.say("hello")
        return (time.process_time() - began) / TURNS * 1000


async def test_thirty_plugins_on_every_hook_of_a_turn():
    rows = [[str(count), f"{await _cpu_ms_a_turn(count):.2f}"] for count in (0, PLUGINS)]
    table("Plugins on every hook of a turn (in memory, scripted model)", ("plugins", "CPU ms a turn"), rows)
