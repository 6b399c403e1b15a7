"""Requests wait their turn, are retried where that is safe, keep their order, and are never sent twice."""

import asyncio
import logging

import pytest

from tzurot import Place
from tzurot_plugins.discord.errors import (
    Fatal,
    RateLimited,
    Refused,
    TooManyInvalid,
    Unavailable,
    Uncertain,
)
from tzurot_plugins.discord.rest.egress import Egress
from tzurot_plugins.discord.rest.limits import INVALID_MOST, Rate
from tzurot_plugins.discord.rest.patience import Patience
from tzurot_plugins.discord.typing_indicator import TypingIndicator

EAGER = Patience(first=0.01, most=0.05, timeout=5.0)
MESSAGES = "/channels/{channel_id}/messages"


def says(harbour):
    """What stands in the channel, oldest first."""
    return [message.text for message in harbour.channel.messages]


async def post(harbour, egress, text, **more):
    body = {"content": text, "nonce": f"n-{text}"[:25], "enforce_nonce": True}
    return await egress.ask("POST", f"/channels/{harbour.channel.id}/messages", body, repeatable=True, **more)


async def test_it_says_who_it_is(harbour, egress):
    await egress.ask("GET", "/users/@me")
    assert harbour.server.requests[-1].user_agent.startswith("DiscordBot (")


async def test_a_bucket_is_waited_for_without_a_single_429(harbour, egress):
    harbour.server.buckets.set(f"POST {MESSAGES}", 5, 0.3)
    for number in range(12):
        await post(harbour, egress, str(number))
    assert says(harbour) == [str(number) for number in range(12)]
    assert harbour.server.invalid_requests == 0


async def test_what_goes_to_one_channel_keeps_its_order_through_limits_and_failures(harbour, egress):
    faults = harbour.server.faults
    faults.rate_limit_next(MESSAGES, 0.05, method="POST")
    faults.bad_gateway("POST", MESSAGES)
    faults.lose_answer("POST", MESSAGES)
    faults.lose_request("POST", MESSAGES)
    async with asyncio.TaskGroup() as group:
        for number in range(8):
            group.create_task(post(harbour, egress, str(number)))
    assert says(harbour) == [str(number) for number in range(8)]


@pytest.mark.parametrize("scope", ["user", "global", "shared"])
@pytest.mark.parametrize("wait", [0, 0.05, 0.4])
async def test_every_kind_of_429_is_waited_out(harbour, egress, scope, wait):
    harbour.server.faults.rate_limit_next(MESSAGES, wait, scope, times=2)
    await post(harbour, egress, "through")
    assert says(harbour) == ["through"]
    assert len(harbour.server.requests_to("POST", MESSAGES)) == 3


async def test_a_global_limit_holds_up_other_routes_too(harbour, egress):
    harbour.server.faults.rate_limit_next(MESSAGES, 0.3, "global")
    began = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as group:
        group.create_task(post(harbour, egress, "one"))
        await harbour.server.next_request("POST", MESSAGES)
        group.create_task(egress.ask("GET", "/users/@me"))
    assert asyncio.get_running_loop().time() - began >= 0.25


async def test_lies_in_the_headers_do_no_harm(harbour, egress):
    harbour.server.faults.lie(
        {"X-RateLimit-Remaining": "many", "X-RateLimit-Reset-After": "nan", "X-RateLimit-Limit": "-3"},
        times=3,
    )
    for text in "abcd":
        await post(harbour, egress, text)
    assert says(harbour) == list("abcd")


async def test_a_limit_that_asks_for_too_long_is_an_error_and_not_a_silent_wait(harbour, session):
    egress = Egress(
        session, harbour.server.api_base, harbour.bot.token, patience=Patience(first=0.01, longest_wait=10)
    )
    harbour.server.faults.rate_limit_next(MESSAGES, 3600)
    with pytest.raises(RateLimited, match="3600 s"):
        await post(harbour, egress, "never")


@pytest.mark.parametrize("fault", ["lose_answer", "lose_request", "bad_gateway"])
async def test_a_message_with_a_nonce_is_retried_and_stands_once(harbour, egress, fault):
    getattr(harbour.server.faults, fault)("POST", MESSAGES)
    sent = await post(harbour, egress, "once")
    assert says(harbour) == ["once"]
    assert sent["id"] == harbour.channel.messages[0].id


@pytest.mark.parametrize("fault", ["lose_answer", "lose_request", "bad_gateway"])
async def test_what_must_not_be_sent_twice_is_not(harbour, egress, fault):
    getattr(harbour.server.faults, fault)("POST", MESSAGES)
    with pytest.raises(Uncertain, match="may or may not"):
        await egress.ask("POST", f"/channels/{harbour.channel.id}/messages", {"content": "x"})
    assert len(harbour.server.requests_to("POST", MESSAGES)) == 1


