"""Fills in the placeholders that authors write: ``{{char}}`` and ``{{user}}``."""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(r"\{\{\s*(char|user)\s*\}\}", re.IGNORECASE)


def fill(text: str, char: str, user: str) -> str:
    """``text`` with both names in place, in one pass: a name that holds a placeholder stays as it is."""
    if "{{" not in text:
        return text
    return _PLACEHOLDER.sub(lambda found: char if found[1].lower() == "char" else user, text)
