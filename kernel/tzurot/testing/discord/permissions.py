"""Discord's permission bits and how roles and channel overwrites add up to what somebody may do."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tzurot.testing.discord.people import User
    from tzurot.testing.discord.places import Channel, Guild


class Permission(IntFlag):
    """The permission bits that matter to a bot that talks; others pass through as numbers."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_GUILD_EXPRESSIONS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    SEND_VOICE_MESSAGES = 1 << 46
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51


NOTHING = Permission(0)
EVERYONE = (
    Permission.CREATE_INSTANT_INVITE
    | Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CONNECT
    | Permission.SPEAK
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.SEND_POLLS
)
"""What a new guild's @everyone role may do."""

ALL = (1 << 53) - 1
DIRECT = EVERYONE | Permission.MENTION_EVERYONE
"""What both sides of a direct message may do there."""


def guild_permissions(guild: Guild, user: User) -> int:
    """Add up the roles of ``user`` in ``guild``; nobody's member has none at all."""
    member = guild.members.get(user.id)
    if member is None:
        return 0
    if guild.owner_id == user.id:
        return ALL
    total = guild.roles[guild.id].permissions
    for role_id in member.role_ids:
        total |= guild.roles[role_id].permissions
    return ALL if total & Permission.ADMINISTRATOR else total


def permissions_in(channel: Channel, user: User) -> int:
    """Apply the channel's overwrites (a thread has its parent's) to the guild's permissions."""
    guild = channel.guild
    if guild is None:
        return int(DIRECT) if user.id in channel.recipients else 0
    total = _with_overwrites(channel, guild, user)
    hidden = channel.is_private_thread and user.id not in channel.thread_members
    return 0 if hidden and not total & Permission.MANAGE_THREADS else total


def _with_overwrites(channel: Channel, guild: Guild, user: User) -> int:
    total = guild_permissions(guild, user)
    if total == ALL or user.id not in guild.members:
        return total
    overwrites = (channel.parent if channel.is_thread and channel.parent else channel).overwrites
    if not overwrites:
        return total
    everyone = overwrites.get(guild.id)
    if everyone is not None:
        total = (total & ~everyone.deny) | everyone.allow
    roles = [overwrites[role] for role in guild.members[user.id].role_ids if role in overwrites]
    for overwrite in roles:
        total &= ~overwrite.deny
    for overwrite in roles:
        total |= overwrite.allow
    own = overwrites.get(user.id)
    return total if own is None else (total & ~own.deny) | own.allow
