"""Which plugins run where: guilds, channels and threads switch them, packs switch them off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzurot import Fragment, Manifest, NoConfig, Plugin, Turn, hookimpl
from tzurot.config import Config
from tzurot.hooks.registry import Registry
from tzurot.loading import bare_kit
from tzurot.packs.compiled import Character
from tzurot.settings.scopes import Scope
from tzurot.testing.stage import PACK, Stage
from tzurot.turns.stored import Owner
from tzurot.turns.switchboard import enabled

GUILD: Owner = (Scope.GUILD, "stage:home")
CHANNEL: Owner = (Scope.CHANNEL, "stage:general")
THREAD: Owner = (Scope.CHANNEL, "stage:corner")


class Moon(Plugin[NoConfig]):
    """A plugin that shows in the prompt whether it runs."""

    manifest = Manifest(name="moon", summary="tells of the moon")

    @hookimpl
    async def build_context(self, turn: Turn) -> Iterable[Fragment]:
        return [Fragment(self.manifest.name, f"There is a {self.manifest.name}.")]


class Tide(Moon):
    manifest = Manifest(name="tide", summary="follows the moon", requires=("moon",))


class Wreck(Moon):
    manifest = Manifest(name="wreck", summary="comes with the tide", requires=("tide",))


class Comet(Moon):
    manifest = Manifest(name="comet", summary="is seldom there", default_on=False)


class Earth(Moon):
    manifest = Manifest(name="earth", summary="is always there", required=True)


async def shown(stage: Stage, *, guild: str | None = "home", thread: str | None = None) -> set[str]:
    """The plugins that run for a message."""
    message = stage.message("hello", guild=guild)
    await stage.hear(replace(message, place=replace(message.place, thread=thread)))
    prompt = "\n".join(each.content for each in stage.model.requests[-1].messages)
    return {name for name in ("moon", "tide", "wreck", "comet", "earth") if f"There is a {name}." in prompt}


async def test_a_guilds_switch_counts_there_and_nowhere_else(database_url: str):
    async with Stage.of(Moon, Earth, database_url=database_url) as stage:
        await stage.app.preparation.stored.switch(GUILD, "moon", False)
        assert await shown(stage) == {"earth"}
        assert await shown(stage, guild="away") == {"moon", "earth"}
        assert await shown(stage, guild=None) == {"moon", "earth"}


async def test_the_nearer_switch_wins_thread_before_channel_before_guild(database_url: str):
    async with Stage.of(Moon, database_url=database_url) as stage:
        switch = stage.app.preparation.stored.switch
        await switch(GUILD, "moon", False)
        assert await shown(stage, thread="corner") == set()
        await switch(CHANNEL, "moon", True)
        assert await shown(stage, thread="corner") == {"moon"}
        await switch(THREAD, "moon", False)
        assert await shown(stage, thread="corner") == set()
        assert await shown(stage) == {"moon"}
        assert await shown(stage, thread="other corner") == {"moon"}
        await switch(CHANNEL, "moon", None)
        assert await shown(stage) == set()


async def test_a_plugin_that_is_off_by_default_waits_for_its_switch(database_url: str):
    async with Stage.of(Comet, database_url=database_url) as stage:
        assert await shown(stage) == set()
        await stage.app.preparation.stored.switch(GUILD, "comet", True)
        assert await shown(stage) == {"comet"}
        await stage.app.preparation.stored.switch(GUILD, "comet", None)
        assert await shown(stage) == set()


async def test_a_required_plugin_runs_whatever_anybody_switched(database_url: str):
    pack = f"{PACK}plugins:\n  earth:\n    enabled: false\n"
    async with Stage.of(Earth, pack=pack, database_url=database_url) as stage:
        await stage.app.preparation.stored.switch(GUILD, "earth", False)
        assert await shown(stage) == {"earth"}


async def test_what_requires_a_plugin_that_is_off_is_off_with_it(database_url: str):
    async with Stage.of(Moon, Tide, Wreck, database_url=database_url) as stage:
        assert await shown(stage) == {"moon", "tide", "wreck"}
        await stage.app.preparation.stored.switch(GUILD, "tide", False)
        assert await shown(stage) == {"moon"}
        await stage.app.preparation.stored.switch(GUILD, "moon", False)
        await stage.app.preparation.stored.switch(GUILD, "tide", True)
        assert await shown(stage) == set()


async def test_a_pack_switches_off_and_never_on(database_url: str):
    pack = f"{PACK}plugins:\n  tide:\n    enabled: false\n  comet:\n    enabled: true\n"
    async with Stage.of(Moon, Tide, Wreck, Comet, pack=pack, database_url=database_url) as stage:
        assert await shown(stage) == {"moon"}
        await stage.app.preparation.stored.switch(GUILD, "tide", True)
        assert await shown(stage) == {"moon"}


async def test_a_switch_for_a_plugin_that_is_gone_does_no_harm(database_url: str):
    async with Stage.of(Moon, database_url=database_url) as stage:
        await stage.app.preparation.stored.switch(GUILD, "uninstalled", False)
        assert await shown(stage) == {"moon"}


def registry_of(*plugins: type[Plugin[NoConfig]]) -> Registry:
    registry, kit = Registry(), bare_kit(Config())
    for plugin in plugins:
        registry.add(plugin(kit(plugin.manifest.name, None)))
    return registry


ALL = (Moon, Tide, Wreck, Comet, Earth)
switches = st.dictionaries(st.sampled_from([p.manifest.name for p in ALL]), st.booleans())


@given(switches, switches)
def test_law_the_set_is_closed_under_what_its_plugins_require(owner: dict[str, bool], pack: dict[str, bool]):
    registry = registry_of(*ALL)
    character = Character("mara", "stage", "Mara", enabled=pack)
    active = enabled(registry, owner, character)
    assert "earth" in active.plugins
    for name in active.plugins:
        assert set(registry.plugins[name].manifest.requires) <= active.plugins
    assert active.plugins <= enabled(registry, owner).plugins
    assert enabled(registry, owner, character) is active


@pytest.mark.parametrize("hook", ["build_context", "gate"])
def test_a_set_lists_its_implementations_in_order_of_load(hook: str):
    active = enabled(registry_of(*ALL), {"tide": False})
    expected = ["moon", "earth"] if hook == "build_context" else []
    assert [implementation.plugin for implementation in active.of(hook)] == expected
