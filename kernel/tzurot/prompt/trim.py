"""Shortens a text to a number of tokens, by its end or by its middle."""

from __future__ import annotations

from collections.abc import Callable

Count = Callable[[str], int]
"""Counts the tokens of a text."""

ELLIPSIS = "…"
GAP = "\n[…]\n"
_LEAST_SHARE_AT_A_WORD = 0.8


def cut_end(text: str, limit: int, count: Count) -> str:
    """The beginning of ``text`` in at most ``limit`` tokens, cut after a word; empty if nothing fits."""
    if count(text) <= limit:
        return text
    return _longest(len(text), limit, count, lambda length: _beginning(text, length))


def cut_middle(text: str, limit: int, count: Count) -> str:
    """``text`` in at most ``limit`` tokens, its middle left out; empty if nothing fits.

    Both ends stay: people open with what they want, and close with the question.
    """
    if count(text) <= limit:
        return text

    def ends(length: int) -> str:
        head, tail = length - length // 3, length // 3
        return text[:head].rstrip() + GAP + text[len(text) - tail :].lstrip()

    return _longest(len(text), limit, count, ends) or cut_end(text, limit, count)


def _beginning(text: str, length: int) -> str:
    piece = text[:length]
    at_word = max(piece.rfind(" "), piece.rfind("\n"))
    if at_word > length * _LEAST_SHARE_AT_A_WORD:
        piece = piece[:at_word]
    return piece.rstrip() + ELLIPSIS


def _longest(length: int, limit: int, count: Count, shorten: Callable[[int], str]) -> str:
    """The longest ``shorten(n)`` within ``limit``, found by halving."""
    low, high, best = 1, length - 1, ""
    while low <= high:
        middle = (low + high) // 2
        candidate = shorten(middle)
        if count(candidate) <= limit:
            low, best = middle + 1, candidate
        else:
            high = middle - 1
    return best
