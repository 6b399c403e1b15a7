"""A card as it was read: its data exactly as written, and what came with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tzurot_plugins.cards.archive import Archive
from tzurot_plugins.cards.faults import Note
from tzurot_plugins.cards.png import Png


class Form(StrEnum):
    """The kind of file a card is in."""

    JSON = "json"
    PNG = "png"
    CHARX = "charx"
    YAML = "yaml"
    BYAF = "byaf"


class Spec(StrEnum):
    """The generation of a card's data."""

    V1 = "v1"
    V2 = "v2"
    V3 = "v3"


@dataclass(frozen=True, slots=True)
class Picture:
    """A card's picture."""

    data: bytes = field(repr=False)
    ending: str
    """Of its file name, such as ``.png``."""


@dataclass(frozen=True, slots=True)
class Card:
    """One card. ``raw`` is the whole JSON object, ``data`` the part of it that describes the character."""

    raw: Mapping[str, Any] = field(repr=False)
    form: Form
    spec: Spec
    source: bytes = field(default=b"", repr=False)
    """The file, byte for byte."""
    picture: Picture | None = None
    png: Png | None = field(default=None, repr=False)
    archive: Archive | None = field(default=None, repr=False)
    origin: str = ""
    """The program whose own format this was, where it is no character card."""
    notes: tuple[Note, ...] = ()

    @property
    def data(self) -> Mapping[str, Any]:
        """The fields of the character."""
        return data_of(self.raw, self.spec)

    @property
    def book(self) -> Mapping[str, Any] | None:
        """The lorebook inside the card, if it has one."""
        found = self.data.get("character_book")
        return found if isinstance(found, dict) else None


def data_of(raw: Mapping[str, Any], spec: Spec) -> Mapping[str, Any]:
    """The part of a card's JSON that describes the character."""
    inner = raw.get("data")
    return inner if spec is not Spec.V1 and isinstance(inner, dict) else raw


def picture_of(data: bytes) -> Picture | None:
    """``data`` as a picture that a pack may have, known by how it starts."""
    starts = ((b"\x89PNG\r\n\x1a\n", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"GIF8", ".gif"))
    for start, ending in starts:
        if data.startswith(start):
            return Picture(data, ending)
    return Picture(data, ".webp") if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None
