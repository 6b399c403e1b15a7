"""Brings a database up to date, in one transaction that only one process at a time can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.apps import Apps
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.loader import MigrationLoader
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_editor import BaseSchemaEditor, SqliteSchemaEditor
from tortoise.migrations.writer import MigrationWriter
from tortoise.transactions import in_transaction

from tzurot.storage.errors import DatabaseTooNew, StorageError

Progress = Callable[[str, str], object]
"""Is told an app's label and the name of a migration when it begins."""

WAIT_SECONDS = 120
"""How long an upgrade waits for another process that upgrades the same database."""

_LOCK = 0x747A75726F74  # "tzurot", as PostgreSQL's advisory locks want a number


@dataclass(frozen=True, slots=True)
class AppStatus:
    """An app's migrations: those ``applied``, ``pending``, and ``unknown`` to this version of it."""

    label: str
    applied: tuple[str, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]


class WholeStatements(SqliteSchemaEditor):
    """tortoise's editor for SQLite, which cuts at every semicolon, even inside a default text."""

    async def _run_sql(self, sql: str) -> None:
        await self.client.execute_script(sql)  # our transaction's, which neither commits nor cuts wrongly


class Records(MigrationRecorder):
    """tortoise's list of what was applied, which takes every error, even a locked file, for an empty list."""

    async def applied_migrations(self) -> list[MigrationKey]:
        """What was applied, in order; nothing when the table does not exist yet."""
        if self.connection.capabilities.dialect == "sqlite":
            present = f"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{self.table_name}'"
        else:
            present = f"SELECT 1 WHERE to_regclass('{self.table_name}') IS NOT NULL"
        if not (await self.connection.execute_query(present))[1]:
            return []
        rows = await self.connection.execute_query_dict(
            f"SELECT app, name FROM {self.table_name} ORDER BY applied_at, id"
        )
        return [MigrationKey(app_label=row["app"], name=row["name"]) for row in rows]


class Executor(MigrationExecutor):
    """tortoise's executor with our records, and our editor for SQLite."""

    def __init__(self, connection: BaseDBAsyncClient, apps: Mapping[str, Mapping[str, Any]]) -> None:
        configured = {label: dict(app) for label, app in apps.items()}
        super().__init__(connection, configured)
        self.recorder = Records(connection)
        self.loader = MigrationLoader(configured, self.recorder, load=False)

    def _schema_editor(self, atomic: bool = True, collect_sql: bool = False) -> BaseSchemaEditor:
        if self.connection.capabilities.dialect == "sqlite":
            return WholeStatements(self.connection, atomic=atomic, collect_sql=collect_sql)
        return super()._schema_editor(atomic, collect_sql)


async def status(client: BaseDBAsyncClient, apps: Mapping[str, Mapping[str, Any]]) -> tuple[AppStatus, ...]:
    """How each app's tables stand; reads only."""
    executor = Executor(client, apps)
    await executor.loader.build_graph()
    applied = await executor.recorder.applied_migrations()
    known = list(executor.loader.graph.nodes)
    return tuple(_app_status(label, applied, known) for label in apps)


def _app_status(label: str, applied: Sequence[MigrationKey], known: Iterable[MigrationKey]) -> AppStatus:
    done = [key.name for key in applied if key.app_label == label]
    ours = sorted(key.name for key in known if key.app_label == label)
    return AppStatus(
        label,
        applied=tuple(name for name in done if name in ours),
        pending=tuple(name for name in ours if name not in done),
        unknown=tuple(name for name in done if name not in ours),
    )


async def upgrade(
    client: BaseDBAsyncClient, apps: Mapping[str, Mapping[str, Any]], progress: Progress | None = None
) -> None:
    """Apply every pending migration, all or none.

    The transaction is the lock: a second process waits for its end, and then finds nothing to do. A
    crash leaves the database as it was.

    Raises:
        DatabaseTooNew: it has migrations of a newer version.
        StorageError: a migration failed, or the lock could not be had in time.
    """
    sqlite = client.capabilities.dialect == "sqlite"
    patience = (await client.execute_query_dict("PRAGMA busy_timeout"))[0]["timeout"] if sqlite else 0
    if sqlite:
        await client.execute_query(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")
    try:
        async with in_transaction(client.connection_name) as transaction:
            if not sqlite:
                await transaction.execute_query(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
                await transaction.execute_query(f"SELECT pg_advisory_xact_lock({_LOCK})")
            await _apply(transaction, apps, progress)
    finally:
        if sqlite:
            await client.execute_query(f"PRAGMA busy_timeout = {patience}")


async def _apply(
    client: BaseDBAsyncClient, apps: Mapping[str, Mapping[str, Any]], progress: Progress | None
) -> None:
    refuse_newer(await status(client, apps))
    running: list[str] = []

    def report(event: str, label: str, name: str) -> None:
        running[:] = [f"{label}.{name}"] if event == "apply_start" else []
        if event == "apply_start" and progress is not None:
            progress(label, name)

    try:
        await Executor(client, apps).migrate(direction="forward", progress=report)
    except StorageError:
        raise
    except Exception as error:  # a plugin's migration may run code of its own
        what = running[0] if running else "the migrations"
        raise StorageError(
            f"The database can't be brought up to date: {what} failed ({error}). Nothing was changed. "
            "Report it to the makers of that plugin; without it (TZUROT_PLUGINS) the rest starts."
        ) from error


def refuse_newer(statuses: Iterable[AppStatus]) -> None:
    """Raise ``DatabaseTooNew`` if any app was migrated by a newer version than the one at hand."""
    for app in statuses:
        if app.unknown:
            who = "tzurot" if app.label == "kernel" else f"the plugin {app.label}"
            raise DatabaseTooNew(
                f"The database was upgraded by a newer version of {who} ({app.label}.{app.unknown[-1]} is "
                f"unknown to this one). Upgrade {who}, or restore the backup from before."
            )


async def missing_migrations(
    apps: Apps, configured: Mapping[str, Mapping[str, Any]]
) -> list[MigrationWriter]:
    """The migrations that somebody forgot to write: where models and migrations differ. Empty is good."""
    detector = MigrationAutodetector(apps, {label: dict(app) for label, app in configured.items()})
    return list(await detector.changes())
