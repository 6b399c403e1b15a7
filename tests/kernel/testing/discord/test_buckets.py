"""Rate limits count per route and major parameter, and tell so in their headers."""

from hypothesis import given
from hypothesis import strategies as st

from tzurot.testing.discord.buckets import Buckets

ROUTE = "POST /channels/{channel_id}/messages"


async def test_the_last_request_of_a_bucket_says_so_and_the_next_is_refused(harbour, path):
    harbour.server.buckets.set(ROUTE, 2, 60.0)
    left = [
        (await harbour.call_raw("POST", path("/messages"), {"content": "x"}))[2]["X-RateLimit-Remaining"]
        for _ in range(2)
    ]
    status, body, headers = await harbour.call_raw("POST", path("/messages"), {"content": "x"})
    assert (left, status) == (["1", "0"], 429)
    assert body["message"] == "You are being rate limited."
    assert 0 < body["retry_after"] <= 60.0
    assert headers["X-RateLimit-Limit"] == "2"
    assert len(headers["X-RateLimit-Bucket"]) == 32
    assert harbour.server.invalid_requests == 1


async def test_another_channel_has_a_bucket_of_its_own(harbour, path):
    harbour.server.buckets.set(ROUTE, 1, 60.0)
    other = harbour.guild.create_channel("other")
    statuses = [
        (await harbour.call("POST", f"/channels/{channel.id}/messages", {"content": "x"}))[0]
        for channel in (harbour.channel, other, harbour.channel)
    ]
    assert statuses == [200, 200, 429]


async def test_the_global_limit_is_over_all_routes_but_not_over_interactions_and_webhooks(harbour, path):
    hook = harbour.channel.create_webhook("mask", harbour.ann)
    harbour.server.buckets.like_discord()
    harbour.server.buckets.everywhere = type(harbour.server.buckets.default)(1, 60.0)
    assert (await harbour.call("GET", "/users/@me"))[0] == 200
    status, body, headers = await harbour.call_raw("GET", path(""))
    assert (status, body["global"], headers["X-RateLimit-Scope"]) == (429, True, "global")
    assert (await harbour.call("POST", f"/webhooks/{hook.id}/{hook.token}", {"content": "x"}))[0] == 204


@given(
    st.integers(1, 5),
    st.floats(0.5, 10),
    st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=60),
)
def test_no_window_ever_lets_more_through_than_its_limit(requests, seconds, pauses):
    now = [0.0]
    buckets = Buckets(lambda: now[0])
    buckets.set(ROUTE, requests, seconds)
    passed: dict[float, int] = {}
    window_ends = -1.0
    for pause in pauses:
        now[0] += pause
        if now[0] >= window_ends:
            window_ends = now[0] + seconds
        verdict = buckets.take(ROUTE, "1", None)
        passed[window_ends] = passed.get(window_ends, 0) + (not verdict.refused)
        if verdict.refused:
            assert verdict.retry_after <= seconds + 1e-9  # the windows' ends are sums of floats
    assert max(passed.values()) <= requests
