"""The gateway keeps its session through every kind of drop, and gives up only when Discord says so."""

import asyncio
import json
import logging

import pytest

from tzurot_plugins.discord.errors import Fatal
from tzurot_plugins.discord.gateway.protocol import Intent


async def test_it_connects_and_hears_messages(harbour, connect):
    async with connect() as link:
        harbour.ann.say(harbour.channel, "hello")
        await link.until(lambda: link.texts() == ["hello"])
    assert not harbour.server.violations


@pytest.mark.parametrize("code", [None, 1000, 1001, 4000, 4001, 4002, 4005, 4008])
async def test_a_drop_is_resumed_and_nothing_is_lost(harbour, connect, code):
    async with connect() as link:
        first = await harbour.server.ready(harbour.bot)
        harbour.server.faults.drop_gateway(code)
        harbour.ann.say(harbour.channel, "while you were out")
        await link.until(lambda: link.texts() == ["while you were out"])
        if code not in (1000, 1001):
            assert harbour.server.session(harbour.bot) is first
    assert not harbour.server.violations


async def test_reconnect_is_obeyed_with_a_close_code_that_keeps_the_session(harbour, connect):
    async with connect() as link:
        first = await harbour.server.ready(harbour.bot)
        harbour.server.faults.reconnect()
        harbour.ann.say(harbour.channel, "there?")
        await link.until(lambda: link.texts() == ["there?"])
        await link.until(lambda: bool(link.of("RESUMED")))
        assert harbour.server.session(harbour.bot) is first
        assert len(link.of("READY")) == 1
    assert not harbour.server.violations


async def test_an_invalid_session_that_is_resumable_is_resumed(harbour, connect):
    async with connect() as link:
        await harbour.server.ready(harbour.bot)
        harbour.server.faults.invalidate(resumable=True)
        await link.until(lambda: bool(link.of("RESUMED")))
        assert len(link.of("READY")) == 1


@pytest.mark.parametrize("end", ["op 9", 4007, 4009])
async def test_a_lost_session_is_replaced_by_one_new_identify_that_says_so(harbour, connect, end):
    async with connect() as link:
        await harbour.server.ready(harbour.bot)
        if end == "op 9":
            harbour.server.faults.invalidate(resumable=False)
        else:
            harbour.server.faults.drop_gateway(end)
        await link.until(lambda: len(link.of("READY")) == 2)
        assert [event.lost for event in link.events if event.type == "READY"] == [False, True]
    assert not harbour.server.violations


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013])
async def test_a_fatal_close_code_stops_with_a_clear_line_and_no_retry(harbour, connect, code):
    async with connect() as link:
        await harbour.server.ready(harbour.bot)
        harbour.server.faults.drop_gateway(code)
        with pytest.raises(Fatal, match=str(code)):
            await asyncio.wait_for(link.running, 5)


async def test_without_the_message_content_intent_it_goes_on_without(harbour, connect, caplog):
    async with connect() as link:
        await harbour.server.ready(harbour.bot)
        with caplog.at_level(logging.ERROR):
            harbour.server.faults.drop_gateway(4014)
            await link.until(lambda: len(link.of("READY")) == 2)
        assert "Message Content" in caplog.text
        session = await harbour.server.ready(harbour.bot)
        assert not session.intents & Intent.MESSAGE_CONTENT
        harbour.server.faults.drop_gateway(4014)
        with pytest.raises(Fatal, match="4014"):
            await asyncio.wait_for(link.running, 5)


async def test_a_gateway_that_no_longer_answers_heartbeats_is_left_and_resumed(harbour, connect):
    harbour.server.gateway.heartbeat_seconds = 0.6
    async with connect() as link:
        first = await harbour.server.ready(harbour.bot)
        harbour.server.faults.blackhole()
        harbour.ann.say(harbour.channel, "into the dark")
        await link.until(lambda: link.texts() == ["into the dark"])
        assert harbour.server.session(harbour.bot) is first


