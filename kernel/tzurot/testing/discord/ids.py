"""Snowflakes and times, as Discord writes them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

DISCORD_EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """Hands out ids that rise strictly, also within one millisecond."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        """A new id for now."""
        fresh = (int(time.time() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last = max(fresh, self._last + 1)
        return str(self._last)


def is_snowflake(text: str) -> bool:
    """Whether ``text`` could be an id at all."""
    return text.isascii() and text.isdigit() and len(text) <= 20


def now() -> datetime:
    """The time in UTC, aware."""
    return datetime.now(UTC)


def iso(at: datetime) -> str:
    """``at`` the way Discord prints it: microseconds and an explicit offset."""
    return at.isoformat(timespec="microseconds")
