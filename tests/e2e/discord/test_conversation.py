"""`tzurot run` in Discord: mentions and replies are answered by the right character, everywhere."""

import pytest
from tests.plugins.discord.life import alive

from tzurot.testing.discord import DiscordServer, Intent, Permission


@pytest.fixture
async def server():
    async with DiscordServer() as server:
        yield server


@pytest.fixture
def pier(server):
    world = server.world
    bot, ann = world.create_bot("harbour"), world.create_user("ann")
    guild = world.create_guild("Pier", ann)
    world.invite(guild, bot, Permission.MANAGE_WEBHOOKS)
    return server, bot, ann, guild, guild.create_channel("general")


@pytest.mark.parametrize("where", ["channel", "thread", "direct"])
async def test_two_characters_answer_mentions_and_replies(pier, tmp_path, where):
    server, bot, ann, _, channel = pier
    async with alive(server, bot, tmp_path) as life:
        life.model.otherwise = lambda request: "Yes."
        place = {
            "channel": lambda: channel,
            "thread": lambda: channel.create_thread("aside", ann),
            "direct": lambda: ann.direct(bot),
        }[where]()

        def who(message):
            return message.text.partition(":**")[0].lstrip("*") if where == "direct" else message.name

        ann.say(place, "@Mara, are you there?")
        mara = await server.next_message(place)
        ann.say(place, "And @Tam?")
        tam = await server.next_message(place)
        assert [who(mara), who(tam)] == ["Mara", "Old Tam"]
        ann.say(place, "How is the sea?", reply_to=mara)
        assert who(await server.next_message(place)) == "Mara"
        ann.say(place, "And you?", reply_to=tam, ping=False)
        assert who(await server.next_message(place)) == "Old Tam"
        ann.say(place, "Both: @Tam @Mara")
        both = await server.next_messages(place, 2)
        assert [who(each) for each in both] == ["Old Tam", "Mara"]
    assert not server.violations
    assert not any(message.pings for message in [mara, tam, *both])


async def test_a_direct_conversation_goes_on_with_whom_it_was_led(pier, tmp_path):
    server, bot, ann, _, _ = pier
    async with alive(server, bot, tmp_path):
        direct = ann.direct(bot)
        for said, heard in [("hello?", "Mara"), ("@Tam!", "Old Tam"), ("tell me more", "Old Tam")]:
            ann.say(direct, said)
            assert (await server.next_message(direct)).text.startswith(f"**{heard}:** ")


async def test_the_bots_own_mention_is_answered_by_the_default_character(pier, tmp_path):
    server, bot, ann, _, channel = pier
    async with alive(server, bot, tmp_path):
        ann.say(channel, f"{bot.mention} anyone?")
        assert (await server.next_message(channel)).name == "Mara"


async def test_replies_are_recognised_after_a_restart(pier, tmp_path):
    server, bot, ann, _, channel = pier
    async with alive(server, bot, tmp_path):
        ann.say(channel, "@Tam")
        tam = await server.next_message(channel)
    async with alive(server, bot, tmp_path):
        ann.say(channel, "still you?", reply_to=tam)
        assert (await server.next_message(channel)).name == "Old Tam"


async def test_characters_do_not_answer_themselves_nor_other_bots(pier, tmp_path):
    server, bot, ann, guild, channel = pier
    other = server.world.create_bot("other")
    server.world.invite(guild, other)
    async with alive(server, bot, tmp_path) as life:
        life.model.otherwise = "@Tam @Mara @Tam"
        ann.say(channel, "@Mara")
        await server.next_message(channel)
        other.say(channel, "@Tam")
        await server.next_message(channel, author="other")
        ann.say(channel, "@Tam")
        assert (await server.next_message(channel)).name == "Old Tam"
        assert len(life.model.requests) == 2


async def test_without_the_message_content_intent_it_hears_what_concerns_it(pier, tmp_path):
    server, _, ann, guild, channel = pier
    bot = server.world.create_bot("deaf", allowed_intents=Intent(0))
    server.world.invite(guild, bot, Permission.MANAGE_WEBHOOKS)
    async with alive(server, bot, tmp_path):
        ann.say(channel, "@Mara can't hear this")
        ann.say(channel, f"{bot.mention} @Tam")
        first = await server.next_message(channel)
        assert first.name == "Old Tam"
        ann.say(ann.direct(bot), "@Mara")
        assert (await server.next_message(ann.direct(bot))).text.startswith("**Mara:** ")


async def test_the_log_holds_no_token(pier, tmp_path, caplog):
    server, bot, ann, _, channel = pier
    with caplog.at_level("DEBUG"):
        async with alive(server, bot, tmp_path):
            ann.say(channel, "@Mara")
            hook = (await server.next_message(channel)).webhook
            server.faults.fail_next("POST", "/webhooks/{webhook_id}/{webhook_token}", 400, {"code": 50035})
            ann.say(channel, "@Mara")
            await server.next_request("POST", "/webhooks/{webhook_id}/{webhook_token}", after=1)
            ann.say(channel, "@Mara")
            await server.next_message(channel)
    assert bot.token not in caplog.text
    assert hook.token not in caplog.text
