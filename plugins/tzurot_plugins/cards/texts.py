"""Text as packs can hold it: one kind of line end, nothing invisible, within a length."""

from __future__ import annotations

import re
import unicodedata

from tzurot_plugins.cards.limits import NAME_CHARACTERS, TEXT_CHARACTERS

_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SLUG = re.compile(r"[^a-z0-9]+")


def tidy(text: str) -> str:
    """``text`` without what a pack's files can't show; doing it twice changes nothing."""
    text = _INVISIBLE.sub("", _BREAKS.sub("\n", text))
    text = _SURROGATE.sub("\ufffd", text)
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return text.strip()[:TEXT_CHARACTERS].strip()


def one_line(text: str, length: int = NAME_CHARACTERS) -> str:
    """``text`` as a name: in one line, no longer than ``length``."""
    return " ".join(tidy(text).split())[:length].strip()


def slug(text: str, spare: str = "character") -> str:
    """``text`` as an id: small letters, digits and _."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _SLUG.sub("_", plain).strip("_")[:40].strip("_") or spare
