"""Recognises in which program's format a lorebook is written, and reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tzurot import TzurotError
from tzurot_plugins.lorebook.book import Book
from tzurot_plugins.lorebook.character_book import read_character_book
from tzurot_plugins.lorebook.elsewhere import read_elsewhere
from tzurot_plugins.lorebook.fields import JsonObject, as_object
from tzurot_plugins.lorebook.sillytavern import read_world


class NotABook(TzurotError):
    """The file holds no lorebook that we can read."""


def read_book_file(path: Path) -> Book:
    """The book in a JSON or YAML file, in any format that we know.

    Raises:
        NotABook: the file is no lorebook, or isn't readable.
    """
    try:
        text = path.read_text("utf-8-sig")
        raw = json.loads(text) if path.suffix in (".json", ".lorebook") else yaml.safe_load(text)
        return read_book(raw, path.stem)
    except (NotABook, OSError, ValueError, yaml.YAMLError) as error:
        raise NotABook(f"{path}: {error}") from error


def read_book(raw: Any, name: str = "") -> Book:
    """A book from parsed JSON: world info, a character card with a book, a V3 book, other programs', or ours.

    Raises:
        NotABook: it is none of these.
    """
    content = as_object(raw)
    data = as_object(content.get("data"))
    if content.get("spec") == "lorebook_v3":
        return read_character_book(data, name)
    inside = as_object(data.get("character_book") or content.get("character_book"))
    if inside:
        return read_character_book(inside, name)
    elsewhere = read_elsewhere(content, name)
    if elsewhere is not None:
        return elsewhere
    entries = content.get("entries")
    if isinstance(entries, dict):
        return read_world(content, name)
    if not isinstance(entries, list):
        raise NotABook(
            "no lorebook: there is no list of entries in it. Give a lorebook of SillyTavern, a character "
            "card with a book in it, or a book as in a pack."
        )
    if any("insertion_order" in one or "secondary_keys" in one for one in map(as_object, entries)):
        return read_character_book(content, name)
    if any("key" in one for one in map(as_object, entries)):
        return read_world(content, name)
    return Book.model_validate({"name": name, **content})


def kept_fields(book: Book) -> JsonObject:
    """Which fields have no meaning here, and in how many entries; they are kept as they are."""
    counts: dict[str, int] = {}
    for entry in book.entries:
        for field in entry.extensions:
            counts[field] = counts.get(field, 0) + 1
    return {**dict.fromkeys(book.extensions, 1), **counts}
