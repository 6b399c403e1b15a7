"""Guilds, their members and roles over HTTP."""

from __future__ import annotations

from typing import Any

from tzurot.testing.discord import payloads
from tzurot.testing.discord.call import Call
from tzurot.testing.discord.errors import refuse
from tzurot.testing.discord.people import Member
from tzurot.testing.discord.permissions import Permission, guild_permissions
from tzurot.testing.discord.routes import Route

ONE = "/guilds/{guild_id}"
MEMBER = f"{ONE}/members/{{user_id}}"


def read(call: Call) -> dict[str, Any]:
    """A guild."""
    return payloads.guild(call.guild())


def member(call: Call) -> dict[str, Any]:
    """One member."""
    return payloads.member(_member(call, call.params["user_id"]))


def members(call: Call) -> list[dict[str, Any]]:
    """A page of members by rising id."""
    after = call.snowflake("after") if "after" in call.query else 0
    limit = call.number("limit", 1, 1, 1000)
    everyone = sorted(call.guild().members.values(), key=lambda one: int(one.user.id))
    return [payloads.member(one) for one in everyone if int(one.user.id) > after][:limit]


def change_me(call: Call) -> dict[str, Any]:
    """Change the bot's own nickname."""
    guild, me = call.guild(), _member(call, call.bot.id)
    if not guild_permissions(guild, call.bot) & Permission.CHANGE_NICKNAME:
        raise refuse(50013)
    me.nick = call.body.get("nick", me.nick)
    call.world.member_changed(guild, me)
    return payloads.member(me)


def roles(call: Call) -> list[dict[str, Any]]:
    """The guild's roles."""
    return [payloads.role(one) for one in call.guild().roles.values()]


def emojis(call: Call) -> list[dict[str, Any]]:
    """The guild's own emojis."""
    guild = call.guild()
    return [payloads.emoji(guild, one) for one in guild.emojis]


def _member(call: Call, user_id: str) -> Member:
    found = call.guild().members.get(user_id)
    if found is None:
        raise refuse(10007 if user_id in call.world.users else 10013)
    return found


ROUTES = (
    Route("GET", ONE, read),
    Route("GET", f"{ONE}/members", members),
    Route("GET", MEMBER, member),
    Route("PATCH", f"{ONE}/members/@me", change_me),
    Route("GET", f"{ONE}/roles", roles),
    Route("GET", f"{ONE}/emojis", emojis),
)
