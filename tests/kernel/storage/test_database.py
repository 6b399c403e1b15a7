"""Opening, upgrading and closing databases, as an owner meets it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tortoise.exceptions import OperationalError

from tzurot.errors import TzurotError
from tzurot.storage.database import Database
from tzurot.storage.errors import DatabaseOutdated, DatabaseTooNew, DatabaseUnreachable, StorageError
from tzurot.storage.ids import stable_id
from tzurot.storage.models import PluginSwitch, SettingsBag


def _bag(number: int) -> SettingsBag:
    return SettingsBag(
        id=stable_id("bag", str(number)), scope="guild", scope_id=str(number), values={"n": number}
    )


async def test_an_upgrade_makes_the_tables_and_a_second_one_finds_nothing_to_do(database_url: str) -> None:
    seen: list[tuple[str, str]] = []
    async with await Database.open(database_url) as database:
        await database.upgrade(lambda label, name: seen.append((label, name)))
        await database.upgrade(lambda label, name: seen.append((label, name)))
        assert seen == [("kernel", "0001_initial")]
        await database.require_current()
        values = {"a": [1, None, "x"], "off": None}
        await SettingsBag.create(id=stable_id("bag", "1"), scope="guild", scope_id="1", values=values)
    async with await Database.open(database_url):
        assert (await SettingsBag.get(scope="guild", scope_id="1")).values == values


async def test_a_database_without_its_tables_is_refused_with_the_remedy(database_url: str) -> None:
    async with await Database.open(database_url) as database:
        with pytest.raises(DatabaseOutdated, match=r"kernel\.0001_initial.*tzurot db upgrade"):
            await database.require_current()


async def test_the_database_of_a_newer_version_is_refused_and_left_alone(database_url: str) -> None:
    async with await Database.open(database_url) as database:
        await database.upgrade()
        await database.client.execute_query(
            "INSERT INTO tortoise_migrations (app, name, applied_at) "
            "VALUES ('kernel', '0099_future', '2030-01-01 00:00:00+00:00')"
        )
        for refused in (database.upgrade, database.require_current):
            with pytest.raises(DatabaseTooNew, match=r"newer version of tzurot.*0099_future.*Upgrade tzurot"):
                await refused()
        assert [app.unknown for app in await database.status()] == [("0099_future",)]


async def test_two_databases_at_once_are_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="open in this process already"):
        await Database.open(f"sqlite://{tmp_path / 'second.db'}")
    assert await SettingsBag.all().count() == 0, "the first one still works"


async def test_closing_twice_does_no_harm_and_another_can_be_opened(database_url: str) -> None:
    database = await Database.open(database_url)
    await database.close()
    await database.close()
    async with await Database.open(database_url) as again:
        assert await again.status()


async def test_cancelling_while_it_opens_leaves_the_way_free_for_the_next(database_url: str) -> None:
    for steps in range(8):
        task = asyncio.create_task(Database.open(database_url))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with await Database.open(database_url) as database:
        assert await database.status()


async def test_rows_that_exist_already_stay_as_they_are(database: Database) -> None:
    await database.store([_bag(1), _bag(2)])
    changed = _bag(2)
    changed.values = {"n": "changed"}
    await database.store([changed, _bag(3)])
    assert [bag.values["n"] for bag in await SettingsBag.all().order_by("scope_id")] == [1, 2, 3]


async def test_thousands_of_rows_are_stored(database: Database) -> None:
    await database.store([_bag(number) for number in range(7_000)])
    assert await SettingsBag.all().count() == 7_000


async def test_storing_joins_the_transaction_around_it(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction():
            await database.store([_bag(1)])
            raise RuntimeError
    assert await SettingsBag.all().count() == 0


async def test_a_transaction_that_fails_leaves_nothing_of_its_inner_parts(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction():
            await database.store([_bag(1)])
            async with database.transaction():
                await database.store([_bag(2)])
            raise RuntimeError
    assert await SettingsBag.all().count() == 0


async def test_cancelling_at_any_moment_leaves_the_database_usable(database: Database) -> None:
    """tortoise's own contexts keep their lock, or their connection of the pool, for good."""

    async def work(number: int) -> None:
        async with database.transaction():
            await database.store([_bag(number)])
            await SettingsBag.bulk_create([_bag(number + 1000)])
        await SettingsBag.bulk_create([_bag(number + 2000)])

    for steps in range(60):
        task = asyncio.create_task(work(steps))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(10):
        await work(5000)
    inside = set(
        await SettingsBag.filter(scope_id__in=[str(n) for n in range(60)]).values_list("scope_id", flat=True)
    )
    paired = await SettingsBag.filter(scope_id__in=[str(n + 1000) for n in range(60)]).values_list(
        "scope_id", flat=True
    )
    assert {str(int(n) - 1000) for n in paired} == inside, "a transaction is stored wholly or not at all"


async def test_a_refused_row_says_so_and_the_next_one_is_stored(database: Database) -> None:
    await SettingsBag.create(id=stable_id("a"), scope="guild", scope_id="1")
    with pytest.raises(OperationalError):
        await SettingsBag.create(id=stable_id("b"), scope="guild", scope_id="1")
    await PluginSwitch.create(id=stable_id("s"), scope="guild", scope_id="1", plugin="lorebook", on=False)
    assert (await PluginSwitch.get(scope_id="1")).on is False


async def test_what_people_wrote_never_reaches_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await SettingsBag.create(scope="guild", scope_id="my secret")
    async with database.transaction():
        await SettingsBag.filter(scope_id="my secret").delete()
    assert "my secret" not in caplog.text


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://root:hunter2@db/x", "expected sqlite://PATH or postgresql://"),
        ("hunter2", "found no scheme"),
        ("postgresql://me:hunter2@[oops/x", "can't be read"),
        ("postgres://me:hunter2@127.0.0.1:1/bot", r"bot at 127\.0\.0\.1:1 can't be reached"),
        ("sqlite:///proc/nowhere/x.db", "/proc/nowhere/x.db can't be created"),
    ],
)
async def test_an_address_that_does_not_work_is_one_clear_line_without_its_password(
    url: str, says: str
) -> None:
    with pytest.raises(StorageError, match=says) as caught:
        await Database.open(url)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, TzurotError), "the command line shows it without a traceback"


async def test_a_wrong_password_or_database_is_one_clear_line(postgres_url: str) -> None:
    with pytest.raises(DatabaseUnreachable, match="no such database: nothere at 127"):
        await Database.open(postgres_url.rpartition("/")[0] + "/nothere")


async def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "tzurot.db"
    file.write_text("this is a letter to my aunt, and no database at all\n" * 100)
    with pytest.raises(DatabaseUnreachable, match="no SQLite database"):
        await Database.open(f"sqlite://{file}")
    assert file.read_text().startswith("this is a letter"), "nothing was written to it"


async def test_both_spellings_of_postgresql_are_understood(postgres_url: str) -> None:
    for scheme in ("postgres", "postgresql"):
        url = scheme + "://" + postgres_url.partition("://")[2] + "?min_size=1&max_size=2"
        async with await Database.open(url) as database:
            assert database.engine == "postgres"
            assert "tzurot@" not in database.where


async def test_sqlite_keeps_foreign_keys_and_a_write_ahead_log(sqlite_url: str) -> None:
    async with await Database.open(sqlite_url) as database:
        asked = {
            name: next(iter((await database.client.execute_query_dict(f"PRAGMA {name}"))[0].values()))
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    assert asked == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000}
