"""What lasts from one scan to the next: entries that stay for a while, and entries that have to wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Effect:
    """From which length of the conversation to which an effect lasts.

    ``digest`` tells whether the entry is still the one it was; a ``protected`` effect outlives that the
    conversation did not grow.
    """

    digest: int
    start: int
    end: int
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Lasting:
    """The effects of one conversation, by book and id of the entry."""

    sticky: Mapping[str, Effect] = field(default_factory=dict)
    cooldown: Mapping[str, Effect] = field(default_factory=dict)


class Timed(Protocol):
    """An entry as far as time goes."""

    @property
    def ref(self) -> str:
        """Book and id."""

    @property
    def digest(self) -> int:
        """Changes whenever the entry does."""

    @property
    def sticky(self) -> int:
        """For how many messages it stays."""

    @property
    def cooldown(self) -> int:
        """For how many messages it has to wait afterwards."""


class Clockwork:
    """The effects of a conversation that has ``length`` messages now, and which entries they hold."""

    def __init__(self, lasting: Lasting, entries: Mapping[int, Timed], length: int) -> None:
        self._length = length
        self._entries = entries
        self._sticky, self._cooldown = dict(lasting.sticky), dict(lasting.cooldown)
        self.stuck: set[str] = set()
        self.waiting: set[str] = set()

    def start(self) -> None:
        """Ends what has run out. Entries that stop to stay begin to wait at once."""
        for entry in self._settle(self._sticky, "sticky", self.stuck):
            if entry.cooldown:
                end = self._length + entry.cooldown
                self._cooldown[entry.ref] = Effect(entry.digest, self._length, end, protected=True)
        self._settle(self._cooldown, "cooldown", self.waiting)

    def begin(self, entries: Iterable[Timed]) -> None:
        """``entries`` came in: what they bring along starts, unless it lasts already."""
        for entry in entries:
            for effects, length in ((self._sticky, entry.sticky), (self._cooldown, entry.cooldown)):
                if length and entry.ref not in effects:
                    effects[entry.ref] = Effect(entry.digest, self._length, self._length + length)

    def lasting(self) -> Lasting:
        """What the next scan has to know."""
        return Lasting(dict(self._sticky), dict(self._cooldown))

    def _settle(self, effects: dict[str, Effect], kind: str, active: set[str]) -> list[Timed]:
        ended = []
        for ref, effect in list(effects.items()):
            entry = self._entries.get(effect.digest)
            over = self._length >= effect.end
            stood_still = self._length <= effect.start and not effect.protected
            if stood_still or (over and entry is None) or (entry is not None and not getattr(entry, kind)):
                del effects[ref]
            elif over and entry is not None:
                del effects[ref]
                ended.append(entry)
            elif entry is not None:
                active.add(entry.ref)
        return ended
