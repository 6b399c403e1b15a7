"""From a card file to a pack's folder, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tzurot_plugins.cards.card import Card
from tzurot_plugins.cards.facets import of_card
from tzurot_plugins.cards.faults import CardError, Note
from tzurot_plugins.cards.pack_files import ORIGINAL, pack_files
from tzurot_plugins.cards.reading import read_file
from tzurot_plugins.cards.report import notes_of
from tzurot_plugins.cards.texts import slug

_MOST_NAMESAKES = 100


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a card."""

    file: Path
    folder: Path
    name: str
    card: Card
    notes: tuple[Note, ...]


def import_card(file: Path, into: Path) -> Imported:
    """Make a pack of the card in ``file``, in a new folder under ``into``; blocks.

    Raises:
        CardError: the card can't be read, is there already, or the folder can't be written.
    """
    card = read_file(file)
    facets = of_card(card, file.stem)
    files = pack_files(card, facets)
    try:
        into.mkdir(parents=True, exist_ok=True)
        folder = _place(card, into, slug(facets.nickname or facets.name))
        _write(files, folder)
    except CardError as error:
        raise error.within(file.name) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CardError(
            f"the pack can't be written: {reason}.", "Choose another folder.", str(into)
        ) from error
    return Imported(file, folder, facets.nickname or facets.name, card, tuple(notes_of(card, facets)))


def _place(card: Card, into: Path, name: str) -> Path:
    """A folder that isn't there yet."""
    for folder in _candidates(into, name):
        if not folder.exists():
            return folder
        original = folder / f"{ORIGINAL}.{card.form}"
        with contextlib.suppress(OSError):
            if original.stat().st_size == len(card.source) and original.read_bytes() == card.source:
                raise CardError(f"this card is there already, as {folder}.", "Edit that, or remove it first.")
    raise CardError(f"there are {_MOST_NAMESAKES} packs called {name!r}.", "Import into another folder.")


def _candidates(into: Path, name: str) -> Iterator[Path]:
    yield into / name
    for number in count(2):
        if number > _MOST_NAMESAKES:
            return
        yield into / f"{name}-{number}"


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    # A hidden folder first: a running bot must never see half a pack.
    draft = Path(tempfile.mkdtemp(prefix=".importing-", dir=folder.parent))
    try:
        for path, data in files.items():
            target = draft / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        draft.chmod(0o777 & ~_umask())
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
