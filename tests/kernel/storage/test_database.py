"""Opening, upgrading and closing databases, as an owner meets it."""

from __future__ import annotations

from tzurot.storage.database import Database
from tzurot.storage.ids import stable_id
from tzurot.storage.models import SettingsBag


async def test_an_upgrade_makes_the_tables_and_a_second_one_finds_nothing_to_do(database_url: str) -> None:
    seen: list[tuple[str, str]] = []
    async with await Database.open(database_url) as database:
        await database.upgrade(lambda label, name: seen.append((label, name)))
        await database.upgrade(lambda label, name: seen.append((label, name)))
        assert seen == [("kernel", "0001_initial")]
        await database.require_current()
        await SettingsBag.create(
            id=stable_id("bag", "guild", "1"), scope="guild", scope_id="1", values={"a": [1, None, "x"]}
        )
    async with await Database.open(database_url):
        bag = await SettingsBag.get(scope="guild", scope_id="1")
        assert bag.values == {"a": [1, None, "x"]}
