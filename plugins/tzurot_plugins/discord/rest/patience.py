"""How long and how often a request to Discord is tried."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often to try: waits in seconds, doubled from ``first`` up to ``most``."""

    tries: int = 5
    rate_limit_tries: int = 20
    first: float = 0.5
    most: float = 15.0
    longest_wait: float = 900.0
    timeout: float = 30.0

    def before(self, retry: int) -> float:
        """How long to wait before the retry of this number, the first being 1; spread at random."""
        ceiling: float = min(self.most, self.first * 2 ** (retry - 1))
        return ceiling * random.uniform(0.5, 1.0)
