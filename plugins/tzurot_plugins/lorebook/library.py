"""The books of all packs, made ready for scanning once, and not on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from tzurot_plugins.lorebook.book import Book
from tzurot_plugins.lorebook.bookcase import Bookcase
from tzurot_plugins.lorebook.config import LorebookConfig


class Library:
    """The bookcases by the settings they were made from; as many as there are characters with lore."""

    def __init__(self) -> None:
        self._cases: dict[int, tuple[LorebookConfig, Bookcase]] = {}
        self._making = asyncio.Lock()

    async def bookcase(self, config: LorebookConfig) -> Bookcase:
        """The books of ``config``, ready for scanning."""
        async with self._making:
            known = self._cases.get(id(config))
            if known is None:
                known = config, await asyncio.to_thread(_make, config)
                self._cases[id(config)] = known
            return known[1]

    def forget_all_but(self, configs: Iterable[LorebookConfig]) -> None:
        """Give up the books of settings that are not used any more."""
        used = {id(config) for config in configs}
        self._cases = {key: case for key, case in self._cases.items() if key in used}


def _make(config: LorebookConfig) -> Bookcase:
    books: dict[str, Book] = {}
    for number, book in enumerate(config.books, 1):
        name = book.name or f"book {number}"
        books[name if name not in books else f"{name} {number}"] = book
    return Bookcase(books, config.scanning)
