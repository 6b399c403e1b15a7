"""Plain YAML scalars as YAML 1.2 reads them: a character may be called No, and 12:30 is text."""

from __future__ import annotations

import math
import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NUMBER_START = frozenset("+-.0123456789")
_INT = re.compile(r"[-+]?[0-9]+")
_OTHER_BASES = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
# Python refuses to read whole numbers of thousands of digits, and nothing in a pack needs them.
_LONGEST = 40


def plain(text: str) -> Scalar:
    """Read a plain scalar; raise ``ValueError`` with a sentence for numbers that can't be used."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_START:
        return text
    return _number(text)


def _number(text: str) -> Scalar:
    if _NO_NUMBER.fullmatch(text):
        raise ValueError(f"{text} is no number that can be used here.")
    whole = _INT.fullmatch(text) or _OTHER_BASES.fullmatch(text)
    if not whole and not _FLOAT.fullmatch(text):
        return text
    if len(text) > _LONGEST:
        raise ValueError(f"a number of {len(text)} characters is longer than any that can be used here.")
    if whole:
        return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text} is larger than any number that can be used here.")
    return value
