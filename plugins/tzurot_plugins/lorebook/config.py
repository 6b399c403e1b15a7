"""What a pack may say about its lorebooks."""

from __future__ import annotations

from pydantic import Field

from tzurot import PackModel
from tzurot_plugins.lorebook.book import Book, Scanning


class LorebookConfig(PackModel):
    """What the character's world holds, and how it is looked up."""

    books: list[Book] = Field(default=[], max_length=100)
    """The lorebooks. An item may be ``{include: lorebooks/*.yaml}``."""
    scanning: Scanning = Scanning()
    """How the books are scanned."""
