"""Finds all plain keys of all books in a text at once, and remembers what it found in each text."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from ahocorasick_rs import AhoCorasick, Implementation
from cachetools import LRUCache

from tzurot_plugins.lorebook.keys import Key, Kind, bounded

_TEXTS_REMEMBERED = 4096
_NONE: frozenset[int] = frozenset()


class Ring:
    """The plain keys of some books, each under a number; even ones match anywhere, odd ones whole words."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._needles: dict[bool, dict[str, int]] = {False: {}, True: {}}
        for key in keys:
            if key.kind is Kind.PLAIN:
                known = self._needles[key.sensitive]
                known.setdefault(key.needle, len(known))
        self._folded = _automaton(self._needles[False])
        self._exact = _automaton(self._needles[True])
        self._remembered: LRUCache[str, frozenset[int]] = LRUCache(_TEXTS_REMEMBERED)
        self._lock = Lock()

    def number(self, key: Key) -> int:
        """The number of a plain key that the ring was made with."""
        number = 4 * self._needles[key.sensitive][key.needle]
        return number + (2 if key.sensitive else 0) + (1 if key.whole else 0)

    def found_in(self, text: str) -> frozenset[int]:
        """The numbers of the keys in ``text``; each text is looked through once."""
        with self._lock:  # scans run in threads
            known = self._remembered.get(text)
        if known is None:
            found: set[int] = set()
            if self._folded is not None:
                _search(self._folded, text.lower(), 0, found)
            if self._exact is not None:
                _search(self._exact, text, 2, found)
            known = frozenset(found) if found else _NONE
            with self._lock:
                self._remembered[text] = known
        return known


def _automaton(needles: dict[str, int]) -> AhoCorasick | None:
    if not needles:
        return None
    return AhoCorasick(list(needles), store_patterns=False, implementation=Implementation.ContiguousNFA)


def _search(automaton: AhoCorasick, text: str, kind: int, found: set[int]) -> None:
    for number, start, end in automaton.find_matches_as_indexes(text, overlapping=True):
        anywhere = 4 * number + kind
        found.add(anywhere)
        if anywhere + 1 not in found and bounded(text, start, end):
            found.add(anywhere + 1)
