"""The packs as they are at one moment: an immutable snapshot that a turn may keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tzurot.packs.compiled import Character, Pack
from tzurot.packs.problems import Problem

Problems = Mapping[str, tuple[Problem, ...]]


@dataclass(frozen=True, slots=True)
class Shelf:
    """All packs by id, and what is wrong by folder name. A pack with errors stands here as it last was."""

    packs: Mapping[str, Pack] = field(default_factory=lambda: MappingProxyType({}))
    problems: Problems = field(default_factory=lambda: MappingProxyType({}))

    def characters(self) -> Iterator[Character]:
        """Every character, pack by pack."""
        for pack in self.packs.values():
            yield from pack.characters

    def character(self, wanted: str) -> Character | None:
        """The character with this key (``pack/id``), else the first with this id, name or alias."""
        pack_id, slash, character_id = wanted.partition("/")
        if slash and pack_id in self.packs:
            return self.packs[pack_id].character(character_id)
        found = (pack.character(wanted) for pack in self.packs.values())
        return next((each for each in found if each is not None), None)


@dataclass(frozen=True, slots=True)
class ShelfChange:
    """What a look at the folders changed, by pack id.

    ``problems`` holds those of the folders that were read anew; ``mended`` the packs that have no errors any
    more, whether or not they differ from what stood on the shelf.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    problems: Problems = field(default_factory=lambda: MappingProxyType({}))

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.mended or self.problems)
