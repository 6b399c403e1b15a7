"""Shows that somebody is typing while a turn lasts; never gets in its way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def shown(self, place: Place) -> AsyncIterator[None]:
        """Show the indicator for as long as the block lasts."""
        room = place.thread or place.channel
        self._turns[room] = self._turns.get(room, 0) + 1
        if room not in self._over:
            over = self._over[room] = asyncio.Event()
            task = asyncio.create_task(self._type(room, over), name=f"typing {room}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            yield
        finally:
            self._turns[room] -= 1
            if not self._turns[room]:
                del self._turns[room]
                # Not cancelled: a request that is cut off costs its connection.
                self._over.pop(room).set()

    async def close(self) -> None:
        """End what still types."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _type(self, room: str, over: asyncio.Event) -> None:
        wait = self._after
        try:
            while not await _happens(over, wait):
                await self._egress.ask("POST", f"/channels/{room}/typing", repeatable=True)
                wait = EVERY
        except DiscordError as error:
            self._log.debug("No typing indicator: %s", error)


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    """Whether ``event`` happens within ``seconds``."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
