"""What lore may take of the prompt, and what it took."""

from __future__ import annotations

import math

from tzurot_plugins.lorebook.book import Scanning
from tzurot_plugins.lorebook.scene import Scene


class Purse:
    """The budget of one scan.

    What an entry costs is paid even if it was too much, and nothing is free afterwards. Texts that were
    read for further keys stay paid for in later passes; others are forgotten.
    """

    def __init__(self, scanning: Scanning, scene: Scene) -> None:
        share = math.floor(scanning.budget_percent * scene.window / 100 + 0.5) or 1
        self.budget = min(share, scanning.budget_cap) if scanning.budget_cap > 0 else share
        self.empty = False
        self._count = scene.count
        self._kept = ""
        self._kept_tokens = 0
        self._running = ""

    def open(self) -> None:
        """A pass begins."""
        self._kept_tokens = self._count(self._kept)
        self._running = ""

    def pay(self, text: str, *, anyway: bool) -> bool:
        """Whether ``text`` comes in; if not, the purse is empty from now on. ``anyway`` asks for no room."""
        self._running += f"{text}\n"
        if anyway or self._kept_tokens + self._count(self._running) < self.budget:
            return True
        self.empty = True
        return False

    def keep(self, text: str) -> None:
        """``text`` is read in later passes, and counts in them."""
        self._kept = f"{text}\n{self._kept}"
