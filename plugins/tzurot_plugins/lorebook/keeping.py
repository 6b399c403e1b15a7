"""Keeps what lasts between scans: in memory while a conversation goes on, and in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from logging import Logger
from typing import Any

from cachetools import LRUCache
from tortoise.exceptions import BaseORMException

from tzurot import Turn, Utterance
from tzurot.storage.ids import stable_id
from tzurot_plugins.lorebook.models import LastingLore
from tzurot_plugins.lorebook.timed import Effect, Lasting

_CONVERSATIONS = 2000
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kept:
    """What lasts, and how far the conversation had come: its length, and the time of its newest message."""

    length: int = 0
    newest_at: datetime = _BEGINNING
    lasting: Lasting = field(default_factory=Lasting)

    def length_with(self, lines: Sequence[Utterance]) -> int:
        """How long the conversation is with ``lines``, of which only the newest may be known.

        Messages count once, by when they were written: an answer that is asked for again, an edit and a
        deletion are no progress.
        """
        return self.length + sum(line.at > self.newest_at for line in lines)


class Keeping:
    """What lasts in each conversation, for each character."""

    def __init__(self, log: Logger) -> None:
        self._log = log
        self._known: LRUCache[tuple[str, str], Kept] = LRUCache(_CONVERSATIONS)

    async def get(self, turn: Turn) -> Kept:
        """What was kept; nothing if the database can't be asked."""
        key = _key(turn)
        if key not in self._known:
            try:
                row = await LastingLore.get_or_none(id=stable_id("lasting lore", *key))
            except BaseORMException as error:
                self._log.warning("Which lore still lasts in %s can't be read: %s", key[0], error)
                return Kept()
            self._known[key] = _kept(row) if row else Kept()
        return self._known[key]

    async def put(self, turn: Turn, kept: Kept) -> None:
        """Keep it, at least in memory. Conversations without anything that lasts take no row."""
        key = _key(turn)
        before = self._known.get(key)
        self._known[key] = kept
        lasts = kept.lasting.sticky or kept.lasting.cooldown
        lasted = before is not None and (before.lasting.sticky or before.lasting.cooldown)
        if not lasts and not lasted:
            return
        values = {
            "conversation": key[0],
            "character": key[1],
            "length": kept.length,
            "newest_at": kept.newest_at,
            "effects": {"sticky": _row(kept.lasting.sticky), "cooldown": _row(kept.lasting.cooldown)},
        }
        try:
            await LastingLore.update_or_create(id=stable_id("lasting lore", *key), defaults=values)
        except BaseORMException as error:
            self._log.warning("Which lore lasts in %s could not be stored: %s", key[0], error)


def _key(turn: Turn) -> tuple[str, str]:
    return turn.place.conversation, turn.character.key


def _row(effects: Mapping[str, Effect]) -> dict[str, Any]:
    return {ref: list(astuple(effect)) for ref, effect in effects.items()}


def _kept(row: LastingLore) -> Kept:
    effects = {
        kind: {ref: Effect(*values) for ref, values in row.effects.get(kind, {}).items()}
        for kind in ("sticky", "cooldown")
    }
    return Kept(row.length, row.newest_at, Lasting(effects["sticky"], effects["cooldown"]))
