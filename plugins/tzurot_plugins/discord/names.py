"""A character's name as Discord lets a webhook bear it, and the way back."""

from __future__ import annotations

import re
import unicodedata

from tzurot_plugins.discord.chunking import width

LONGEST = 80
_SPACE = re.compile(r"\s+")
# Discord refuses these words within a webhook's name, and these names as a whole. A letter that looks the
# same (Cyrillic es, u, ie) keeps the name readable.
_FORBIDDEN = (
    (re.compile("(dis)c(ord)", re.I), "\\1\u0441\\2"),
    (re.compile("(cl)y(de)", re.I), "\\1\u0443\\2"),
    (re.compile("^(everyon)e$|^(her)e$", re.I), "\\1\\2\u0435"),
    (re.compile("^(system messag)e$", re.I), "\\1\u0435"),
)
_PREFIX = re.compile(r"\*\*(.{1,90}?):\*\* ")


def presented(name: str) -> str:
    """``name`` as a webhook may bear it: one line, 1 to 80 long, without the words that Discord forbids."""
    seen = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    seen = _SPACE.sub(" ", seen).strip()
    for pattern, replacement in _FORBIDDEN:
        seen = pattern.sub(replacement, seen)
    while width(seen) > LONGEST:
        seen = seen[:-1].rstrip()
    return seen or "character"


def prefix(name: str) -> str:
    """What stands in front of a character's words when the bot itself must say them."""
    plain = presented(name).replace("*", "").replace("`", "").replace("_", " ").strip() or "character"
    return f"**{plain}:** "


def prefixed(text: str) -> str | None:
    """The name in front of words that the bot said for a character; ``None`` if there is none."""
    found = _PREFIX.match(text)
    return found.group(1) if found else None
