"""Reading any card file: what it is shows in its bytes, never in its name."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tzurot_plugins.cards import foreign
from tzurot_plugins.cards.archive import Archive, has_archive, read_archive
from tzurot_plugins.cards.assets import CHUNK, decoded, icon
from tzurot_plugins.cards.card import Card, Form, Picture, Spec, picture_of
from tzurot_plugins.cards.faults import CardError, Note, TooLarge
from tzurot_plugins.cards.json_text import read_object
from tzurot_plugins.cards.limits import FILE_BYTES, TEXT_BYTES
from tzurot_plugins.cards.png import SIGNATURE, Chunk, Png, read_png

KEYWORDS = ("ccv3", "chara")
"""Where PNGs keep cards, the better one first."""
_BASE64_BYTES = TEXT_BYTES * 4 // 3 + 1024
_TRIES = 3
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
_V1 = ("name", "description", "personality", "scenario", "first_mes", "mes_example")


def read_file(path: Path) -> Card:
    """Read a card from a file; blocks, so call it in a thread where a loop runs.

    Raises:
        CardError: with the file, the place in it, and what to do.
    """
    try:
        return read_card(_contents(path))
    except CardError as error:
        raise error.within(path.name) from error


def read_card(source: bytes) -> Card:
    """Read a card from a file's bytes.

    Raises:
        CardError: with the place in the file, and what to do.
    """
    if source.startswith(SIGNATURE):
        return _from_png(source)
    if has_archive(source):
        return _from_archive(source)
    start = source[:64].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if start.startswith(b"rcc||"):
        raise CardError("this is an encrypted Risu card.", "Export it from Risu as PNG, CHARX or JSON.")
    if start.startswith((b"{", b"[")) or source[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _from_object(read_object(source), source, Form.JSON)
    if picture_of(source) is not None:
        text = "this picture holds no card; in pictures other than PNG there is no place for one."
        raise CardError(
            text, "Export the card as PNG, JSON or CHARX. Programs that convert pictures lose it."
        )
    if not source.strip():
        raise CardError("the file is empty.", "Export the card again.")
    return _from_object(foreign.read_yaml(source), source, Form.YAML)


def _contents(path: Path) -> bytes:
    try:
        # O_NONBLOCK: opening a named pipe would otherwise wait for somebody to write into it.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _NONBLOCK)) as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise CardError("this is no ordinary file.", "Name a card file.")
            if status.st_size > FILE_BYTES:
                text = f"the file has {status.st_size:,} bytes; {FILE_BYTES:,} are the most."
                raise CardError(text, "Take out what the card doesn't need.")
            return stream.read(FILE_BYTES)
    except OSError as error:
        raise CardError(
            f"can't be read: {(error.strerror or str(error)).lower()}.", "Name a card file."
        ) from error


def _from_png(source: bytes) -> Card:
    png = read_png(source)
    read, faults = _cards_in(png)
    if not read:
        raise faults[0] if faults else _nothing_in(png)
    notes = [Note(fault.at, f"{fault.text} It was passed over.") for fault in faults]
    if len(read) == 2 and _contradict(read[0], read[1]):
        notes.append(Note("chara", "says something else than ccv3, which is newer and was taken."))
    spare = Picture(png.with_texts(_ours, ()), ".png")
    picture = _face(read[0], None, png, notes) or spare
    return _from_object(read[0], source, Form.PNG, picture, png=png, notes=notes)


def _cards_in(png: Png) -> tuple[list[dict[str, Any]], list[CardError]]:
    """The cards of a PNG, the better one first, and what couldn't be read."""
    faults: list[CardError] = []
    found = [
        _last_good(png, [chunk for chunk in png.chunks if chunk.keyword == word], faults) for word in KEYWORDS
    ]
    return [card for card in found if card is not None], faults


def _nothing_in(png: Png) -> CardError:
    if any(chunk.keyword == "naidata" for chunk in png.chunks):
        return foreign.lorebook("a NovelAI lorebook")
    return CardError("this PNG holds no card.", "Programs that convert pictures lose it; get the original.")


