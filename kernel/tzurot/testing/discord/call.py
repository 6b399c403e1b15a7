"""One request to the API while it is being answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tzurot.testing.discord import ids
from tzurot.testing.discord.errors import ApiError, refuse, unauthorized
from tzurot.testing.discord.message import Attachment, Message
from tzurot.testing.discord.people import Bot
from tzurot.testing.discord.permissions import NOTHING, Permission, permissions_in
from tzurot.testing.discord.places import Channel, Guild
from tzurot.testing.discord.webhook import Webhook
from tzurot.testing.discord.world import World


@dataclass(slots=True)
class Call:
    """What a handler needs: who asks, for what, in which world.

    Handlers look things up through the methods here, so that each unknown id and each missing
    permission gets the same refusal everywhere.
    """

    world: World
    params: dict[str, str]
    query: Mapping[str, str]
    asker: Bot | None = None
    body: Any = None
    uploads: dict[str, Attachment] = field(default_factory=dict)
    """Files of a multipart request by their index in ``files[n]``."""
    status: int = 0
    """A status other than the usual one."""
    server: Any = None

    @property
    def bot(self) -> Bot:
        """The authenticated bot."""
        if self.asker is None:
            raise unauthorized()
        return self.asker

    def channel(self, permission: Permission = NOTHING, param: str = "channel_id") -> Channel:
        """The channel in the path, where the bot needs ``permission``."""
        channel = self.world.channels.get(self.params[param])
        if channel is None:
            raise refuse(10003)
        self.need(channel, permission)
        return channel

    def need(self, channel: Channel, permission: Permission) -> None:
        """Refuse unless the bot sees ``channel`` and has ``permission`` there."""
        has = permissions_in(channel, self.bot)
        if channel.guild is not None and not has & Permission.VIEW_CHANNEL:
            raise refuse(50001)
        if channel.guild is None and not has:
            raise refuse(10003)
        if permission & ~has:
            raise refuse(50013)

    def guild(self) -> Guild:
        """The guild in the path; the bot has to be in it."""
        guild = self.world.guilds.get(self.params["guild_id"])
        if guild is None or self.bot.id not in guild.members:
            raise refuse(10004)
        return guild

    def message(self, channel: Channel) -> Message:
        """The message in the path."""
        message = channel.history.get(self.params["message_id"])
        if message is None:
            raise refuse(10008)
        return message

    def webhook(self) -> Webhook:
        """The webhook in the path; with a token in the path, that has to be its token."""
        wanted = self.params["webhook_id"]
        if not ids.is_snowflake(wanted):
            raise ApiError(400, 50035, "Invalid Form Body", _not_snowflake("webhook_id", wanted))
        hook = self.world.webhooks.get(wanted)
        if hook is None:
            raise refuse(10015)
        token = self.params.get("webhook_token")
        if token is not None and token != hook.token:
            raise refuse(50027)
        return hook

    def flag(self, name: str) -> bool:
        """Whether a query parameter is true."""
        return self.query.get(name, "").lower() in {"true", "1"}

    def snowflake(self, name: str) -> int:
        """An id among the query parameters."""
        text = self.query[name]
        if not ids.is_snowflake(text):
            raise ApiError(400, 50035, "Invalid Form Body", _not_snowflake(name, text))
        return int(text)

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number among the query parameters."""
        text = self.query.get(name)
        if text is None:
            return default
        if not text.isdecimal() or not low <= int(text) <= high:
            problem = {"code": "NUMBER_TYPE_MAX", "message": f"int value should be between {low} and {high}."}
            raise ApiError(400, 50035, "Invalid Form Body", {"errors": {name: {"_errors": [problem]}}})
        return int(text)


def _not_snowflake(name: str, value: str) -> dict[str, Any]:
    problem = {"code": "NUMBER_TYPE_COERCE", "message": f'Value "{value}" is not snowflake.'}
    return {"errors": {name: {"_errors": [problem]}}}
