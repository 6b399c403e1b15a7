"""ZIP archives as CHARX and BYAF use them, also behind a picture: nothing is unpacked that isn't asked for.

Members are carried over packed, as they are, so that what we don't know stays byte-identical.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tzurot_plugins.cards.faults import CardError
from tzurot_plugins.cards.limits import (
    DIRECTORY_BYTES,
    MEMBER_BYTES,
    MEMBERS,
    RATIO,
    RATIO_FROM,
    UNPACKED_BYTES,
)

_END, _ENTRY, _LOCAL = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_END_FORMAT, _ENTRY_FORMAT, _LOCAL_FORMAT = "<4s4H2IH", "<4s6H3I5H2I", "<4s5H3I2H"
_ENTRY_BYTES, _LOCAL_BYTES, _END_BYTES = 46, 30, 22
_FARTHEST = 65_535 + _END_BYTES
_LINK, _KIND = 0o120000, 0o170000
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _TRAILING, _UTF8 = 0x1, 0x8, 0x800
_WIDE, _SEE_WIDE = 0x0001, 0xFFFFFFFF
_EARLIEST = 0x21  # 1 January 1980
_OUT = re.compile(r"^/|^[A-Za-z]:|(^|/)\.\.(/|$)|\0")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive, still packed."""

    name: str
    packed: bytes = field(repr=False)
    size: int
    crc: int
    method: int = _DEFLATED
    flags: int = _UTF8
    time: int = 0
    date: int = _EARLIEST
    attributes: int = 0
    extra: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, name: str, data: bytes) -> Member:
        """A new member."""
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush()
        return cls(name, packed, len(data), zlib.crc32(data))

    def data(self, limit: int = MEMBER_BYTES) -> bytes:
        """What the member holds.

        Raises:
            CardError: it is larger than ``limit``, damaged, encrypted, or packed in a way nobody uses here.
        """
        at = f"{self.name!r} in the archive"
        if self.flags & _ENCRYPTED or self.method not in (_STORED, _DEFLATED):
            raise CardError("this file is encrypted or packed in an unusual way.", "Pack it again.", at)
        if self.size > limit:
            raise CardError(f"this file has {self.size:,} bytes; {limit:,} are the most.", "", at)
        try:
            data = self._unpacked()
        except zlib.error as error:
            raise CardError("this file can't be unpacked.", "Download the archive again.", at) from error
        if len(data) != self.size or zlib.crc32(data) != self.crc:
            raise CardError("this file is damaged.", "Download the archive again.", at)
        return data

    def _unpacked(self) -> bytes:
        if self.method == _STORED:
            return self.packed
        return zlib.decompressobj(-15).decompress(self.packed, self.size + 1)


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive's members in order, and what stands before it in the file (a JPEG, as a rule)."""

    members: tuple[Member, ...]
    prefix: bytes = field(default=b"", repr=False)

    def get(self, name: str) -> Member | None:
        """The member of this name; any case, and the last where several have it."""
        folded = name.casefold()
        return next((m for m in reversed(self.members) if m.name.casefold() == folded), None)

    def replacing(self, fresh: Iterable[Member]) -> Archive:
        """The same archive with ``fresh`` members in the place of those with their names, or at the end."""
        new = {member.name.casefold(): member for member in fresh}
        placed: dict[str, Member] = {}
        kept: list[Member] = []
        for member in self.members:
            name = member.name.casefold()
            if name not in new:
                kept.append(member)
            elif name not in placed:
                placed[name] = new[name]
                kept.append(new[name])
        return Archive((*kept, *(each for name, each in new.items() if name not in placed)), self.prefix)

    def written(self) -> bytes:
        """The archive as a file."""
        parts, entries, offset = [self.prefix], [], len(self.prefix)
        for member in self.members:
            name = member.name.encode("utf-8")
            flags = (member.flags | _UTF8) & ~_TRAILING
            known = (flags, member.method, member.time, member.date, member.crc, len(member.packed))
            sizes = (member.size, len(name))
            local = struct.pack(_LOCAL_FORMAT, _LOCAL, 20, *known, *sizes, 0) + name + member.packed
            places = (len(member.extra), 0, 0, 0, member.attributes, offset)
            entry = struct.pack(_ENTRY_FORMAT, _ENTRY, 0x314, 20, *known, *sizes, *places)
            entries.append(entry + name + member.extra)
            parts.append(local)
            offset += len(local)
        directory = b"".join(entries)
        count = len(self.members)
        end = struct.pack(_END_FORMAT, _END, 0, 0, count, count, len(directory), offset, 0)
        return b"".join([*parts, directory, end])


@dataclass(frozen=True, slots=True)
class _Entry:
    """A member whose content is still to be cut out, and how long that is."""

    member: Member
    packed: int


def has_archive(data: bytes) -> bool:
    """Whether a file holds an archive, at its start or behind something else."""
    return data.startswith(_LOCAL) or data.rfind(_END, max(0, len(data) - _FARTHEST)) >= 0


