"""Reads regular expressions as JavaScript means them: ``/pattern/flags``, run with a time limit."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import regex

PATIENCE_SECONDS = 0.05
SPACES = (
    "\t\n\v\f\r \u00a0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What JavaScript calls white space."""

_DELIMITED = regex.compile(r"/(?P<pattern>[\s\S]+)/(?P<flags>[gimsuy]*)")
_BARE_SLASH = regex.compile(r"(?:^|[^\\])/")
_QUANTITY = regex.compile(r"\{\d+(,\d*)?\}")
_SPACE_RANGE = r"\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_NO_SPACE_RANGE = (
    r"\x00-\x08\x0e-\x1f\x21-\u009f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e"
    r"\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\U0010ffff"
)
# What stands inside [...] for each class of letters: ASCII only, whatever the text is written in.
_RANGES = {
    "d": "0-9",
    "D": r"\x00-\x2f\x3a-\U0010ffff",
    "w": "A-Za-z0-9_",
    "W": r"\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\U0010ffff",
    "s": _SPACE_RANGE,
    "S": _NO_SPACE_RANGE,
}
_WORD, _EDGE = "[A-Za-z0-9_]", "(?:(?<!{0})(?={0})|(?<={0})(?!{0}))"
_AS_IT_IS = frozenset("fnrtvxu0123456789") | frozenset(r"^$\.*+?()[]{}|/-")


class NotAPattern(ValueError):
    """The text is no regular expression that JavaScript would take."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression of an author; it is not trusted to end."""

    compiled: regex.Pattern[str]
    anchored: bool

    def found_in(self, text: str) -> bool:
        """Whether it matches; one that takes too long does not."""
        look = self.compiled.match if self.anchored else self.compiled.search
        try:
            return look(text, timeout=PATIENCE_SECONDS) is not None
        except TimeoutError:
            return False


@functools.lru_cache(maxsize=4096)
def read_pattern(key: str) -> Pattern | None:
    """``key`` as a pattern; ``None`` if it is plain text: no slashes round it, or nothing valid in them."""
    delimited = _DELIMITED.fullmatch(key)
    if delimited is None or _BARE_SLASH.search(delimited["pattern"]):
        return None
    letters = delimited["flags"]
    if len(set(letters)) != len(letters):
        return None
    flags = regex.V0
    for letter, flag in (("i", regex.I), ("m", regex.M)):
        flags |= flag if letter in letters else 0
    try:
        translated = _Translation(delimited["pattern"], dotall="s" in letters, lines="m" in letters).done()
        return Pattern(regex.compile(translated, flags), anchored="y" in letters)
    except (NotAPattern, regex.error):
        return None


class _Translation:
    """One walk through a pattern, from its first letter to its last."""

    def __init__(self, pattern: str, *, dotall: bool, lines: bool) -> None:
        self.pattern, self.lines, self.at = pattern, lines, 0
        self.dot = r"[\x00-\U0010ffff]" if dotall else r"[^\n\r\u2028\u2029]"

    def done(self) -> str:
        parts = []
        while self.at < len(self.pattern):
            parts.append(self._next())
        return "".join(parts)

    def _next(self) -> str:
        letter = self.pattern[self.at]
        self.at += 1
        if letter == "\\":
            return self._escape()
        if letter == "[":
            return self._set()
        if letter == "(":
            return self._group()
        if letter == "{":
            return self._quantity()
        if letter == ".":
            return self.dot
        if letter == "$" and not self.lines:
            return r"\Z"
        return self._unpossessive(letter) if letter in "*+?" else letter

    def _unpossessive(self, letter: str) -> str:
        if self.pattern.startswith("+", self.at):  # in Python more than a repetition, in JavaScript a fault
            raise NotAPattern
        return letter

    def _quantity(self) -> str:
        quantity = _QUANTITY.match(self.pattern, self.at - 1)
        if quantity is None:
            return r"\{"
        self.at = quantity.end()
        self._unpossessive("")
        return str(quantity[0])

    def _group(self) -> str:
        if not self.pattern.startswith("?", self.at):
            return "("
        if self.pattern[self.at + 1 : self.at + 2] not in {":", "=", "!", "<"}:
            raise NotAPattern
        return "("

    def _escape(self) -> str:
        letter = self._escaped()
        if letter in _RANGES:
            return f"[{_RANGES[letter]}]"
        if letter in "bB":
            edge = _EDGE.format(_WORD)
            return edge if letter == "b" else f"(?!{edge})"
        if letter == "k" and self.pattern.startswith("<", self.at):
            end = self.pattern.find(">", self.at)
            name, self.at = self.pattern[self.at + 1 : end], end + 1
            return f"(?P={name})"
        return self._plain(letter)

    def _escaped(self) -> str:
        if self.at >= len(self.pattern):
            raise NotAPattern
        self.at += 1
        return self.pattern[self.at - 1]

    def _plain(self, letter: str) -> str:
        if letter == "0":
            return r"\x00"
        return "\\" + letter if letter in _AS_IT_IS else regex.escape(letter)

    def _set(self) -> str:
        negated = self.pattern.startswith("^", self.at)
        self.at += negated
        parts = []
        while True:
            if self.at >= len(self.pattern):
                raise NotAPattern
            letter = self.pattern[self.at]
            self.at += 1
            if letter == "]":
                break
            parts.append(self._in_set(letter))
        if not parts:
            return r"[\x00-\U0010ffff]" if negated else "(?!)"
        return f"[{'^' if negated else ''}{''.join(parts)}]"

    def _in_set(self, letter: str) -> str:
        if letter == "\\":
            letter = self._escaped()
            if letter == "b":
                return r"\x08"
            return _RANGES.get(letter) or self._plain(letter)
        return "\\" + letter if letter in "[&~|^" else letter
