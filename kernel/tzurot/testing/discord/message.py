"""Messages of the test world, and the notifications they cause."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tzurot.testing.discord.interaction import Interaction
    from tzurot.testing.discord.people import User
    from tzurot.testing.discord.places import Channel
    from tzurot.testing.discord.webhook import Webhook

EPHEMERAL = 1 << 6
COMPONENTS_V2 = 1 << 15


@dataclass(slots=True, frozen=True)
class Attachment:
    """A file on a message."""

    filename: str
    content: bytes = field(default=b"", repr=False)
    media_type: str = "application/octet-stream"
    description: str | None = None
    id: str = "0"


@dataclass(slots=True, frozen=True)
class Pings:
    """Who was notified by a message; falsy when it was nobody."""

    users: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    everyone: bool = False

    def __bool__(self) -> bool:
        return bool(self.users or self.roles or self.everyone)


@dataclass(slots=True, eq=False)
class Message:
    """What somebody, a bot or a webhook said."""

    id: str
    channel: Channel = field(repr=False)
    author: User
    text: str
    at: datetime
    pings: Pings = Pings()
    kind: int = 0
    webhook: Webhook | None = None
    author_name: str | None = None
    """The name that a webhook's message shows."""
    author_avatar: str | None = None
    """The avatar's address that a webhook's message asked for."""
    reply_to: Message | None = field(default=None, repr=False)
    reply_to_id: str | None = None
    forwarded: Message | None = field(default=None, repr=False)
    """The message that this one passes on; its content is frozen in ``forwarded_text``."""
    forwarded_text: str = ""
    attachments: tuple[Attachment, ...] = ()
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    poll: dict[str, Any] | None = None
    sticker_ids: list[str] = field(default_factory=list)
    flags: int = 0
    tts: bool = False
    nonce: str | int | None = None
    edited: datetime | None = None
    versions: list[str] = field(default_factory=list, repr=False)
    """Earlier texts, oldest first."""
    reactions: dict[str, list[User]] = field(default_factory=dict, repr=False)
    thread: Channel | None = field(default=None, repr=False)
    interaction: Interaction | None = field(default=None, repr=False)
    deleted: bool = False

    @property
    def name(self) -> str:
        """The name that readers see."""
        return self.author_name or self.author.display or self.author.name

    @property
    def pinned(self) -> bool:
        """Whether the message is pinned in its channel."""
        return self.id in self.channel.pinned

    @property
    def ephemeral(self) -> bool:
        """Whether only the user of the interaction sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def link(self) -> str:
        """The message's address, as the client copies it."""
        guild = self.channel.guild.id if self.channel.guild else "@me"
        return f"https://discord.com/channels/{guild}/{self.channel.id}/{self.id}"
