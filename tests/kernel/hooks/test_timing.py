"""The time-out of hooks: nothing for those that answer at once, exact for those that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzurot.hooks.timing import Late, within

LONG, SHORT = 60.0, 0.01
spoken: ContextVar[str] = ContextVar("spoken", default="nothing")


async def test_what_answers_at_once_is_given_without_waiting():
    async def answer() -> int:
        return 7

    assert await within(0.0, answer()) == 7


async def test_what_waits_is_given_when_it_comes():
    event = asyncio.Event()

    async def answer() -> str:
        await event.wait()
        await asyncio.sleep(0)
        return "there"

    asyncio.get_running_loop().call_soon(event.set)
    assert await within(LONG, answer()) == "there"


async def test_what_takes_too_long_is_cancelled_and_late():
    ended: list[str] = []

    async def hangs() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cleaned up")

    with pytest.raises(Late, match=r"took longer than 0.01 s"):
        await within(SHORT, hangs())
    assert ended == ["cleaned up"]


async def test_what_hangs_in_a_later_step_is_late_as_well():
    async def hangs() -> None:
        await asyncio.sleep(0)
        await asyncio.Event().wait()

    with pytest.raises(Late):
        await within(SHORT, hangs())


@pytest.mark.parametrize("waits", [False, True])
async def test_a_time_out_of_the_works_own_is_no_lateness(waits: bool):
    async def impatient() -> None:
        if waits:
            await asyncio.sleep(0)
        raise TimeoutError("the server's")

    with pytest.raises(TimeoutError, match="the server's"):
        await within(LONG, impatient())


@pytest.mark.parametrize("waits", [False, True])
async def test_errors_pass_as_they_are(waits: bool):
    async def fails() -> None:
        if waits:
            await asyncio.sleep(0)
        raise ValueError("as it is")

    with pytest.raises(ValueError, match="as it is"):
        await within(LONG, fails())


async def test_a_cancellation_reaches_the_work_and_passes_through():
    begun = asyncio.Event()
    seen: list[str] = []

    async def work() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    task = asyncio.create_task(within(LONG, work()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["cancelled"]


async def test_work_that_finishes_in_spite_of_a_cancellation_may_clean_up_slowly():
    begun, cleaned = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    task = asyncio.create_task(within(LONG, work()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned.is_set()


async def test_context_variables_stay_those_of_the_task():
    spoken.set("before")

    async def work() -> tuple[str, str]:
        first = spoken.get()
        spoken.set("inside")
        await asyncio.sleep(0)
        return first, spoken.get()

    assert await within(LONG, work()) == ("before", "inside")
    assert spoken.get() == "inside"


async def test_the_work_runs_in_the_callers_task_with_its_own_inner_time_outs():
    async def work() -> asyncio.Task[Any] | None:
        try:
            async with asyncio.timeout(SHORT):
                await asyncio.Event().wait()
        except TimeoutError:
            return asyncio.current_task()
        return None

    assert await within(LONG, work()) is asyncio.current_task()


async def test_work_may_wait_for_tasks_of_its_own():
    async def work() -> list[int]:
        async def one(number: int) -> int:
            await asyncio.sleep(0)
            return number

        return list(await asyncio.gather(*(one(number) for number in range(3))))

    assert await within(LONG, work()) == [0, 1, 2]


Step = Callable[[], Coroutine[Any, Any, None]]


async def pause() -> None:
    await asyncio.sleep(0)


async def nothing() -> None: ...


async def future() -> None:
    waiting = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(waiting.set_result, None)
    await waiting


async def task() -> None:
    await asyncio.create_task(pause())


@given(st.lists(st.sampled_from([pause, nothing, future, task]), max_size=6), st.booleans())
def test_law_work_within_a_limit_does_what_it_does_without(steps: list[Step], fails: bool):
    async def work() -> int:
        for step in steps:
            await step()
        if fails:
            raise LookupError(str(len(steps)))
        return len(steps)

    async def result(attempt: Coroutine[Any, Any, int]) -> str:
        try:
            return repr(await attempt)
        except LookupError as error:
            return repr(error)

    async def play() -> None:
        assert await result(within(LONG, work())) == await result(work())

    asyncio.run(play())
