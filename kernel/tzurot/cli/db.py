"""``tzurot db``: how the database stands, and bringing it up to date."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from typing import TypeVar

import click

from tzurot.config import load
from tzurot.hooks.discover import discover
from tzurot.storage.apps import apps_of
from tzurot.storage.database import Database
from tzurot.storage.migrate import AppStatus

T = TypeVar("T")


@click.group()
def db() -> None:
    """Look after the database (a file under TZUROT_HOME, or DATABASE_URL)."""


@db.command()
def upgrade() -> None:
    """Bring the tables of tzurot and its plugins up to date.

    `tzurot run` does so by itself; this is for doing it beforehand. It is all or nothing, and safe while
    another process does the same.
    """
    applied: list[str] = []

    def report(label: str, name: str) -> None:
        applied.append(name)
        click.echo(f"{label}: {name}")

    async def run(database: Database) -> str:
        await database.upgrade(report)
        return f"{database.engine} {database.where}"

    where = _with_database(run)
    click.echo(f"{where}: {f'applied {len(applied)}' if applied else 'up to date already'}.")


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Show each plugin's migrations: applied, pending, and unknown to this version.

    Exits with 1 unless the database is up to date.
    """

    async def run(database: Database) -> tuple[str, str, tuple[AppStatus, ...]]:
        return database.engine, database.where, await database.status()

    engine, where, apps = _with_database(run)
    current = not any(app.pending or app.unknown for app in apps)
    if as_json:
        rows = [asdict(app) for app in apps]
        click.echo(json.dumps({"engine": engine, "where": where, "current": current, "apps": rows}, indent=2))
    else:
        click.echo(f"{engine} {where}")
        for line in _lines(apps):
            click.echo(line)
    if not current:
        raise SystemExit(1)


@db.command()
def make() -> None:
    """Write the migrations that changed models need (for authors of plugins).

    Looks at every installed plugin, and writes into its package of migrations.
    """
    found = discover().found

    async def write() -> list[str]:
        async with await Database.open(
            "sqlite://:memory:", apps_of(plugin.manifest for plugin in found)
        ) as database:
            return [str(writer.write()) for writer in await database.missing_migrations()]

    written = asyncio.run(write())
    for path in written:
        click.echo(path)
    if not written:
        click.echo("Nothing to write: models and migrations agree.")


def _lines(apps: Iterable[AppStatus]) -> Iterable[str]:
    for app in apps:
        yield f"{app.label}: {len(app.applied)} applied, {len(app.pending)} pending"
        yield from (f"  pending: {name} (run: tzurot db upgrade)" for name in app.pending)
        yield from (f"  unknown: {name} (made by a newer version: upgrade)" for name in app.unknown)


def _with_database(run: Callable[[Database], Awaitable[T]]) -> T:
    config = load()
    found = discover(config.enabled_plugins).found
    apps = apps_of(plugin.manifest for plugin in found)

    async def opened() -> T:
        async with await Database.open(config.database_address, apps) as database:
            return await run(database)

    return asyncio.run(opened())
