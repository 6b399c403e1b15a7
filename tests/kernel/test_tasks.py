"""Background tasks: bounded, logged when they fail, ended at shutdown."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tzurot.tasks import Tasks


async def test_no_more_run_at_once_than_the_limit_and_all_get_their_turn():
    tasks, running, most, done = Tasks(limit=3), 0, 0, 0

    async def work() -> None:
        nonlocal running, most, done
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        done += 1

    for number in range(10):
        tasks.spawn(work(), f"work {number}")
    await tasks.drain(10)
    assert (most, done) == (3, 10)


async def test_a_failing_task_is_logged_under_its_name_and_frees_its_place(caplog: pytest.LogCaptureFixture):
    tasks, done = Tasks(limit=1), asyncio.Event()

    async def fails() -> None:
        raise RuntimeError("no paper")

    async def works() -> None:
        done.set()

    tasks.spawn(fails(), "print the diary")
    tasks.spawn(works(), "write")
    async with asyncio.timeout(5):
        await done.wait()
    assert "The background task print the diary failed; it is not run again." in caplog.text
    assert "no paper" in caplog.text


async def test_draining_waits_for_what_runs_and_cancels_what_outlives_the_deadline():
    tasks, quick, ended = Tasks(), asyncio.Event(), asyncio.Event()

    async def short() -> None:
        await asyncio.sleep(0)
        quick.set()

    async def stuck() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    tasks.spawn(short(), "short")
    waiting = tasks.spawn(stuck(), "stuck")
    await tasks.drain(0.01)
    assert quick.is_set()
    assert ended.is_set()
    assert waiting.cancelled()


async def test_what_never_began_is_closed_without_a_complaint(caplog: pytest.LogCaptureFixture):
    tasks, never = Tasks(limit=1), []

    async def stuck() -> None:
        await asyncio.Event().wait()

    async def waits() -> None:
        never.append("began")

    tasks.spawn(stuck(), "stuck")
    tasks.spawn(waits(), "waits")
    await asyncio.sleep(0)
    await tasks.cancel()
    assert never == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_what_is_cancelled_before_its_first_step_is_closed_too():
    tasks = Tasks()

    async def waits() -> None:
        await asyncio.Event().wait()

    tasks.spawn(waits(), "waits")
    await (
        tasks.cancel()
    )  # a coroutine that is never awaited would be a RuntimeWarning, which is an error here
