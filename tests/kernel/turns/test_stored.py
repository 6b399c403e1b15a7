"""What owners and people set, through real turns: the cascade, its locks, and what is kept of a person."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tzurot import Forget, Manifest, NoConfig, Plugin, Turn, hookimpl
from tzurot.payloads.message import Message
from tzurot.settings.behaviour import MAX_MESSAGES
from tzurot.settings.cascade import Source
from tzurot.settings.scopes import Scope
from tzurot.storage.bags import Bag
from tzurot.testing.stage import PACK, Stage
from tzurot.turns.stored import Owner, Stored

GUILD: Owner = (Scope.GUILD, "stage:home")
CHANNEL: Owner = (Scope.CHANNEL, "stage:general")
THREAD: Owner = (Scope.CHANNEL, "stage:corner")
USER: Owner = (Scope.USER, "stage:ana")
ANA_WITH_MARA: Owner = (Scope.USER_CHARACTER, "stage:ana:stage/mara")
RISING = [GUILD, CHANNEL, THREAD, USER, ANA_WITH_MARA]


def in_thread(stage: Stage, text: str = "hello", author: str = "ana") -> Message:
    message = stage.message(text, author=author)
    return replace(message, place=replace(message.place, thread="corner"))


async def turn_of(stage: Stage, message: Message | None = None) -> Turn:
    outcome = await stage.hear(message or in_thread(stage))
    return outcome.results[0].turn


def sent(stage: Stage, name: str) -> Any:
    return stage.model.requests[-1].parameters.get(name, "absent")


async def test_each_scope_wins_over_those_below_it_and_the_turn_knows_which_it_was(database_url: str):
    async with Stage.of(database_url=database_url, settings={"temperature": 0.1}) as stage:
        stored = stage.app.preparation.stored
        turn = await turn_of(stage)
        assert (sent(stage, "temperature"), turn.settings.source("temperature").scope) == (
            0.1,
            Scope.INSTANCE,
        )
        for step, owner in enumerate(RISING, 2):
            await stored.set(owner, {"temperature": step / 10})
            turn = await turn_of(stage)
            assert sent(stage, "temperature") == step / 10
            assert turn.settings.source("temperature") == Source(*owner)


async def test_what_is_set_for_one_holds_for_nobody_else(database_url: str):
    async with Stage.of(database_url=database_url) as stage:
        stored = stage.app.preparation.stored
        default = (await turn_of(stage)).settings["temperature"]
        for owner in (THREAD, USER, ANA_WITH_MARA):
            await stored.set(owner, {"temperature": 1.9})
        await turn_of(stage, stage.message("hello", author="bob", channel="general"))
        assert sent(stage, "temperature") == default
        await stage.app.preparation.stored.set(USER, {})
        await turn_of(stage, stage.message("Tam?", author="ana", channel="elsewhere"))
        assert sent(stage, "temperature") == default


async def test_a_packs_value_lies_between_instance_and_guild(database_url: str):
    pack = PACK.replace("    name: Mara\n", "    name: Mara\n    settings:\n      temperature: 0.3\n")
    async with Stage.of(pack=pack, database_url=database_url, settings={"temperature": 0.1}) as stage:
        turn = await turn_of(stage)
        assert sent(stage, "temperature") == 0.3
        assert turn.settings.source("temperature") == Source(Scope.CHARACTER, "stage/mara")
        await stage.app.preparation.stored.set(GUILD, {"temperature": 0.4})
        await turn_of(stage)
        assert sent(stage, "temperature") == 0.4


async def test_off_is_a_value_of_its_own_and_absent_inherits(database_url: str):
    async with Stage.of(database_url=database_url, settings={"temperature": 0.1}) as stage:
        stored = stage.app.preparation.stored
        await stored.set(GUILD, {"temperature": "off"})
        await turn_of(stage)
        assert sent(stage, "temperature") == "absent"
        await stored.set(GUILD, {})
        await turn_of(stage)
        assert sent(stage, "temperature") == 0.1


@pytest.mark.parametrize("locker", [GUILD, CHANNEL, THREAD])
async def test_a_lock_stops_everybody_above_it_and_says_so(database_url: str, locker: Owner):
    async with Stage.of(database_url=database_url) as stage:
        stored = stage.app.preparation.stored
        await stored.set(USER, {"temperature": 1.9, "max_messages": 5})
        await stored.set(locker, {"temperature": 0.4}, locks=["temperature"])
        settings = (await turn_of(stage)).settings
        assert sent(stage, "temperature") == 0.4
        assert settings.lock("temperature") == Source(*locker)
        assert [(each.source, each.value) for each in settings.ignored("temperature")] == [
            (Source(*USER), 1.9)
        ]
        assert settings.value(MAX_MESSAGES) == 5


async def test_a_lock_without_a_value_fixes_what_lies_below(database_url: str):
    async with Stage.of(database_url=database_url, settings={"temperature": 0.1}) as stage:
        stored = stage.app.preparation.stored
        await stored.set(USER, {"temperature": 1.9})
        await stored.set(GUILD, {}, locks=["temperature"])
        await turn_of(stage)
        assert sent(stage, "temperature") == 0.1


async def test_what_can_not_be_used_is_passed_over_and_the_rest_holds(database_url: str):
    async with Stage.of(database_url=database_url) as stage:
        stored = stage.app.preparation.stored
        await stored.set(GUILD, {"temperature": "warm", "top_p": 0.5, "of_tomorrow": [1]})
        await turn_of(stage)
        assert (sent(stage, "temperature"), sent(stage, "top_p")) == (0.7, 0.5)
        (layer,) = await stored.layers([GUILD])
        assert {problem.path for problem in layer.problems} == {("temperature",), ("of_tomorrow",)}


async def test_a_change_keeps_what_this_version_does_not_know(database_url: str):
    async with Stage.of(database_url=database_url) as stage:
        stored = stage.app.preparation.stored
        await stored.set(GUILD, {"of_tomorrow": [1]}, locks=["temperature"])
        await stored.change(GUILD, lambda bag: replace(bag, values={**bag.values, "top_p": 0.5}))
        assert await stored.read(GUILD) == Bag({"of_tomorrow": [1], "top_p": 0.5}, frozenset({"temperature"}))


async def test_changes_at_the_same_time_are_all_kept(database_url: str):
    async with Stage.of(database_url=database_url) as stage:
        names = [f"setting_{number}" for number in range(8)]

        def adding(name: str) -> Any:
            return lambda bag: replace(bag, values={**bag.values, name: 1})

        await asyncio.gather(*(Stored().change(GUILD, adding(name)) for name in names))
        assert sorted((await stage.app.preparation.stored.read(GUILD)).values) == names


async def test_a_change_that_fails_leaves_everything_as_it_was(database_url: str):
    async with Stage.of(database_url=database_url) as stage:
        stored = stage.app.preparation.stored
        await stored.set(GUILD, {"temperature": 0.4})

        def refuse(bag: Bag) -> Bag:
            raise ValueError("not like this")

        with pytest.raises(ValueError, match="not like this"):
            await stored.change(GUILD, refuse)
        assert (await stored.read(GUILD)).values == {"temperature": 0.4}


async def test_what_is_read_while_it_changes_is_not_kept(database_url: str):
    async with Stage.of(database_url=database_url) as stage:
        stored = stage.app.preparation.stored
        reading = asyncio.gather(stored.layers([GUILD]), stored.switches([GUILD]))
        await asyncio.sleep(0)
        await stored.set(GUILD, {"temperature": 0.4})
        await stored.switch(GUILD, "probe", False)
        await reading
        assert [layer.values for layer in await stored.layers([GUILD])] == [{"temperature": 0.4}]
        assert await stored.switches([GUILD]) == {"probe": False}


async def test_what_another_process_changes_is_seen_when_what_is_kept_expires(
    database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tzurot.turns.stored.SECONDS", 0.0)
    async with Stage.of(database_url=database_url) as stage:
        for value in (0.4, 0.5):
            await Stored().set(GUILD, {"temperature": value})
            await turn_of(stage)
            assert sent(stage, "temperature") == value


async def test_a_turn_keeps_the_settings_that_it_began_with(database_url: str):
    class Changes(Plugin[NoConfig]):
        manifest = Manifest(name="changes", summary="changes settings in the middle of a turn")

        @hookimpl
        async def build_context(self, turn: Turn) -> None:
            await Stored().set(GUILD, {"temperature": 1.5})

    async with Stage.of(Changes, database_url=database_url) as stage:
        await stage.app.preparation.stored.set(GUILD, {"temperature": 0.4})
        await turn_of(stage)
        assert sent(stage, "temperature") == 0.4


async def test_forgetting_a_person_erases_their_settings_and_nobody_elses(database_url: str):
    async with Stage.of(database_url=database_url) as stage:
        stored = stage.app.preparation.stored
        mine: list[Owner] = [(Scope.USER, "stage:1"), (Scope.USER_CHARACTER, "stage:1:stage/mara")]
        others: list[Owner] = [
            (Scope.USER, "stage:12"),
            (Scope.USER, "other:1"),
            (Scope.USER_CHARACTER, "stage:2:stage/1"),
            (Scope.GUILD, "stage:1"),
        ]
        for owner in (*mine, *others):
            await stored.set(owner, {"temperature": 1.0})
        exported = [each for each in await stage.app.export_user("stage:1") if each.plugin == "kernel"]
        assert {row["of"] for each in exported for row in each.value.rows} == {i for _, i in mine}
        erased = await stage.app.forget_user(Forget("stage:1"))
        assert [(each.plugin, each.value.rows) for each in erased] == [("kernel", 2)]
        assert len(await stored.layers([*mine, *others])) == len(others)
        (plain,) = await stage.app.forget_user(Forget("1"))
        assert plain.value.rows == 1  # other:1


async def test_forgetting_within_a_guild_leaves_a_persons_settings(database_url: str):
    async with Stage.of(database_url=database_url) as stage:
        await stage.app.preparation.stored.set(USER, {"temperature": 1.0})
        assert await stage.app.forget_user(Forget("stage:ana", guild="home")) == []
        assert len(await stage.app.preparation.stored.layers([USER])) == 1


async def test_while_the_database_can_not_be_asked_what_was_last_known_holds(
    database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tzurot.turns.stored.SECONDS", 0.0)
    async with Stage.of(database_url=database_url) as stage:
        stored = stage.app.preparation.stored
        await stored.set(GUILD, {"temperature": 0.4})
        await turn_of(stage)
        client = stage.platform.kit.opened.client
        for table in ("kernel_settings_bag", "kernel_plugin_switch"):
            await client.execute_query(f"ALTER TABLE {table} RENAME TO {table}_gone")
        await turn_of(stage)
        assert sent(stage, "temperature") == 0.4
