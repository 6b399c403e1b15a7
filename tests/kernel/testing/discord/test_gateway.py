"""Sessions: identified, resumed, invalidated, and closed with Discord's codes."""

import asyncio
import json
import zlib

import aiohttp
import pytest

from tzurot.testing.discord import Intent, Permission

EVERYTHING = int(sum(Intent))
UNPRIVILEGED = int(sum(Intent) & ~(Intent.MESSAGE_CONTENT | Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES))


async def test_hello_ready_and_the_guild_come_in_this_order(harbour):
    wire = await harbour.connect()
    assert wire.hello["d"]["heartbeat_interval"] == 41250
    await wire.send(2, {"token": harbour.bot.token, "intents": 1, "properties": {}})
    ready = await wire.receive()
    guild = await wire.receive()
    assert (ready["t"], ready["s"], guild["t"], guild["s"]) == ("READY", 1, "GUILD_CREATE", 2)
    assert ready["d"]["guilds"] == [{"id": harbour.guild.id, "unavailable": True}]
    assert [channel["name"] for channel in guild["d"]["channels"]] == ["general"]


async def test_a_heartbeat_is_acknowledged(harbour):
    wire = await harbour.identify()
    await wire.send(1, wire.sequence)
    assert (await wire.receive())["op"] == 11


async def test_an_address_without_its_version_is_refused(harbour):
    wire = await harbour.connect(query="")
    assert await wire.closed() == 4012
    assert "v=10" in str(harbour.server.violations[0])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "nonsense"}, 4004),
        ({"intents": 1 << 40}, 4013),
        ({"intents": "many"}, 4013),
        ({"shard": [3, 2]}, 4010),
        ({"properties": None}, 4002),
    ],
)
async def test_a_wrong_identify_is_closed_with_discords_code(harbour, changes, code):
    wire = await harbour.connect()
    await wire.send(2, {"token": harbour.bot.token, "intents": 0, "properties": {}} | changes)
    assert await wire.closed() == code


async def test_an_intent_that_is_not_switched_on_closes_with_4014(harbour):
    harbour.bot.allowed_intents = Intent.GUILD_MEMBERS
    wire = await harbour.connect()
    await wire.send(2, {"token": harbour.bot.token, "intents": int(Intent.MESSAGE_CONTENT), "properties": {}})
    assert await wire.closed() == 4014
    await harbour.server.wait_for(lambda: harbour.server.gateway.close_codes == [4014])


@pytest.mark.parametrize(("op", "code"), [(3, 4003), (99, 4003)])
async def test_anything_before_identify_closes_with_4003(harbour, op, code):
    wire = await harbour.connect()
    await wire.send(op, {})
    assert await wire.closed() == code


async def test_identifying_twice_closes_with_4005(harbour):
    wire = await harbour.identify()
    await wire.send(2, {"token": harbour.bot.token, "intents": 0, "properties": {}})
    assert await wire.closed() == 4005


@pytest.mark.parametrize("raw", ["no json", "[]", "7", '{"d": 1}', json.dumps({"op": 3, "d": "x" * 5000})])
async def test_a_frame_that_cannot_be_read_closes_with_4002(harbour, raw):
    wire = await harbour.identify()
    await wire.socket.send_str(raw)
    assert await wire.closed() == 4002


async def test_too_many_commands_close_with_4008(harbour):
    wire = await harbour.identify()
    for _ in range(120):
        await wire.send(3, {"status": "online"})
    assert await wire.closed() == 4008


async def test_a_resume_replays_what_was_missed_and_then_says_so(harbour):
    wire = await harbour.identify()
    seen = wire.sequence
    harbour.server.faults.drop_gateway()
    with pytest.raises(AssertionError):
        await wire.receive()
    harbour.ann.say(harbour.channel, "one")
    harbour.ann.say(harbour.channel, "two")
    again = await harbour.connect(wire.ready["resume_gateway_url"])
    await again.resume(harbour.bot, wire.ready["session_id"], seen)
    frames = [await again.receive() for _ in range(3)]
    assert [frame["t"] for frame in frames] == ["MESSAGE_CREATE", "MESSAGE_CREATE", "RESUMED"]
    assert [frame["s"] for frame in frames] == [seen + 1, seen + 2, seen + 3]
    assert harbour.bot.identifies == 1
    assert not harbour.server.violations


