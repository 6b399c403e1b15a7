"""What Discord told us about its channels: enough to say where a message was written; bounded by Discord."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tzurot import Place, PlaceKind

PLATFORM = "discord"
THREADS = frozenset({10, 11, 12})
DIRECT = frozenset({1, 3})
ORPHANS = 10_000
"""Channels that are kept without their guild's list: direct messages, archived threads."""


@dataclass(slots=True)
class Channel:
    """One channel or thread; ``parent`` is a thread's channel (or a channel's category)."""

    id: str
    kind: int
    guild: str | None
    parent: str | None
    name: str
    age_restricted: bool

    @classmethod
    def of(cls, data: Mapping[str, Any], guild: str | None = None) -> Channel:
        """Read a channel object of Discord's, leniently."""
        look = data.get
        # Positional, and nothing converted: a large guild has five hundred of these.
        return cls(
            data["id"],
            look("type", 0),
            guild or look("guild_id"),
            look("parent_id") or None,
            look("name") or "",
            look("nsfw") is True,
        )

    @property
    def is_thread(self) -> bool:
        """Whether it is a thread; a forum's post is one."""
        return self.kind in THREADS


class Channels:
    """The channels and active threads of every guild that the bot is in."""

    def __init__(self) -> None:
        self._by_id: dict[str, Channel] = {}
        self._of_guild: dict[str, set[str]] = {}

    def guild_created(self, data: Mapping[str, Any]) -> None:
        """Take in a GUILD_CREATE: its list replaces what was known."""
        guild = str(data.get("id"))
        self.guild_removed(guild)
        entries = [*(data.get("channels") or ()), *(data.get("threads") or ())]
        channels = {each["id"]: Channel.of(each, guild) for each in entries}
        self._by_id.update(channels)
        self._of_guild[guild] = set(channels)

    def guild_removed(self, guild: str) -> None:
        """The bot left a guild, or it is unavailable."""
        for channel in self._of_guild.pop(guild, ()):
            self._by_id.pop(channel, None)

    def changed(self, data: Any, guild: str | None = None) -> Channel | None:
        """A channel or thread was created, changed or looked up."""
        if not isinstance(data, dict) or not data.get("id"):
            return None
        channel = Channel.of(data, guild)
        self._by_id[channel.id] = channel
        self._of_guild.setdefault(channel.guild or "", set()).add(channel.id)
        orphans = self._of_guild.get("", ())
        if not channel.guild and len(orphans) > ORPHANS:
            self.removed(next(iter(orphans)))
        return channel

    def removed(self, channel_id: str) -> None:
        """A channel or thread was deleted."""
        if channel := self._by_id.pop(channel_id, None):
            self._of_guild.get(channel.guild or "", set()).discard(channel_id)

    def of(self, channel_id: str) -> Channel | None:
        """What is known of a channel."""
        return self._by_id.get(channel_id)

    def all(self) -> Iterable[Channel]:
        """Everything known."""
        return self._by_id.values()

    def place(self, channel_id: str, guild: str | None) -> Place:
        """Where a message in this channel was written, as well as is known."""
        channel = self._by_id.get(channel_id)
        if guild is None:
            return Place(PLATFORM, channel_id, kind=PlaceKind.DIRECT)
        if channel is None:
            return Place(PLATFORM, channel_id, guild)
        parent = self._by_id.get(channel.parent or "") if channel.is_thread else None
        restricted = channel.age_restricted or bool(parent and parent.age_restricted)
        if channel.is_thread and channel.parent:
            return Place(
                PLATFORM, channel.parent, guild, channel_id, PlaceKind.THREAD, channel.name, restricted
            )
        return Place(PLATFORM, channel_id, guild, name=channel.name, age_restricted=restricted)
