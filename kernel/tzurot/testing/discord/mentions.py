"""Who a message notifies: the mentions in its text, narrowed by ``allowed_mentions``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tzurot.testing.discord.errors import invalid
from tzurot.testing.discord.message import SUPPRESS_NOTIFICATIONS, Message, Pings
from tzurot.testing.discord.permissions import Permission, permissions_in

if TYPE_CHECKING:
    from tzurot.testing.discord.places import Channel

USER = re.compile(r"<@!?(\d{1,20})>")
ROLE = re.compile(r"<@&(\d{1,20})>")
EVERYONE = re.compile(r"@(?:everyone|here)\b")
# Discord mentions nobody inside code.
CODE = re.compile(r"```.*?```|``.+?``|`[^`\n]+`", re.DOTALL)


def check(allowed: Mapping[str, Any] | None) -> None:
    """Refuse what contradicts itself: everybody of a kind, and a list of that kind."""
    for kind in ("users", "roles"):
        if allowed and kind in (allowed.get("parse") or ()) and allowed.get(kind):
            raise invalid(
                "allowed_mentions",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.',
            )


def pings(message: Message, allowed: Mapping[str, Any] | None, *, reply_default: bool = True) -> Pings:
    """The people whom ``message`` notifies.

    ``allowed`` is the request's ``allowed_mentions``; without it everything in the text counts, and a
    reply notifies whom it answers if ``reply_default``.
    """
    if message.flags & SUPPRESS_NOTIFICATIONS and not message.text and message.reply_to is None:
        return Pings()
    text = CODE.sub("", message.text) if "`" in message.text else message.text
    channel = message.channel
    users, roles, everyone = set[str](), set[str](), False
    if "<@" in text:
        users = {user for user in USER.findall(text) if user in _audience(channel)}
        roles = _mentionable(message, ROLE.findall(text))
    if "@" in text:
        everyone = EVERYONE.search(text) is not None and _may_mention_everyone(message)
    replied = reply_default
    if allowed is not None:
        parse = allowed.get("parse") or ()
        everyone = everyone and "everyone" in parse
        if "users" not in parse:
            users &= {str(user) for user in allowed.get("users") or ()}
        if "roles" not in parse:
            roles &= {str(role) for role in allowed.get("roles") or ()}
        replied = bool(allowed.get("replied_user"))
    answered = message.reply_to
    if (
        replied
        and answered is not None
        and answered.webhook is None
        and answered.author is not message.author
    ):
        users.add(answered.author.id)
    return Pings(frozenset(users), frozenset(roles), everyone)


def _audience(channel: Channel) -> Mapping[str, Any]:
    return channel.guild.members if channel.guild else channel.recipients


def _mentionable(message: Message, role_ids: list[str]) -> set[str]:
    guild = message.channel.guild
    if guild is None or not role_ids:
        return set()
    anyone = _may_mention_everyone(message)
    return {role for role in role_ids if role in guild.roles and (anyone or guild.roles[role].mentionable)}


def _may_mention_everyone(message: Message) -> bool:
    if message.channel.guild is None:
        return False
    if message.webhook is not None:
        return True
    return bool(permissions_in(message.channel, message.author) & Permission.MENTION_EVERYONE)
