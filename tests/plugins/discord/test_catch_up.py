"""After a lost session what was said meanwhile is heard: every place, in order, and only once."""

import pytest
from tests.plugins.discord.life import alive

LOST = "a session that can't be resumed"


async def lose_session(harbour, *said):
    """Say things while the bot is away, in such a way that no resume will bring them."""
    server = harbour.server
    session = await server.ready(harbour.bot)
    server.faults.refuse_handshakes(502, 3)
    server.faults.drop_gateway(4007)
    await server.wait_for(lambda: session.connection is None, what="the session to end")
    messages = [harbour.ann.say(place, text) for place, text in said]
    await server.ready(harbour.bot)
    return messages


async def test_a_channel_that_was_active_is_caught_up_in_order(harbour, tmp_path):
    async with alive(harbour.server, harbour.bot, tmp_path) as life:
        harbour.ann.say(harbour.channel, "@Mara 0")
        await harbour.server.next_message(harbour.channel)
        await lose_session(harbour, *[(harbour.channel, f"@Mara {number}") for number in range(1, 6)])
        await harbour.server.next_messages(harbour.channel, 5)
        asked = [request.messages[-1].content for request in life.model.requests]
        assert [text.split()[-1] for text in asked] == list("012345")


@pytest.mark.parametrize("place", ["channel", "thread", "direct"])
async def test_every_kind_of_place_is_caught_up(harbour, tmp_path, place):
    thread = harbour.channel.create_thread("aside", harbour.ann)
    room = {"channel": harbour.channel, "thread": thread, "direct": harbour.ann.direct(harbour.bot)}[place]
    async with alive(harbour.server, harbour.bot, tmp_path):
        harbour.ann.say(room, "@Mara hello")
        await harbour.server.next_message(room)
        await lose_session(harbour, (room, "@Mara still there?"))
        await harbour.server.next_message(room)


async def test_a_channel_that_was_quiet_so_far_is_caught_up_too(harbour, tmp_path):
    quiet = harbour.guild.create_channel("quiet")
    harbour.ann.say(quiet, "an old word")
    async with alive(harbour.server, harbour.bot, tmp_path):
        await lose_session(harbour, (quiet, "@Mara?"))
        await harbour.server.next_message(quiet)


async def test_nothing_is_asked_of_channels_where_nothing_was_said(harbour, tmp_path):
    for number in range(5):
        harbour.ann.say(harbour.guild.create_channel(f"quiet-{number}"), "an old word")
    async with alive(harbour.server, harbour.bot, tmp_path):
        await lose_session(harbour, (harbour.channel, "@Mara?"))
        await harbour.server.next_message(harbour.channel)
        pages = harbour.server.requests_to("GET", "/channels/{channel_id}/messages")
        assert len(pages) == 1


async def test_what_the_bot_can_not_read_any_more_does_not_stop_the_others(harbour, tmp_path):
    other = harbour.guild.create_channel("other")
    async with alive(harbour.server, harbour.bot, tmp_path):
        for place in (harbour.channel, other):
            harbour.ann.say(place, "@Mara")
            await harbour.server.next_message(place)
        harbour.server.faults.fail_next("GET", "/channels/{channel_id}/messages", 403, {"code": 50001})
        await lose_session(harbour, (harbour.channel, "@Mara"), (other, "@Mara"))
        await harbour.server.wait_for(lambda: harbour.channel.delivered or other.delivered)


async def test_what_was_said_before_the_start_is_left_alone(harbour, tmp_path):
    harbour.ann.say(harbour.channel, "@Mara long ago")
    async with alive(harbour.server, harbour.bot, tmp_path) as life:
        harbour.ann.say(harbour.channel, "@Tam now")
        assert (await harbour.server.next_message(harbour.channel)).name == "Old Tam"
        assert len(life.model.requests) == 1


async def test_catching_up_can_be_switched_off(harbour, tmp_path):
    async with alive(harbour.server, harbour.bot, tmp_path, catch_up_minutes=0):
        harbour.ann.say(harbour.channel, "@Mara")
        await harbour.server.next_message(harbour.channel)
        await lose_session(harbour, (harbour.channel, "@Mara missed"))
        harbour.ann.say(harbour.channel, "@Tam")
        assert (await harbour.server.next_message(harbour.channel)).name == "Old Tam"
