"""Shows that somebody is typing while a turn lasts; never gets in its way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tzurot import Place
from tzurot_plugins.discord.errors import DiscordError
from tzurot_plugins.discord.rest.egress import Egress

EVERY = 8.0
"""In seconds; Discord shows it for about ten."""


class TypingIndicator:
    """Types in the places of running turns, from ``after`` seconds on; one request serves several turns."""

    def __init__(self, egress: Egress, after: float, log: logging.Logger) -> None:
        self._egress, self._after, self._log = egress, after, log
        self._turns: dict[str, int] = {}
        self._over: dict[str, asyncio.Event] = {}
        self._soon: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def shown(self, place: Place) -> AsyncIterator[None]:
        """Show the indicator for as long as the block lasts."""
        room = place.thread or place.channel
        self._turns[room] = self._turns.get(room, 0) + 1
        if self._turns[room] == 1:
            # A timer and no task yet: most quick answers come before it strikes.
            self._soon[room] = asyncio.get_running_loop().call_later(self._after, self._begin, room)
        try:
            yield
        finally:
            self._turns[room] -= 1
            if not self._turns[room]:
                del self._turns[room]
                self._soon.pop(room).cancel()
                if over := self._over.pop(room, None):
                    # Not cancelled: a request that is cut off costs its connection.
                    over.set()

    async def close(self) -> None:
        """End what still types."""
        for timer in self._soon.values():
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, room: str) -> None:
        over = self._over[room] = asyncio.Event()
        task = asyncio.create_task(self._type(room, over), name=f"typing {room}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _type(self, room: str, over: asyncio.Event) -> None:
        try:
            while not over.is_set():
                await self._egress.ask("POST", f"/channels/{room}/typing", repeatable=True)
                await _happens(over, EVERY)
        except DiscordError as error:
            self._log.debug("No typing indicator: %s", error)


async def _happens(event: asyncio.Event, seconds: float) -> None:
    """Wait for ``event``, but no longer than ``seconds``."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
