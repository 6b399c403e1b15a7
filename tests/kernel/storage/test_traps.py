"""The traps of the ORM's migrations, each sprung once: what goes wrong without us, and that it does not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tzurot.hooks.discover import discover
from tzurot.storage.apps import KERNEL, App, apps_of
from tzurot.storage.database import Database
from tzurot.storage.errors import BadTables, StorageError
from tzurot.storage.models import SettingsBag

NOTE = """
    class Note(Model):
        id = fields.IntField(primary_key=True)
        text = fields.CharField(max_length=100{more})
        class Meta:
            table = "notes_note"
"""


async def test_no_app_of_this_repository_lacks_a_migration() -> None:
    apps = apps_of(found.manifest for found in discover().found)
    async with await Database.open("sqlite://:memory:", apps) as database:
        missing = [f"{writer.app_label}.{writer.name}" for writer in await database.missing_migrations()]
    assert not missing, "models were changed without a migration"


async def test_a_forgotten_migration_is_found(workshop: Any) -> None:
    app = workshop.app("notes", NOTE.format(more=""))
    assert await workshop.write_migrations(app) == ["notes.0001_initial"]
    assert await workshop.write_migrations(app) == []
    workshop.rewrite(app, NOTE.format(more=", null=True"))
    assert len(await workshop.write_migrations(app)) == 1


async def test_a_changed_docstring_asks_for_no_migration(workshop: Any) -> None:
    app = workshop.app("notes", NOTE.format(more=""))
    await workshop.write_migrations(app)
    workshop.rewrite(app, NOTE.format(more="").replace("(Model):", '(Model):\n        """New words."""'))
    assert await workshop.write_migrations(app) == []


async def test_a_snowflake_key_stays_a_plain_number_through_later_migrations(
    workshop: Any, database_url: str
) -> None:
    models = """
        from tzurot.storage.fields import SnowflakeField
        class Member(Model):
            id = SnowflakeField(primary_key=True)
            {more}
            class Meta:
                table = "members_member"
    """
    app = workshop.app("members", models.format(more=""))
    await workshop.write_migrations(app)
    async with await Database.open(database_url, [app]) as database:
        await database.upgrade()
        await database.client.execute_query("INSERT INTO members_member (id) VALUES (1412345678901234567)")
    assert await workshop.write_migrations(app) == [], "the key is not made anew"
    workshop.rewrite(app, models.format(more="name = fields.CharField(max_length=9, null=True)"))
    await workshop.write_migrations(app)
    async with await Database.open(database_url, [app]) as database:
        await database.upgrade()
        rows = await database.client.execute_query_dict("SELECT id, name FROM members_member")
        assert [dict(row) for row in rows] == [{"id": 1412345678901234567, "name": None}]
        if database.engine == "postgres":
            column = (
                "SELECT column_default FROM information_schema.columns WHERE table_name = 'members_member'"
            )
            defaults = {row["column_default"] for row in await database.client.execute_query_dict(column)}
            assert defaults == {None}, "no sequence makes up ids"


async def test_a_plain_big_number_as_key_is_refused_with_the_remedy(workshop: Any) -> None:
    app = workshop.app(
        "members", "class Member(Model):\n    id = fields.BigIntField(primary_key=True, generated=False)\n"
    )
    with pytest.raises(BadTables, match=r"members\.Member\.id: .*SnowflakeField"):
        await Database.open("sqlite://:memory:", [app])


async def test_a_foreign_key_to_another_app_is_refused_at_load(workshop: Any) -> None:
    app = workshop.app(
        "friends",
        """
        class Friend(Model):
            id = fields.IntField(primary_key=True)
            bag = fields.ForeignKeyField("kernel.SettingsBag")
        """,
    )
    with pytest.raises(BadTables, match=r"friends\.Friend\.bag: refers to a table of kernel"):
        await Database.open("sqlite://:memory:", [app])
    async with await Database.open("sqlite://:memory:"):
        pass


async def test_two_apps_with_one_table_are_refused_naming_both(workshop: Any) -> None:
    one, other = workshop.app("notes", NOTE.format(more="")), workshop.app("jots", NOTE.format(more=""))
    with pytest.raises(BadTables, match=r"notes\.Note: the table 'notes_note' belongs to jots\.Note"):
        await Database.open("sqlite://:memory:", [one, other])


async def test_models_that_can_not_be_imported_are_refused_by_name() -> None:
    with pytest.raises(BadTables, match=r"no_such_module"):
        await Database.open(
            "sqlite://:memory:", [App("ghost", "no_such_module.models", "no_such_module.migrations")]
        )


async def test_fields_of_an_abstract_parent_are_columns(workshop: Any, database_url: str) -> None:
    app = workshop.app(
        "stamps",
        """
        class Stamped(Model):
            at = fields.CharField(max_length=20)
            class Meta:
                abstract = True
        class Stamp(Stamped):
            id = fields.IntField(primary_key=True)
            class Meta:
                table = "stamps_stamp"
        """,
    )
    await workshop.write_migrations(app)
    assert await workshop.write_migrations(app) == []
    async with await Database.open(database_url, [app]) as database:
        await database.upgrade()
        await database.client.execute_query("INSERT INTO stamps_stamp (id, at) VALUES (1, 'now')")


async def test_a_task_that_was_started_before_the_database_can_use_it(database_url: str) -> None:
    """tortoise's context variable reaches only tasks that are started later."""
    opened = asyncio.Event()

    async def early() -> int:
        await opened.wait()
        return await SettingsBag.all().count()

    task = asyncio.create_task(early())
    await asyncio.sleep(0)
    async with await Database.open(database_url) as database:
        await database.upgrade()
        opened.set()
        assert await task == 0


