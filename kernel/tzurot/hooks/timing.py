"""A time-out for a hook's implementation that costs nothing when the implementation has nothing to wait for.

Most implementations answer in their first step: they look at the message and decline. A timer for each of
them was two thirds of a turn's CPU time with thirty plugins (see ``tests/benchmarks/test_plugins.py``), so
the first step runs without one; a step can't be interrupted by a timer anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Late(Exception):
    """The work took longer than it may."""


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, which is cancelled when it takes longer than ``seconds``.

    Raises:
        Late: it did. A ``TimeoutError`` of the work's own passes as it is.
    """
    try:
        waits_for = work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await _Rest(work, waits_for)
    except TimeoutError as error:
        if limit.expired():
            raise Late(f"took longer than {seconds:g} s") from error
        raise


class _Rest(Generic[T]):
    """The rest of a coroutine whose first step has been made: what it waits for is yielded to the loop."""

    def __init__(self, work: Coroutine[Any, Any, T], waits_for: Any) -> None:
        self._work = work
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, T]:
        waits_for = self._waits_for
        try:
            while True:
                try:
                    sent = yield waits_for
                except GeneratorExit:
                    self._work.close()
                    raise
                except BaseException as error:  # noqa: BLE001  # a cancellation belongs to the coroutine
                    waits_for = self._work.throw(error)
                else:
                    waits_for = self._work.send(sent)
        except StopIteration as done:
            result: T = done.value
            return result
