"""Channels over HTTP."""

from __future__ import annotations

from typing import Any

from tzurot.testing.discord import payloads
from tzurot.testing.discord.call import Call
from tzurot.testing.discord.errors import refuse
from tzurot.testing.discord.permissions import Permission, guild_permissions
from tzurot.testing.discord.places import ChannelKind, Overwrite
from tzurot.testing.discord.routes import Route

ONE = "/channels/{channel_id}"
OVERWRITE = f"{ONE}/permissions/{{overwrite_id}}"


def read(call: Call) -> dict[str, Any]:
    """A channel or thread."""
    return payloads.channel(call.channel())


def change(call: Call) -> dict[str, Any]:
    """Rename a channel or thread, and more of its settings."""
    channel = call.channel()
    manage = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
    if not (channel.is_thread and channel.owner_id == call.bot.id):
        call.need(channel, manage)
    body = call.body
    channel.name = body.get("name") or channel.name
    channel.topic = body.get("topic", channel.topic)
    channel.age_restricted = bool(body.get("nsfw", channel.age_restricted))
    channel.slowmode_seconds = body.get("rate_limit_per_user") or 0
    channel.archived = bool(body.get("archived", channel.archived))
    channel.locked = bool(body.get("locked", channel.locked))
    call.world.channel_changed(channel)
    return payloads.channel(channel)


def remove(call: Call) -> dict[str, Any]:
    """Delete a channel or thread."""
    channel = call.channel()
    call.need(channel, Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS)
    data = payloads.channel(channel)
    call.world.remove_channel(channel)
    return data


def set_overwrite(call: Call) -> None:
    """Set what a role or member may do differently in a channel."""
    channel = call.channel(Permission.MANAGE_ROLES)
    target, body = call.params["overwrite_id"], call.body
    allow, deny = int(body.get("allow") or 0), int(body.get("deny") or 0)
    channel.overwrites[target] = Overwrite(target, int(body.get("type") or 0), allow, deny)
    call.world.channel_changed(channel)


def remove_overwrite(call: Call) -> None:
    """Take an overwrite away."""
    channel = call.channel(Permission.MANAGE_ROLES)
    channel.overwrites.pop(call.params["overwrite_id"], None)
    call.world.channel_changed(channel)


def in_guild(call: Call) -> list[dict[str, Any]]:
    """The channels of a guild, without threads."""
    return [payloads.channel(one) for one in call.guild().channels.values()]


def create(call: Call) -> dict[str, Any]:
    """Add a channel to a guild."""
    guild = call.guild()
    if not guild_permissions(guild, call.bot) & Permission.MANAGE_CHANNELS:
        raise refuse(50013)
    kind = ChannelKind(call.body.get("type") or 0)
    channel = guild.create_channel(call.body["name"], kind, age_restricted=bool(call.body.get("nsfw")))
    channel.topic = call.body.get("topic")
    call.status = 201
    return payloads.channel(channel)


ROUTES = (
    Route("GET", ONE, read),
    Route("PATCH", ONE, change),
    Route("DELETE", ONE, remove),
    Route("PUT", OVERWRITE, set_overwrite),
    Route("DELETE", OVERWRITE, remove_overwrite),
    Route("GET", "/guilds/{guild_id}/channels", in_guild),
    Route("POST", "/guilds/{guild_id}/channels", create, schema="CreateGuildChannelRequest"),
)
