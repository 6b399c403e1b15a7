"""What happens to messages: said, edited, deleted, reacted to; each tells the gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tzurot.testing.discord import ids, message_payloads, payloads
from tzurot.testing.discord.events import Event
from tzurot.testing.discord.intents import Intent
from tzurot.testing.discord.mentions import pings
from tzurot.testing.discord.message import COMPONENTS_V2, Attachment, Message
from tzurot.testing.discord.permissions import Permission, permissions_in
from tzurot.testing.discord.places import WITHOUT_MESSAGES

if TYPE_CHECKING:
    from tzurot.testing.discord.people import User
    from tzurot.testing.discord.places import Channel

REPLY = 19
CONTENT_LIMIT = 2000
SUPPRESS_EMBEDS = 1 << 2
FLAGS_OF_EDITS = SUPPRESS_EMBEDS | COMPONENTS_V2


def say(
    author: User,
    channel: Channel,
    text: str,
    *,
    reply_to: Message | None = None,
    ping: bool = True,
    attachments: Sequence[Attachment] = (),
) -> Message:
    """Post what a person writes in the client, which would not let them write too much."""
    _check_may(author, channel, _writing(channel))
    if len(text) > CONTENT_LIMIT:
        raise ValueError(
            f"{author.name} can't write {len(text)} characters in one message: the client stops at "
            f"{CONTENT_LIMIT}. Make the text shorter, or send it in parts."
        )
    message = Message(
        id=author.world.ids.next(),
        channel=channel,
        author=author,
        text=text.strip(),
        at=ids.now(),
        reply_to=reply_to,
        reply_to_id=reply_to.id if reply_to else None,
        kind=REPLY if reply_to else 0,
    )
    return post(message, attachments, None, reply_default=ping)


def _writing(channel: Channel) -> Permission:
    return Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES


def _check_may(user: User, channel: Channel, permission: Permission) -> None:
    """A person's client offers nothing that they may not do, so a test that tries is wrong."""
    if channel.kind in WITHOUT_MESSAGES:
        raise ValueError(f"#{channel.name} holds no messages: open a thread in it, and write there.")
    wanted = Permission.VIEW_CHANNEL | permission
    missing = wanted & ~permissions_in(channel, user)
    if missing:
        place = f"#{channel.name} of {channel.guild.name}" if channel.guild else "this direct conversation"
        raise ValueError(
            f"{user.name} may not do that in {place}: {missing!r} is missing. "
            "Add them to the guild, or allow it in the channel."
        )


def forward(author: User, source: Message, channel: Channel) -> Message:
    """Pass ``source`` on to another channel, as it is now."""
    _check_may(author, channel, _writing(channel))
    message = Message(author.world.ids.next(), channel, author, "", ids.now())
    message.forwarded, message.forwarded_text = source, source.text
    return post(message, (), None)


def post(
    message: Message,
    attachments: Sequence[Attachment],
    allowed: Mapping[str, Any] | None,
    *,
    reply_default: bool = True,
) -> Message:
    """Put a finished message into its channel and tell the gateway."""
    world = message.author.world
    message.attachments = tuple(replace(one, id=world.ids.next()) for one in attachments)
    message.pings = pings(message, allowed, reply_default=reply_default)
    if message.ephemeral:
        return message
    channel = message.channel
    if channel.is_thread:
        channel.archived = False
        channel.thread_members.setdefault(message.author.id, ids.now())
    channel.remember(message)
    if message.author in channel.typing:
        channel.typing.remove(message.author)
    world.emit(_event("MESSAGE_CREATE", message))
    return message


def edit(message: Message, changes: Mapping[str, Any]) -> None:
    """Change a message; keys are those of Discord's edit request. An edit notifies nobody."""
    if "content" in changes:
        message.versions.append(message.text)
        message.text = (changes["content"] or "").strip()
    message.embeds = changes.get("embeds", message.embeds) or []
    message.components = changes.get("components", message.components) or []
    if "flags" in changes:
        message.flags = message.flags & ~SUPPRESS_EMBEDS | (changes["flags"] or 0) & FLAGS_OF_EDITS
    if "attachments" in changes:
        kept = {str(one.get("id")) for one in changes["attachments"] or ()}
        message.attachments = tuple(one for one in message.attachments if one.id in kept)
    message.edited = ids.now()
    if not message.ephemeral:
        message.author.world.emit(_event("MESSAGE_UPDATE", message))


