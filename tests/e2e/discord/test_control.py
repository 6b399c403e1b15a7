"""A server's owner steers the bot from inside Discord: the story of one evening."""

from __future__ import annotations

import asyncio

import pytest
from tests.plugins.discord.life import PLUGINS, alive

from tzurot import Manifest, NoConfig, Plugin, TurnResult, hookimpl
from tzurot.testing.discord import DiscordServer, Permission


@pytest.fixture
async def server():
    async with DiscordServer() as server:
        yield server


class Ended(Plugin[NoConfig]):
    """Tells the test when a turn has ended."""

    manifest = Manifest(name="ended", summary="knows when a turn has ended")

    def __init__(self, kit):
        super().__init__(kit)
        self.event = asyncio.Event()

    @hookimpl
    async def after_turn(self, result: TurnResult) -> None:
        self.event.set()


async def test_an_owner_silences_a_channel_sees_why_and_sets_the_tone(server, tmp_path):
    world = server.world
    bot, ann, ben = world.create_bot("harbour"), world.create_user("ann"), world.create_user("ben")
    guild = world.create_guild("Pier", ann)
    world.invite(guild, bot, Permission.MANAGE_WEBHOOKS)
    guild.add(ben)
    channel, quiet = guild.create_channel("general"), guild.create_channel("quiet")

    plugins = (*PLUGINS, "control", "history")
    async with alive(server, bot, tmp_path, plugins=plugins, extra=(Ended,)) as life:
        life.model.otherwise = "Aye."
        await server.wait_for(lambda: bot.commands or None, what="commands")

        async def told(person, command, where=channel, **options):
            answer = await server.answered(person.slash(where, command, bot=bot, **options))
            assert answer.ephemeral
            return answer.text

        assert "**Mara** (pier/mara): A lighthouse keeper." in await told(ben, "characters")
        assert "`/plugins off PLUGIN" in await told(ben, "help")

        # Ben may look, and change nothing; Ann switches mentions off in one channel.
        assert "on  **mentions**" in await told(ben, "plugins list")
        refused = await told(ben, "plugins off", quiet, plugin="mentions", **{"for": "channel"})
        assert refused == "/plugins off is only for who may manage this channel."
        said = await told(ann, "plugins off", quiet, plugin="mentions", **{"for": "channel"})
        assert said == "mentions is off for this channel now."

        ben.say(quiet, "@Mara, are you there?")
        ben.say(channel, "@Mara, are you there?")
        assert (await server.next_message(channel)).text == "Aye."
        # The answer can be read a moment before its turn has ended.
        async with asyncio.timeout(10):
            await life.app.registry.plugins["ended"].event.wait()
        why = await told(ben, "why", quiet)
        assert "not answered, because: no character was addressed" in why
        answered = await told(
            ben, "why", message=f"https://discord.com/channels/1/2/{channel.messages[0].id}"
        )
        assert "answered by pier/mara" in answered
        assert "Mara remembers 2 lines" in await told(ben, "history")

        # What Ann sets for the server holds for Ben, until he has his own.
        await told(ann, "settings set", name="temperature", value="0.5", **{"for": "server"})
        assert await told(ben, "settings show") == "**temperature**: 0.5 (this server)"
        await told(ben, "settings set", name="temperature", value="0.9")
        ben.say(channel, "@Mara, and now?")
        await server.next_message(channel)
        assert life.model.requests[-1].parameters["temperature"] == 0.9

        # In a direct message nobody manages a server.
        direct = ann.direct(bot)
        said = await told(ann, "settings set", direct, name="temperature", value="1", **{"for": "server"})
        assert "only for who may manage this server" in said

        await told(ann, "plugins off", plugin="history")
        assert "which is off here" in await told(ben, "history")
        assert not any(message.ephemeral for message in [*channel.messages, *quiet.messages])
    assert not server.violations
