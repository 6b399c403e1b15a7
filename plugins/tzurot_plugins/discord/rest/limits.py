"""Discord's limits as small state machines: buckets, the global rate, and the count of invalid requests."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from tzurot_plugins.discord.rest.routes import Route

Now = Callable[[], float]
MANY = 4096
INVALID_WINDOW = 600.0
INVALID_MOST = 9_000
"""Discord bans an address at 10,000 invalid requests in ten minutes."""


@dataclass(slots=True)
class Bucket:
    """What Discord last said about one bucket: how many requests are left, until when."""

    remaining: int = 1
    limit: int = 1
    reset: float = 0.0

    def delay(self, now: float) -> float:
        """How long the next request must wait; 0 takes one of what is left."""
        if now >= self.reset:
            self.remaining, self.reset = self.limit, now + 1.0
        if self.remaining > 0:
            self.remaining -= 1
            return 0.0
        return self.reset - now

    def learn(self, remaining: int, limit: int, reset: float) -> None:
        """Take over what an answer's headers say."""
        fresh = reset > self.reset + 0.25 or self.limit != limit
        self.limit = max(1, limit)
        # Answers to requests that ran side by side arrive in any order: within a window only less is news.
        self.remaining = remaining if fresh else min(self.remaining, remaining)
        self.reset = max(self.reset, reset) if not fresh else reset

    def block(self, until: float) -> None:
        """Nothing may go before ``until``: a 429 said so."""
        self.remaining, self.reset = 0, until


class Buckets:
    """Which route shares which bucket, as Discord's headers reveal it; bounded."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._hashes: OrderedDict[str, str] = OrderedDict()
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()

    def of(self, route: Route) -> Bucket | None:
        """The bucket of a route; ``None`` while Discord has said nothing about it."""
        key = (self._hashes.get(route.label, route.label), route.major)
        return self._buckets.get(key)

    def learn(self, route: Route, name: str, remaining: int, limit: int, reset_after: float) -> None:
        """Take over the headers of an answer."""
        self._remember(route, name).learn(remaining, limit, self._now() + reset_after)

    def block(self, route: Route, name: str | None, seconds: float) -> None:
        """A 429 closed the route's bucket."""
        self._remember(route, name or self._hashes.get(route.label, route.label)).block(self._now() + seconds)

    def _remember(self, route: Route, name: str) -> Bucket:
        self._hashes[route.label] = name
        bucket = self._buckets.setdefault((name, route.major), Bucket())
        self._buckets.move_to_end((name, route.major))
        if len(self._buckets) > MANY:
            self._forget()
        return bucket

    def _forget(self) -> None:
        now = self._now()
        for key in [key for key, bucket in self._buckets.items() if bucket.reset < now][: MANY // 2]:
            del self._buckets[key]
        while len(self._buckets) > 2 * MANY:
            self._buckets.popitem(last=False)


class Rate:
    """At most ``most`` requests in any one second, first come first served; can be paused altogether."""

    def __init__(self, most: int, now: Now) -> None:
        self._sent: deque[float] = deque(maxlen=most)
        self._now = now
        self._paused_until = 0.0
        self._turn = asyncio.Lock()

    def tighten(self, most: int) -> None:
        """From now on at most ``most`` in a second."""
        if most < (self._sent.maxlen or most):
            self._sent = deque(self._sent, maxlen=most)

    def pause(self, seconds: float) -> None:
        """Nothing goes for ``seconds``: Discord said that the global limit is met."""
        self._paused_until = max(self._paused_until, self._now() + seconds)

    @property
    def paused(self) -> float:
        """How long the pause still lasts, in seconds."""
        return max(0.0, self._paused_until - self._now())

    @property
    def crowded(self) -> bool:
        """Whether half of the last second's places are taken: what is only nice to have can do without."""
        half = (self._sent.maxlen or 2) // 2
        busy = len(self._sent) > half and self._sent[-half - 1] > self._now() - 1.0
        return busy or self._turn.locked() or self.paused > 0

    async def take(self) -> None:
        """Wait for a place in the second."""
        if not self._turn.locked() and not self._delay():
            self._sent.append(self._now())
            return
        async with self._turn:
            while delay := self._delay():  # noqa: ASYNC110  # it waits for a time, not for an event
                await asyncio.sleep(delay)
            self._sent.append(self._now())

    def _delay(self) -> float:
        now = self._now()
        wait = self._paused_until - now
        if len(self._sent) == self._sent.maxlen:
            # A little over a second: the network may squeeze what we spaced out.
            wait = max(wait, self._sent[0] + 1.02 - now)
        return max(0.0, wait)


class InvalidRequests:
    """Counts answers of 401, 403 and 429, which Discord bans for when there are too many."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._at: deque[float] = deque(maxlen=INVALID_MOST)

    def count(self) -> int:
        """Note one; how many there were within ten minutes."""
        self._at.append(self._now())
        return self.recent

    @property
    def recent(self) -> int:
        """How many there were within ten minutes."""
        oldest = self._now() - INVALID_WINDOW
        while self._at and self._at[0] < oldest:
            self._at.popleft()
        return len(self._at)

    @property
    def too_many(self) -> bool:
        """Whether the next one could be the one that gets this address banned."""
        return len(self._at) == INVALID_MOST and self.recent == INVALID_MOST


class Lanes:
    """A lock per lane, so that what goes to one place goes in order; idle ones are forgotten."""

    def __init__(self) -> None:
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    def of(self, route: Route) -> asyncio.Lock:
        """The lock of a route's lane; waiters pass it first come first served."""
        lock = self._locks.get(route.lane)
        if lock is None:
            if len(self._locks) >= MANY:
                self._locks = {lane: each for lane, each in self._locks.items() if each.locked()}
            lock = self._locks[route.lane] = asyncio.Lock()
        return lock
