"""Several processes on one database, and a database that can't grow: real ones."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextvars import Context
from pathlib import Path

import pytest

from tzurot.storage.database import Database
from tzurot.storage.errors import DatabaseBusy, DatabaseFull
from tzurot.storage.ids import stable_id
from tzurot.storage.models import SettingsBag

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT / 'kernel'}{os.pathsep}{ROOT / 'plugins'}"}

UPGRADE = """
import asyncio, sys
from tzurot.storage.database import Database

async def main():
    async with await Database.open(sys.argv[1]) as database:
        print("ready", flush=True)
        sys.stdin.readline()  # all start at one moment
        await database.upgrade(lambda label, name: print("applied", label, name, flush=True))
        await database.require_current()
        print("done", flush=True)

asyncio.run(main())
"""

WRITE = """
import asyncio, sys
from tzurot.storage.database import Database
from tzurot.storage.ids import stable_id
from tzurot.storage.models import SettingsBag

async def main():
    who = sys.argv[2]
    async with await Database.open(sys.argv[1]) as database:
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(150):
            async with database.transaction():
                shared = await SettingsBag.filter(scope="shared").select_for_update().get()
                shared.values = {"count": shared.values["count"] + 1}
                await shared.save()
            own = SettingsBag(id=stable_id(who, str(number)), scope=who, scope_id=str(number))
            await database.store([own])
        print("done", flush=True)

asyncio.run(main())
"""


async def _side_by_side(script: str, *arguments: tuple[str, ...]) -> list[str]:
    """Run ``script`` once per ``arguments``, from one moment on; what each printed."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, *given, env=ENVIRONMENT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        for given in arguments
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        await process.stdout.readline()
    ended = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    for _, error in ended:
        assert not error, error.decode()
    return [out.decode() for out, _ in ended]


async def test_processes_that_upgrade_at_once_apply_every_migration_once(database_url: str) -> None:
    said = await _side_by_side(UPGRADE, *[(database_url,)] * 3)
    assert all(text.endswith("done\n") for text in said)
    assert "".join(said).count("applied kernel 0001_initial") == 1


async def test_two_processes_write_to_one_database_and_lose_nothing(database_url: str) -> None:
    async with await Database.open(database_url) as database:
        await database.upgrade()
        await SettingsBag.create(id=stable_id("shared"), scope="shared", scope_id="", values={"count": 0})
        await _side_by_side(WRITE, (database_url, "left"), (database_url, "right"))
        assert (await SettingsBag.get(scope="shared")).values == {"count": 300}, (
            "no increment was overwritten"
        )
        assert await SettingsBag.filter(scope__in=["left", "right"]).count() == 300


async def test_a_file_that_another_process_holds_is_one_clear_line_after_the_deadline(
    sqlite_url: str,
) -> None:
    async with await Database.open(sqlite_url) as database:
        await database.upgrade()
        await database.client.execute_query("PRAGMA busy_timeout = 50")
        other = sqlite3.connect(database.where, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy, match="locked by another process"):
            await SettingsBag.create(scope="guild", scope_id="1")
        with pytest.raises(DatabaseBusy):
            async with database.transaction():
                pass
        assert await SettingsBag.all().count() == 0, "reading goes on meanwhile"
        other.execute("ROLLBACK")
        other.close()
        await SettingsBag.create(scope="guild", scope_id="1")


async def test_a_table_that_another_connection_holds_is_one_clear_line_after_the_deadline(
    postgres_url: str,
) -> None:
    async with await Database.open(postgres_url) as database:
        await database.upgrade()
        async with database.transaction() as holder:
            await holder.execute_query("LOCK TABLE kernel_settings_bag")
            waiting = asyncio.create_task(_impatient(database), context=Context())
            with pytest.raises(DatabaseBusy, match="pg_stat_activity"):
                await waiting
        await SettingsBag.create(scope="guild", scope_id="1")


async def _impatient(database: Database) -> None:
    async with database.transaction() as other:
        await other.execute_query("SET LOCAL lock_timeout = '50ms'")
        await SettingsBag.create(scope="guild", scope_id="1")


async def test_a_full_disk_is_one_clear_line_and_what_was_stored_stays(sqlite_url: str) -> None:
    async with await Database.open(sqlite_url) as database:
        await database.upgrade()
        await SettingsBag.create(scope="guild", scope_id="before")
        pages = (await database.client.execute_query_dict("PRAGMA page_count"))[0]["page_count"]
        await database.client.execute_query(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(DatabaseFull, match=r"disk or its quota is full.*free some space"):
            for number in range(100):
                await SettingsBag.create(scope="guild", scope_id=str(number), values={"long": "x" * 4000})
        assert await SettingsBag.filter(scope_id="before").exists()
        await database.client.execute_query("PRAGMA max_page_count = 100000")
        await SettingsBag.create(scope="guild", scope_id="after")


async def test_a_full_disk_of_the_server_is_one_clear_line(postgres_url: str) -> None:
    async with await Database.open(postgres_url) as database:
        with pytest.raises(DatabaseFull, match="its disk is full"):
            await database.client.execute_script(
                "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$"
            )


def test_an_upgrade_on_a_full_disk_ends_in_one_line(tmp_path: Path) -> None:
    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as a full disk: an error, and no signal
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    ended = subprocess.run(
        [sys.executable, "-B", "-c", "from tzurot.cli import main; main(['db', 'upgrade'])"],
        env={**ENVIRONMENT, "TZUROT_HOME": str(tmp_path), "DATABASE_URL": ""},
        preexec_fn=little_room, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 1
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith("tzurot: The database")
    assert "disk or its quota is full" in line


async def test_a_server_that_goes_away_is_one_clear_line_and_the_next_query_connects_anew(
    postgres_url: str,
) -> None:
    async with await Database.open(postgres_url) as database:
        await database.upgrade()
        with pytest.raises(Exception, match=r"can't be reached|terminat"):
            await database.client.execute_query("SELECT pg_terminate_backend(pg_backend_pid())")
        assert await SettingsBag.all().count() == 0
