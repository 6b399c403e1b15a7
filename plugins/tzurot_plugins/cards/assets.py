"""The files that a card's ``assets`` name: embedded ones are looked up, none is fetched from the web."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tzurot_plugins.cards.archive import Archive
from tzurot_plugins.cards.card import Picture, picture_of
from tzurot_plugins.cards.faults import CardError
from tzurot_plugins.cards.limits import MEMBER_BYTES, PICTURE_BYTES
from tzurot_plugins.cards.png import Png

CHUNK = "chara-ext-asset_"
_EMBEDDED = re.compile(r"(?:embedd?ed://|__asset:)(.+)", re.IGNORECASE | re.DOTALL)
_DATA = re.compile(r"data:[^,;]{0,80}(?:;[^,;]{0,80})*;base64,", re.IGNORECASE)


def entries(data: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The entries of a card's asset list that are usable, with their places."""
    listed = data.get("assets")
    for index, entry in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(entry, dict) and isinstance(entry.get("uri"), str):
            yield index, entry


def path_of(uri: str) -> str | None:
    """The path inside the card's file that an address means, if it means one."""
    found = _EMBEDDED.fullmatch(uri.strip())
    return found[1].lstrip("/") if found else None


def embedded(uri: str, archive: Archive | None, png: Png | None, limit: int = MEMBER_BYTES) -> bytes | None:
    """What an address inside the card means; ``None`` for what isn't there, or is on the web.

    Raises:
        CardError: it is too large or damaged.
    """
    if (found := _DATA.match(uri)) is not None:
        return _decoded(uri[found.end() :].encode("ascii", "ignore"), limit, "a data: address")
    path = path_of(uri)
    if path is None:
        return None
    if archive is not None and (member := archive.get(path)) is not None:
        return member.data(limit)
    if png is not None:
        for chunk in png.chunks:
            if chunk.keyword and chunk.keyword.removeprefix(CHUNK).lstrip(":") == path.lower():
                return _decoded(png.text(chunk, limit * 4 // 3 + 4), limit, f"chunk {chunk.keyword!r}")
    return None


def icon(data: Mapping[str, Any], archive: Archive | None, png: Png | None) -> Picture | None:
    """The card's face: its main icon, else its first one that is there.

    Raises:
        CardError: it is damaged.
    """
    icons = [entry for _, entry in entries(data) if str(entry.get("type")).lower() == "icon"]
    icons.sort(key=lambda entry: str(entry.get("name")).lower() != "main")
    for entry in icons:
        found = embedded(entry["uri"], archive, png, PICTURE_BYTES)
        picture = picture_of(found) if found else None
        if picture is not None:
            return picture
    return None


def decoded(text: bytes) -> bytes | None:
    """Base64 as it is found: either alphabet, spaces inside, padding or none."""
    packed = b"".join(text.split()).rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _decoded(text: bytes, limit: int, at: str) -> bytes:
    if len(text) > limit * 4 // 3 + 4:
        raise CardError(f"this file has more than {limit:,} bytes.", "Make it smaller.", at)
    data = decoded(text)
    if data is None:
        raise CardError("this is no base64.", "Export the card again.", at)
    return data
