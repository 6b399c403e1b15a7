"""What lore may take of the prompt, and what it took."""

from __future__ import annotations

import math
from collections.abc import Iterable

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
        self._whole = not scene.additive
        self._kept, self._running = "", ""
        self._kept_tokens = self._running_tokens = 0

    def open(self) -> None:
        """A pass begins."""
        if self._whole:
            self._kept_tokens = self._count(self._kept)
        self._running, self._running_tokens = "", 0

    def pay(self, text: str, *, anyway: bool) -> bool:
        """Whether ``text`` comes in; if not, the purse is empty from now on. ``anyway`` asks for no room."""
        if self._whole:
            self._running += f"{text}\n"
            self._running_tokens = self._count(self._running)
        else:
            self._running_tokens += self._count(text)
        if anyway or self._kept_tokens + self._running_tokens < self.budget:
            return True
        self.empty = True
        return False

    def keep(self, texts: Iterable[str]) -> None:
        """``texts`` are read in later passes, and count in them."""
        if self._whole:
            together = "\n".join(texts)
            self._kept = f"{together}\n{self._kept}"
        else:
            self._kept_tokens += sum(map(self._count, texts))
