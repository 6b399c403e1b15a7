"""The breaker: an implementation that keeps failing rests for a while instead of slowing every turn."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

Key = tuple[str, str]
"""Plugin and hook."""


@dataclass(slots=True)
class _Record:
    failures: deque[float] = field(default_factory=deque)
    rest: float = 0.0
    until: float = 0.0


class Breaker:
    """Counts failures per plugin and hook.

    ``limit`` failures within ``window_seconds`` rest the pair for ``rest_seconds``, doubled each time it
    trips again up to ``longest_seconds``; a success after a rest forgives.
    """

    def __init__(
        self,
        limit: int = 5,
        window_seconds: float = 60.0,
        rest_seconds: float = 60.0,
        longest_seconds: float = 1800.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._window = window_seconds
        self._rest = rest_seconds
        self._longest = longest_seconds
        self._now = now
        self._records: dict[Key, _Record] = {}

    @property
    def tripped(self) -> bool:
        """Whether any pair has failed lately: if not, nobody needs asking."""
        return bool(self._records)

    def succeeded(self, key: Key) -> None:
        """A run went well: earlier failures are forgiven."""
        if self._records:
            self._records.pop(key, None)

    def failed(self, key: Key) -> bool:
        """A run failed; whether that made the pair rest."""
        now = self._now()
        record = self._records.setdefault(key, _Record())
        record.failures.append(now)
        while record.failures and record.failures[0] < now - self._window:
            record.failures.popleft()
        if len(record.failures) < self._limit:
            return False
        record.failures.clear()
        record.rest = min(self._longest, record.rest * 2 or self._rest)
        record.until = now + record.rest
        return True

    def resting(self, key: Key) -> bool:
        """Whether the pair is to be passed over now."""
        record = self._records.get(key)
        return record is not None and record.until > self._now()

    def rest(self, key: Key) -> float:
        """How many seconds the pair still rests."""
        record = self._records.get(key)
        return max(0.0, record.until - self._now()) if record else 0.0

    def report(self) -> dict[Key, float]:
        """All resting pairs, with the seconds that are left."""
        return {key: left for key in self._records if (left := self.rest(key)) > 0}
