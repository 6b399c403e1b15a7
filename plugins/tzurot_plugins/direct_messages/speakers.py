"""Remembers who spoke last in each direct conversation: in memory, and in the database for restarts."""

from __future__ import annotations

import logging
from collections import OrderedDict

from tortoise.exceptions import BaseORMException
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from tzurot_plugins.direct_messages.models import LastSpeaker

REMEMBERED = 10_000
"""Conversations that are kept in memory; others are read again."""


class Speakers:
    """Without its database it goes on with what it has in memory."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._last: OrderedDict[str, str | None] = OrderedDict()

    async def last(self, conversation: str) -> str | None:
        """The key of the character that spoke last in ``conversation``."""
        if conversation not in self._last:
            try:
                row = await LastSpeaker.get_or_none(conversation=conversation)
            except BaseORMException as error:
                self._log.warning("Who spoke last in %s is unknown: %s", conversation, error)
                return None
            self._remember(conversation, row.character if row else None)
        return self._last[conversation]

    async def spoke(self, conversation: str, character: str, user_id: str) -> None:
        """``character`` spoke in ``conversation``, which is this user's."""
        if self._last.get(conversation) == character:
            return
        self._remember(conversation, character)
        try:
            await LastSpeaker.update_or_create(
                {"character": character, "user_id": user_id}, conversation=conversation
            )
        except BaseORMException as error:
            self._log.warning("Who spoke last in %s could not be stored: %s", conversation, error)

    async def forget(self, user_id: str) -> int:
        """Forget a person's conversations; how many there were."""
        deleted: int = await _of(user_id).delete()
        self._last.clear()
        return deleted

    async def of_user(self, user_id: str) -> list[dict[str, str]]:
        """What is kept of a person."""
        rows = await _of(user_id)
        return [{"conversation": row.conversation, "character": row.character} for row in rows]

    def _remember(self, conversation: str, character: str | None) -> None:
        self._last[conversation] = character
        self._last.move_to_end(conversation)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)


def _of(user_id: str) -> QuerySet[LastSpeaker]:
    """A person's conversations; their id may come with its platform in front (``discord:1``)."""
    platform, colon, plain = user_id.partition(":")
    named = Q(user_id=user_id)
    on_platform = Q(conversation__startswith=f"{platform}:", user_id=plain)
    return LastSpeaker.filter(named | on_platform if colon else named)
