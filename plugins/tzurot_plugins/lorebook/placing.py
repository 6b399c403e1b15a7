"""Where the texts of entries stand in the prompt, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tzurot import Role
from tzurot_plugins.lorebook.book import Position
from tzurot_plugins.lorebook.bookcase import Lore

EXAMPLES = {Position.EXAMPLES_TOP: True, Position.EXAMPLES_BOTTOM: False}


@dataclass(slots=True)
class AtDepth:
    """Texts in one voice, so many messages from the end."""

    depth: int
    role: Role
    texts: list[str]


@dataclass(slots=True)
class Placed:
    """The texts of one scan by place; each list stands in the prompt as it is."""

    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    note_top: list[str] = field(default_factory=list)
    note_bottom: list[str] = field(default_factory=list)
    examples: list[tuple[Position, str]] = field(default_factory=list)
    depths: list[AtDepth] = field(default_factory=list)
    outlets: dict[str, list[str]] = field(default_factory=dict)


def place(active: Sequence[Lore], texts: Mapping[str, str]) -> Placed:
    """The texts of the entries that came in, the highest order nearest to the end.

    Of two with the same order the one that came in first stands last. Outlets go the other way round.
    """
    placed = Placed()
    lists = {
        Position.BEFORE_CHARACTER: placed.before,
        Position.AFTER_CHARACTER: placed.after,
        Position.NOTE_TOP: placed.note_top,
        Position.NOTE_BOTTOM: placed.note_bottom,
    }
    for lore in sorted(active, key=lambda lore: -lore.entry.order):
        entry, text = lore.entry, texts[lore.ref]
        if not text:
            continue
        if entry.position in lists:
            lists[entry.position].insert(0, text)
        elif entry.position in EXAMPLES:
            placed.examples.insert(0, (entry.position, text))
        elif entry.position is Position.DEPTH:
            _at_depth(placed.depths, entry.depth, entry.role).insert(0, text)
        elif entry.outlet:
            placed.outlets.setdefault(entry.outlet, []).append(text)
    return placed


def _at_depth(depths: list[AtDepth], depth: int, role: Role) -> list[str]:
    for known in depths:
        if (known.depth, known.role) == (depth, role):
            return known.texts
    depths.append(AtDepth(depth, role, []))
    return depths[-1].texts
