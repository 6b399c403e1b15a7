"""Whether a pack's folder has changed: cheaply by its files' status, surely by what they hold."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tzurot.packs.folder import read_text
from tzurot.packs.problems import Refusal

FILES = 5000
LEVELS = 8
TEXTS = (".yaml", ".yml", ".md", ".txt")
# A second write within one tick of the clock leaves the same time stamp, so a young stamp proves nothing.
_SETTLED_NS = 2_000_000_000

Stamp = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """The status of a folder's files, and when it was taken."""

    stamps: tuple[Stamp, ...]
    settled: bool
    """Whether every file was old enough that an equal look means equal files."""


def look(folder: Path) -> Look:
    """Note the name, time, size and inode of each file of a pack."""
    now = time.time_ns()
    stamps = tuple(sorted(_stamps(folder, folder, LEVELS)))
    young = any(now - stamp[1] < _SETTLED_NS for stamp in stamps)
    return Look(stamps, not young)


def digest(folder: Path, seen: Look) -> str:
    """A hash of what a pack says: the texts by content, everything else by status."""
    hashed = hashlib.sha256()
    for name, modified, size, inode in seen.stamps:
        hashed.update(f"{name}\0".encode("utf-8", "surrogateescape"))
        if name.lower().endswith(TEXTS):
            try:
                hashed.update(read_text(folder / name, name).encode())
            except Refusal as refusal:
                hashed.update(f"{refusal.text}\0{modified}\0{size}\0{inode}".encode("utf-8", "replace"))
        else:
            hashed.update(f"{modified}\0{size}\0{inode}".encode())
    return hashed.hexdigest()[:16]


def _stamps(root: Path, folder: Path, levels: int) -> Iterator[Stamp]:
    found = 0
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name.endswith("~"):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                if levels > 1:
                    yield from _stamps(root, Path(entry.path), levels - 1)
                continue
            status = entry.stat()
        except OSError:
            continue
        found += 1
        if found > FILES:
            return
        name = os.path.relpath(entry.path, root).replace(os.sep, "/")
        yield (name, status.st_mtime_ns, status.st_size, status.st_ino)