async def test_a_start_that_fails_is_tried_again(harbour, connect):
    harbour.server.faults.fail_next("GET", "/gateway/bot", 500, times=7)
    async with connect() as link:
        harbour.ann.say(harbour.channel, "at last")
        await link.until(lambda: link.texts() == ["at last"])


async def test_refused_handshakes_are_tried_again(harbour, connect):
    harbour.server.faults.refuse_handshakes(502, times=3)
    async with connect() as link:
        harbour.server.faults.refuse_handshakes(503, times=6)
        harbour.server.faults.drop_gateway(4000)
        harbour.ann.say(harbour.channel, "still there")
        await link.until(lambda: link.texts() == ["still there"])


async def test_a_refused_token_stops_with_a_clear_line_that_does_not_tell_it(harbour, connect):
    async with connect(token="not.a.token", ready=False) as link:
        with pytest.raises(Fatal, match="DISCORD_TOKEN") as caught:
            await asyncio.wait_for(link.running, 5)
        assert "not.a.token" not in str(caught.value)


async def test_a_used_up_session_limit_is_waited_for(harbour, connect, caplog):
    body = {
        "url": harbour.server.gateway_url,
        "shards": 1,
        "session_start_limit": {"total": 1000, "remaining": 0, "reset_after": 100, "max_concurrency": 1},
    }
    harbour.server.faults.fail_next("GET", "/gateway/bot", 200, body)
    with caplog.at_level(logging.ERROR):
        async with connect():
            pass
    assert "no new session" in caplog.text


async def test_unknown_events_and_contents_are_handed_on_unharmed(harbour, connect):
    async with connect() as link:
        session = await harbour.server.ready(harbour.bot)
        session.dispatch("GALAXY_COLLAPSE", json.dumps({"speed": [1, None]}))
        odd = {"content": "odd", "type": 999, "components": [{"type": 77}]}
        session.dispatch("MESSAGE_CREATE", json.dumps(odd))
        await link.until(lambda: link.texts() == ["odd"])
        assert link.of("GALAXY_COLLAPSE") == [{"speed": [1, None]}]


@pytest.mark.parametrize("markup", ["<@foo>", "<t:123:Z>", "</cmd:1>", "&lt;", "<:x:>"])
async def test_no_markup_can_make_a_message_disappear(harbour, connect, markup):
    async with connect() as link:
        harbour.ann.say(harbour.channel, markup)
        await link.until(lambda: link.texts() == [markup])


async def test_events_lost_on_the_way_come_with_the_next_resume(harbour, connect):
    async with connect() as link:
        await harbour.server.ready(harbour.bot)
        harbour.server.faults.drop_next_event("MESSAGE_CREATE")
        harbour.ann.say(harbour.channel, "lost")
        harbour.ann.say(harbour.channel, "seen")
        await link.until(lambda: link.texts() == ["seen"])
        harbour.server.faults.reconnect()
        await link.until(lambda: "lost" in link.texts())


async def test_two_bots_live_in_one_process(harbour, connect):
    other = harbour.server.world.create_bot("other")
    harbour.server.world.invite(harbour.guild, other)
    async with connect() as one, connect(token=other.token) as two:
        harbour.ann.say(harbour.channel, "both of you")
        await one.until(lambda: one.texts() == ["both of you"])
        await two.until(lambda: two.texts() == ["both of you"])


async def test_nonebots_own_api_goes_through_the_egress(harbour, connect):
    async with connect() as link:
        harbour.server.faults.rate_limit_next(retry_after=0.05)
        harbour.server.faults.bad_gateway()
        sent = await link.adapter.bot.create_message(
            channel_id=int(harbour.channel.id), content="hi", nonce="n1", enforce_nonce=True
        )
        assert sent.content == "hi"
    assert harbour.server.requests[-1].user_agent.startswith("DiscordBot (")


