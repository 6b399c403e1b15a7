"""The characters' webhook: one per channel, owned by the bot, found or made when it is first needed."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Any

from tzurot_plugins.discord.convert import Account
from tzurot_plugins.discord.errors import (
    TOO_MANY_WEBHOOKS,
    Refused,
    Uncertain,
)
from tzurot_plugins.discord.memory import Bounded
from tzurot_plugins.discord.rest.egress import Egress

KEPT = 1000
DENIED_SECONDS = 60.0
"""How long a refusal is believed before it is tried again; a change of the channel ends it at once."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook that we may speak through."""

    id: str
    token: str = field(repr=False)

    @property
    def path(self) -> str:
        """Where its messages are posted."""
        return f"/webhooks/{self.id}/{self.token}"


class Webhooks:
    """The webhook of every channel, remembered; ``None`` where we may have none."""

    def __init__(self, egress: Egress, account: Account, name: str, log: logging.Logger) -> None:
        self._egress, self._account, self._name, self._log = egress, account, name, log
        self._hooks: Bounded[Webhook] = Bounded(KEPT)
        self._denied: Bounded[float] = Bounded(KEPT)
        self._locks: Bounded[asyncio.Lock] = Bounded(KEPT)

    async def of(self, channel: str) -> Webhook | None:
        """The webhook of a channel (of a thread's parent, for threads); ``None`` where we may have none."""
        if hook := self._hooks.get(channel):
            return hook
        if (self._denied.get(channel) or 0.0) > time.monotonic():
            return None
        lock = self._locks.get(channel)
        if lock is None:
            lock = asyncio.Lock()
            self._locks.put(channel, lock)
        async with lock:
            return self._hooks.get(channel) or await self._open(channel)

    def forget(self, channel: str) -> None:
        """The webhook is gone: look again next time."""
        self._hooks.drop(channel)
        self._denied.drop(channel)

    def changed(self, channel: str) -> None:
        """The channel's permissions or webhooks have changed: what was refused may be granted now."""
        self._denied.drop(channel)

    async def _open(self, channel: str) -> Webhook | None:
        try:
            hook = await self._find(channel) or await self._make(channel)
        except Refused as refused:
            self._denied.put(channel, time.monotonic() + DENIED_SECONDS)
            self._log.warning(
                "No webhook in channel %s (%s); characters speak there as the bot, with their name in front. "
                "%s",
                channel,
                refused.told,
                "Remove one of its 15 webhooks." if refused.code == TOO_MANY_WEBHOOKS else _REMEDY,
            )
            return None
        self._hooks.put(channel, hook)
        return hook

    async def _find(self, channel: str) -> Webhook | None:
        for each in await self._egress.ask("GET", f"/channels/{channel}/webhooks") or ():
            if each.get("token") and each.get("application_id") == self._account.application:
                return Webhook(str(each["id"]), str(each["token"]))
        return None

    async def _make(self, channel: str) -> Webhook:
        body = {"name": self._name}
        try:
            made: Any = await self._egress.ask("POST", f"/channels/{channel}/webhooks", body)
        except Uncertain:
            # Whether it was made shows in the list; making it blindly again would leave two.
            if hook := await self._find(channel):
                return hook
            made = await self._egress.ask("POST", f"/channels/{channel}/webhooks", body)
        return Webhook(str(made["id"]), str(made["token"]))


_REMEDY = "Give the bot Manage Webhooks for their own names and faces."
