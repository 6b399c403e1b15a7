"""Discord's message objects turned into ours; lenient, since what is unknown must not lose a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tzurot import Attachment, Author, AuthorKind, Message, Place, PlaceKind, Quoted
from tzurot_plugins.discord.memory import Voices
from tzurot_plugins.discord.names import prefixed

SAID = frozenset({0, 19})
"""The types of message that are somebody's words: plain, and a reply."""
EPOCH_MS = 1_420_070_400_000
CDN = "https://cdn.discordapp.com"


@dataclass(slots=True)
class Account:
    """The bot's own account, as READY names it."""

    user: str = ""
    application: str = ""


class Converter:
    """Reads messages; ``named`` finds the character's key for a name that a webhook bore."""

    def __init__(self, account: Account, voices: Voices, named: Callable[[str], str | None]) -> None:
        self._account, self._voices, self._named = account, voices, named

    def message(self, data: Mapping[str, Any], place: Place) -> Message:
        """A MESSAGE_CREATE, or a message of a history page, as ours."""
        author = self.author(data)
        quoted = self._quoted(data)
        mentions = tuple(str(user.get("id")) for user in _dicts(data.get("mentions")))
        return Message(
            id=str(data["id"]),
            place=place,
            author=author,
            text=str(data.get("content") or ""),
            at=moment(data.get("timestamp"), str(data["id"])),
            attachments=tuple(_attachment(each) for each in _dicts(data.get("attachments"))),
            reply_to=quoted,
            mentions=mentions,
            to_bot=place.kind is PlaceKind.DIRECT
            or self._account.user in mentions
            or bool(quoted and quoted.author and quoted.author.id == self._account.user),
            edited=moment(data["edited_timestamp"]) if data.get("edited_timestamp") else None,
        )

    def author(self, data: Mapping[str, Any]) -> Author:
        """Who wrote a message: a person, a bot, a webhook, or one of our characters."""
        user = _dict(data.get("author"))
        user_id, name = str(user.get("id") or ""), str(user.get("username") or "")
        member = _dict(data.get("member"))
        key = self.character(data)
        if key is not None or self.is_own(data):
            kind = AuthorKind.CHARACTER
        elif data.get("webhook_id"):
            kind = AuthorKind.WEBHOOK
        else:
            kind = AuthorKind.BOT if user.get("bot") else AuthorKind.HUMAN
        display = str(member.get("nick") or user.get("global_name") or name)
        return Author(user_id, name, display, kind, _avatar(user_id, user.get("avatar")), key)

    def is_own(self, data: Mapping[str, Any]) -> bool:
        """Whether we wrote it: by the bot's account, or by a webhook of its application."""
        user = _dict(data.get("author"))
        if data.get("webhook_id"):
            return bool(self._account.application) and data.get("application_id") == self._account.application
        return bool(self._account.user) and user.get("id") == self._account.user

    def character(self, data: Mapping[str, Any]) -> str | None:
        """The key of the character who said a message of ours; by its id, else by the name it bears."""
        known = self._voices.of(str(data.get("id")))
        if known is not None or not self.is_own(data):
            return known
        if data.get("webhook_id"):
            return self._named(str(_dict(data.get("author")).get("username") or ""))
        name = prefixed(str(data.get("content") or ""))
        return self._named(name) if name else None

    def _quoted(self, data: Mapping[str, Any]) -> Quoted | None:
        reference = data.get("message_reference")
        # Type 1 is a forward: somebody shows a message, and answers nobody.
        if not isinstance(reference, dict) or reference.get("type") or not reference.get("message_id"):
            return None
        message_id = str(reference["message_id"])
        original = data.get("referenced_message")
        if not isinstance(original, dict):
            return Quoted(message_id, character=self._voices.of(message_id))
        author = self.author(original)
        return Quoted(message_id, author, str(original.get("content") or ""), author.character)


def moment(text: Any, snowflake: str = "") -> datetime:
    """A timestamp of Discord's; when it can't be read, the moment that the id was made."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        if not snowflake.isdigit():
            return datetime.now(UTC)
        return datetime.fromtimestamp(((int(snowflake) >> 22) + EPOCH_MS) / 1000, UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _attachment(data: Mapping[str, Any]) -> Attachment:
    size = data.get("size")
    return Attachment(
        id=str(data.get("id")),
        name=str(data.get("filename") or ""),
        url=str(data.get("url") or ""),
        media_type=str(data.get("content_type") or ""),
        size=size if isinstance(size, int) else 0,
    )


def _avatar(user_id: str, avatar: Any) -> str | None:
    return f"{CDN}/avatars/{user_id}/{avatar}.png" if user_id and isinstance(avatar, str) and avatar else None
