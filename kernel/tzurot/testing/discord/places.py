"""Guilds, roles, channels and threads of the test world."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING

from tzurot.testing.discord import ids
from tzurot.testing.discord.permissions import NOTHING, Permission

if TYPE_CHECKING:
    from tzurot.testing.discord.message import Message
    from tzurot.testing.discord.people import Member, User
    from tzurot.testing.discord.webhook import Webhook
    from tzurot.testing.discord.world import World

HISTORY_LIMIT = 20_000
"""Messages that a channel keeps; a long benchmark must not fill the memory."""


class ChannelKind(IntEnum):
    """Discord's channel types that the server knows."""

    TEXT = 0
    DIRECT = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13
    FORUM = 15
    MEDIA = 16


THREADS = frozenset({ChannelKind.ANNOUNCEMENT_THREAD, ChannelKind.PUBLIC_THREAD, ChannelKind.PRIVATE_THREAD})
FORUMS = frozenset({ChannelKind.FORUM, ChannelKind.MEDIA})
WITHOUT_MESSAGES = FORUMS | {ChannelKind.CATEGORY}


@dataclass(slots=True)
class Overwrite:
    """What one role (kind 0) or member (kind 1) may do differently in a channel."""

    target_id: str
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(slots=True, eq=False)
class Role:
    """A role of a guild; @everyone has the guild's own id."""

    id: str
    name: str
    permissions: int
    guild: Guild = field(repr=False)
    position: int = 1
    mentionable: bool = False
    bot_id: str | None = None


@dataclass(slots=True, eq=False)
class Channel:
    """A place for messages: a guild channel, a thread or a direct conversation."""

    id: str
    kind: ChannelKind
    name: str
    world: World = field(repr=False)
    guild: Guild | None = field(default=None, repr=False)
    parent: Channel | None = field(default=None, repr=False)
    topic: str | None = None
    age_restricted: bool = False
    slowmode_seconds: int = 0
    position: int = 0
    owner_id: str | None = None
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 1440
    applied_tags: list[str] = field(default_factory=list)
    created: datetime = field(default_factory=ids.now)
    overwrites: dict[str, Overwrite] = field(default_factory=dict, repr=False)
    recipients: dict[str, User] = field(default_factory=dict, repr=False)
    thread_members: dict[str, datetime] = field(default_factory=dict, repr=False)
    webhooks: dict[str, Webhook] = field(default_factory=dict, repr=False)
    history: dict[str, Message] = field(default_factory=dict, repr=False)
    pinned: list[str] = field(default_factory=list, repr=False)
    typing: list[User] = field(default_factory=list, repr=False)
    message_count: int = 0
    delivered: list[Message] = field(default_factory=list, repr=False)
    """Messages of bots and webhooks that ``next_message`` has not handed out yet."""

    @property
    def is_thread(self) -> bool:
        """Whether it is a thread (a forum post is one)."""
        return self.kind in THREADS

    @property
    def is_private_thread(self) -> bool:
        """Whether only its members see it."""
        return self.kind is ChannelKind.PRIVATE_THREAD

    @property
    def messages(self) -> list[Message]:
        """Everything said here and not deleted, oldest first."""
        return list(self.history.values())

    @property
    def mention(self) -> str:
        """The text that mentions the channel."""
        return f"<#{self.id}>"

    def remember(self, message: Message) -> None:
        """Keep ``message``, and forget the oldest when there are too many."""
        self.history[message.id] = message
        self.message_count += 1
        if message.author.bot or message.webhook is not None:
            self.delivered.append(message)
            if len(self.delivered) > HISTORY_LIMIT:
                del self.delivered[0]
        if len(self.history) > HISTORY_LIMIT:
            del self.history[next(iter(self.history))]

    def allow(self, target: User | Role, permissions: Permission) -> None:
        """Grant ``permissions`` to a role or member in this channel."""
        overwrite = self._overwrite(target)
        overwrite.allow |= permissions
        overwrite.deny &= ~permissions
        self.world.channel_changed(self)

    def deny(self, target: User | Role, permissions: Permission) -> None:
        """Take ``permissions`` from a role or member in this channel."""
        overwrite = self._overwrite(target)
        overwrite.deny |= permissions
        overwrite.allow &= ~permissions
        self.world.channel_changed(self)

    def create_thread(
        self, name: str, owner: User, *, on: Message | None = None, private: bool = False
    ) -> Channel:
        """Open a thread below this channel (a post, when it is a forum)."""
        return self.world.open_thread(self, name, owner, on=on, private=private)

    def create_webhook(self, name: str, owner: User) -> Webhook:
        """Create an incoming webhook, as a person does in the channel's settings."""
        return self.world.add_webhook(self, name, owner)

    def delete(self) -> None:
        """Delete the channel and everything in it."""
        self.world.remove_channel(self)

    def _overwrite(self, target: User | Role) -> Overwrite:
        kind = 0 if isinstance(target, Role) else 1
        return self.overwrites.setdefault(target.id, Overwrite(target.id, kind))


@dataclass(slots=True, eq=False)
class Guild:
    """A server of the test world."""

    id: str
    name: str
    owner_id: str
    world: World = field(repr=False)
    roles: dict[str, Role] = field(default_factory=dict, repr=False)
    members: dict[str, Member] = field(default_factory=dict, repr=False)
    channels: dict[str, Channel] = field(default_factory=dict, repr=False)
    threads: dict[str, Channel] = field(default_factory=dict, repr=False)
    emojis: dict[str, str] = field(default_factory=dict, repr=False)
    features: list[str] = field(default_factory=list)

    @property
    def everyone(self) -> Role:
        """The role that every member has."""
        return self.roles[self.id]

    def create_channel(
        self, name: str, kind: ChannelKind = ChannelKind.TEXT, *, age_restricted: bool = False
    ) -> Channel:
        """Add a channel; bots hear of it."""
        return self.world.add_channel(self, name, kind, age_restricted=age_restricted)

    def create_role(self, name: str, permissions: Permission = NOTHING, *, mentionable: bool = False) -> Role:
        """Add a role that no one has yet."""
        return self.world.add_role(self, name, int(permissions), mentionable=mentionable)

    def add(self, user: User, *roles: Role, nick: str | None = None) -> Member:
        """Let ``user`` join; for a bot this is the invitation."""
        return self.world.add_member(self, user, roles, nick)

    def remove(self, user: User) -> None:
        """Kick ``user`` out, or let it leave."""
        self.world.remove_member(self, user)

    def give(self, user: User, role: Role) -> None:
        """Give ``role`` to a member."""
        self.members[user.id].role_ids.append(role.id)
        self.world.member_changed(self, self.members[user.id])

    def take(self, user: User, role: Role) -> None:
        """Take ``role`` from a member."""
        self.members[user.id].role_ids.remove(role.id)
        self.world.member_changed(self, self.members[user.id])

    def go_down(self) -> None:
        """Be unavailable, as in one of Discord's outages; bots are told."""
        self.world.guild_available(self, False)

    def come_back(self) -> None:
        """Be available again; bots receive the whole guild anew."""
        self.world.guild_available(self, True)

    def set_permissions(self, role: Role, permissions: Permission | int) -> None:
        """Replace what ``role`` may do."""
        role.permissions = int(permissions)
        self.world.role_changed(role)
