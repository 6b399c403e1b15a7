"""The immutable packs and characters that turns use; nothing here knows YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, JsonValue


def _nothing() -> MappingProxyType[str, Any]:
    return MappingProxyType({})


class Voice(StrEnum):
    """Who says a line of an example dialogue."""

    USER = "user"
    CHAR = "char"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an example dialogue."""

    voice: Voice
    text: str


@dataclass(frozen=True, slots=True)
class Character:
    """An AI person that speaks.

    ``profile`` keeps the author's order: standard sections under their field names (``description``,
    ``personality``, …), the author's own under their titles. ``avatar`` is a file of the pack or an https
    address. ``plugin_settings`` holds a validated ``Config`` for every plugin that needs no more than its
    defaults and for every plugin the pack configures; ``enabled`` only what the author switched explicitly.
    """

    id: str
    pack: str
    name: str
    aliases: tuple[str, ...] = ()
    avatar: Path | str | None = None
    profile: Mapping[str, str] = field(default_factory=_nothing)
    style: str = ""
    greeting: str = ""
    greetings: tuple[str, ...] = ()
    examples: tuple[tuple[Line, ...], ...] = ()
    tags: tuple[str, ...] = ()
    settings: Mapping[str, JsonValue] = field(default_factory=_nothing)
    talkativeness: float = 0.5
    error_line: str = ""
    age_restricted: bool = False
    plugin_settings: Mapping[str, BaseModel] = field(default_factory=_nothing, repr=False)
    enabled: Mapping[str, bool] = field(default_factory=_nothing)

    def __hash__(self) -> int:
        # The generated one would hash the mappings, which can't be.
        return hash(self.key)

    @property
    def key(self) -> str:
        """The character's address, ``pack/id``, unique on a shelf."""
        return f"{self.pack}/{self.id}"

    @property
    def description(self) -> str:
        """The profile's description, or nothing."""
        return self.profile.get("description", "")

    @property
    def names(self) -> tuple[str, ...]:
        """Everything the character answers to: the name first, then the aliases."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Pack:
    """A folder with ``pack.yaml``, loaded: one or more characters and their settings.

    ``digest`` changes whenever a file of the folder does; two packs with one digest are the same object on
    a shelf.
    """

    id: str
    name: str
    characters: tuple[Character, ...]
    description: str = ""
    authors: tuple[str, ...] = ()
    license: str = ""
    tags: tuple[str, ...] = ()
    version: str = ""
    folder: Path = field(default_factory=Path)
    digest: str = ""
    plugin_settings: Mapping[str, BaseModel] = field(default_factory=_nothing, repr=False)
    enabled: Mapping[str, bool] = field(default_factory=_nothing)

    def __hash__(self) -> int:
        return hash((self.id, self.digest))

    def character(self, name: str) -> Character | None:
        """The character with this id, or with this name or alias in any case."""
        folded = name.casefold()
        for character in self.characters:
            if character.id == name:
                return character
        for character in self.characters:
            if folded in (each.casefold() for each in character.names):
                return character
        return None
