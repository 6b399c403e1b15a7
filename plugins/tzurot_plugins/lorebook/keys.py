"""What a key of an entry is: plain text for the ring, a pattern, or something to be filled in first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from tzurot_plugins.lorebook.javascript import SPACES, Pattern, read_pattern

_SPACE = re.compile(f"[{SPACES}]")
_WORD_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")


class Kind(Enum):
    """How a key is looked for."""

    NEVER = auto()
    EVERYWHERE = auto()
    """Only spaces: SillyTavern finds it in any text."""
    PLAIN = auto()
    """In the ring, with all others at once."""
    SPANNING = auto()
    """Plain, but it may reach from one message into the next."""
    PATTERN = auto()
    MACRO = auto()
    """To be filled in before anybody knows what it is."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key as it is looked for. ``written`` is what the author wrote, ``needle`` what is searched."""

    written: str
    kind: Kind
    needle: str = ""
    sensitive: bool = False
    whole: bool = False
    pattern: Pattern | None = None


def read_key(written: str, *, sensitive: bool, whole_words: bool, filled: bool = False) -> Key:
    """What ``written`` means; ``filled`` says that its macros have been put in already."""
    if not written:
        return Key(written, Kind.NEVER)
    if "{{" in written and not filled:
        return Key(written, Kind.MACRO, sensitive=sensitive, whole=whole_words)
    text = written.strip(SPACES)
    if not text:
        return Key(written, Kind.EVERYWHERE)
    pattern = read_pattern(text)
    if pattern is not None:
        return Key(written, Kind.PATTERN, text, pattern=pattern)
    needle = text if sensitive else text.lower()
    # With spaces inside it is no single word, and boundaries are not looked at.
    whole = whole_words and not _SPACE.search(needle)
    spans = "\n" in needle or "\x01" in needle
    return Key(written, Kind.SPANNING if spans else Kind.PLAIN, needle, sensitive, whole)


def bounded(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` has no ASCII letter, digit or _ on either side."""
    return (start == 0 or text[start - 1] not in _WORD_LETTERS) and (
        end == len(text) or text[end] not in _WORD_LETTERS
    )


def stands_in(key: Key, text: str) -> bool:
    """Whether a plain key is in ``text``, looked for by itself."""
    text = text if key.sensitive else text.lower()
    start = text.find(key.needle)
    while start >= 0 and key.whole and not bounded(text, start, start + len(key.needle)):
        start = text.find(key.needle, start + 1)
    return start >= 0
