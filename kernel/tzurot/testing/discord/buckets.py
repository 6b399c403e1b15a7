"""Rate limits: a bucket for each route and major parameter, and one global limit."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import md5

BUCKETS_KEPT = 4_096


@dataclass(slots=True, frozen=True)
class Limit:
    """So many requests in so many seconds."""

    requests: int
    seconds: float


GENEROUS = Limit(1_000_000, 1.0)
"""The usual limit of the test server: present in the headers, never in the way."""

DISCORD: dict[str, Limit] = {
    "POST /channels/{channel_id}/messages": Limit(5, 5.0),
    "PATCH /channels/{channel_id}/messages/{message_id}": Limit(5, 5.0),
    "DELETE /channels/{channel_id}/messages/{message_id}": Limit(5, 1.0),
    "GET /channels/{channel_id}/messages": Limit(5, 5.0),
    "POST /channels/{channel_id}/typing": Limit(5, 5.0),
    "POST /webhooks/{webhook_id}/{webhook_token}": Limit(5, 2.0),
    "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}": Limit(5, 2.0),
    "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me": Limit(1, 0.25),
    "POST /channels/{channel_id}/webhooks": Limit(5, 5.0),
    "POST /channels/{channel_id}/threads": Limit(50, 300.0),
}
"""About what Discord applies (it documents no numbers); set it with ``Buckets.like_discord``."""


@dataclass(slots=True)
class _Window:
    resets: float
    used: int = 0


@dataclass(slots=True, frozen=True)
class Verdict:
    """Whether a request may pass, and the headers that tell its sender how things stand."""

    headers: dict[str, str]
    retry_after: float = 0.0
    everywhere: bool = False
    scope: str = "user"

    @property
    def refused(self) -> bool:
        """Whether the answer is 429."""
        return self.retry_after > 0


class Buckets:
    """Counts requests in fixed windows, as Discord does."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limits: dict[str, Limit] = {}
        self._windows: dict[tuple[str, str], _Window] = {}
        self.default = GENEROUS
        self.everywhere: Limit | None = None
        """The global limit of each bot; None switches it off (Discord's is 50 a second)."""

    def set(self, route: str, requests: int, seconds: float) -> None:
        """Limit ``route`` (``"POST /channels/{channel_id}/messages"``)."""
        self._limits[route] = Limit(requests, seconds)
        self._windows = {key: window for key, window in self._windows.items() if key[0] != route}

    def like_discord(self) -> None:
        """Take limits like Discord's, with its global 50 a second."""
        self._limits.update(DISCORD)
        self.everywhere = Limit(50, 1.0)

    def take(self, route: str, major: str, bot: str | None) -> Verdict:
        """Count one request and decide about it; ``bot`` is None where the global limit doesn't apply."""
        if self.everywhere is not None and bot is not None:
            window = self._window(("*", bot), self.everywhere)
            if window.used >= self.everywhere.requests:
                return refused(window.resets - self._clock(), "global")
            window.used += 1
        limit = self._limits.get(route, self.default)
        window = self._window((route, major), limit)
        over = window.used >= limit.requests
        window.used += not over
        left = max(0.0, window.resets - self._clock())
        headers = {
            "X-RateLimit-Limit": str(limit.requests),
            "X-RateLimit-Remaining": str(limit.requests - window.used),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": bucket_hash(route),
        }
        if not over:
            return Verdict(headers)
        return refused(left, "user", headers)

    def _window(self, key: tuple[str, str], limit: Limit) -> _Window:
        window = self._windows.get(key)
        now = self._clock()
        if window is None or window.resets <= now:
            if len(self._windows) >= BUCKETS_KEPT:
                self._windows = {old: kept for old, kept in self._windows.items() if kept.resets > now}
            window = self._windows[key] = _Window(now + limit.seconds)
        return window


def refused(retry_after: float, scope: str, headers: dict[str, str] | None = None) -> Verdict:
    """The verdict of a limit that is hit; ``scope`` is user, shared or global."""
    seconds = max(retry_after, 0.001)
    more = {"Retry-After": str(math.ceil(seconds)), "X-RateLimit-Scope": scope}
    if scope == "global":
        more["X-RateLimit-Global"] = "true"
    return Verdict((headers or {}) | more, seconds, scope == "global", scope)


def bucket_hash(route: str) -> str:
    """The opaque name that a route's bucket has in headers."""
    return md5(route.encode(), usedforsecurity=False).hexdigest()
