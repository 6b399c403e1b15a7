"""Which messages were answered, and by whom: so that none is answered twice, not even after a restart."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from tzurot import Message

_MOST = 10_000
_CLOCKS_DIFFER = timedelta(seconds=2)  # between the platform and us
_LATE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A message, identified for good. Platforms that count from 1 at every start differ by its time."""

    conversation: str
    message_id: str
    at: datetime

    @classmethod
    def of(cls, message: Message) -> Mark:
        """The mark of ``message``."""
        return cls(message.place.conversation, message.id, message.at)


class Answered:
    """What this process knows of answered messages; bounded.

    ``here`` were answered by this process, and all their speakers had their turn. ``earlier`` were answered
    by a process before it, which may have ended between two speakers.
    """

    def __init__(self, started: datetime) -> None:
        self._started = started
        self._here: OrderedDict[Mark, None] = OrderedDict()
        self._earlier: OrderedDict[Mark, frozenset[str]] = OrderedDict()

    def needs_database(self, mark: Mark, now: datetime) -> bool:
        """Whether another process may have seen the message: it is from before our start, or comes late.

        All others can't have been answered by anybody else, and cost no query.
        """
        return mark.at <= self._started + _CLOCKS_DIFFER or now - mark.at > _LATE

    def add(self, mark: Mark) -> None:
        """Something was sent in answer to the message."""
        self._here[mark] = None
        while len(self._here) > _MOST:
            self._here.popitem(last=False)

    def add_earlier(self, mark: Mark, characters: frozenset[str]) -> None:
        """The database knows that ``characters`` answered the message."""
        self._earlier[mark] = characters
        while len(self._earlier) > _MOST:
            self._earlier.popitem(last=False)

    def here(self, mark: Mark) -> bool:
        """Whether this process answered the message."""
        return mark in self._here

    def earlier(self, mark: Mark, character: str) -> bool:
        """Whether ``character`` answered the message in an earlier process."""
        return character in self._earlier.get(mark, ())
