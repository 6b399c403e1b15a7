"""The library keeps the shelf: it reads packs' folders, and again when they change, in one assignment."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tzurot.packs.compiled import Pack
from tzurot.packs.compose import PluginSchemas, Schema
from tzurot.packs.digest import Look, digest, look
from tzurot.packs.folder import PACK_FILE, shown
from tzurot.packs.grammar import Grammar
from tzurot.packs.load import Lint, Loaded, load
from tzurot.packs.pace import uncollected
from tzurot.packs.problems import Problem, Severity, Spot, errors, in_order
from tzurot.packs.shelf import Shelf, ShelfChange

log = logging.getLogger("tzurot.packs")

_ATTEMPTS = 5
_RENAMING_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class _Held:
    """What the library knows of one folder."""

    folder: Path
    seen: Look
    digest: str
    pack: Pack | None
    """As it was when it last had no errors."""
    problems: tuple[Problem, ...]


class Library:
    """All packs of some folders.

    A folder with ``pack.yaml`` is a pack; any other is looked through for packs. Where two have one name, the
    earlier folder wins. Reading happens in whatever thread calls ``load`` or ``refresh``; ``shelf`` may be
    read from any.
    """

    def __init__(
        self,
        folders: Iterable[Path],
        plugins: PluginSchemas,
        settings: Schema | None = None,
        known: Collection[str] = (),
        lints: Sequence[Lint] = (),
    ) -> None:
        self.folders = tuple(folders)
        self.shelf = Shelf()
        self._grammar = Grammar(plugins, settings, known)
        self._lints = tuple(lints)
        self._held: dict[str, _Held] = {}
        self._reading = threading.Lock()

    def load(self) -> ShelfChange:
        """Look at every folder; read those that are new or differ. Blocks: call it in a thread."""
        return self.refresh(None)

    def refresh(self, touched: Collection[Path] | None) -> ShelfChange:
        """Look again at the packs that hold these paths, or at all; return what changed on the shelf."""
        with self._reading:
            found, doubles = self._found()
            if any(name not in found and each.folder.is_dir() for name, each in self._held.items()):
                # Some editors save by removing the file and writing a new one.
                time.sleep(_RENAMING_SECONDS)
                found, doubles = self._found()
            suspects = set(found) if touched is None else self._suspects(touched, found)
            held = {name: each for name, each in self._held.items() if name in found}
            read: set[str] = set()
            strange = {name for name in found if name not in held or held[name].folder != found[name]}
            for name in suspects | strange:
                fresh = self._read(found[name], held.get(name), touched is not None)
                if fresh is not held.get(name):
                    held[name] = fresh
                    read.add(name)
            return self._swap({name: held[name] for name in found if name in held}, doubles, read)

    def _found(self) -> tuple[dict[str, Path], dict[str, tuple[Problem, ...]]]:
        found: dict[str, Path] = {}
        doubles: dict[str, tuple[Problem, ...]] = {}
        for root in self.folders:
            for folder in packs_in(root):
                name = folder.name
                if name not in found:
                    found[name] = folder
                elif found[name].resolve() != folder.resolve():
                    text = f"another pack called {name!r} was found first, in {shown(found[name])}."
                    spot = Spot(shown(folder / PACK_FILE))
                    remedy = "It is used, and this one isn't. Rename one of the folders."
                    doubles[shown(folder)] = (Problem(Severity.WARNING, spot, "", text, remedy),)
        return found, doubles

    def _suspects(self, touched: Collection[Path], found: dict[str, Path]) -> set[str]:
        by_folder = {folder: name for name, folder in found.items()}
        real = {parent: parent.resolve() for parent in {folder.parent for folder in found.values()}}
        by_folder |= {real[folder.parent] / folder.name: name for name, folder in found.items()}
        suspects: set[str] = set()
        for path in touched:
            owner = next((by_folder[each] for each in (path, *path.parents) if each in by_folder), None)
            if owner is not None:
                suspects.add(owner)
            elif path.name.startswith(".") or any(part.startswith("..") for part in path.parts):
                return set(found)  # a mounted volume swaps a hidden link, and everything behind it changes
        return suspects

    def _read(self, folder: Path, held: _Held | None, named: bool) -> _Held:
        """Read a folder unless it is as it was; read again if somebody wrote meanwhile."""
        seen = look(folder)
        if held is not None and not named and seen.settled and held.seen == seen and held.folder == folder:
            return held
        fingerprint = digest(folder, seen)
        for _ in range(_ATTEMPTS):
            if held is not None and held.digest == fingerprint and held.folder == folder:
                return held
            loaded = self._load(folder, held, fingerprint)
            after = look(folder)
            again = digest(folder, after)
            if again == fingerprint:
                break
            seen, fingerprint = after, again
        kept = loaded.pack or (held.pack if held is not None else None)
        return _Held(folder, seen, fingerprint, kept, loaded.problems)

    def _load(self, folder: Path, held: _Held | None, fingerprint: str) -> Loaded:
        try:
            with uncollected():
                loaded = load(folder, self._grammar, fingerprint, self._lints)
        except Exception as error:
            # Whatever a file holds ends in problems; this is our own mistake: it costs one pack, not the bot.
            log.exception("reading the pack in %s failed", folder)
            spot = Spot(shown(folder / PACK_FILE))
            text = f"tzurot failed to read this pack ({type(error).__name__})."
            return Loaded(None, (Problem(Severity.ERROR, spot, "", text, "Please report it."),))
        if held is not None and held.pack is not None and loaded.pack is not None:
            same = held.pack.digest == fingerprint and held.folder == folder
            return Loaded(held.pack, loaded.problems) if same else loaded
        return loaded

    def _swap(
        self, held: dict[str, _Held], doubles: dict[str, tuple[Problem, ...]], read: set[str]
    ) -> ShelfChange:
        before, broken = self.shelf.packs, self.shelf.problems
        packs = {name: each.pack for name, each in held.items() if each.pack is not None}
        problems = {name: each.problems for name, each in held.items() if each.problems} | doubles
        new_doubles = {name: each for name, each in doubles.items() if broken.get(name) != each}
        change = ShelfChange(
            added=tuple(name for name in packs if name not in before),
            changed=tuple(
                name for name, pack in packs.items() if name in before and pack is not before[name]
            ),
            removed=tuple(name for name in before if name not in packs),
            mended=tuple(
                name for name in read if errors(broken.get(name, ())) and not errors(problems.get(name, ()))
            ),
            problems=MappingProxyType(
                {name: problems[name] for name in sorted(read) if name in problems} | new_doubles
            ),
        )
        self._held = held
        if change or broken.keys() != problems.keys():
            self.shelf = Shelf(MappingProxyType(packs), MappingProxyType(problems))
        return change


def packs_in(root: Path) -> list[Path]:
    """The pack folders of a path: itself if it is one, else those directly in it, by name."""
    if (root / PACK_FILE).is_file():
        return [root.absolute()]
    try:
        entries = sorted(root.absolute().iterdir())
    except OSError:
        return []
    return [each for each in entries if not each.name.startswith((".", "_")) and (each / PACK_FILE).exists()]


def everything(shelf: Shelf) -> tuple[Problem, ...]:
    """All problems of a shelf, in order."""
    return in_order(problem for each in shelf.problems.values() for problem in each)
