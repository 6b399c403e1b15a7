"""After a lost session: reads what was said meanwhile, channel by channel, so that nothing stays unheard."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tzurot_plugins.discord.channels import Channels
from tzurot_plugins.discord.convert import moment
from tzurot_plugins.discord.errors import DiscordError
from tzurot_plugins.discord.memory import Seen, later
from tzurot_plugins.discord.rest.egress import Egress

MOST_CHANNELS = 200
MOST_MESSAGES = 100
AT_ONCE = 8
PAGE_SECONDS = 20.0
"""New events wait until catching up is done: one channel must not hold them up for long."""


class CatchUp:
    """Knows how far each channel was heard when the session was lost, and fetches the rest."""

    def __init__(
        self, egress: Egress, channels: Channels, seen: Seen, minutes: float, log: logging.Logger
    ) -> None:
        self._egress, self._channels, self._seen = egress, channels, seen
        self._minutes, self._log = minutes, log
        self._left_off: dict[str, str] = {}

    async def after_loss(self) -> list[dict[str, Any]]:
        """A new session has begun: what active channels said since the old one, oldest first."""
        if not self._minutes:
            return []
        self._left_off = dict(self._seen.newest.newest_first())
        since = time.monotonic() - self._minutes * 60
        active = [channel for channel, heard in self._seen.heard.newest_first() if heard > since]
        return await self._fetch(active[:MOST_CHANNELS])

    async def of_guild(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """A guild came back: what its other channels said, where its list shows that there is something."""
        behind: dict[str, str] = {}
        known, noted = self._seen.newest, self._left_off
        for each in [*(data.get("channels") or ()), *(data.get("threads") or ())]:
            channel, newest = each["id"], each.get("last_message_id") or "0"
            mark = known.get(channel)
            if mark is None:
                known.put(channel, newest)
                continue
            since = noted.pop(channel, mark)
            # Not compared with ``mark``: a message that is live already must not hide those before it.
            if newest != since and later(newest, since):
                behind[channel] = since
                self._seen.note(channel, newest)
        if not behind or not self._minutes:
            return []
        self._left_off.update(behind)
        return await self._fetch(list(behind)[:MOST_CHANNELS])

    async def _fetch(self, channels: Iterable[str]) -> list[dict[str, Any]]:
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(channel: str) -> list[dict[str, Any]]:
            async with slots:
                # Taken out: from now on the running marks are right again.
                return await self._page(channel, self._left_off.pop(channel, "0"))

        pages = await asyncio.gather(*(one(channel) for channel in channels))
        missed = [message for page in pages for message in page]
        if missed:
            self._log.info("Caught up with %d messages of a lost session.", len(missed))
        return missed

    async def _page(self, channel: str, after: str) -> list[dict[str, Any]]:
        query = {"after": after, "limit": str(MOST_MESSAGES)}
        try:
            async with asyncio.timeout(PAGE_SECONDS):
                page = await self._egress.ask("GET", f"/channels/{channel}/messages", query=query)
        except (DiscordError, TimeoutError) as error:
            self._log.warning("Channel %s can't be caught up with: %s", channel, error)
            return []
        oldest = datetime.now(UTC) - timedelta(minutes=self._minutes)
        known = self._channels.of(channel)
        messages = [
            each for each in page or () if isinstance(each, dict) and str(each.get("id", "")).isdigit()
        ]
        if known and known.guild:
            # A history page does not say it, as an event does.
            for each in messages:
                each["guild_id"] = known.guild
        messages.sort(key=lambda each: int(each["id"]))
        return [each for each in messages if moment(each.get("timestamp"), each["id"]) >= oldest]
