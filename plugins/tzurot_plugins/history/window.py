"""The newest utterances of conversations, kept in memory so that a turn needs no query for them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tzurot import Utterance

LONGEST = 100
"""Utterances of a window: the most that the setting ``max_messages`` allows."""
_MOST_WINDOWS = 2_000
_MOST_CHARACTERS = 16_000_000

Key = tuple[str, str]
"""A conversation, and whose history of it: a character's key, or ``EVERYONE``."""
EVERYONE = "*"


@dataclass(frozen=True, slots=True)
class Kept:
    """An utterance with its place in the conversation.

    ``identity`` is the same for one message in the histories of several characters, and differs where a
    platform gives an id again after a restart.
    """

    utterance: Utterance
    identity: str
    kept_at: datetime
    place_in_turn: int

    @property
    def order(self) -> tuple[datetime, int]:
        """What a history is sorted by."""
        return self.kept_at, self.place_in_turn


@dataclass(slots=True)
class Window:
    """The newest utterances of one history, oldest first. ``filled``: the database was asked for them."""

    filled: bool = False
    filling: asyncio.Lock = field(default_factory=asyncio.Lock)
    size: int = 0
    """How many characters of text it holds."""
    _lines: dict[str, Kept] = field(default_factory=dict)
    _newest: tuple[datetime, int] | None = None

    @property
    def lines(self) -> list[Kept]:
        """What it holds, oldest first."""
        return list(self._lines.values())

    def add(self, lines: Iterable[Kept]) -> None:
        """Take ``lines`` in, each utterance once, and forget the oldest beyond the limit."""
        for line in lines:
            if line.identity in self._lines:
                continue
            if self._newest is not None and line.order < self._newest:
                self._merge(line)
            else:
                self._lines[line.identity] = line
                self._newest = line.order
            self.size += len(line.utterance.text)
            if len(self._lines) > LONGEST:
                oldest = self._lines.pop(next(iter(self._lines)))
                self.size -= len(oldest.utterance.text)

    def _merge(self, late: Kept) -> None:
        ordered = sorted([*self._lines.values(), late], key=lambda line: line.order)
        self._lines = {line.identity: line for line in ordered}

    def after_newest(self, now: datetime) -> datetime:
        """``now``, or just after the newest line: clocks may be set back, orders may not."""
        return now if self._newest is None else max(now, self._newest[0] + timedelta(microseconds=1))


class Windows:
    """The windows of the conversations that were used last; bounded in number and in text.

    A copy in memory is allowed here because a conversation has one owner at a time: all its messages are
    handled by one process, in order, and nobody else writes to its history meanwhile.
    """

    def __init__(self) -> None:
        self._windows: OrderedDict[Key, Window] = OrderedDict()
        self._size = 0
        self.cleared = 0
        """How often everything was forgotten: what was read from the database before is void."""

    def get(self, key: Key) -> Window:
        """The window under ``key``, empty and not ``filled`` if it is new."""
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = Window()
        self._windows.move_to_end(key)
        return window

    def add(self, key: Key, lines: Sequence[Kept]) -> None:
        """Add to the window under ``key``, and let the least recently used ones go when it gets too much."""
        window = self.get(key)
        before = window.size
        window.add(lines)
        self._size += window.size - before
        while len(self._windows) > 1 and (
            len(self._windows) > _MOST_WINDOWS or self._size > _MOST_CHARACTERS
        ):
            _, old = self._windows.popitem(last=False)
            self._size -= old.size

    def known(self, key: Key) -> bool:
        """Whether there is a window under ``key``."""
        return key in self._windows

    def clear(self) -> None:
        """Forget everything; the database fills new windows."""
        self._windows.clear()
        self._size = 0
        self.cleared += 1

    def moment(self, key: Key, now: datetime) -> datetime:
        """``now``, or just after the newest line under ``key``: clocks may be set back, orders may not."""
        window = self._windows.get(key)
        return now if window is None else window.after_newest(now)