def _contradict(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two cards of one picture say different things, and not only more or less."""
    one, other = _inner(first), _inner(second)
    return any(one[key] != other[key] for key in _V1 if key in one and key in other)


def _inner(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    data = raw.get("data")
    return data if isinstance(data, dict) else raw


def _ours(keyword: str) -> bool:
    """Whether a text chunk belongs to the card, and not to the picture."""
    return keyword in KEYWORDS or keyword.startswith(CHUNK)


def _last_good(png: Png, chunks: list[Chunk], faults: list[CardError]) -> dict[str, Any] | None:
    """The last of repeated cards that can be read: programs that add one don't always remove the old."""
    for chunk in list(reversed(chunks))[:_TRIES]:
        at = f"chunk {chunk.keyword!r} at byte {chunk.start}"
        try:
            text = png.text(chunk, _BASE64_BYTES)
            plain = text if text.lstrip().startswith(b"{") else decoded(text)
            if plain is None:
                raise CardError("the card's data is no base64.", "Export the card again.", at)
            if plain.startswith(b"rcc||"):
                raise CardError("this is an encrypted Risu card.", "Export it without a password.", at)
            return read_object(plain, at)
        except TooLarge:
            raise
        except CardError as error:
            faults.append(error)
    return None


def _from_archive(source: bytes) -> Card:
    archive = read_archive(source)
    member = archive.get("card.json")
    if member is None and (manifest := archive.get("manifest.json")) is not None:
        raw = foreign.byaf(archive, read_object(manifest.data(TEXT_BYTES), "manifest.json"))
        face = foreign.byaf_face(archive)
        return _from_object(raw, source, Form.BYAF, face, archive=archive)
    if member is None:
        raise CardError("this archive has no card.json.", "A CHARX has it at its top. Is it the right file?")
    raw = read_object(member.data(TEXT_BYTES), "card.json")
    notes: list[Note] = []
    front = picture_of(archive.prefix) if archive.prefix else None
    picture = _face(raw, archive, None, notes) or front
    return _from_object(raw, source, Form.CHARX, picture, archive=archive, notes=notes)


def _face(
    raw: Mapping[str, Any], archive: Archive | None, png: Png | None, notes: list[Note]
) -> Picture | None:
    try:
        return icon(_inner(raw), archive, png)
    except CardError as error:
        notes.append(Note(error.at, f"{error.text} The character has another picture, or none."))
        return None


def _from_object(
    raw: dict[str, Any],
    source: bytes,
    form: Form,
    picture: Picture | None = None,
    *,
    png: Png | None = None,
    archive: Archive | None = None,
    notes: list[Note] | None = None,
) -> Card:
    known, origin = foreign.as_card(raw)
    spec = _spec(known)
    told = list(notes or [])
    told += _newer(known)
    return Card(known, form, spec, source, picture, png, archive, origin, tuple(told))


def _spec(raw: Mapping[str, Any]) -> Spec:
    """The generation of a card, by what it says and by how it looks; never by rules it may break."""
    data = raw.get("data")
    said = str(raw.get("spec", "")).lower()
    if isinstance(data, dict) and ("chara_card" in said or any(key in data for key in _V1)):
        return Spec.V3 if "v3" in said or (_version(raw) or 0) >= 3 else Spec.V2
    if "lorebook" in said or (isinstance(raw.get("entries"), dict | list) and "first_mes" not in raw):
        raise foreign.lorebook("a lorebook")
    if any(isinstance(raw.get(key), str) for key in _V1):
        return Spec.V1
    text = "this JSON is no character card: it has neither 'data' nor a name or description."
    raise CardError(text, "Export the character as a card (V1, V2 or V3).")


def _version(raw: Mapping[str, Any]) -> float | None:
    try:
        return float(str(raw.get("spec_version", ""))[:12])
    except ValueError:
        return None


def _newer(raw: Mapping[str, Any]) -> list[Note]:
    version = _version(raw)
    if version is None or version < 4:
        return []
    text = f"is {raw['spec_version']!s:.12}; what is newer than 3.0 is kept, and not understood."
    return [Note("spec_version", text)]
