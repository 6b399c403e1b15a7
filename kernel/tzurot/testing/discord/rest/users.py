"""Users, the bot itself, direct conversations, and the address of the gateway."""

from __future__ import annotations

from typing import Any

from tzurot.testing.discord import payloads
from tzurot.testing.discord.call import Call
from tzurot.testing.discord.errors import refuse
from tzurot.testing.discord.permissions import guild_permissions
from tzurot.testing.discord.routes import Route


def me(call: Call) -> dict[str, Any]:
    """The bot's own user."""
    return payloads.own_user(call.bot)


def change_me(call: Call) -> dict[str, Any]:
    """Rename the bot."""
    call.bot.name = call.body.get("username") or call.bot.name
    return me(call)


def read(call: Call) -> dict[str, Any]:
    """Any user."""
    user = call.world.users.get(call.params["user_id"])
    if user is None:
        raise refuse(10013)
    return payloads.user(user)


def guilds(call: Call) -> list[dict[str, Any]]:
    """The guilds that the bot is in."""
    return [
        {
            "id": guild.id,
            "name": guild.name,
            "icon": None,
            "banner": None,
            "owner": guild.owner_id == call.bot.id,
            "permissions": str(int(guild_permissions(guild, call.bot))),
            "features": guild.features,
        }
        for guild in call.bot.guilds()
    ]


def leave_guild(call: Call) -> None:
    """Leave a guild."""
    call.guild().remove(call.bot)


def direct(call: Call) -> dict[str, Any]:
    """Open a direct conversation, or find the one there is."""
    other = call.world.users.get(str(call.body.get("recipient_id")))
    if other is None or other is call.bot:
        raise refuse(50033)
    return payloads.channel(call.world.direct_channel(call.bot, other))


def gateway(call: Call) -> dict[str, Any]:
    """Where the gateway is."""
    return {"url": call.server.gateway_url}


def gateway_bot(call: Call) -> dict[str, Any]:
    """Where the gateway is, and how often the bot may still identify."""
    return {
        "url": call.server.gateway_url,
        "shards": 1,
        "session_start_limit": {
            "total": 1000,
            "remaining": max(0, call.bot.identifies_left),
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        },
    }


ROUTES = (
    Route("GET", "/users/@me", me),
    Route("PATCH", "/users/@me", change_me),
    Route("GET", "/users/{user_id}", read),
    Route("GET", "/users/@me/guilds", guilds),
    Route("DELETE", "/users/@me/guilds/{guild_id}", leave_guild),
    Route("POST", "/users/@me/channels", direct),
    Route("GET", "/gateway", gateway, auth=False),
    Route("GET", "/gateway/bot", gateway_bot),
)
