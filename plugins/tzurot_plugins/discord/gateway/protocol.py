"""Discord's gateway in names and numbers: opcodes, intents, what each close code means for the session."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Any

VERSION = 10


class Op(IntEnum):
    """What a frame is about."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Intent(IntFlag):
    """What the bot asks to be told about; only what the plugin uses."""

    GUILDS = 1 << 0
    GUILD_WEBHOOKS = 1 << 5
    GUILD_MESSAGES = 1 << 9
    DIRECT_MESSAGES = 1 << 12
    MESSAGE_CONTENT = 1 << 15


GAP = 100
KEEP_SESSION = 4000
"""The code we close with when we mean to resume: 1000 and 1001 would end the session."""
DISALLOWED_INTENTS = 4014
LOST_SESSION = frozenset({4003, 4007, 4009})
FATAL = {
    4004: "the bot's token is refused. Check DISCORD_TOKEN",
    4010: "the shard is refused. Check the plugin's shard settings",
    4011: "the bot is in too many servers for one connection. Remove the setting `shards`",
    4012: "the version of the gateway is refused. Upgrade tzurot",
    4013: "the intents are refused. Upgrade tzurot",
    4014: (
        "a privileged intent is not allowed. Switch on Message Content Intent under "
        "Bot in Discord's developer portal, or set DISCORD_MESSAGE_CONTENT=false"
    ),
}


@dataclass(frozen=True, slots=True)
class Dispatch:
    """An event as it came. ``lost`` marks a READY after a session that could not be resumed."""

    type: str
    data: dict[str, Any]
    shard: int = 0
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """The gateway's waits, in seconds. Tests shorten them; Discord's own advice is the default."""

    invalid_session: tuple[float, float] = (1.0, 5.0)
    backoff: tuple[float, float] = (1.0, 60.0)
    gap: float = 1.0
    identify_gap: float = 5.0
    hello: float = 20.0

    def paced(self, pace: float) -> Timing:
        """All but the time-out multiplied by ``pace``."""
        low, high = self.invalid_session
        first, most = self.backoff
        return Timing(
            (low * pace, high * pace), (first * pace, most * pace), self.gap * pace, self.identify_gap * pace,
            self.hello,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identity:
    """Who connects, and how: the account, what it asks to be told, and the pace of its attempts."""

    token: str = field(repr=False)
    intents: Intent
    shard: tuple[int, int] = (0, 1)
    timing: Timing = Timing()


@dataclass(slots=True)
class Session:
    """What is needed to resume: Discord's id for it, where, and the last number seen."""

    id: str
    url: str
    sequence: int
    _ahead: set[int] = field(default_factory=set)

    def saw(self, sequence: int) -> None:
        """An event of this number was handed on.

        ``sequence`` only moves over numbers without a gap, so that a resume brings what is missing; a gap
        that stays is believed in the end.
        """
        if sequence > self.sequence + 1 and len(self._ahead) < GAP:
            self._ahead.add(sequence)
            return
        if sequence > self.sequence:
            self.sequence = max(sequence, *self._ahead) if len(self._ahead) >= GAP else sequence
        while self.sequence + 1 in self._ahead:
            self.sequence += 1
            self._ahead.discard(self.sequence)
        if len(self._ahead) >= GAP:
            self._ahead.clear()
