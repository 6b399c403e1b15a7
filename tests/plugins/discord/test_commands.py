"""Slash commands: registered once, acknowledged at once, answered in full, by nobody who may not."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager

import pytest
from tests.plugins.discord.life import PLUGINS, alive

from tzurot import Command, Invocation, Option, OptionKind, Permission, TzurotError, hookimpl
from tzurot.plugin import Manifest, NoConfig, Plugin
from tzurot.testing.discord import Answer
from tzurot.testing.discord import Permission as Right
from tzurot.testing.discord.events import Event
from tzurot_plugins.discord.channels import Channels
from tzurot_plugins.discord.commands.declaration import declared, same
from tzurot_plugins.discord.commands.reading import read

COMMANDS = "/applications/{application_id}/commands"
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"


class Workshop(Plugin[NoConfig]):
    """Commands of every kind."""

    manifest = Manifest(name="workshop", summary="commands of every kind")
    going_on = asyncio.Event()
    reached = asyncio.Event()

    @hookimpl
    def commands(self):
        async def echo(given: Invocation) -> str:
            allowed = sorted(map(str, given.allowed))
            return f"{given.text('words')} {given.options} {allowed} {given.place.conversation}"

        async def long(given: Invocation) -> str:
            return "\n".join(f"{n} @everyone <@{given.author.id}>" for n in range(200))

        async def slow(given: Invocation) -> str:
            self.reached.set()
            await self.going_on.wait()
            return "at last"

        async def wrong(given: Invocation) -> str:
            if given.arguments == "said":
                raise TzurotError("The vice is open. Close it.")
            raise ZeroDivisionError("secret")

        async def words(typed: str, given: Invocation) -> list[str]:
            if typed == "bug":
                raise ZeroDivisionError
            return [f"{typed}{n}" for n in range(30)]

        options = (
            Option("words", "what", required=True, autocomplete=words),
            Option("times", "how often", OptionKind.WHOLE),
            Option("share", "how much", OptionKind.NUMBER),
            Option("loud", "whether", OptionKind.FLAG),
            Option("side", "which", OptionKind.CHOICE, choices=("left", "right")),
        )
        yield Command(
            "shop",
            "the workshop",
            commands=(
                Command("echo", "says it again", echo, options=options, private=False),
                Command("long", "says much", long),
                Command("slow", "takes its time", slow),
                Command("close", "closes", echo, permission=Permission.MANAGE_GUILD),
                Command("sell", "sells all", echo, permission=Permission.OWNER),
            ),
        )
        yield Command("wrong", "goes wrong", wrong, "said|unsaid")


@asynccontextmanager
async def working(harbour, home, **more):
    async with alive(
        harbour.server, harbour.bot, home, plugins=(*PLUGINS, "control"), extra=[Workshop], **more
    ) as life:
        await harbour.server.wait_for(lambda: harbour.bot.commands or None, what="commands")
        yield life


async def used(harbour, command, *, who=None, where=None, **options):
    interaction = (who or harbour.ann).slash(where or harbour.channel, command, bot=harbour.bot, **options)
    return interaction, await harbour.server.answered(interaction)


async def test_commands_are_registered_in_one_request_and_only_when_they_changed(harbour, tmp_path):
    server = harbour.server
    async with working(harbour, tmp_path):
        pass
    async with alive(server, harbour.bot, tmp_path, plugins=(*PLUGINS, "control"), extra=[Workshop]):
        await server.next_request("GET", COMMANDS, after=1)
    assert len(server.requests_to("PUT", COMMANDS)) == 1
    async with alive(server, harbour.bot, tmp_path, plugins=(*PLUGINS, "control")):
        await server.next_request("PUT", COMMANDS, after=1)
    assert "shop" not in {one["name"] for one in harbour.bot.commands.values()}
    assert not server.violations


async def test_what_discord_adds_of_its_own_is_no_change(harbour, tmp_path):
    async with working(harbour, tmp_path) as life:
        wanted = declared(life.app.controls.commands.values())
        registered = list(harbour.bot.commands.values())
    assert same(wanted, registered)
    assert not same(wanted, registered[1:])
    assert not same(wanted[1:], registered)
    assert not same([{**wanted[0], "description": "other"}, *wanted[1:]], registered)


async def test_options_arrive_in_their_types_and_a_public_answer_is_seen_by_all(harbour, tmp_path):
    async with working(harbour, tmp_path):
        given = {"words": "hello", "times": 3, "share": 0.5, "loud": True, "side": "left"}
        interaction, answer = await used(harbour, "shop echo", **given)
        assert answer.text.startswith(f"hello {given} ")
        assert answer.text.endswith(f"discord:{harbour.channel.id}")
        assert not answer.ephemeral
        assert interaction.answer is Answer.DEFERRED_MESSAGE
        thread = harbour.channel.create_thread("aside", harbour.ann)
        _, answer = await used(harbour, "shop echo", where=thread, words="hi")
        assert answer.text.endswith(f"discord:{thread.id}")
    assert not harbour.server.violations


async def test_a_long_private_answer_comes_whole_in_several_messages_and_pings_nobody(harbour, tmp_path):
    async with working(harbour, tmp_path):
        interaction, first = await used(harbour, "shop long")
        await harbour.server.wait_for(
            lambda: interaction.followups and "199 @" in interaction.followups[-1].text, what="the rest"
        )
        whole = [first, *interaction.followups]
        assert len(whole) > 2
        assert all(each.ephemeral and len(each.text) <= 2000 and not each.pings for each in whole)
        said = "\n".join(each.text for each in whole).split("\n")
        assert [line.split()[0] for line in said if line] == [str(n) for n in range(200)]
        assert harbour.channel.messages == []


async def test_a_slow_command_is_acknowledged_before_it_runs(harbour, tmp_path):
    Workshop.going_on.clear()
    Workshop.reached.clear()
    async with working(harbour, tmp_path):
        interaction = harbour.ann.slash(harbour.channel, "shop slow", bot=harbour.bot)
        await asyncio.wait_for(Workshop.reached.wait(), 10)
        assert interaction.waiting
        _, other = await used(harbour, "shop echo", words="meanwhile")
        assert other.text.startswith("meanwhile")
        Workshop.going_on.set()
        assert (await harbour.server.answered(interaction)).text == "at last"


async def test_what_is_not_acknowledged_in_time_is_not_carried_out(harbour, tmp_path, caplog):
    Workshop.reached.clear()
    async with working(harbour, tmp_path):
        interaction = harbour.ann.slash(harbour.channel, "shop slow", bot=harbour.bot)
        interaction.expire()
        await harbour.server.next_request("POST", CALLBACK)
        await used(harbour, "shop echo", words="still here")
    assert not Workshop.reached.is_set()
    assert "not acknowledged, and not carried out" in caplog.text
    assert interaction.token not in caplog.text


async def test_a_lost_acknowledgement_does_not_cost_the_answer(harbour, tmp_path):
    async with working(harbour, tmp_path):
        harbour.server.faults.fail_next("POST", CALLBACK, 502)
        _, answer = await used(harbour, "shop echo", words="hello")
        assert answer.text.startswith("hello")


async def test_what_discord_tells_twice_is_carried_out_once(harbour, tmp_path, caplog):
    async with working(harbour, tmp_path):
        harbour.server.faults.duplicate_next_event("INTERACTION_CREATE", 1)
        await used(harbour, "shop echo", words="once")
        await used(harbour, "shop echo", words="more")
    assert [each.text.split()[0] for each in harbour.channel.messages] == ["once", "more"]
    assert len(harbour.server.requests_to("POST", CALLBACK)) == 2


def test_who_sees_a_command_is_sent_as_a_number_and_recognised_as_the_text_that_discord_answers():
    async def run(given: Invocation) -> str:
        return ""

    [wanted] = declared([Command("tend", "tends", run, permission=Permission.MANAGE_GUILD)])
    assert wanted["default_member_permissions"] == 1 << 5
    assert same([wanted], [{**wanted, "default_member_permissions": "32"}])
    assert not same([wanted], [{**wanted, "default_member_permissions": "16"}])


async def test_what_the_published_adapter_cannot_parse_is_answered_all_the_same(harbour, tmp_path):
    harbour.guild.features.append("A_FEATURE_OF_NEXT_YEAR")
    async with working(harbour, tmp_path):
        _, answer = await used(harbour, "shop echo", words="hello")
        assert answer.text.startswith("hello")


@pytest.mark.parametrize(
    "broken", [{}, {"data": None}, {"data": {"name": 5, "options": "x"}}, {"member": 3, "guild_id": 7}]
)
async def test_an_interaction_that_makes_no_sense_harms_nothing(harbour, tmp_path, broken, caplog):
    async with working(harbour, tmp_path):
        for number, kind in enumerate((2, 4, 99)):
            payload = {"id": str(number), "type": kind, "token": "t", **broken}
            harbour.server.world.emit(Event("INTERACTION_CREATE", payload, only=harbour.bot))
        _, answer = await used(harbour, "shop echo", words="hello")
        assert answer.text.startswith("hello")


async def test_errors_are_one_clear_line_that_tells_no_secret(harbour, tmp_path, caplog):
    async with working(harbour, tmp_path):
        _, answer = await used(harbour, "wrong", text="said")
        assert answer.text == "The vice is open. Close it."
        with caplog.at_level(logging.CRITICAL):
            _, answer = await used(harbour, "wrong")
        assert answer.text == "/wrong failed. The log has more."


@pytest.mark.parametrize(
    ("right", "sees"), [(None, False), (Right.MANAGE_GUILD, True), (Right.ADMINISTRATOR, True)]
)
async def test_permissions_are_those_that_discord_vouches_for(harbour, tmp_path, right, sees):
    ben = harbour.server.world.create_user("ben")
    harbour.guild.add(ben, *([harbour.guild.create_role("some", right)] if right else []))
    async with working(harbour, tmp_path):
        _, answer = await used(harbour, "shop close", who=ben)
        assert ("manage_guild" in answer.text) is sees
        assert ("only for who may manage this server" in answer.text) is not sees


async def test_direct_messages_grant_no_rights_and_owning_a_guild_is_not_owning_the_bot(harbour, tmp_path):
    async with working(harbour, tmp_path):
        _, answer = await used(harbour, "shop close", where=harbour.ann.direct(harbour.bot))
        assert answer.text == "/shop close is only for who may manage this server."
        _, answer = await used(harbour, "shop sell")
        assert answer.text == "/shop sell is only for who owns this bot."
        owner = harbour.bot.owner
        _, answer = await used(harbour, "shop sell", who=owner, where=owner.direct(harbour.bot))
        assert "['everyone', 'owner']" in answer.text


@pytest.mark.parametrize("permissions", [None, "", "-1", "x", "²", [], {}])
def test_rights_that_cannot_be_read_are_none(permissions):
    member = {"user": {"id": "1", "username": "ann"}, "permissions": permissions}
    data = {"guild_id": "2", "channel_id": "3", "member": member, "data": {"name": "x"}}
    assert read(data, Channels(), ()).invocation.allowed == {Permission.EVERYONE}
    outside = {**data, "guild_id": None, "member": {**member, "permissions": "8"}}
    assert read(outside, Channels(), ()).invocation.allowed == {Permission.EVERYONE}


async def test_suggestions_come_while_somebody_types(harbour, tmp_path, caplog):
    async with working(harbour, tmp_path):

        async def suggested(command, focused, typed):
            typing = harbour.ann.autocomplete(
                harbour.channel, command, bot=harbour.bot, focused=focused, **{focused: typed}
            )
            await harbour.server.wait_for(lambda: typing.answer, what="suggestions")
            return [each["value"] for each in typing.answer_data["choices"]]

        assert await suggested("shop echo", "words", "ab") == [f"ab{n}" for n in range(25)]
        assert await suggested("plugins off", "plugin", "works") == ["workshop"]
        with caplog.at_level(logging.CRITICAL):
            assert await suggested("shop echo", "words", "bug") == []
    assert not harbour.server.violations
