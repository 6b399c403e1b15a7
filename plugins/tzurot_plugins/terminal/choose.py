"""From what somebody typed to the character they mean."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from tzurot import Character, Shelf, TzurotError
from tzurot.config import Config
from tzurot.packs.folder import PACK_FILE
from tzurot_plugins.terminal.safe import safe_line

FIRST_CHOICE = "mara"
_LISTED = 12


class NobodyThere(TzurotError):
    """The pack or character that was asked for isn't there."""


def with_pack(config: Config, pack: str | None) -> tuple[Config, str | None]:
    """The configuration and the name to look for: a folder of a pack joins those that are looked through."""
    if pack is None:
        return config, None
    folder = Path(pack).expanduser()
    if not (folder / PACK_FILE).is_file():
        if folder.is_dir() and any(sign in pack for sign in "/\\."):
            raise NobodyThere(f"{pack} holds no {PACK_FILE}. Name a pack's folder, or a loaded pack.")
        return config, pack
    folder = folder.resolve()
    return config.model_copy(update={"packs": (folder, *config.pack_folders)}), folder.name


def choose(shelf: Shelf, pack: str | None, character: str | None) -> Character:
    """The character meant by a pack's name (or a character's) and a character's name.

    Raises:
        NobodyThere: naming who is there instead.
    """
    if pack is None:
        return _anyone(shelf) if character is None else named(shelf, character)
    found = shelf.packs.get(pack) or next((p for p in shelf.packs.values() if _same(p.name, pack)), None)
    if found is None:
        return _no_pack(shelf, pack, character)
    if character is None:
        return found.characters[0]
    one = found.character(character)
    if one is None:
        raise NobodyThere(_missing("character", character, (c.name for c in found.characters)))
    return one


def _no_pack(shelf: Shelf, pack: str, character: str | None) -> Character:
    """No pack has that name: perhaps the pack is broken, or a character was meant."""
    if broken := [str(problem) for problem in shelf.problems.get(pack, ()) if problem.is_error]:
        raise NobodyThere("\n".join((f"The pack {pack} can't be loaded:", *broken)))
    if character is not None:
        raise NobodyThere(_missing("pack", pack, shelf.packs))
    return named(shelf, pack)


def named(shelf: Shelf, name: str) -> Character:
    """The character with this key, id, name or alias.

    Raises:
        NobodyThere: with a suggestion.
    """
    found = shelf.character(name)
    if found is None:
        names = {name for c in shelf.characters() for name in (c.id, c.name)}
        raise NobodyThere(_missing("character or pack", name, {*names, *shelf.packs}))
    return found


def _anyone(shelf: Shelf) -> Character:
    pack = shelf.packs.get(FIRST_CHOICE) or next(iter(shelf.packs.values()), None)
    if pack is None:
        raise NobodyThere("There is no pack to talk with. Set TZUROT_PACKS, or write one: tzurot new pack.")
    return pack.characters[0]


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _missing(what: str, wanted: str, there: Iterable[str]) -> str:
    names = sorted({safe_line(name) for name in there})
    close = difflib.get_close_matches(wanted, names, 1)
    if close:
        return f"There is no {what} {wanted!r}. Did you mean {close[0]!r}?"
    listed = ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "")
    return f"There is no {what} {wanted!r}. There are: {listed or 'none'}."
