"""Heartbeats of a connection, and the watchdog that notices when nobody answers them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable


class Heart:
    """Beats every ``interval`` seconds, first after a random part of it; ``dead`` is set when unanswered."""

    def __init__(self, interval: float, send: Callable[[], Awaitable[None]]) -> None:
        self._interval, self._send = interval, send
        self._answered = True
        self.dead = asyncio.Event()

    def acknowledge(self) -> None:
        """Discord answered the last beat, or otherwise showed that it hears us."""
        self._answered = True

    async def beat(self) -> None:
        """Send one now, because Discord asked."""
        await self._send()

    async def run(self) -> None:
        """Beat until cancelled, or until a beat went unanswered for a whole interval."""
        # The jitter keeps a thousand bots from coming back in the same instant.
        await asyncio.sleep(self._interval * random.random())
        while self._answered:
            self._answered = False
            await self._send()
            await asyncio.sleep(self._interval)
        self.dead.set()
