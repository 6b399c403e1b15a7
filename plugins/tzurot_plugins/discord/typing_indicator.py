"""Shows that somebody is typing while a turn lasts; never gets in its way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tzurot import Place
from tzurot_plugins.discord.errors import DiscordError
from tzurot_plugins.discord.rest.egress import Egress

EVERY = 8.0
"""In seconds; Discord shows it for about ten."""


@dataclass(slots=True)
class _Room:
    turns: int
    timer: asyncio.TimerHandle


class TypingIndicator:
    """Types in the places of running turns, from ``after`` seconds on; one request serves several turns.

    A turn that is over sooner costs a timer and nothing else.
    """

    def __init__(self, egress: Egress, after: float, log: logging.Logger) -> None:
        self._egress, self._after, self._log = egress, after, log
        self._rooms: dict[str, _Room] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @contextmanager
    def shown(self, place: Place) -> Iterator[None]:
        """Show the indicator for as long as the block lasts."""
        name = place.thread or place.channel
        room = self._rooms.get(name)
        if room is None:
            room = self._rooms[name] = _Room(0, self._in(self._after, name))
        room.turns += 1
        try:
            yield
        finally:
            room.turns -= 1
            if not room.turns:
                room.timer.cancel()
                del self._rooms[name]

    async def close(self) -> None:
        """End what still types."""
        for room in self._rooms.values():
            room.timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _in(self, seconds: float, room: str) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, self._type, room)

    def _type(self, room: str) -> None:
        """Show it in ``room``, and again before it fades."""
        self._rooms[room].timer = self._in(EVERY, room)
        if self._egress.crowded:
            return  # words go first
        # Not ended with the turn: a request that is cut off costs its connection.
        task = asyncio.create_task(self._ask(room), name=f"typing {room}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, room: str) -> None:
        try:
            await self._egress.ask("POST", f"/channels/{room}/typing", repeatable=True)
        except DiscordError as error:
            self._log.debug("No typing indicator: %s", error)
            if room in self._rooms:
                self._rooms[room].timer.cancel()
