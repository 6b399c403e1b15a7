"""Events of the test world on their way to the gateway, with who may see them and how much of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tzurot.testing.discord.intents import NO_INTENT, Intent
from tzurot.testing.discord.permissions import Permission, permissions_in

if TYPE_CHECKING:
    from tzurot.testing.discord.message import Message
    from tzurot.testing.discord.people import Bot
    from tzurot.testing.discord.places import Channel, Guild

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
CENSORED: dict[str, Any] = {"content": "", "embeds": [], "attachments": [], "components": []}


@dataclass(slots=True, eq=False)
class Event:
    """Something that happened, before it is numbered for a session."""

    name: str
    data: dict[str, Any]
    guild: Guild | None = None
    channel: Channel | None = None
    message: Message | None = None
    only: Bot | None = None
    in_guild: Intent = NO_INTENT
    in_direct: Intent = NO_INTENT
    _texts: dict[tuple[bool, bool], str] = field(default_factory=dict, repr=False)

    @property
    def guild_id(self) -> str | None:
        """The guild that decides about the shard; an event for one bot carries it in its data."""
        if self.guild is not None:
            return self.guild.id
        if self.name.startswith("GUILD_"):
            return str(self.data["id"])
        return self.data.get("guild_id")

    def reaches(self, bot: Bot, intents: Intent) -> bool:
        """Whether a session of ``bot`` with ``intents`` receives the event."""
        if self.only is not None:
            return self.only is bot and (not self.in_guild or bool(intents & self.in_guild))
        if self.guild is not None:
            if self.in_guild and not intents & self.in_guild:
                return False
            if bot.id not in self.guild.members:
                return False
            if self.channel is None:
                return True
            return bool(permissions_in(self.channel, bot) & Permission.VIEW_CHANNEL)
        if self.in_direct and not intents & self.in_direct:
            return False
        return self.channel is None or bot.id in self.channel.recipients

    def text_for(self, bot: Bot, intents: Intent) -> str:
        """The event's JSON as ``bot`` may read it; encoded once for each degree of censoring."""
        if self.message is None:
            key = (True, True)
        else:
            everything = bool(intents & Intent.MESSAGE_CONTENT)
            key = (
                everything or may_read(self.message, bot),
                everything or self.message.reply_to is None or may_read(self.message.reply_to, bot),
            )
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = _encode(censor(self.data, *key))
        return text


def may_read(message: Message, bot: Bot) -> bool:
    """Whether ``bot`` sees the content without the MESSAGE_CONTENT intent."""
    return (
        message.channel.guild is None
        or message.author is bot
        or bot.id in message.pings.users
        or (message.interaction is not None and message.interaction.bot is bot)
    )


def censor(data: dict[str, Any], own: bool, answered: bool) -> dict[str, Any]:
    """Empty the content of a message, of the message it answers, or of both."""
    if own and answered:
        return data
    data = data.copy() if own else _emptied(data)
    if not answered and data.get("referenced_message"):
        data["referenced_message"] = _emptied(data["referenced_message"])
    return data


def _emptied(data: dict[str, Any]) -> dict[str, Any]:
    # The poll goes as well; an event that only has ids stays as it is.
    kept = {key: value for key, value in data.items() if key != "poll"}
    return kept | {key: empty for key, empty in CENSORED.items() if key in kept}
