"""The AROUND hooks: nested in order of load, each round everything that is further in, called once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar

import pytest

from tzurot import (
    CallGenerate,
    CallTurn,
    Category,
    Delta,
    GenerationError,
    Manifest,
    NoConfig,
    Plugin,
    Reply,
    Request,
    Turn,
    TurnResult,
    hookimpl,
)
from tzurot.hooks.dispatch import current_plugin
from tzurot.testing.stage import Stage


class Outer(Plugin[NoConfig]):
    """Notes when it is entered and left."""

    manifest = Manifest(name="outer", summary="the outer layer")
    notes: ClassVar[list[str]] = []

    @hookimpl
    async def around_turn(self, turn: Turn, call_next: CallTurn) -> TurnResult:
        self.notes.append(f"into {current_plugin.get()}")
        result = await call_next()
        self.notes.append(f"out of {current_plugin.get()}")
        return result

    @hookimpl
    async def around_generate(
        self, turn: Turn, request: Request, call_next: CallGenerate
    ) -> AsyncIterator[Delta]:
        self.notes.append(f"asks {self.manifest.name}")
        async for delta in call_next(request):
            yield delta


class Inner(Outer):
    manifest = Manifest(name="inner", summary="the inner layer", after=("outer",))


class First(Outer):
    manifest = Manifest(name="first", summary="wants to be outermost")

    @hookimpl(tryfirst=True)
    async def around_turn(self, turn: Turn, call_next: CallTurn) -> TurnResult:
        return await super().around_turn(turn, call_next)


@pytest.fixture(autouse=True)
def notes() -> list[str]:
    Outer.notes.clear()
    return Outer.notes


async def test_the_first_loaded_is_the_outermost_and_whoever_asked_to_be_first_before_it(notes: list[str]):
    async with Stage.of(Outer, Inner, First) as stage:
        assert await stage.say("hello") == ["I hear you."]
    asked = [note for note in notes if note.startswith("asks")]
    assert asked == ["asks outer", "asks inner", "asks first"]
    assert [note for note in notes if note not in asked] == [
        "into first",
        "into outer",
        "into inner",
        "out of inner",
        "out of outer",
        "out of first",
    ]


async def test_a_second_call_of_the_turn_answers_nothing_twice():
    class Twice(Plugin[NoConfig]):
        manifest = Manifest(name="twice", summary="calls twice")

        @hookimpl
        async def around_turn(self, turn: Turn, call_next: CallTurn) -> TurnResult:
            first = await call_next()
            assert await call_next() is first
            return first

    async with Stage.of(Twice) as stage:
        assert await stage.say("hello") == ["I hear you."]
        assert len(stage.model.requests) == 1


async def test_a_layer_may_answer_without_going_further():
    class Curt(Plugin[NoConfig]):
        manifest = Manifest(name="curt", summary="says nothing")

        @hookimpl
        async def around_turn(self, turn: Turn, call_next: CallTurn) -> TurnResult:
            turn.trace.unanswered = "curt: not in the mood"
            return TurnResult(turn)

    async with Stage.of(Curt) as stage:
        assert await stage.say("hello") == []
        assert stage.model.requests == []
        trace = stage.app.traces.latest()
        assert trace is not None
        assert trace.unanswered == "curt: not in the mood"


async def test_a_layer_may_ask_again_before_the_first_delta():
    class Patient(Plugin[NoConfig]):
        manifest = Manifest(name="patient", summary="asks again")

        @hookimpl
        async def around_generate(
            self, turn: Turn, request: Request, call_next: CallGenerate
        ) -> AsyncIterator[Delta]:
            for attempt in (1, 2, 3):
                try:
                    async for delta in call_next(request):
                        yield delta
                    return
                except GenerationError as error:
                    if attempt == 3 or not error.transient:
                        raise

    async with Stage.of(Patient) as stage:
        busy = GenerationError(Category.RATE_LIMIT, "busy")
        stage.model.script(busy, busy, "At last.")
        assert await stage.say("hello") == ["At last."]
        assert len(stage.model.requests) == 3


async def test_the_failure_of_the_turn_passes_through_the_layers_once(notes: list[str]):
    async with Stage.of(Outer, Inner) as stage:
        stage.model.script(GenerationError(Category.SERVER_ERROR, "the server fell over"))
        outcome = await stage.hear(stage.message("hello"))
        assert str(outcome.results[0].error) == "the server fell over"
        assert len(stage.model.requests) == 1
    assert notes.count("out of inner") == 1


async def test_what_a_layer_makes_of_the_result_stands():
    class Editor(Plugin[NoConfig]):
        manifest = Manifest(name="editor", summary="rewrites the record")

        @hookimpl
        async def around_turn(self, turn: Turn, call_next: CallTurn) -> TurnResult:
            result = await call_next()
            return TurnResult(turn, result.request, Reply("for the record"), result.sent)

    async with Stage.of(Editor) as stage:
        outcome = await stage.hear(stage.message("hello"))
        assert outcome.results[0].reply == Reply("for the record")
        assert [o.text for o in stage.platform.sent] == ["I hear you."]