def read_archive(data: bytes) -> Archive:
    """Read an archive's table of contents, and judge it before anything is unpacked.

    Raises:
        CardError: it is damaged, a bomb, or its names lead out of it.
    """
    end = data.rfind(_END, max(0, len(data) - _FARTHEST))
    if end < 0 or end + _END_BYTES > len(data):
        raise CardError("the archive has no end: part of it is missing.", "Download it again.")
    _, _, _, _, count, size, offset, _ = struct.unpack_from(_END_FORMAT, data, end)
    if count > MEMBERS or size > DIRECTORY_BYTES:
        raise CardError(f"the archive has more than {MEMBERS:,} files.", "Take out what isn't needed.")
    before = end - size - offset
    if before < 0:
        raise CardError("the archive's table of contents is damaged.", "Download it again.", f"byte {end}")
    members = _members(data, end - size, end, before)
    start = _first_local(data, members, before)
    _judge([member for member, _ in members])
    return Archive(tuple(member for member, _ in members), data[:start])


def _members(data: bytes, position: int, end: int, before: int) -> list[tuple[Member, int]]:
    found: list[tuple[Member, int]] = []
    left = len(data)
    while position < end:
        if len(found) >= MEMBERS:
            raise CardError(f"the archive has more than {MEMBERS:,} files.", "Take out what isn't needed.")
        if data[position : position + 4] != _ENTRY or position + _ENTRY_BYTES > end:
            raise CardError(
                "the archive's table of contents is damaged.", "Get it again.", f"byte {position}"
            )
        entry, offset, position = _entry(data, position)
        left -= entry.packed
        if left < 0:
            raise CardError("files of the archive overlap, as they do in archive bombs.", "Don't trust it.")
        offset += before
        found.append((replace(entry.member, packed=_body(data, offset, entry)), offset))
    return found


def _entry(data: bytes, position: int) -> tuple[_Entry, int, int]:
    """An entry of the table of contents, where its file is, and where the next entry starts."""
    fields = struct.unpack_from(_ENTRY_FORMAT, data, position)
    flags, method, time, date, crc, packed, size = fields[3:10]
    name_bytes, extra_bytes, comment = fields[10:13]
    attributes, offset = fields[15], fields[16]
    start = position + _ENTRY_BYTES
    name = _name(data[start : start + name_bytes], flags, position)
    if (attributes >> 16) & _KIND == _LINK:
        raise CardError(f"{name!r} is a link, which no card needs.", "Take it out.", f"byte {position}")
    after = start + name_bytes
    extra, wide = _narrow(data[after : after + extra_bytes])
    size, packed, offset = _widened([size, packed, offset], wide)
    member = Member(name, b"", size, crc, method, flags, time, date, attributes, extra)
    return _Entry(member, packed), offset, after + extra_bytes + comment


def _narrow(extra: bytes) -> tuple[bytes, bytes]:
    """An entry's extra fields without that for sizes beyond 4 GiB, and that one: some write it always."""
    kept, wide, position = [], b"", 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        body = extra[position : position + 4 + length]
        if kind == _WIDE:
            wide = body[4:]
        else:
            kept.append(body)
        position += 4 + length
    return b"".join(kept), wide


def _widened(numbers: list[int], wide: bytes) -> list[int]:
    """``numbers``, those that say "see the extra field" taken from there."""
    position = 0
    for index, number in enumerate(numbers):
        if number == _SEE_WIDE and position + 8 <= len(wide):
            numbers[index] = int(struct.unpack_from("<Q", wide, position)[0])
            position += 8
    return numbers


def _name(raw: bytes, flags: int, position: int) -> str:
    try:
        name = raw.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        name = raw.decode("cp437")
    name = name.replace("\\", "/").removeprefix("./")
    if not name or _OUT.search(name):
        text = f"the archive holds {name[:80]!r}, a path that leads out of it."
        raise CardError(text, "Don't trust it; take that file out if you must.", f"byte {position}")
    return name


def _body(data: bytes, offset: int, entry: _Entry) -> bytes:
    name, packed = entry.member.name, entry.packed
    if data[offset : offset + 4] != _LOCAL or offset + _LOCAL_BYTES > len(data):
        raise CardError(f"{name!r} isn't where the archive says.", "Download it again.", f"byte {offset}")
    name_bytes, extra = struct.unpack_from("<2H", data, offset + 26)
    start = offset + _LOCAL_BYTES + name_bytes + extra
    if start + packed > len(data):
        raise CardError(f"{name!r} isn't all there.", "Download the archive again.", f"byte {offset}")
    return data[start : start + packed]


def _first_local(data: bytes, members: list[tuple[Member, int]], before: int) -> int:
    """Where the archive starts; some programs count from the file's start, others from the archive's."""
    return min((offset for _, offset in members), default=before)


def _judge(members: list[Member]) -> None:
    if sum(member.size for member in members) > UNPACKED_BYTES:
        raise CardError(f"the archive unpacks to more than {UNPACKED_BYTES:,} bytes.", "Make it smaller.")
    for member in members:
        if member.size > RATIO_FROM and member.size > RATIO * max(1, len(member.packed)):
            text = f"{member.name!r} unpacks to {member.size:,} bytes from {len(member.packed):,}."
            raise CardError(text, "That is an archive bomb; don't trust it.")
