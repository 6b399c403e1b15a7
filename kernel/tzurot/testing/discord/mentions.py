"""Who a message notifies: the mentions in its text, narrowed by ``allowed_mentions``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tzurot.testing.discord.errors import invalid
from tzurot.testing.discord.message import Message, Pings
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

    ``allowed`` is the request's ``allowed_mentions``; without it everything in the text counts (for
    webhooks and interactions only users), and a reply notifies whom it answers if ``reply_default``.
    """
    if allowed is None and (message.webhook or message.interaction):
        allowed = {"parse": ["users"]}
    found = _in_text(message)
    if allowed is None:
        users, replied = found.users, reply_default
        roles, everyone = found.roles, found.everyone
    else:
        users, roles = _narrowed(found.users, "users", allowed), _narrowed(found.roles, "roles", allowed)
        everyone = found.everyone and "everyone" in (allowed.get("parse") or ())
        replied = bool(allowed.get("replied_user"))
    answered = message.reply_to
    if replied and answered and not answered.webhook and answered.author is not message.author:
        users |= {answered.author.id}
    return Pings(users, roles, everyone)


def _in_text(message: Message) -> Pings:
    text = message.text
    if "@" not in text:
        return Pings()
    if "`" in text:
        text = CODE.sub("", text)
    users = frozenset(user for user in USER.findall(text) if user in _audience(message.channel))
    everyone = EVERYONE.search(text) is not None and _may_mention_everyone(message)
    return Pings(users, _mentionable(message, ROLE.findall(text)), everyone)


def _narrowed(found: frozenset[str], kind: str, allowed: Mapping[str, Any]) -> frozenset[str]:
    if kind in (allowed.get("parse") or ()):
        return found
    return found & {str(one) for one in allowed.get(kind) or ()}


def _audience(channel: Channel) -> Mapping[str, Any]:
    return channel.guild.members if channel.guild else channel.recipients


def _mentionable(message: Message, role_ids: list[str]) -> frozenset[str]:
    guild = message.channel.guild
    if guild is None or not role_ids:
        return frozenset()
    anyone = _may_mention_everyone(message)
    return frozenset(
        role for role in role_ids if role in guild.roles and (anyone or guild.roles[role].mentionable)
    )


def _may_mention_everyone(message: Message) -> bool:
    if message.channel.guild is None:
        return False
    if message.webhook is not None:
        return True
    return bool(permissions_in(message.channel, message.author) & Permission.MENTION_EVERYONE)
