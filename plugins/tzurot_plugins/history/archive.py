"""The history in the database: keeping, reading, forgetting and exporting it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from tzurot import JsonValue, Role, TurnResult, Utterance
from tzurot.prompt.attribution import message_line
from tzurot.prompt.tokens import estimate
from tzurot.storage.database import Database
from tzurot.storage.ids import stable_id
from tzurot_plugins.history.answered import Mark
from tzurot_plugins.history.models import Line
from tzurot_plugins.history.window import EVERYONE, LONGEST, Kept, Key

_BATCH = 1_000
_READ = ("id", "role", "author_id", "author_character", "name", "text", "tokens", "said_at")
_ORDER = ("message_id", "message_at", "sent_ids", "kept_at", "place_in_turn")


def lines_of(result: TurnResult, kept_at: datetime) -> list[Line]:
    """What a finished turn adds to the history: the message, and the reply if one was sent.

    Error lines and other notices are no part of a conversation; the message that led to one is.
    """
    turn, message = result.turn, result.turn.message
    spoken = message_line(turn)
    lines = [_line(result, spoken, kept_at, 0, [message.id])]
    if result.reply is not None and result.sent and not result.reply.notice:
        said = Utterance(
            id="",
            role=Role.ASSISTANT,
            author_id=turn.character.key,
            name=turn.character.name,
            text=result.reply.text,
            at=max(kept_at, message.at),
            character=turn.character.key,
        )
        lines.append(_line(result, said, kept_at, 1, [sent.message_id for sent in result.sent]))
    return lines


def _line(result: TurnResult, said: Utterance, kept_at: datetime, place: int, ids: list[str]) -> Line:
    turn, message = result.turn, result.turn.message
    identity = (message.place.conversation, message.id, message.at.isoformat(), turn.character.key, said.role)
    return Line(
        id=stable_id("utterance", *identity),
        conversation=message.place.conversation,
        character=turn.character.key,
        role=said.role.value,
        author_id=said.author_id,
        author_character=said.character,
        name=said.name,
        text=said.text,
        tokens=estimate(said.text),
        said_at=said.at,
        kept_at=kept_at,
        place_in_turn=place,
        platform=message.place.platform,
        guild=message.place.guild,
        user_id=message.author.id,
        persona_id=turn.persona.id,
        message_id=message.id,
        message_at=message.at,
        sent_ids=ids,
        answered=bool(result.sent),
    )


def kept(line: Line) -> Kept:
    """A line as an utterance, whose id is that of the platform's message."""
    first = line.sent_ids[0] if line.sent_ids else line.message_id
    spoken = line.place_in_turn == 0
    identity = f"{line.message_id}@{line.message_at.isoformat()}" if spoken else str(line.id)
    utterance = Utterance(
        id=first,
        role=Role(line.role),
        author_id=line.author_id,
        name=line.name,
        text=line.text,
        at=line.said_at,
        tokens=line.tokens,
        character=line.author_character,
    )
    return Kept(utterance, identity, line.kept_at, line.place_in_turn)


class Archive:
    """The table of lines."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, lines: Sequence[Line]) -> None:
        """Store ``lines``, all or none; those that are stored already stay as they are."""
        await self._database.store(lines)

    async def newest(self, key: Key) -> list[Kept]:
        """The newest lines of a history, oldest first."""
        conversation, character = key
        query = Line.filter(conversation=conversation)
        # A line of another character stands for the same message: read enough for all of them.
        most = LONGEST if character != EVERYONE else LONGEST * 3
        if character != EVERYONE:
            query = query.filter(character=character)
        found = await query.order_by("-kept_at", "-place_in_turn").limit(most).only(*_READ, *_ORDER)
        return [kept(line) for line in reversed(found)]

    async def speakers(self, mark: Mark) -> frozenset[str]:
        """The characters who answered a message."""
        found = await Line.filter(
            message_id=mark.message_id,
            conversation=mark.conversation,
            message_at=mark.at,
            answered=True,
        ).values_list("character", flat=True)
        return frozenset(str(character) for character in found)

    async def prune(self, before: datetime) -> int:
        """Delete what was kept before then, a piece at a time so that nobody waits long; how much it was."""
        deleted = 0
        while ids := await Line.filter(kept_at__lt=before).limit(_BATCH).values_list("id", flat=True):
            deleted += await Line.filter(id__in=list(ids)).delete()
        return deleted

    async def forget(self, user_id: str, guild: str | None) -> int:
        """Delete what a person said and what was answered to them; how much it was."""
        query = _of(user_id)
        return await (query.filter(guild=guild) if guild else query).delete()

    async def counts(self, conversation: str) -> dict[str, int]:
        """How many lines of a conversation each character has, by the character's key."""
        rows = (
            await Line.filter(conversation=conversation)
            .annotate(lines=Count("id"))
            .group_by("character")
            .values_list("character", "lines")
        )
        return {str(character): int(str(lines)) for character, lines in rows}

    async def export(self, user_id: str) -> list[dict[str, JsonValue]]:
        """What a person said and what was answered to them, oldest first."""
        lines = await _of(user_id).order_by("kept_at", "place_in_turn")
        return [
            {
                "conversation": line.conversation,
                "guild": line.guild,
                "character": line.character,
                "role": line.role,
                "name": line.name,
                "text": line.text,
                "at": line.said_at.isoformat(),
            }
            for line in lines
        ]


def _of(user_id: str) -> QuerySet[Line]:
    """Lines of a person, whose id may come with its platform in front (``discord:1``)."""
    platform, colon, plain = user_id.partition(":")
    named = Q(user_id=user_id)
    return Line.filter(named | Q(platform=platform, user_id=plain) if colon else named)
