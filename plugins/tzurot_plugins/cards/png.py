"""PNG and APNG files as their chunks: what is not ours is never decoded and never changed."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tzurot_plugins.cards.faults import CardError, TooLarge
from tzurot_plugins.cards.limits import CHUNKS, PIXELS, SIDE

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_KEYWORD = 400
"""Longer than the 79 bytes of the standard: extra assets are named by their paths."""
_KIND = re.compile(rb"[A-Za-z]{4}")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where a chunk stands in its file; ``start`` is that of its length field."""

    kind: bytes
    start: int
    length: int
    keyword: str = ""
    """The keyword of a text chunk, in small letters."""

    @property
    def end(self) -> int:
        """The first byte after the chunk."""
        return self.start + self.length + 12


@dataclass(frozen=True, slots=True)
class Png:
    """A file that was walked from chunk to chunk."""

    data: bytes
    chunks: tuple[Chunk, ...]

    def text(self, chunk: Chunk, limit: int) -> bytes:
        """What a text chunk says, unpacked as far as ``limit``.

        Raises:
            CardError: it is longer, or can't be unpacked.
        """
        body = self.data[chunk.start + 8 : chunk.start + 8 + chunk.length].partition(b"\0")[2]
        at = f"chunk {chunk.keyword!r} at byte {chunk.start}"
        if chunk.kind == b"zTXt":
            return _unpacked(body[1:], limit, at)
        if chunk.kind == b"iTXt":
            packed = body[:1] == b"\x01"
            text = body[2:].partition(b"\0")[2].partition(b"\0")[2]
            return _unpacked(text, limit, at) if packed else _short(text, limit, at)
        return _short(body, limit, at)

    def with_texts(self, drops: Callable[[str], bool], texts: Iterable[tuple[str, bytes]]) -> bytes:
        """The file without the text chunks whose keyword ``drops``, and with ``texts`` in their place.

        Everything else stays as it is, byte for byte and in its order.
        """
        added = b"".join(_text_chunk(keyword, text) for keyword, text in texts)
        parts = [SIGNATURE]
        for chunk in self.chunks:
            gone = bool(chunk.keyword) and drops(chunk.keyword)
            if added and (gone or chunk.kind == b"IEND"):
                parts.append(added)
                added = b""
            if not gone:
                parts.append(self.data[chunk.start : chunk.end])
        parts.append(self.data[self.chunks[-1].end :])
        return b"".join(parts)


def read_png(data: bytes) -> Png:
    """Walk a PNG's chunks.

    Raises:
        CardError: with the byte at which the file stops being a PNG, or is more than one may be.
    """
    chunks: list[Chunk] = []
    position = len(SIGNATURE)
    while not chunks or chunks[-1].kind != b"IEND":
        if len(chunks) >= CHUNKS:
            text = f"this PNG has more than {CHUNKS:,} chunks."
            raise CardError(text, "Save the picture again with another program.", f"byte {position}")
        chunk = _chunk(data, position)
        if not chunks:
            _measure(data, chunk)
        chunks.append(chunk)
        position = chunk.end
    return Png(data, tuple(chunks))


def plain_picture(width: int = 256, height: int = 256, grey: int = 96) -> bytes:
    """A picture of one shade, for cards that have none."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes([grey]) * width) * height, 9)
    parts = [_packed(b"IHDR", header), _packed(b"IDAT", pixels), _packed(b"IEND", b"")]
    return SIGNATURE + b"".join(parts)


def _chunk(data: bytes, position: int) -> Chunk:
    at = f"byte {position}"
    header = data[position : position + 8]
    if len(header) < 8:
        raise CardError("the PNG ends before its last chunk.", "Download it again.", at)
    length, kind = struct.unpack(">I4s", header)
    if not _KIND.fullmatch(kind):
        raise CardError("no PNG chunk starts here.", "Download the picture again.", at)
    if position + 12 + length > len(data):
        name = kind.decode("ascii")
        text = f"the chunk {name} says that it has {length:,} bytes, which is more than the file has left."
        raise CardError(text, "Download it again.", at)
    keyword = ""
    if kind in _TEXTS:
        found, zero, _ = data[position + 8 : position + 8 + min(length, _KEYWORD)].partition(b"\0")
        keyword = found.decode("latin-1").lower() if zero else ""
    return Chunk(kind, position, length, keyword)


def _measure(data: bytes, chunk: Chunk) -> None:
    at = f"byte {chunk.start}"
    if chunk.kind != b"IHDR" or chunk.length < 13:
        raise CardError("a PNG starts with its IHDR chunk, and this one doesn't.", "Download it again.", at)
    width, height = struct.unpack_from(">II", data, chunk.start + 8)
    if max(width, height) > SIDE or width * height > PIXELS:
        text = f"the picture has {width:,} × {height:,} pixels; {SIDE:,} a side and {PIXELS:,} are the most."
        raise CardError(text, "Make it smaller.", at)


def _unpacked(packed: bytes, limit: int, at: str) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, limit + 1)
    except zlib.error as error:
        raise CardError("the compressed text can't be unpacked.", "Export the card again.", at) from error
    return _short(text, limit, at)


def _short(text: bytes, limit: int, at: str) -> bytes:
    if len(text) > limit:
        raise TooLarge(f"the text is longer than {limit:,} bytes.", "Make the card smaller.", at)
    return text


def _text_chunk(keyword: str, text: bytes) -> bytes:
    return _packed(b"tEXt", keyword.encode("latin-1", "replace") + b"\0" + text)


def _packed(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
