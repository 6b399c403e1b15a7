"""One gateway session: what it may see, its sequence, and what it can still replay."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tzurot.testing.discord.intents import Intent

if TYPE_CHECKING:
    from tzurot.testing.discord.connection import Connection
    from tzurot.testing.discord.people import Bot

REPLAYED = 5_000
"""Events that a session keeps for a resume."""


@dataclass(slots=True, eq=False)
class Session:
    """Outlives its connections until it is invalidated."""

    id: str
    bot: Bot
    intents: Intent
    shard: tuple[int, int]
    pass_event: Callable[[str, str, Callable[[str], None]], None] = field(repr=False)
    sequence: int = 0
    valid: bool = True
    resumes: int = 0
    connection: Connection | None = field(default=None, repr=False)
    buffer: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=REPLAYED), repr=False)

    def hosts(self, guild_id: str | None) -> bool:
        """Whether the session's shard is the one for a guild; direct messages are shard 0's."""
        number, count = self.shard
        return count == 1 or (int(guild_id) >> 22 if guild_id else 0) % count == number

    def dispatch(self, name: str, data: str) -> None:
        """Number an event, keep it for a resume, and send it if somebody listens."""
        self.sequence += 1
        frame = f'{{"t":"{name}","s":{self.sequence},"op":0,"d":{data}}}'
        self.buffer.append((self.sequence, frame))
        if self.connection is not None:
            self.pass_event(name, frame, self.connection.send)

    def can_replay(self, sequence: int) -> bool:
        """Whether nothing after ``sequence`` has been forgotten."""
        return not self.buffer or self.buffer[0][0] <= sequence + 1

    def missed(self, sequence: int) -> list[str]:
        """The events after ``sequence``."""
        return [frame for number, frame in self.buffer if number > sequence]