async def test_a_resume_at_the_wrong_address_works_and_is_noted(harbour):
    wire = await harbour.identify()
    harbour.server.faults.drop_gateway(4000)
    assert await wire.closed() == 4000
    again = await harbour.connect()
    await again.resume(harbour.bot, wire.ready["session_id"], wire.sequence)
    await again.event("RESUMED")
    assert "resume_gateway_url" in str(harbour.server.violations[0])


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_client_that_closes_normally_cannot_resume(harbour, code):
    wire = await harbour.identify()
    await wire.socket.close(code=code)
    await harbour.server.wait_for(lambda: harbour.server.gateway.close_codes)
    again = await harbour.connect(wire.ready["resume_gateway_url"])
    await again.resume(harbour.bot, wire.ready["session_id"], wire.sequence)
    assert await again.receive() == {"op": 9, "d": False, "s": None, "t": None}


async def test_a_client_that_closes_with_another_code_can_resume(harbour):
    wire = await harbour.identify()
    await wire.socket.close(code=4900)
    await harbour.server.wait_for(lambda: harbour.server.gateway.close_codes == [4900])
    again = await harbour.connect(wire.ready["resume_gateway_url"])
    await again.resume(harbour.bot, wire.ready["session_id"], wire.sequence)
    await again.event("RESUMED")


async def test_a_sequence_from_the_future_closes_with_4007(harbour):
    wire = await harbour.identify()
    harbour.server.faults.drop_gateway(4000)
    await wire.closed()
    again = await harbour.connect(wire.ready["resume_gateway_url"])
    await again.resume(harbour.bot, wire.ready["session_id"], 999)
    assert await again.closed() == 4007


async def test_an_unknown_session_is_invalid_and_may_identify_on_the_same_connection(harbour):
    wire = await harbour.connect(f"{harbour.server.gateway_url}/resume")
    await wire.resume(harbour.bot, "unknown", 1)
    assert (await wire.receive())["d"] is False
    await wire.identify(harbour.bot)
    assert wire.ready["session_id"]


@pytest.mark.parametrize("resumable", [True, False])
async def test_an_invalidated_session_resumes_only_when_told_so(harbour, resumable):
    wire = await harbour.identify()
    harbour.server.faults.invalidate(resumable)
    assert await wire.receive() == {"op": 9, "d": resumable, "s": None, "t": None}
    harbour.ann.say(harbour.channel, "meanwhile")
    await wire.resume(harbour.bot, wire.ready["session_id"], wire.sequence)
    frame = await wire.receive()
    assert frame["t"] == ("MESSAGE_CREATE" if resumable else None)


async def test_reconnect_is_asked_for_with_op_7(harbour):
    wire = await harbour.identify()
    harbour.server.faults.reconnect()
    assert (await wire.receive())["op"] == 7


async def test_a_missing_heartbeat_closes_with_4009(harbour):
    harbour.server.gateway.heartbeat_seconds = 0.05
    wire = await harbour.connect()
    assert await wire.closed() == 4009


