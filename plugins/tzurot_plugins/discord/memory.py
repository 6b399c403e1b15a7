"""What the plugin remembers between events, all of it bounded: ids seen, who said what, where it left off."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")


class Bounded(Generic[V]):
    """A mapping that forgets the oldest entry when it is full."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[str, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def get(self, key: str) -> V | None:
        """The value of ``key``, if it is still remembered."""
        return self._entries.get(key)

    def put(self, key: str, value: V) -> None:
        """Remember ``value``; an entry that is put again is young again."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget ``key``."""
        self._entries.pop(key, None)

    def newest_first(self) -> list[tuple[str, V]]:
        """Everything, what was put last first."""
        return list(reversed(self._entries.items()))


class Seen:
    """Which messages came already, and the newest of each channel."""

    def __init__(self, messages: int = 20_000, channels: int = 20_000) -> None:
        self._ids: Bounded[bool] = Bounded(messages)
        self.newest: Bounded[str] = Bounded(channels)
        """The newest message of each channel that we know of, heard or not."""
        self.heard: Bounded[float] = Bounded(channels)
        """When each channel was last heard, on the monotonic clock."""

    def first_time(self, message: str) -> bool:
        """Whether ``message`` comes for the first time; from now on it does not."""
        if message in self._ids:
            return False
        self._ids.put(message, True)
        return True

    def hear(self, channel: str, message: str) -> None:
        """``message`` was heard in ``channel``."""
        self.heard.put(channel, time.monotonic())
        self.note(channel, message)

    def note(self, channel: str, message: str) -> None:
        """``message`` is known to be in ``channel``; the newest counts."""
        known = self.newest.get(channel)
        if known is None or later(message, known):
            self.newest.put(channel, message)


def later(one: str, other: str) -> bool:
    """Whether snowflake ``one`` is younger than ``other``."""
    return (len(one), one) > (len(other), other)


class Voices:
    """Which of our messages was said by which character: message id to character key."""

    def __init__(self, size: int = 50_000) -> None:
        self._keys: Bounded[str] = Bounded(size)

    def said(self, message: str, character: str) -> None:
        """``message`` was said by the character with this key."""
        self._keys.put(message, character)

    def of(self, message: str) -> str | None:
        """Who said ``message``, if we remember."""
        return self._keys.get(message)