async def test_the_token_is_in_no_log(harbour, connect, caplog):
    with caplog.at_level(logging.DEBUG):
        async with connect() as link:
            harbour.server.faults.reconnect()
            await link.until(lambda: bool(link.of("RESUMED")))
            assert harbour.bot.token not in repr(link.adapter.bot) + repr(link.adapter.info)
    assert harbour.bot.token not in caplog.text


async def test_a_frame_larger_than_the_libraries_defaults_passes(harbour, connect):
    async with connect() as link:
        session = await harbour.server.ready(harbour.bot)
        session.dispatch("HUGE", json.dumps({"text": "x" * 6_000_000}))
        await link.until(lambda: bool(link.of("HUGE")))
        assert len(link.of("READY")) == 1


async def test_stopping_leaves_discord_at_once_and_no_task_behind(harbour, connect):
    async with connect():
        await harbour.server.ready(harbour.bot)
        before = len(asyncio.all_tasks())
        assert before > 1
    await harbour.server.wait_for(lambda: harbour.server.session(harbour.bot) is None)
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("discord")]


async def test_every_shard_that_discord_asks_for_is_connected(harbour, connect):
    limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
    body = {"url": harbour.server.gateway_url, "shards": 2, "session_start_limit": limit}
    harbour.server.faults.fail_next("GET", "/gateway/bot", 200, body)
    async with connect() as link:
        await link.until(lambda: len(link.of("READY")) == 2)
        harbour.ann.say(harbour.channel, "once")
        await link.until(lambda: link.texts() == ["once"])
    assert not harbour.server.violations


CV2 = [{"type": 17, "components": [{"type": 10, "content": "hi"}, {"type": 9, "accessory": {"type": 11}}]}]
ODD = {
    "kicked out": ("GUILD_DELETE", {"id": "1"}),
    "components of version 2": ("MESSAGE_CREATE", {"id": "1", "components": CV2}),
    "an unknown kind of message": (
        "MESSAGE_CREATE",
        {"id": "1", "type": 99, "embeds": [{"type": "post_preview"}]},
    ),
    "a modal's answer": (
        "INTERACTION_CREATE",
        {"id": "1", "type": 5, "data": {"components": [{"type": 18}]}},
    ),
    "an unknown feature": (
        "INTERACTION_CREATE",
        {"id": "1", "guild": {"features": ["GUILD_TAGS", "NEW_ONE"]}},
    ),
    "sounds": ("GUILD_SOUNDBOARD_SOUND_CREATE", {"sound_id": "1"}),
    "a list": ("SOUNDBOARD_SOUNDS", [1, 2]),
    "nothing": ("RATE_LIMITED", None),
}


@pytest.mark.parametrize("what", ODD)
async def test_events_that_the_adapter_as_published_drops_arrive(harbour, connect, what):
    kind, data = ODD[what]
    async with connect() as link:
        session = await harbour.server.ready(harbour.bot)
        session.dispatch(kind, json.dumps(data))
        await link.until(lambda: len([each for each in link.events if each.type == kind]) > 0)
        assert link.of(kind)[-1] == (data if isinstance(data, dict) else {"data": data})


async def test_replies_keep_their_place_and_cost_no_request(harbour, connect):
    async with connect() as link:
        first = harbour.ann.say(harbour.channel, "0")
        for number in range(1, 40):
            harbour.ann.say(harbour.channel, str(number), reply_to=first if number % 2 else None)
        await link.until(lambda: len(link.texts()) == 40)
        assert link.texts() == [str(number) for number in range(40)]
    assert not [record for record in harbour.server.requests if record.route.startswith("/channels")]


async def test_reconnecting_rewrites_no_commands(harbour, connect):
    async with connect() as link:
        for _ in range(3):
            harbour.server.faults.reconnect()
            resumed = len(link.of("RESUMED"))
            await link.until(lambda resumed=resumed: len(link.of("RESUMED")) > resumed)
    assert not [record for record in harbour.server.requests if record.method == "PUT"]
