"""Faults strike when asked for, as often as asked for, and nothing else."""

import aiohttp
import pytest

MESSAGES = "/channels/{channel_id}/messages"


async def test_a_failure_is_answered_and_nothing_carried_out(harbour, path):
    harbour.server.faults.fail_next("POST", MESSAGES, 503, times=2)
    statuses = [(await harbour.call("POST", path("/messages"), {"content": str(n)}))[0] for n in range(3)]
    assert statuses == [503, 503, 200]
    assert [message.text for message in harbour.channel.messages] == ["2"]


async def test_cloudflares_page_is_html(harbour, path):
    harbour.server.faults.bad_gateway(route=MESSAGES)
    assert (await harbour.call("GET", "/users/@me"))[0] == 200
    status, text = await harbour.call("GET", path("/messages"))
    assert (status, text[:6]) == (502, "<html>")


@pytest.mark.parametrize("scope", ["user", "global", "shared"])
async def test_a_rate_limit_on_demand_has_discords_headers_and_body(harbour, path, scope):
    harbour.server.faults.rate_limit_next(MESSAGES, 1.25, scope)
    status, body, headers = await harbour.call_raw("POST", path("/messages"), {"content": "x"})
    assert (status, body["retry_after"], body["global"]) == (429, 1.25, scope == "global")
    assert (headers["Retry-After"], headers["X-RateLimit-Scope"]) == ("2", scope)
    assert headers.get("X-RateLimit-Global") == ("true" if scope == "global" else None)


async def test_a_lost_answer_was_carried_out_and_a_lost_request_was_not(harbour, path):
    harbour.server.faults.lose_answer("POST", MESSAGES)
    harbour.server.faults.lose_request("POST", MESSAGES)
    for text in ("done", "gone"):
        with pytest.raises(aiohttp.ClientError):
            await harbour.call("POST", path("/messages"), {"content": text})
    assert [message.text for message in harbour.channel.messages] == ["done"]


async def test_a_nonce_makes_a_repeated_send_the_same_message(harbour, path):
    body = {"content": "once", "nonce": "n1", "enforce_nonce": True}
    harbour.server.faults.lose_answer("POST", MESSAGES)
    with pytest.raises(aiohttp.ClientError):
        await harbour.call("POST", path("/messages"), body)
    status, sent = await harbour.call("POST", path("/messages"), body)
    assert (status, [message.id for message in harbour.channel.messages]) == (200, [sent["id"]])


async def test_headers_can_lie(harbour):
    harbour.server.faults.lie({"X-RateLimit-Remaining": "0"})
    _, _, headers = await harbour.call_raw("GET", "/users/@me")
    assert headers["X-RateLimit-Remaining"] == "0"


async def test_a_late_answer_was_carried_out_at_once(harbour, path):
    harbour.server.faults.delay(0.05, "POST", MESSAGES)
    status, _ = await harbour.call("POST", path("/messages"), {"content": "slow"})
    record = harbour.server.requests_to("POST", MESSAGES)[0]
    assert (status, record.status, record.body) == (200, 200, {"content": "slow"})


async def test_events_are_dropped_duplicated_and_turned_round(harbour):
    wire = await harbour.identify()
    faults = harbour.server.faults
    faults.drop_next_event("MESSAGE_CREATE")
    faults.duplicate_next_event("MESSAGE_CREATE")
    faults.reorder(2)
    for text in ("lost", "twice", "first", "second", "plain"):
        harbour.ann.say(harbour.channel, text)
    heard = [(await wire.event("MESSAGE_CREATE"))["content"] for _ in range(5)]
    assert heard == ["twice", "twice", "second", "first", "plain"]


async def test_a_delayed_event_is_overtaken(harbour):
    wire = await harbour.identify()
    harbour.server.faults.delay_events(0.05, "MESSAGE_CREATE")
    harbour.ann.say(harbour.channel, "slow")
    harbour.ann.say(harbour.channel, "quick")
    assert [(await wire.event("MESSAGE_CREATE"))["content"] for _ in range(2)] == ["quick", "slow"]


async def test_a_dropped_event_comes_with_the_next_resume(harbour):
    wire = await harbour.identify()
    harbour.server.faults.drop_next_event()
    harbour.ann.say(harbour.channel, "lost")
    await wire.socket.close(code=4900)
    again = await harbour.connect(wire.ready["resume_gateway_url"])
    await again.resume(harbour.bot, wire.ready["session_id"], wire.sequence)
    assert (await again.event("MESSAGE_CREATE"))["content"] == "lost"