async def test_plugins_come_and_go_without_disturbing_the_rest(workshop: Any, database_url: str) -> None:
    app = workshop.app("notes", NOTE.format(more=""))
    await workshop.write_migrations(app)
    async with await Database.open(database_url, [app]) as database:
        await database.upgrade()
        await database.client.execute_query("INSERT INTO notes_note (id, text) VALUES (1, 'kept')")
    async with await Database.open(database_url) as without:
        await without.upgrade()
        assert [status.label for status in await without.status()] == ["kernel"]
    async with await Database.open(database_url, [app]) as again:
        await again.upgrade()
        assert len(await again.client.execute_query_dict("SELECT * FROM notes_note")) == 1


async def test_a_failing_migration_changes_nothing_at_all(workshop: Any, database_url: str) -> None:
    app = workshop.app("notes", NOTE.format(more=""))
    await workshop.write_migrations(app)
    workshop.migration(
        app,
        "0002_broken",
        """
        class Migration(migrations.Migration):
            dependencies = [("notes", "0001_initial")]
            operations = [ops.RunSQL("CREATE TABLE notes_more (id INT); INSERT INTO nowhere VALUES (1)")]
        """,
    )
    async with await Database.open(database_url, [app]) as database:
        with pytest.raises(StorageError, match=r"notes\.0002_broken failed.*Nothing was changed"):
            await database.upgrade()
        assert {status.applied for status in await database.status()} == {()}
        with pytest.raises(Exception, match="notes_note"):
            await database.client.execute_query("SELECT * FROM notes_note")


async def test_a_semicolon_inside_a_default_does_not_cut_a_statement(
    workshop: Any, database_url: str
) -> None:
    app = workshop.app("notes", NOTE.format(more=', db_default="a; b"'))
    await workshop.write_migrations(app)
    async with await Database.open(database_url, [app]) as database:
        await database.upgrade()
        await database.client.execute_query("INSERT INTO notes_note (id) VALUES (1)")
        rows = await database.client.execute_query_dict("SELECT text FROM notes_note")
        assert rows[0]["text"] == "a; b"


async def test_one_process_may_use_both_engines_one_after_the_other(
    sqlite_url: str, postgres_url: str
) -> None:
    """tortoise remembers the SQL of inserts under the connection's name, placeholders and all."""
    for url in (sqlite_url, postgres_url, sqlite_url):
        async with await Database.open(url) as database:
            await database.upgrade()
            await SettingsBag.all().delete()
            await SettingsBag.create(scope="guild", scope_id="1")


def test_the_kernel_is_an_app_like_any_other() -> None:
    assert KERNEL.label == "kernel"
    assert apps_of([]) == ()