async def test_html_with_an_error_status_is_an_error_with_its_status(harbour, egress):
    harbour.server.faults.bad_gateway(times=20)
    with pytest.raises(Unavailable, match="502"):
        await egress.ask("GET", "/users/@me")


async def test_a_server_that_is_not_there_is_an_error_after_some_tries(session):
    egress = Egress(session, "http://127.0.0.1:9/api/v10", "t", patience=Patience(tries=3, first=0.01))
    with pytest.raises(Unavailable, match="3 tries"):
        await egress.ask("GET", "/users/@me")


async def test_a_refusal_says_what_and_why_and_which_field(harbour, egress):
    with pytest.raises(Refused) as caught:
        await post(harbour, egress, "x" * 2001)
    assert (caught.value.status, caught.value.code) == (400, 50035)
    assert "content" in caught.value.fields
    assert "POST /channels/:major/messages" in str(caught.value)


async def test_a_webhooks_token_never_shows_in_an_error(harbour, egress):
    with pytest.raises(Refused) as caught:
        await egress.ask("POST", "/webhooks/123456789012345678/s3cr3t", {"content": "x"}, authorised=False)
    assert "s3cr3t" not in str(caught.value)


async def test_a_refused_token_is_not_tried_again(harbour, session):
    egress = Egress(session, harbour.server.api_base, "wrong", patience=Patience(first=0.01))
    with pytest.raises(Refused):
        await egress.ask("GET", "/users/@me")
    with pytest.raises(Fatal, match="DISCORD_TOKEN"):
        await egress.ask("GET", "/users/@me")
    assert len(harbour.server.requests) == 1


async def test_shared_limits_do_not_count_as_invalid_requests(harbour, egress):
    harbour.server.faults.rate_limit_next(MESSAGES, 0.01, "shared", times=3)
    await post(harbour, egress, "a")
    assert egress.invalid.recent == 0
    harbour.server.faults.rate_limit_next(MESSAGES, 0.01, "user", times=3)
    await post(harbour, egress, "b")
    assert egress.invalid.recent == 3


async def test_sending_stops_before_discord_bans_the_address(harbour, egress, caplog):
    with caplog.at_level(logging.ERROR):
        for _ in range(INVALID_MOST):
            egress._count_invalid()
    assert "1000 requests" in caplog.text
    with pytest.raises(TooManyInvalid, match="permissions"):
        await egress.ask("GET", "/users/@me")
    assert not harbour.server.requests


async def test_no_more_than_fifty_requests_go_in_a_second(harbour, session):
    egress = Egress(session, harbour.server.api_base, harbour.bot.token, per_second=10)
    async with asyncio.TaskGroup() as group:
        for number in range(25):
            group.create_task(_quiet(egress.ask("GET", f"/guilds/{number + 1}/roles")))
    at = [record.at for record in harbour.server.requests]
    for start in at:
        assert sum(start <= each < start + 0.7 for each in at) <= 10
    assert len(at) == 25


async def test_a_rate_is_crowded_while_half_of_its_second_is_spent():
    now = 0.0
    rate = Rate(10, lambda: now)
    for _ in range(5):
        await rate.take()
    assert not rate.crowded
    await rate.take()
    assert rate.crowded
    now = 1.1
    assert not rate.crowded


async def test_typing_gives_way_to_words_when_it_is_crowded(harbour, egress):
    class Crowded(Egress):
        asked = asyncio.Event()

        @property
        def crowded(self):
            self.asked.set()
            return True

    crowded = Crowded(egress._session, egress.base, harbour.bot.token)
    typing = TypingIndicator(crowded, 0, logging.getLogger("tests"))
    with typing.shown(Place("discord", harbour.channel.id, "1")):
        await crowded.asked.wait()
    await typing.close()
    assert not harbour.server.requests


async def _quiet(asking):
    """The server knows no such guild; only the timing is of interest."""
    try:
        await asking
    except Refused:
        return


async def test_webhooks_go_faster_than_the_bot_until_discord_objects(harbour, session):
    hook = harbour.channel.create_webhook("h", harbour.ann)
    egress = Egress(session, harbour.server.api_base, harbour.bot.token, patience=EAGER, per_second=3)

    async def say(count):
        for number in range(count):
            path = f"/webhooks/{hook.id}/{hook.token}"
            await egress.ask("POST", path, {"content": str(number)}, query={"wait": "true"}, authorised=False)

    async def took(count):
        began = asyncio.get_running_loop().time()
        await say(count)
        return asyncio.get_running_loop().time() - began

    assert await took(10) < 0.9
    harbour.server.faults.rate_limit_next("/webhooks/{webhook_id}/{webhook_token}", 0.01, "global")
    assert await took(7) > 1.0