def delete(message: Message) -> None:
    """Remove a message from its channel."""
    if message.deleted:
        return
    message.deleted = True
    channel = message.channel
    channel.history.pop(message.id, None)
    if message.id in channel.pinned:
        channel.pinned.remove(message.id)
    data = {"id": message.id, "channel_id": channel.id}
    if channel.guild is not None:
        data["guild_id"] = channel.guild.id
    if not message.ephemeral:
        message.author.world.emit(in_channel("MESSAGE_DELETE", data, channel))


def react(user: User, message: Message, emoji: str) -> None:
    """Add one reaction of ``user``."""
    _check_may(user, message.channel, Permission.READ_MESSAGE_HISTORY)
    people = message.reactions.setdefault(emoji, [])
    if user in people:
        return
    people.append(user)
    data = _reaction(user, message, emoji)
    data["message_author_id"] = message.author.id
    if message.channel.guild is not None:
        data["member"] = payloads.member(message.channel.guild.members[user.id])
    user.world.emit(_reaction_event("MESSAGE_REACTION_ADD", data, message.channel))


def unreact(user: User, message: Message, emoji: str) -> None:
    """Take one reaction of ``user`` back."""
    people = message.reactions.get(emoji, [])
    if user not in people:
        return
    people.remove(user)
    if not people:
        del message.reactions[emoji]
    data = _reaction(user, message, emoji)
    user.world.emit(_reaction_event("MESSAGE_REACTION_REMOVE", data, message.channel))


def clear_reactions(message: Message, emoji: str | None = None) -> None:
    """Remove all reactions, or all with one emoji."""
    data: dict[str, Any] = {"channel_id": message.channel.id, "message_id": message.id}
    if message.channel.guild is not None:
        data["guild_id"] = message.channel.guild.id
    if emoji is None:
        message.reactions.clear()
        name = "MESSAGE_REACTION_REMOVE_ALL"
    else:
        message.reactions.pop(emoji, None)
        data["emoji"] = message_payloads.partial_emoji(emoji)
        name = "MESSAGE_REACTION_REMOVE_EMOJI"
    message.author.world.emit(_reaction_event(name, data, message.channel))


def start_typing(user: User, channel: Channel) -> None:
    """Show that ``user`` types."""
    _check_may(user, channel, _writing(channel))
    if user not in channel.typing:
        channel.typing.append(user)
    at = ids.now()
    data: dict[str, Any] = {"channel_id": channel.id, "user_id": user.id, "timestamp": int(at.timestamp())}
    if channel.guild is not None:
        data["guild_id"] = channel.guild.id
        data["member"] = payloads.member(channel.guild.members[user.id])
    event = in_channel("TYPING_START", data, channel)
    event.in_guild, event.in_direct = Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING
    user.world.emit(event)


def in_channel(name: str, data: dict[str, Any], channel: Channel) -> Event:
    """An event about the messages of ``channel``."""
    return Event(
        name,
        data,
        guild=channel.guild,
        channel=channel,
        in_guild=Intent.GUILD_MESSAGES,
        in_direct=Intent.DIRECT_MESSAGES,
    )


def _event(name: str, message: Message) -> Event:
    data = message_payloads.message(message)
    channel = message.channel
    if channel.guild is not None:
        data["guild_id"] = channel.guild.id
        member = None if message.webhook else channel.guild.members.get(message.author.id)
        if member is not None:
            data["member"] = payloads.member(member, with_user=False)
        for one in data["mentions"]:
            one["member"] = payloads.member(channel.guild.members[one["id"]], with_user=False)
    else:
        data["channel_type"] = int(channel.kind)
    event = in_channel(name, data, channel)
    event.message = message
    return event


def _reaction(user: User, message: Message, emoji: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "user_id": user.id,
        "channel_id": message.channel.id,
        "message_id": message.id,
        "emoji": message_payloads.partial_emoji(emoji),
        "burst": False,
        "type": 0,
    }
    if message.channel.guild is not None:
        data["guild_id"] = message.channel.guild.id
    return data


def _reaction_event(name: str, data: dict[str, Any], channel: Channel) -> Event:
    event = in_channel(name, data, channel)
    event.in_guild, event.in_direct = Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS
    return event
