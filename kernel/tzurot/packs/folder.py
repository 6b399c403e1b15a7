"""Reading a pack's folder: nothing outside it, nothing too large, nothing that isn't text."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from tzurot.packs.locate import FILE_BYTES
from tzurot.packs.problems import Refusal, Spot

PACK_FILE = "pack.yaml"
PACK_BYTES = 16 * 1024 * 1024
MATCHES = 1000


def shown(path: Path) -> str:
    """A path as problems print it: short from where the reader stands, with forward slashes."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  (resolve() would show a link's target instead)
    here = Path.cwd()
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else absolute).as_posix()


def read_text(path: Path, file: str, limit: int = FILE_BYTES) -> str:
    """Read a UTF-8 file; raise ``Refusal`` without having read one that is too large or no file at all."""
    try:
        # O_NONBLOCK: opening a named pipe would otherwise wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise Refusal(
            f"can't read the file: {(error.strerror or str(error)).lower()}.", "", Spot(file)
        ) from error
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise Refusal("this is no ordinary file.", "Put a text file there.", Spot(file))
        raw = b"" if status.st_size > limit else stream.read(limit + 1)
        size = max(status.st_size, len(raw))
    if size > limit:
        text = f"the file has {size:,} bytes; {limit:,} are the most that one may have."
        raise Refusal(text, "Split it into several files.", Spot(file))
    return _decoded(raw, file)


def _decoded(raw: bytes, file: str) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        spot = Spot(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        raise Refusal("the file isn't UTF-8 text.", "Save it as UTF-8.", spot) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(slots=True)
class Folder:
    """A pack's folder, and how much was read from it."""

    path: Path
    left: int = field(default=PACK_BYTES)

    def __post_init__(self) -> None:
        self._real = self.path.resolve()

    _real: Path = field(init=False, repr=False)

    @property
    def id(self) -> str:
        """The pack's id: its folder's name."""
        return Path(os.path.abspath(self.path)).name  # noqa: PTH100  (a linked folder keeps its own name)

    def file(self, name: str) -> str:
        """How problems name a file of this folder."""
        return shown(self.path / name)

    def locate(self, name: str) -> Path:
        """The path of a file named in the pack; ``Refusal`` if it leads out of the folder or isn't there."""
        if "\0" in name or "\\" in name or name.startswith(("/", "~")) or ":" in name.split("/", 1)[0]:
            raise Refusal(
                f"{name!r} is no path inside this pack.", "Name a file of the pack, with '/' between folders."
            )
        try:
            real = (self.path / name).resolve()
        except (OSError, RuntimeError) as error:
            raise Refusal(
                f"{name!r} can't be followed: it is a link that leads to itself, or too long."
            ) from error
        if not real.is_relative_to(self._real):
            raise Refusal(f"{name!r} leads out of the pack's folder.", "Copy the file into the pack.")
        try:
            there = real.exists()
        except OSError:
            there = False
        if not there:
            raise Refusal(f"there is no file {name!r} in this pack.", self._nearest(name))
        if not real.is_file():
            raise Refusal(f"{name!r} is no file.", "Name a file of the pack.")
        return real

    def _nearest(self, name: str) -> str:
        from difflib import get_close_matches

        parent = self.path / Path(name).parent
        if ".." in Path(name).parts or not parent.is_dir():
            return "Create it, or correct the name."
        close = get_close_matches(Path(name).name, [entry.name for entry in parent.iterdir()], 1)
        return (
            f"Did you mean {(Path(name).parent / close[0]).as_posix()!r}?"
            if close
            else "Create it, or correct the name."
        )

    def text(self, name: str) -> str:
        """Read one of the pack's files, within what one pack may read altogether."""
        text = read_text(self.locate(name), self.file(name))
        self.left -= len(text)
        if self.left < 0:
            raise Refusal(
                f"this pack's files have more than {PACK_BYTES:,} characters altogether.",
                "Make two packs of it.",
            )
        return text

    def matching(self, pattern: str) -> list[str]:
        """The names of the files that a pattern such as ``lorebooks/*.yaml`` means, in order."""
        if not any(sign in pattern for sign in "*?["):
            return [pattern]
        if (
            pattern.startswith(("/", "~"))
            or ".." in Path(pattern).parts
            or "\\" in pattern
            or "**" in pattern
        ):
            raise Refusal(
                f"{pattern!r} is no pattern inside this pack.", "Write one such as 'lorebooks/*.yaml'."
            )
        try:
            found = sorted(
                path.relative_to(self.path).as_posix() for path in self.path.glob(pattern) if path.is_file()
            )
        except (ValueError, OSError) as error:
            raise Refusal(
                f"{pattern!r} is no pattern that can be read.", "Write one such as 'lorebooks/*.yaml'."
            ) from error
        if not found:
            raise Refusal(f"no file of this pack matches {pattern!r}.", "Create one, or correct the pattern.")
        if len(found) > MATCHES:
            raise Refusal(
                f"{pattern!r} matches {len(found):,} files; {MATCHES:,} are the most.",
                "Put several entries into one file.",
            )
        return found
