"""Background tasks that somebody owns: bounded in number, logged when they fail, ended at shutdown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("tzurot.tasks")


class Tasks:
    """Owns background tasks. ``limit`` bounds how many run at once; what comes beyond waits its turn."""

    def __init__(self, limit: int = 256) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(limit)

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[None]:
        """Run ``work`` in the background under ``name``, which its log lines bear."""
        task = asyncio.create_task(self._run(work, name), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(lambda _: work.close())  # it may have been cancelled before its first step
        return task

    async def _run(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        try:
            async with self._slots:
                await work
        except Exception:
            log.exception("The background task %s failed; it is not run again.", name)

    async def drain(self, seconds: float) -> None:
        """Wait up to ``seconds`` for what runs, then cancel and await the rest."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)
        await self.cancel()

    async def cancel(self) -> None:
        """Cancel and await everything that runs."""
        running = list(self._running)
        self.give_up()
        await asyncio.gather(*running, return_exceptions=True)

    def give_up(self) -> None:
        """Cancel everything that runs, and wait for none of it."""
        for task in self._running:
            task.cancel()
