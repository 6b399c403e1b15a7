"""What a platform delivers: a message, who wrote it and where it happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PlaceKind(StrEnum):
    """What sort of room a message was written in."""

    TEXT = "text"
    THREAD = "thread"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happens: platform, guild, channel and, within a channel, thread.

    All ids are the platform's own, as text. ``parent`` needs no field: a thread's ``channel`` is its
    parent channel.
    """

    platform: str
    channel: str
    guild: str | None = None
    thread: str | None = None
    kind: PlaceKind = PlaceKind.TEXT
    name: str = ""
    age_restricted: bool = False

    @property
    def conversation(self) -> str:
        """The key of one conversation: its messages are answered in order, its history is one list."""
        return f"{self.platform}:{self.thread or self.channel}"


class AuthorKind(StrEnum):
    """Who, or what, wrote a message."""

    HUMAN = "human"
    BOT = "bot"
    WEBHOOK = "webhook"
    CHARACTER = "character"
    """One of our own characters."""


@dataclass(frozen=True, slots=True)
class Author:
    """The writer of a message.

    ``id`` identifies; ``name`` and ``display`` are only what they call themselves.
    """

    id: str
    name: str
    display: str = ""
    kind: AuthorKind = AuthorKind.HUMAN
    avatar: str | None = None
    character: str | None = None
    """The key of our character, when one of ours wrote it."""

    @property
    def shown(self) -> str:
        """The name people see."""
        return self.display or self.name


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message; ``size`` in bytes. Its URL is untrusted and may expire."""

    id: str
    name: str
    url: str
    media_type: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Quoted:
    """The message that another one replies to, as far as the platform told us."""

    id: str
    author: Author | None = None
    text: str = ""
    character: str | None = None
    """The key of our character, when the quoted message is one of its replies."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a platform delivers, platform-neutral."""

    id: str
    place: Place
    author: Author
    text: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    reply_to: Quoted | None = None
    mentions: tuple[str, ...] = ()
    """Ids of the users whom the platform says are mentioned."""
    to_bot: bool = False
    """The bot's own account is addressed: a direct message, its mention, a reply to it."""
    edited: datetime | None = None
