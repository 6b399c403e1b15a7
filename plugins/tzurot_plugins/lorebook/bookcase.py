"""Books made ready for scanning: in their order, keys read, and who is to be looked at for which key."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tzurot_plugins.lorebook.book import Book, Entry, Scanning
from tzurot_plugins.lorebook.decorators import ACTIVATE, DONT_ACTIVATE, read_decorators
from tzurot_plugins.lorebook.keys import Key, Kind, read_key
from tzurot_plugins.lorebook.ring import Ring


@dataclass(frozen=True, slots=True, eq=False)
class Lore:
    """One entry as the engine sees it. ``ref`` is its book and id, ``digest`` changes when it does.

    ``numbers`` are those of its keys in the ring, ``odd_keys`` the keys that are not there.
    """

    ref: str
    entry: Entry
    content: str
    decorators: tuple[str, ...]
    keys: tuple[Key, ...]
    also: tuple[Key, ...]
    digest: int
    numbers: frozenset[int] = frozenset()
    odd_keys: tuple[Key, ...] = ()

    @property
    def sticky(self) -> int:
        """For how many messages it stays once it came in."""
        return self.entry.sticky

    @property
    def cooldown(self) -> int:
        """For how many messages it has to wait before it comes in again."""
        return self.entry.cooldown

    @property
    def wanted(self) -> bool:
        """Whether a decorator brings it in."""
        return ACTIVATE in self.decorators

    @property
    def unwanted(self) -> bool:
        """Whether a decorator keeps it out."""
        return DONT_ACTIVATE in self.decorators

    def as_forced(self, entry: Entry) -> Lore:
        """This lore with the entry that somebody else puts in its place."""
        return replace(self, entry=entry, content=entry.content)


@dataclass(frozen=True, slots=True)
class Bound:
    """Which books are bound to what; the names are those of the books."""

    everywhere: Sequence[str] = ()
    character: Sequence[str] = ()
    chat: Sequence[str] = ()
    persona: Sequence[str] = ()


class Bookcase:
    """The books of one conversation, in the order in which their entries come in."""

    def __init__(
        self,
        books: Mapping[str, Book],
        scanning: Scanning,
        bound: Bound | None = None,
        digests: Mapping[str, int] | None = None,
    ) -> None:
        self.scanning = scanning
        ordered = _in_order(books, bound or Bound(tuple(books)), scanning.strategy)
        read = [_read(ref, entry, scanning, digests or {}) for ref, entry in ordered]
        self.ring = Ring(key for lore in read for key in (*lore.keys, *lore.also))
        self.lores = tuple(map(self._numbered, read))
        self.by_digest = {lore.digest: lore for lore in self.lores if lore.digest}
        self.place = {lore.ref: number for number, lore in enumerate(self.lores)}
        self.levels = sorted({lore.entry.delay_until_recursion for lore in self.lores} - {0})
        self.deepest = max((lore.entry.scan_depth or 0 for lore in self.lores), default=0)
        self.always_asked: list[int] = []
        """Those whom no number of the ring can tell about."""
        self._asked_for: defaultdict[int, list[int]] = defaultdict(list)
        for number, lore in enumerate(self.lores):
            self._index(number, lore)

    def asked_for(self, numbers: Iterable[int]) -> Iterator[int]:
        """The places of the lore that may come in when these keys were found."""
        for number in numbers:
            yield from self._asked_for.get(number, ())

    def _numbered(self, lore: Lore) -> Lore:
        numbers = frozenset(self.ring.number(key) for key in lore.keys if key.kind is Kind.PLAIN)
        odd = tuple(key for key in lore.keys if key.kind not in (Kind.PLAIN, Kind.NEVER))
        return replace(lore, numbers=numbers, odd_keys=odd)

    def _index(self, number: int, lore: Lore) -> None:
        if lore.entry.always or lore.wanted or lore.odd_keys:
            self.always_asked.append(number)
            return
        for key in lore.numbers:
            self._asked_for[key].append(number)


def _read(ref: str, entry: Entry, scanning: Scanning, digests: Mapping[str, int]) -> Lore:
    decorators, content = read_decorators(entry.content)
    sensitive = scanning.case_sensitive if entry.case_sensitive is None else entry.case_sensitive
    whole = scanning.whole_words if entry.whole_words is None else entry.whole_words
    keys = tuple(read_key(key, sensitive=sensitive, whole_words=whole) for key in entry.keys)
    also = tuple(read_key(key, sensitive=sensitive, whole_words=whole) for key in entry.also)
    digest = digests.get(ref, 0)
    if not digest and (entry.sticky or entry.cooldown):  # nobody asks the others who they are
        text = entry.model_dump_json() + ref
        digest = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest())
    return Lore(ref, entry, content, decorators, keys, also, digest)


def _in_order(books: Mapping[str, Book], bound: Bound, strategy: str) -> list[tuple[str, Entry]]:
    """Chat, then persona, then the rest by strategy; a book that is bound twice is used once."""
    everywhere = _known(bound.everywhere, books, ())
    chat = _known(bound.chat, books, everywhere)
    persona = _known(bound.persona, books, (*everywhere, *chat))
    character = _known(bound.character, books, (*everywhere, *chat, *persona))
    if strategy == "evenly":
        rest = [[*everywhere, *character]]
    else:
        rest = [character, everywhere] if strategy == "character_first" else [everywhere, character]
    ordered: list[tuple[str, Entry]] = []
    for names in (chat, persona, *rest):
        entries = [pair for name in names for pair in _entries(name, books[name])]
        ordered += sorted(entries, key=lambda pair: -pair[1].order)
    return ordered


def _known(names: Iterable[str], books: Mapping[str, Book], taken: Iterable[str]) -> list[str]:
    gone = set(taken)
    return [name for name in dict.fromkeys(names) if name in books and name not in gone]


def _entries(name: str, book: Book) -> list[tuple[str, Entry]]:
    if not book.enabled:
        return []
    return [(f"{name}.{entry.id or number}", entry) for number, entry in enumerate(book.entries)]
