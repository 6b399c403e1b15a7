"""Discord's allowance of new sessions: so many in a day, one per five seconds and concurrency group."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class GatewayInfo:
    """What ``GET /gateway/bot`` says."""

    url: str
    shards: int = 1
    remaining: int = 1000
    reset_seconds: float = 0.0
    concurrency: int = 1

    @classmethod
    def of(cls, body: Any) -> GatewayInfo:
        """Read the answer leniently.

        Raises:
            ValueError: it names no address.
        """
        if not isinstance(body, dict) or not str(body.get("url", "")).startswith(("ws://", "wss://")):
            raise ValueError("the answer of GET /gateway/bot names no gateway address")
        limit = body.get("session_start_limit") or {}
        return cls(
            url=str(body["url"]),
            shards=max(1, int(body.get("shards") or 1)),
            remaining=int(limit.get("remaining", 1000)),
            reset_seconds=float(limit.get("reset_after", 0)) / 1000,
            concurrency=max(1, int(limit.get("max_concurrency") or 1)),
        )


class IdentifyBudget:
    """Hands out the right to IDENTIFY; asks ``refresh`` anew when it has run out."""

    def __init__(
        self,
        info: GatewayInfo,
        refresh: Callable[[], Awaitable[GatewayInfo]],
        gap: float,
        log: logging.Logger,
    ) -> None:
        self._refresh, self._gap, self.log = refresh, gap, log
        self._info = info
        self._left = info.remaining
        self._reset_at = asyncio.get_running_loop().time() + info.reset_seconds
        self._groups: dict[int, asyncio.Lock] = {}
        self._next: dict[int, float] = {}

    async def take(self, shard: int) -> None:
        """Wait until ``shard`` may identify."""
        loop = asyncio.get_running_loop()
        group = shard % self._info.concurrency
        async with self._groups.setdefault(group, asyncio.Lock()):
            await self._wait_for_allowance()
            wait = self._next.get(group, 0.0) - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            self._left -= 1
            self._next[group] = loop.time() + self._gap

    async def _wait_for_allowance(self) -> None:
        loop = asyncio.get_running_loop()
        while self._left <= 0:
            wait = max(0.05, self._reset_at - loop.time())
            self.log.error(
                "Discord allows this bot no new session for %.0f s (its daily limit is used up); waiting. "
                "Something restarts it too often.",
                wait,
            )
            await asyncio.sleep(wait)
            self._info = await self._refresh()
            self._left, self._reset_at = self._info.remaining, loop.time() + self._info.reset_seconds
