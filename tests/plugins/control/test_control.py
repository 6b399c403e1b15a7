"""Commands by which people see and steer the bot: as they are written, on a stage."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from tzurot import Invocation, Permission, TzurotError, Verdict, hookimpl
from tzurot.plugin import Manifest, NoConfig, Plugin
from tzurot.storage.bags import Bag
from tzurot.testing.stage import Stage

CHANNEL = frozenset({Permission.MANAGE_CHANNEL})
GUILD = frozenset({Permission.MANAGE_GUILD})


class Strict(Plugin[NoConfig]):
    """Refuses what it doesn't like."""

    manifest = Manifest(name="strict", summary="refuses what is loud")

    @hookimpl
    async def gate(self, message):
        return Verdict("too loud") if message.text.isupper() else None


class Somebody:
    """Gives commands on a stage."""

    def __init__(self, stage):
        self.stage = stage

    async def type(self, line, *, allowed=GUILD, **where):
        message = self.stage.message("", **where)
        return await self.stage.app.controls.run_line(
            line, Invocation(message.author, message.place, allowed=allowed)
        )

    async def refused(self, line, **where):
        with pytest.raises(TzurotError) as caught:
            await self.type(line, **where)
        return str(caught.value)


@asynccontextmanager
async def staged():
    async with Stage.of(Strict, installed=["control", "history"]) as stage:
        yield stage, Somebody(stage)


async def test_a_plugin_is_switched_for_a_server_and_back_again_for_a_channel():
    async with staged() as (stage, ann):
        assert "on  **strict**: refuses what is loud (by default)" in await ann.type(
            "plugins list", allowed=()
        )
        assert await stage.say("MARA") == []
        assert await ann.type("plugins off strict") == "strict is off for this server now."
        assert await stage.say("MARA") != []
        assert await ann.type("plugins on strict for=channel") == "strict is on for this channel now."
        assert await stage.say("MARA") == []
        assert await stage.say("MARA", channel="harbour") != []
        assert await ann.type("plugins on strict", channel="harbour") == "strict is on for this server now."
        assert await ann.type("plugins off strict", channel="general") == (
            "strict is off for this server now. Here it is still on: switched for this channel."
        )
        await ann.type("plugins default strict")
        await ann.type("plugins default strict for=channel")
        assert "(by default)" in (await ann.type("plugins list")).split("**strict**")[1].splitlines()[0]


async def test_who_may_not_manage_changes_nothing():
    async with staged() as (stage, ann):
        for line in ("plugins off strict", "plugins off strict for=channel"):
            assert "only for who may manage this" in await ann.refused(line, allowed=frozenset())
        assert "only for who may manage this server" in await ann.refused(
            "plugins off strict", allowed=CHANNEL
        )
        for line in ("settings set temperature 0.5 server", "settings set temperature 0.5 channel"):
            assert "only for who may manage this" in await ann.refused(line, allowed=frozenset())
        assert await stage.say("MARA") == []
        assert "Nothing differs" in await ann.type("settings show")


async def test_what_cannot_be_switched_is_said():
    async with staged() as (_, ann):
        assert "can't be switched off for a server" in await ann.refused("plugins off control")
        assert "Did you mean 'strict'?" in await ann.refused("plugins off strct")
        assert "This is no server" in await ann.refused("plugins off strict for=server", guild=None)
        assert "/plugins of. Write /plugins list|on|off|default." in await ann.refused("plugins of strict")
        assert "Did you mean 'plugins'?" in await ann.refused("plugin")


async def test_a_command_of_a_plugin_that_is_off_says_so_with_the_remedy():
    async with staged() as (_, ann):
        assert "Nothing of this" in await ann.type("history", allowed=frozenset())
        await ann.type("plugins off history")
        assert await ann.refused("history", allowed=frozenset()) == (
            "/history belongs to the plugin history, which is off here. "
            "Who may manage this server switches it on: /plugins on history."
        )
        assert "Nothing of this" in await ann.type("history", guild="elsewhere")