async def test_a_black_hole_takes_everything_and_answers_nothing(harbour):
    """Not even the close that a missing heartbeat gets: only the client can notice."""
    harbour.server.gateway.heartbeat_seconds = 0.1
    wire = await harbour.identify()
    harbour.server.faults.blackhole()
    await wire.send(1, wire.sequence)
    harbour.ann.say(harbour.channel, "hello?")
    session = await harbour.server.ready(harbour.bot)
    await harbour.server.wait_for(lambda: session.connection.heartbeats == 1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await wire.socket.receive()
    await wire.socket.close(code=4900)
    again = await harbour.connect(wire.ready["resume_gateway_url"])
    await again.resume(harbour.bot, wire.ready["session_id"], wire.sequence)
    assert (await again.event("MESSAGE_CREATE"))["content"] == "hello?"


async def test_a_revoked_token_closes_the_gateway_and_ends_http(harbour):
    wire = await harbour.identify()
    harbour.bot.revoke_token()
    assert await wire.closed() == 4004
    assert await harbour.call("GET", "/users/@me") == (401, {"message": "401: Unauthorized", "code": 0})


async def test_identifying_too_often_costs_the_token(harbour):
    harbour.bot.identifies_left = 1
    await harbour.identify()
    _, told = await harbour.call("GET", "/gateway/bot")
    assert told["session_start_limit"]["remaining"] == 0
    wire = await harbour.connect()
    await wire.send(2, {"token": harbour.bot.token, "intents": 0, "properties": {}})
    assert await wire.closed() == 4004
    assert harbour.bot.revoked


async def test_identifying_too_fast_is_an_invalid_session_where_that_is_switched_on(harbour):
    harbour.server.gateway.identify_interval_seconds = 5.0
    await harbour.identify()
    wire = await harbour.connect()
    await wire.send(2, {"token": harbour.bot.token, "intents": 0, "properties": {}})
    assert (await wire.receive())["op"] == 9


async def test_a_refused_handshake_is_an_http_error(harbour):
    harbour.server.faults.refuse_handshakes(503)
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await harbour.connect()
    assert caught.value.status == 503
    await harbour.identify()


async def test_transport_compression_is_one_stream(harbour):
    socket = await harbour.http.ws_connect(
        f"{harbour.server.gateway_url}?v=10&encoding=json&compress=zlib-stream"
    )
    stream = zlib.decompressobj()
    hello = json.loads(stream.decompress((await socket.receive()).data))
    await socket.send_json({"op": 1, "d": None})
    ack = json.loads(stream.decompress((await socket.receive()).data))
    assert (hello["op"], ack["op"]) == (10, 11)


async def test_content_is_empty_without_the_intent_unless_it_concerns_the_bot(harbour):
    wire = await harbour.identify(UNPRIVILEGED)
    harbour.ann.say(harbour.channel, "private thoughts")
    harbour.ann.say(harbour.channel, f"{harbour.bot.mention} listen")
    mine = harbour.bot.say(harbour.channel, "I can read myself")
    harbour.ben.say(harbour.channel, "an answer that pings you", reply_to=mine)
    harbour.ben.say(harbour.channel, "an answer that doesn't", reply_to=mine, ping=False)
    events = [await wire.event("MESSAGE_CREATE") for _ in range(5)]
    assert [event["content"] for event in events] == [
        "",
        f"{harbour.bot.mention} listen",
        "I can read myself",
        "an answer that pings you",
        "",
    ]
    assert events[4]["referenced_message"]["content"] == "I can read myself"


async def test_a_session_hears_only_what_it_asked_for_and_may_see(harbour):
    wire = await harbour.identify(int(Intent.GUILDS | Intent.GUILD_MESSAGES | Intent.MESSAGE_CONTENT))
    secret = harbour.guild.create_channel("secret")
    secret.deny(harbour.guild.everyone, Permission.VIEW_CHANNEL)
    said = harbour.ann.say(secret, "not for you")
    harbour.ann.react(said, "🔥")
    harbour.ann.type(harbour.channel)
    harbour.ann.say(harbour.channel, "for you")
    names = []
    while not names or names[-1] != "MESSAGE_CREATE":
        frame = await wire.receive()
        names.append(frame["t"])
    assert names == ["CHANNEL_CREATE", "MESSAGE_CREATE"]
    assert frame["d"]["content"] == "for you"


async def test_any_event_at_all_can_be_sent(harbour):
    wire = await harbour.identify()
    harbour.server.gateway.dispatch(harbour.bot, "SOMETHING_NEW", {"a": 1})
    assert await wire.event("SOMETHING_NEW") == {"a": 1}


async def test_members_are_sent_in_a_chunk_on_request(harbour):
    wire = await harbour.identify()
    await wire.send(8, {"guild_id": harbour.guild.id, "query": "a", "limit": 0, "nonce": "n"})
    chunk = await wire.event("GUILD_MEMBERS_CHUNK")
    assert [member["user"]["username"] for member in chunk["members"]] == ["ann"]
    assert chunk["nonce"] == "n"


async def test_a_guild_is_heard_on_its_own_shard_only(harbour):
    shard = (int(harbour.guild.id) >> 22) % 2
    wires = [await harbour.connect(), await harbour.connect()]
    for number, wire in enumerate(wires):
        await wire.send(
            2, {"token": harbour.bot.token, "intents": EVERYTHING, "properties": {}, "shard": [number, 2]}
        )
        wire.ready = await wire.event("READY")
    assert [len(wire.ready["guilds"]) for wire in wires] == [int(number == shard) for number in (0, 1)]
    harbour.ann.say(harbour.channel, "in the guild")
    harbour.ann.say(harbour.bot, "directly")
    heard = (await wires[shard].event("MESSAGE_CREATE"))["content"]
    assert heard == "in the guild"
    assert (await wires[0].event("MESSAGE_CREATE"))["content"] == "directly"
