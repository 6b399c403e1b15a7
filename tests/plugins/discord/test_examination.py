"""`tzurot doctor` says how it stands with Discord, and what to do about it."""

import pytest
from tests.plugins.discord.life import alive

from tzurot.payloads.contributions import State
from tzurot.testing.discord import Intent
from tzurot_plugins.discord.config import DiscordSettings
from tzurot_plugins.discord.connection import open_session
from tzurot_plugins.discord.examination import examine
from tzurot_plugins.discord.permissions import NEEDED, invitation


async def findings(**settings):
    async with open_session() as session:
        return [finding async for finding in examine(DiscordSettings(**settings), session)]


async def test_without_a_token_it_is_off_and_says_where_to_get_one():
    (finding,) = await findings()
    assert finding.state is State.OFF
    assert "DISCORD_TOKEN" in finding.remedy


async def test_with_a_good_token_it_names_the_bot_and_prints_the_invitation(harbour):
    found = await findings(token=harbour.bot.token, api_base=harbour.server.api_base)
    text = "\n".join(finding.text for finding in found)
    assert "the bot is harbour" in text
    assert "Message Content intent is switched on" in text
    assert invitation(harbour.bot.id) in text
    assert not any(finding.state is State.FAILED for finding in found)


async def test_a_missing_intent_is_a_warning_unless_it_is_not_wanted(harbour):
    deaf = harbour.server.world.create_bot("deaf", allowed_intents=Intent(0))
    for wanted, state in ((True, State.WARNING), (False, State.OK)):
        found = await findings(token=deaf.token, api_base=harbour.server.api_base, message_content=wanted)
        assert next(each for each in found if "intent" in each.text).state is state


async def test_a_refused_token_is_said_without_telling_it(harbour):
    found = await findings(token="s3cr3t", api_base=harbour.server.api_base)
    assert found[-1].state is State.FAILED
    assert "DISCORD_TOKEN" in found[-1].remedy
    assert "s3cr3t" not in repr(found)


@pytest.mark.parametrize("trouble", ["nobody there", "html"])
async def test_an_address_that_is_no_discord_is_said(harbour, trouble):
    base = harbour.server.api_base
    if trouble == "html":
        harbour.server.faults.bad_gateway(times=9)
    else:
        base = "http://127.0.0.1:9/api/v10"
    found = await findings(token="x", api_base=base)
    assert found[-1].state is State.FAILED
    assert base in found[-1].text


def test_the_invitation_asks_for_exactly_what_is_needed(harbour):
    assert f"permissions={int(NEEDED)}" in invitation("1")
    assert int(NEEDED) == 1024 | 2048 | 65536 | 536870912 | 274877906944


async def test_a_bot_with_exactly_these_permissions_can_do_its_work(harbour, tmp_path):
    world = harbour.server.world
    bot = world.create_bot("exact")
    harbour.guild.set_permissions(harbour.guild.everyone, 0)
    world.invite(harbour.guild, bot, int(NEEDED))
    thread = harbour.channel.create_thread("aside", harbour.ann)
    async with alive(harbour.server, bot, tmp_path):
        for place in (harbour.channel, thread):
            harbour.ann.say(place, "@Mara")
            assert (await harbour.server.next_message(place)).webhook is not None
