"""The texts in which keys are looked for, as each entry sees them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tzurot_plugins.lorebook.book import Source
from tzurot_plugins.lorebook.bookcase import Bookcase, Lore
from tzurot_plugins.lorebook.javascript import SPACES
from tzurot_plugins.lorebook.keys import Key, Kind, read_key, stands_in
from tzurot_plugins.lorebook.scene import Scene

PATTERNS_SECONDS = 0.5
"""What all patterns together may take of one scan; those that come later are not found."""

_MARK = "\x01"
_DEEPEST = 1000


@dataclass(frozen=True, slots=True)
class Segment:
    """One text, with the numbers of the keys in it. ``where`` says to people what it is."""

    where: str
    text: str
    numbers: frozenset[int]


@dataclass(slots=True, eq=False)
class View:
    """What one entry can read."""

    segments: tuple[Segment, ...]
    numbers: frozenset[int]
    _joined: str | None = None
    _tried: dict[Key, bool] = field(default_factory=dict)

    @property
    def joined(self) -> str:
        """All of it as one text, each part behind a mark that no message can contain."""
        if self._joined is None:
            self._joined = "\n".join(_MARK + segment.text for segment in self.segments)
        return self._joined

    def tries(self, key: Key) -> bool:
        """Whether a key that is not in the ring stands in the text."""
        if key not in self._tried:
            pattern = key.pattern
            found = pattern.found_in(self.joined) if pattern is not None else stands_in(key, self.joined)
            self._tried[key] = found
        return self._tried[key]


_BLIND = View((), frozenset())


class Reading:
    """The texts of one scan. ``skew`` is how much further back it has gone than it would."""

    def __init__(self, case: Bookcase, scene: Scene) -> None:
        self._case, self._scene = case, scene
        self.skew = 0
        self._messages = tuple(self._spoken())
        self._sources = {
            source: self._segment(source.value, text) for source, text in scene.sources.items() if text
        }
        self._injected = tuple(self._segment("prompt", text) for text in scene.injected)
        self._news = [*self._sources.values(), *self._injected]
        self._lore: list[Segment] = []
        self._searched = 0
        self._spent = 0.0
        self._views: dict[tuple[int, tuple[Source, ...], bool], View] = {}
        self._filled: dict[Key, Key] = {}

    @property
    def depth(self) -> int:
        """How many messages are read now by entries that don't say how many they want."""
        return self._case.scanning.depth + self.skew

    @property
    def has_lore(self) -> bool:
        """Whether texts of entries are read too."""
        return bool(self._lore)

    def add_lore(self, refs: str, text: str) -> None:
        """From now on the texts of these entries are read too."""
        self._lore.append(self._segment(refs, text))
        self._news.append(self._lore[-1])
        self._views.clear()

    def new_numbers(self) -> frozenset[int]:
        """The keys in all texts that some entry could read and that were not there when it was last asked."""
        deepest = max(self.depth, self._case.deepest, 0)
        news = (*self._messages[self._searched : deepest], *self._news)
        self._searched, self._news = max(self._searched, deepest), []
        return _union(news)

    def view(self, lore: Lore, *, with_lore: bool) -> View:
        """What ``lore`` can read."""
        own = lore.entry.scan_depth
        depth = min(self.depth if own is None else own, _DEEPEST)
        if depth <= 0:
            return _BLIND
        wanted = tuple(lore.entry.sources)
        known = self._views.get((depth, wanted, with_lore))
        if known is None:
            segments = (
                *(self._messages[:depth] or (Segment("nothing", "", frozenset()),)),
                *(self._sources[source] for source in Source if source in wanted and source in self._sources),
                *self._injected,
                *(self._lore if with_lore else ()),
            )
            known = self._views[depth, wanted, with_lore] = View(segments, _union(segments))
        return known

    def holds(self, view: View, key: Key) -> bool:
        """Whether ``key`` stands in what ``view`` can read."""
        if key.kind is Kind.PLAIN:
            return self._case.ring.number(key) in view.numbers
        if key.kind is Kind.MACRO:
            key = self._fill(key)
        if key.kind in (Kind.NEVER, Kind.EVERYWHERE):
            return key.kind is Kind.EVERYWHERE
        return self._tries(view, key)

    def _tries(self, view: View, key: Key) -> bool:
        """As the view says, as long as the scan has time left for patterns."""
        if key.pattern is None:
            return view.tries(key)
        if self._spent > PATTERNS_SECONDS:
            return False
        began = time.thread_time()
        found = view.tries(key)
        self._spent += time.thread_time() - began
        return found

    def where(self, view: View, key: Key) -> str:
        """In which text a key stands that was found, for people."""
        if key.kind is not Kind.PLAIN:
            key = self._fill(key)
            alone = (one for one in view.segments if key.needle and View((one,), one.numbers).tries(key))
            return next((segment.where for segment in alone), "all texts together")
        number = self._case.ring.number(key)
        return next((segment.where for segment in view.segments if number in segment.numbers), "")

    def _fill(self, key: Key) -> Key:
        if key.kind is not Kind.MACRO:
            return key
        if key not in self._filled:
            text = self._scene.fill(key.written)
            filled = read_key(text, sensitive=key.sensitive, whole_words=key.whole, filled=True)
            self._filled[key] = filled
        return self._filled[key]

    def _spoken(self) -> Iterator[Segment]:
        names = self._case.scanning.names
        for back, message in enumerate(reversed(self._scene.messages[-_DEEPEST:])):
            text = f"{message.name}: {message.text}" if names else message.text
            yield self._segment(f"message {len(self._scene.messages) - back}", text.strip(SPACES))

    def _segment(self, where: str, text: str) -> Segment:
        return Segment(where, text, self._case.ring.found_in(text))


def _union(segments: tuple[Segment, ...]) -> frozenset[int]:
    return frozenset().union(*(segment.numbers for segment in segments))
