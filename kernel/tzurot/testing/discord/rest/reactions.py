"""Reactions over HTTP."""

from __future__ import annotations

from typing import Any

from tzurot.testing.discord import payloads, posting
from tzurot.testing.discord.call import Call
from tzurot.testing.discord.errors import refuse
from tzurot.testing.discord.message import Message
from tzurot.testing.discord.permissions import Permission
from tzurot.testing.discord.routes import Route

ALL = "/channels/{channel_id}/messages/{message_id}/reactions"
ONE = f"{ALL}/{{emoji_name}}"
REACTIONS_LIMIT = 20


def _emoji(call: Call) -> str:
    text = call.params["emoji_name"]
    name, colon, emoji_id = text.partition(":")
    known = any(emoji_id in guild.emojis for guild in call.world.guilds.values())
    # A name without an id is a word and no emoji; Discord knows each emoji, this only knows letters.
    if (colon and not known) or (not colon and (not name or name.isascii())):
        raise refuse(10014)
    return text


def add(call: Call) -> None:
    """React; the first with an emoji needs Add Reactions."""
    channel = call.channel(Permission.READ_MESSAGE_HISTORY)
    message, emoji = call.message(channel), _emoji(call)
    if emoji not in message.reactions:
        call.need(channel, Permission.ADD_REACTIONS)
        if len(message.reactions) >= REACTIONS_LIMIT:
            raise refuse(30010)
    posting.react(call.bot, message, emoji)


def remove_own(call: Call) -> None:
    """Take the bot's own reaction back."""
    posting.unreact(call.bot, call.message(call.channel()), _emoji(call))


def remove_other(call: Call) -> None:
    """Take somebody's reaction away."""
    message = _moderated(call)
    user = call.world.users.get(call.params["user_id"])
    if user is None:
        raise refuse(10013)
    posting.unreact(user, message, _emoji(call))


def people(call: Call) -> list[dict[str, Any]]:
    """Who reacted with an emoji."""
    message = call.message(call.channel(Permission.READ_MESSAGE_HISTORY))
    return [payloads.user(one) for one in message.reactions.get(_emoji(call), ())][
        : call.number("limit", 25, 1, 100)
    ]


def clear(call: Call) -> None:
    """Remove every reaction of a message."""
    posting.clear_reactions(_moderated(call))


def clear_one(call: Call) -> None:
    """Remove every reaction with one emoji."""
    posting.clear_reactions(_moderated(call), _emoji(call))


def _moderated(call: Call) -> Message:
    return call.message(call.channel(Permission.MANAGE_MESSAGES))


ROUTES = (
    Route("PUT", f"{ONE}/@me", add),
    Route("DELETE", f"{ONE}/@me", remove_own),
    Route("DELETE", f"{ONE}/{{user_id}}", remove_other),
    Route("GET", ONE, people),
    Route("DELETE", ONE, clear_one),
    Route("DELETE", ALL, clear),
)
