"""Heartbeats of a connection, and the watchdog that notices when nobody answers them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

PATIENCE = 0.25
"""How long an answer may take, as a part of the interval: ten seconds at Discord's 41. Waiting for the next
beat, as Discord's page has it, would outlast the session on the other side."""


class Heart:
    """Beats every ``interval`` seconds, first after a random part of it; ``dead`` is set when unanswered."""

    def __init__(self, interval: float, send: Callable[[], Awaitable[None]]) -> None:
        self._interval, self._send = interval, send
        self._answered = True
        self.dead = asyncio.Event()

    def acknowledge(self) -> None:
        """Discord answered the last beat, or otherwise showed that it is there."""
        self._answered = True

    async def beat(self) -> None:
        """Send one now, because Discord asked."""
        await self._send()

    async def run(self) -> None:
        """Beat until cancelled, or until a beat goes unanswered."""
        # The jitter keeps a thousand bots from coming back in the same instant.
        await asyncio.sleep(self._interval * random.random())
        while True:
            self._answered = False
            await self._send()
            await asyncio.sleep(self._interval * PATIENCE)
            if not self._answered:
                break
            await asyncio.sleep(self._interval * (1 - PATIENCE))
        self.dead.set()
