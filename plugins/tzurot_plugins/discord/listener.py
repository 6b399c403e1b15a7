"""Takes the gateway's events in: keeps the map of channels, drops what came before, hands on messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from tzurot import AuthorKind, Message
from tzurot_plugins.discord.catch_up import CatchUp
from tzurot_plugins.discord.channels import Channels
from tzurot_plugins.discord.config import DiscordSettings
from tzurot_plugins.discord.convert import SAID, Account, Converter
from tzurot_plugins.discord.errors import DiscordError
from tzurot_plugins.discord.gateway.protocol import Dispatch
from tzurot_plugins.discord.memory import Bounded, Seen
from tzurot_plugins.discord.rest.egress import Egress
from tzurot_plugins.discord.webhooks import Webhooks

LOOK_UP_SECONDS = 3.0
Handler = Callable[[dict[str, Any]], Awaitable[None]]


class Listener:
    """One event after the other; ``receive`` gets every message that somebody should be able to answer."""

    def __init__(
        self,
        egress: Egress,
        account: Account,
        converter: Converter,
        webhooks: Webhooks,
        settings: DiscordSettings,
        receive: Callable[[Message], object],
        log: logging.Logger,
    ) -> None:
        self._egress, self._account, self._converter = egress, account, converter
        self._webhooks, self._receive, self.log = webhooks, receive, log
        self.channels, self._seen = Channels(), Seen()
        self._unknown: Bounded[bool] = Bounded(1000)
        self._catch_up = CatchUp(egress, self.channels, self._seen, settings.catch_up_minutes, log)
        self._heard = {AuthorKind.HUMAN}
        if settings.answer_bots:
            self._heard.add(AuthorKind.BOT)
        if settings.answer_webhooks:
            self._heard.add(AuthorKind.WEBHOOK)
        self._handlers: dict[str, Handler] = {
            "MESSAGE_CREATE": self._message,
            "GUILD_CREATE": self._guild,
            "GUILD_DELETE": self._guild_left,
            "CHANNEL_CREATE": self._channel,
            "CHANNEL_UPDATE": self._channel,
            "CHANNEL_DELETE": self._channel_gone,
            "THREAD_CREATE": self._channel,
            "THREAD_UPDATE": self._channel,
            "THREAD_DELETE": self._channel_gone,
            "THREAD_LIST_SYNC": self._threads,
            "WEBHOOKS_UPDATE": self._webhooks_changed,
        }

    def wants(self, dispatch: Dispatch) -> bool:
        """Whether an event is of any use here; the echo of our own words is only noted."""
        if dispatch.type == "MESSAGE_CREATE" and self._converter.is_own(dispatch.data):
            self._is_new(dispatch.data)
            return False
        return dispatch.type in self._handlers or dispatch.type == "READY"

    async def take(self, dispatch: Dispatch) -> None:
        """Deal with one event."""
        if dispatch.type == "READY":
            await self._ready(dispatch)
        elif handler := self._handlers.get(dispatch.type):
            await handler(dispatch.data)

    async def _ready(self, dispatch: Dispatch) -> None:
        user, application = dispatch.data.get("user") or {}, dispatch.data.get("application") or {}
        self._account.user = str(user.get("id") or "")
        self._account.application = str(application.get("id") or self._account.user)
        self.log.info("Connected to Discord as %s.", user.get("username"))
        if dispatch.lost:
            await self._hear(await self._catch_up.after_loss())

    async def _guild(self, data: dict[str, Any]) -> None:
        if data.get("unavailable"):
            return
        self.channels.guild_created(data)
        missed = await self._catch_up.of_guild(data)
        await self._hear(missed)

    async def _guild_left(self, data: dict[str, Any]) -> None:
        self.channels.guild_removed(str(data.get("id")))

    async def _channel(self, data: dict[str, Any]) -> None:
        self.channels.changed(data)
        self._seen.note(str(data.get("id")), str(data.get("last_message_id") or "0"))
        self._webhooks.changed(str(data.get("id")))

    async def _channel_gone(self, data: dict[str, Any]) -> None:
        self.channels.removed(str(data.get("id")))
        self._webhooks.forget(str(data.get("id")))

    async def _threads(self, data: dict[str, Any]) -> None:
        for each in data.get("threads") or ():
            self.channels.changed(each, data.get("guild_id"))

    async def _webhooks_changed(self, data: dict[str, Any]) -> None:
        # Our own making of one is among these; whether ours was deleted shows when it is used.
        self._webhooks.changed(str(data.get("channel_id")))

    async def _hear(self, messages: Iterable[dict[str, Any]]) -> None:
        for message in messages:
            await self._message(message)

    async def _message(self, data: dict[str, Any]) -> None:
        if not self._is_new(data) or data.get("type", 0) not in SAID or self._converter.is_own(data):
            return
        channel, guild = str(data["channel_id"]), data.get("guild_id")
        if guild and self.channels.of(channel) is None and channel not in self._unknown:
            await self._look_up(channel, str(guild))
        message = self._converter.message(data, self.channels.place(channel, guild))
        if message.author.kind in self._heard:
            self._receive(message)

    def _is_new(self, data: dict[str, Any]) -> bool:
        """Note a message; whether it came for the first time."""
        message_id, channel = str(data.get("id") or ""), str(data.get("channel_id") or "")
        if not message_id.isdigit() or not channel or not self._seen.first_time(message_id):
            return False
        self._seen.hear(channel, message_id)
        return True

    async def _look_up(self, channel: str, guild: str) -> None:
        """A place that no event told us of, such as a thread that came out of its archive."""
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                self.channels.changed(await self._egress.ask("GET", f"/channels/{channel}"), guild)
        except (DiscordError, TimeoutError) as error:
            self._unknown.put(channel, True)
            self.log.warning("Nothing is known of channel %s: %s", channel, error)
