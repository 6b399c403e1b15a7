"""A plugin that fails, hangs or answers nonsense is cut out, and the conversation goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import pytest

from tzurot import (
    CallGenerate,
    CallTurn,
    Casting,
    Category,
    Delta,
    Fragment,
    GenerationError,
    Manifest,
    Message,
    NoConfig,
    Plugin,
    Reply,
    Request,
    Turn,
    TurnResult,
    Verdict,
    hookimpl,
)
from tzurot.hooks.breaker import Breaker
from tzurot.hooks.markers import policy_of
from tzurot.observe.trace import HookRun
from tzurot.testing.stage import Stage


class Broken(Plugin[NoConfig]):
    """The parent of all broken plugins here."""

    manifest = Manifest(name="broken", summary="breaks")


class Helpful(Plugin[NoConfig]):
    """A plugin that works, beside the broken one."""

    manifest = Manifest(name="helpful", summary="works")

    @hookimpl
    async def build_context(self, turn: Turn) -> Iterable[Fragment]:
        return [Fragment("moon", "The moon is up.")]


def runs(stage: Stage, plugin: str) -> list[HookRun]:
    trace = stage.app.traces.latest()
    assert trace is not None
    return [run for run in trace.runs if run.plugin == plugin]


class Raises(Broken):
    @hookimpl
    async def build_context(self, turn: Turn) -> Iterable[Fragment]:
        raise RuntimeError("no idea")


class Hangs(Broken):
    @hookimpl
    async def build_context(self, turn: Turn) -> Iterable[Fragment]:
        await asyncio.Event().wait()
        return []


class Lies(Broken):
    @hookimpl
    async def build_context(self, turn: Turn) -> Any:
        return "text, not fragments"


class LiesWithin(Broken):
    @hookimpl
    async def build_context(self, turn: Turn) -> Any:
        return ["text, not fragments"]


@pytest.mark.parametrize(
    ("plugin", "outcome", "why"),
    [
        (Raises, "error", "RuntimeError: no idea"),
        (Hangs, "timeout", "took longer than 2 s"),
        (Lies, "error", "TypeError: expected an iterable of Fragment, got str"),
        (LiesWithin, "error", "TypeError: expected Fragment, got str"),
    ],
)
async def test_a_broken_context_contributes_nothing_and_is_named_in_the_trace(
    plugin: type[Plugin[Any]], outcome: str, why: str
):
    async with Stage.of(plugin, Helpful) as stage:
        assert await stage.say("hello") == ["I hear you."]
        assert [(run.outcome, run.gave) for run in runs(stage, "broken")] == [(outcome, why)]
        assert "The moon is up." in stage.model.requests[-1].messages[0].content


async def test_a_broken_gate_fails_closed_with_the_reason():
    class Gate(Broken):
        @hookimpl
        async def gate(self, message: Message) -> Verdict | None:
            raise RuntimeError("the list is gone")

    async with Stage.of(Gate) as stage:
        for _ in range(8):  # more often than the breaker bears: a resting gate would be an open one
            outcome = await stage.hear(stage.message("hello"))
            assert outcome.unanswered is not None
            assert "gate failed in plugin broken: RuntimeError: the list is gone" in outcome.unanswered
        assert stage.model.requests == []


async def test_a_hook_that_keeps_failing_rests_and_is_not_called():
    class Counts(Broken):
        calls = 0

        @hookimpl
        async def build_context(self, turn: Turn) -> Iterable[Fragment]:
            Counts.calls += 1
            raise RuntimeError("again")

    async with Stage.of(Counts) as stage:
        for _ in range(9):
            await stage.say("hello")
        assert Counts.calls == 5
        assert list(stage.app.dispatcher.breaker.report()) == [("broken", "build_context")]


def test_the_breaker_doubles_its_rest_and_forgives_a_success():
    now = [0.0]
    breaker = Breaker(limit=2, rest_seconds=10, longest_seconds=30, now=lambda: now[0])
    key = ("plugin", "hook")
    rests = []
    for _ in range(4):
        breaker.failed(key)
        assert breaker.failed(key)
        rests.append(breaker.rest(key))
        now[0] += breaker.rest(key)
        assert not breaker.resting(key)
    assert rests == [10, 20, 30, 30]
    breaker.succeeded(key)
    assert not breaker.tripped


@pytest.mark.parametrize("before", [True, False])
async def test_a_broken_around_turn_is_passed_over_and_the_turn_runs_once(before: bool):
    class Around(Broken):
        @hookimpl
        async def around_turn(self, turn: Turn, call_next: CallTurn) -> TurnResult:
            if before:
                raise RuntimeError("before")
            await call_next()
            raise RuntimeError("after")

    async with Stage.of(Around) as stage:
        assert await stage.say("hello") == ["I hear you."]
        assert len(stage.model.requests) == 1


async def test_an_around_turn_that_forgets_its_result_loses_nothing():
    class Forgetful(Broken):
        @hookimpl
        async def around_turn(self, turn: Turn, call_next: CallTurn) -> Any:
            await call_next()

    async with Stage.of(Forgetful) as stage:
        outcome = await stage.hear(stage.message("hello"))
        assert outcome.results[0].reply == Reply("I hear you.")


async def test_an_around_generate_that_breaks_at_once_is_passed_over():
    class Around(Broken):
        @hookimpl
        async def around_generate(
            self, turn: Turn, request: Request, call_next: CallGenerate
        ) -> AsyncIterator[Delta]:
            raise RuntimeError("at once")
            yield Delta()

    async with Stage.of(Around) as stage:
        assert await stage.say("hello") == ["I hear you."]


async def test_an_around_generate_that_breaks_in_the_middle_ends_the_turn_and_asks_no_model_twice():
    class Around(Broken):
        @hookimpl
        async def around_generate(
            self, turn: Turn, request: Request, call_next: CallGenerate
        ) -> AsyncIterator[Delta]:
            async for delta in call_next(request):
                yield delta
                raise RuntimeError("in the middle")

    async with Stage.of(Around) as stage:
        outcome = await stage.hear(stage.message("hello"))
        assert "in the middle" in str(outcome.results[0].error)
        assert len(stage.model.requests) == 1


async def test_a_deliberate_refusal_by_around_generate_is_never_passed_over():
    class Cap(Broken):
        @hookimpl
        async def around_generate(
            self, turn: Turn, request: Request, call_next: CallGenerate
        ) -> AsyncIterator[Delta]:
            raise GenerationError(Category.QUOTA_EXCEEDED, "enough for today")
            yield Delta()

    async with Stage.of(Cap) as stage:
        outcome = await stage.hear(stage.message("hello"))
        assert str(outcome.results[0].error) == "enough for today"
        assert stage.model.requests == []


async def test_the_next_backend_is_asked_only_before_the_first_delta():
    class Flaky(Broken):
        @hookimpl(tryfirst=True)
        def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta]:
            return self._speak("late" in turn.message.text)

        async def _speak(self, late: bool) -> AsyncIterator[Delta]:
            if late:
                yield Delta("half a")
            raise GenerationError(Category.SERVER_ERROR, "the server fell over")

    async with Stage.of(Flaky) as stage:
        assert await stage.say("early") == ["I hear you."]
        outcome = await stage.hear(stage.message("late"))
        assert str(outcome.results[0].error) == "the server fell over"
        assert len(stage.model.requests) == 1


async def test_one_failing_speaker_leaves_the_others_alone_and_the_order_stands():
    async with Stage.of() as stage:
        stage.model.script(GenerationError(Category.TIMEOUT, "too slow"), "Tam here.")
        outcome = await stage.hear(stage.message("Mara and Tam, hello"))
        assert [result.turn.character.name for result in outcome.results] == ["Mara", "Tam"]
        assert [o.text for o in stage.platform.sent] == ["Tam here."]


async def test_speakers_deliver_in_the_order_they_were_cast_however_fast_they_are():
    class SlowMara(Broken):
        @hookimpl(tryfirst=True)
        def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta] | None:
            return self._speak(turn)

        async def _speak(self, turn: Turn) -> AsyncIterator[Delta]:
            if turn.character.name == "Mara":
                await self.tam_spoke.wait()
            else:
                self.tam_spoke.set()
            yield Delta(turn.character.name)

        tam_spoke = asyncio.Event()

    async with Stage.of(SlowMara) as stage:
        assert await stage.say("Mara, Tam?") == ["Mara", "Tam"]


async def test_cancelling_a_turn_closes_its_stream():
    class Endless(Broken):
        begun = asyncio.Event()
        closed = False

        @hookimpl(tryfirst=True)
        def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta]:
            return self._speak()

        async def _speak(self) -> AsyncIterator[Delta]:
            try:
                yield Delta("so ")
                Endless.begun.set()
                await asyncio.Event().wait()
            finally:
                Endless.closed = True

    async with Stage.of(Endless) as stage:
        message = stage.message("hello")
        outcome = stage.app.receive(message)
        await Endless.begun.wait()
        assert stage.app.cancel(message.place.conversation)
        assert (await outcome).unanswered == "cancelled"
        assert Endless.closed


async def test_a_turn_that_takes_too_long_ends_with_a_clear_error():
    class Endless(Broken):
        @hookimpl(tryfirst=True)
        def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta]:
            return self._speak()

        async def _speak(self) -> AsyncIterator[Delta]:
            await asyncio.Event().wait()
            yield Delta()

    async with Stage.of(Endless, turn_seconds=0.05) as stage:
        outcome = await stage.hear(stage.message("hello"))
        assert str(outcome.results[0].error) == "the turn took longer than 0.05 s"


async def test_a_plugin_that_can_not_start_is_cut_out_with_those_that_need_it():
    class NoStart(Broken):
        @hookimpl
        async def start(self) -> None:
            raise RuntimeError("no coffee")

    class Needs(Plugin[NoConfig]):
        manifest = Manifest(name="needs", summary="needs the broken one", requires=("broken",))

    async with Stage.of(NoStart, Needs) as stage:
        assert "broken could not start: RuntimeError: no coffee" in stage.app.loader.refused["broken"]
        assert stage.app.loader.refused["needs"] == "needs requires broken, which was cut out."
        assert await stage.say("hello") == ["I hear you."]


async def test_a_cast_that_lies_is_an_attributed_failure():
    class Cast(Broken):
        @hookimpl
        async def cast(self, message: Message) -> Sequence[Casting] | None:
            return ["Mara"]  # type: ignore[list-item]  # the lie under test

    async with Stage.of(Cast) as stage:
        await stage.say("hello")
        assert [run.gave for run in runs(stage, "broken")] == ["TypeError: expected Casting, got str"]


@pytest.mark.parametrize("hook", ["gate", "build_context", "deliver"])
def test_every_hook_of_a_turn_has_a_time_out(hook: str):
    assert policy_of(getattr(Plugin, hook)).timeout > 0