async def test_settings_say_who_set_them():
    async with staged() as (_, ann):
        assert (
            await ann.type("settings set temperature 0.5 server") == "temperature is 0.5 for this server now."
        )
        assert (
            await ann.type("settings set temperature 0.7 channel")
            == "temperature is 0.7 for this channel now."
        )
        assert await ann.type("settings show") == "**temperature**: 0.7 (this channel)"
        assert (
            await ann.type("settings set temperature off", allowed=frozenset())
            == "temperature is off for you now."
        )
        assert (await ann.type("settings show temperature mara")).startswith("**temperature**: off (you)\n")
        assert await ann.type("settings show", author="ben") == "**temperature**: 0.7 (this channel)"
        assert await ann.type("settings unset temperature") == (
            "temperature is not set for you any more. Here it is now 0.7 (this channel)."
        )
        assert "not set there" in await ann.refused("settings unset temperature")


async def test_what_a_server_has_locked_is_said_to_whom_it_concerns():
    async with staged() as (stage, ann):
        locked = Bag({"temperature": 0.2}, frozenset({"temperature"}))
        await stage.app.preparation.stored.change(stage.owner("home"), lambda _: locked)
        said = await ann.type("settings set temperature 0.9", allowed=frozenset())
        assert said.endswith("It doesn't hold here: this server has locked it.")
        shown = (await ann.type("settings show")).splitlines()
        assert shown[0] == "**temperature**: 0.2 (this server), locked by this server"
        assert shown[1] == "– 0.9 of you does not count"


async def test_a_wrong_setting_is_refused_with_what_would_be_right():
    async with staged() as (_, ann):
        assert "Did you mean temperature?" in await ann.refused("settings set temprature 1")
        assert "temperature" in await ann.refused("settings set temperature hot")
        assert "There is no character 'nobody'" in await ann.refused("settings show temperature nobody")


async def test_why_names_the_reason_for_every_silence():
    async with staged() as (stage, ann):
        assert "No message of this conversation" in await ann.type("why")
        stage.model.script("Yes.")
        await stage.say("Mara?")
        await stage.say("MARA!")
        silent, answered = (await ann.type("why", allowed=frozenset())).splitlines()
        assert "not answered, because: strict: too loud" in silent
        assert "answered by " in answered
        assert "prompt of" in answered
        message = silent.split()[1].rstrip(",")
        assert (await ann.type(f"why https://example.org/channels/1/2/{message}")) == silent
        assert "Nothing is known of that message" in await ann.refused("why 12345")
        assert "No message of this conversation" in await ann.type("why", channel="elsewhere")


async def test_why_tells_what_failed():
    async with staged() as (stage, ann):
        stage.model.script(RuntimeError("no power"))
        await stage.say("Mara?")
        assert "not answered by " in await ann.type("why")


async def test_characters_and_commands_are_listed():
    async with staged() as (_, ann):
        assert "**Mara** (" in await ann.type("characters")
        told = await ann.type("help")
        assert "`/plugins off PLUGIN [for=server|channel]` switches a plugin off" in told
        assert "`/history`" in told
        assert await ann.type("help why") == (
            "`/why [message=MESSAGE]` why nobody answered here, and how the latest answer came about"
        )
        assert "There is no command /nothing" in await ann.refused("help nothing")


async def test_names_are_suggested_while_somebody_types():
    async with staged() as (stage, _):
        message = stage.message("")

        async def suggested(path, option, typed, allowed=GUILD):
            told = Invocation(message.author, message.place, options={option: typed}, allowed=allowed)
            return await stage.app.controls.complete(path.split(), option, told)

        assert await suggested("plugins off", "plugin", "str") == ["strict"]
        assert await suggested("plugins off", "plugin", "str", frozenset()) == []
        assert "temperature" in await suggested("settings set", "name", "Temp")
        assert len(await suggested("settings set", "name", "")) == 25
        assert await suggested("settings show", "character", "ma") == ["Mara"]
        assert await suggested("help", "command", "/wh") == ["why"]
