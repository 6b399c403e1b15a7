"""Reads conversations from files, to try books on: SillyTavern's chats, JSON, or lines of ``Name: text``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tzurot_plugins.lorebook.fields import as_object, as_text
from tzurot_plugins.lorebook.scene import Spoken


def read_chat(path: Path) -> list[Spoken]:
    """The messages of a file, oldest first; hidden ones are left out."""
    text = path.read_text("utf-8-sig")
    if path.suffix == ".jsonl":
        return _messages(json.loads(line) for line in text.splitlines() if line.strip())
    if path.suffix == ".json":
        raw = json.loads(text)
        return _messages(raw if isinstance(raw, list) else as_object(raw).get("chat") or ())
    return [_line(line) for line in text.splitlines() if line.strip()]


def _messages(raw: Iterable[Any]) -> list[Spoken]:
    spoken = []
    for one in map(as_object, raw):
        said = one.get("mes", one.get("text"))
        if isinstance(said, str) and not one.get("is_system"):
            spoken.append(Spoken(as_text(one.get("name")) or "User", said))
    return spoken


def _line(line: str) -> Spoken:
    name, colon, text = line.partition(":")
    return Spoken(name.strip(), text.strip()) if colon else Spoken("User", line.strip())
