"""Putting a card's data into a file: JSON, a PNG's text, or a CHARX archive, with pictures and assets."""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator, Mapping
from typing import Any

from tzurot_plugins.cards.archive import Archive, Member
from tzurot_plugins.cards.assets import CHUNK, embedded, entries, path_of
from tzurot_plugins.cards.card import Card, Picture, Spec
from tzurot_plugins.cards.faults import CardError, Note
from tzurot_plugins.cards.json_text import written
from tzurot_plugins.cards.png import Png, plain_picture, read_png
from tzurot_plugins.cards.reading import KEYWORDS
from tzurot_plugins.cards.specs import as_v2, as_v3

_FOLDERS = {"mp3": "audio", "wav": "audio", "ogg": "audio", "mp4": "video", "webm": "video"}
_LISTED = 20
_MAIN = "assets/icon/images/main"


def to_png(
    raw: Mapping[str, Any], spec: Spec, picture: Picture | None, card: Card | None
) -> tuple[bytes, list[Note]]:
    """The card inside a PNG. Of the picture only its old card is replaced."""
    notes: list[Note] = []
    png = _canvas(picture, card, notes)
    own = {chunk.keyword for chunk in png.chunks if chunk.keyword.startswith(CHUNK)}
    carried: list[tuple[str, bytes]] = []
    if card is not None and card.archive is not None:
        raw, carried = _into_chunks(raw, card.archive, notes)
    elif card is not None and card.png is not None and card.png is not png:
        carried = [
            (chunk.keyword, card.png.text(chunk, len(card.source)))
            for chunk in card.png.chunks
            if chunk.keyword.startswith(CHUNK) and chunk.keyword not in own
        ]
    texts = [("chara", base64.b64encode(written(as_v2(raw, spec) if spec is Spec.V3 else raw)))]
    if spec is Spec.V3:
        texts.append(("ccv3", base64.b64encode(written(raw))))
    return png.with_texts(lambda keyword: keyword in KEYWORDS, [*carried, *texts]), notes


def to_charx(
    raw: Mapping[str, Any], spec: Spec, picture: Picture | None, card: Card | None
) -> tuple[bytes, list[Note]]:
    """The card as a CHARX; an archive that it came from keeps all its other files as they are."""
    value = as_v3(raw, spec)
    notes: list[Note] = []
    if card is not None and card.archive is not None and card.form == "charx":
        members = _new_face(value["data"], card, picture)
        return _with_card(card.archive, value, members), notes
    members = list(_into_members(value["data"], card, notes))
    if picture is not None:
        members.append(_front(value["data"], picture))
    return _with_card(Archive(()), value, members), notes


def _with_card(archive: Archive, value: Mapping[str, Any], members: list[Member]) -> bytes:
    return archive.replacing([Member.of("card.json", written(value, indent=2)), *members]).written()


def _canvas(picture: Picture | None, card: Card | None, notes: list[Note]) -> Png:
    """The PNG that the card goes into: the original's unless the pack has another picture."""
    if card is not None and card.png is not None and picture in (None, card.picture):
        return card.png
    if picture is not None and picture.ending == ".png":
        try:
            return read_png(picture.data)
        except CardError as error:
            notes.append(Note("avatar", f"can't be used: {error} The card has a plain picture."))
            return read_png(plain_picture())
    what = "is no PNG; convert it for a card with your picture" if picture else "there is none"
    notes.append(Note("avatar", f"{what}. The card has a plain picture."))
    return read_png(plain_picture())


def _into_chunks(
    raw: Mapping[str, Any], archive: Archive, notes: list[Note]
) -> tuple[Mapping[str, Any], list[tuple[str, bytes]]]:
    """An archive's assets as text chunks, and the card that points at them there."""
    raw = copy.deepcopy(dict(raw))
    data = raw.get("data")
    chunks: list[tuple[str, bytes]] = []
    carried = {"card.json"}
    for index, entry in entries(data if isinstance(data, dict) else raw):
        path = path_of(entry["uri"])
        found = _asset(entry["uri"], archive, None, index, notes) if path else None
        if path is not None and found is not None and isinstance(entry, dict):
            chunks.append((f"{CHUNK}:{index}", base64.b64encode(found)))
            carried.add(path)
            entry["uri"] = f"__asset:{index}"
    left = [member.name for member in archive.members if member.name not in carried]
    notes += [Note(name, "is in the CHARX alone; a PNG has no place for it.") for name in left[:_LISTED]]
    return raw, chunks


def _into_members(data: Mapping[str, Any], card: Card | None, notes: list[Note]) -> Iterator[Member]:
    """A PNG's assets as members of an archive; the card's entries are made to point at them."""
    for index, entry in entries(data):
        if card is None or path_of(entry["uri"]) is None or not isinstance(entry, dict):
            continue
        found = _asset(entry["uri"], None, card.png, index, notes)
        if found is not None:
            ending = "".join(sign for sign in str(entry.get("ext", "bin")).lower() if sign.isalnum())[:8]
            path = f"assets/{entry.get('type')!s:.20}/{_FOLDERS.get(ending, 'images')}/{index}.{ending}"
            path = "".join(sign if sign.isalnum() or sign in "./_-" else "_" for sign in path).replace(
                "..", "_"
            )
            entry["uri"] = f"embeded://{path}"
            yield Member.of(path, found)


def _asset(uri: str, archive: Archive | None, png: Png | None, index: int, notes: list[Note]) -> bytes | None:
    try:
        found = embedded(uri, archive, png)
    except CardError as error:
        notes.append(Note(f"assets.{index}", f"was left out: {error}"))
        return None
    if found is None:
        notes.append(
            Note(f"assets.{index}", f"{uri[:80]!r} isn't in the original, so that nothing was carried.")
        )
    return found


def _front(data: dict[str, Any], picture: Picture) -> Member:
    """The picture as the archive's main icon."""
    path = _MAIN + picture.ending
    listed = [entry for _, entry in entries(data)]
    fresh = {
        "type": "icon",
        "uri": f"embeded://{path}",
        "name": "main",
        "ext": picture.ending.removeprefix("."),
    }
    kept = [
        entry for entry in listed if not (entry.get("type") == "icon" and entry.get("name", "main") == "main")
    ]
    data["assets"] = [fresh, *kept]
    return Member.of(path, picture.data)


def _new_face(data: dict[str, Any], card: Card, picture: Picture | None) -> list[Member]:
    if picture is None or picture == card.picture:
        return []
    return [_front(data, picture)]
