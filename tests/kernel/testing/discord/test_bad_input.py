"""Whatever a client sends, the server answers as Discord would and goes on."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tzurot.testing.discord.rest import ROUTES

KEYS = st.sampled_from(
    ["content", "name", "type", "data", "message", "messages", "flags", "embeds", "components", "poll",
     "avatar", "avatar_url", "username", "thread_name", "channel_id", "recipient_id", "allow", "deny", "nick",
     "allowed_mentions", "message_reference", "message_id", "parse", "users", "attachments", "op", "d",
     "token", "intents", "properties", "shard", "seq", "session_id", "guild_id", "user_ids", "query"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 1 << 40) | st.sampled_from(["", "1", "x", "discord"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4),
    max_leaves=12,
)
QUIET = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def templates():
    def every(node):
        yield from node.routes.values()
        for below in [*node.fixed.values(), *([node.anything] if node.anything else [])]:
            yield from every(below)

    return sorted((route.method, route.template) for route in every(ROUTES._root))


async def test_no_body_or_query_makes_a_handler_fail(harbour, path):
    """Routes with real ids of a world that lives through all of it."""
    harbour.server.world.invite(harbour.guild, harbour.bot, 8)
    hook = harbour.channel.create_webhook("mask", harbour.ann)
    said = harbour.bot.say(harbour.channel, "x")
    url = f"/applications/{harbour.bot.id}/commands"
    _, (command,) = await harbour.call("PUT", url, [{"name": "c", "description": "c"}])
    used = harbour.ann.slash(harbour.channel, "c", bot=harbour.bot)
    known = {
        "channel_id": harbour.channel.id,
        "guild_id": harbour.guild.id,
        "message_id": said.id,
        "webhook_id": hook.id,
        "webhook_token": hook.token,
        "user_id": harbour.ben.id,
        "application_id": harbour.bot.id,
        "command_id": command["id"],
        "emoji_name": "\U0001f525",
        "overwrite_id": harbour.guild.id,
        "interaction_id": used.id,
        "interaction_token": used.token,
    }
    # Deleting would end the world that the other requests need.
    wanted = [(method, template) for method, template in templates() if method != "DELETE"]
    # Chance does not always meet a request that is carried out: these are, and show that the world lives.
    examples = [("GET", "/users/@me", None, ""), ("POST", "/channels/{channel_id}/typing", None, "")]
    assert {(method, template) for method, template, *_ in examples} <= set(wanted)

    @QUIET
    @given(
        st.sampled_from(wanted),
        VALUES,
        st.sampled_from(["", "?limit=x", "?before=x", "?after=-1", "?wait=1"]),
    )
    def collect(route, body, query):
        examples.append((*route, body, query))

    collect()
    for method, template, body, query in examples:
        more = {} if method == "GET" else {"json": body}
        headers = {"Authorization": f"Bot {harbour.bot.token}"}
        url = f"{harbour.server.api_base}{template.format(**known)}{query}"
        async with harbour.http.request(method, url, headers=headers, **more) as got:
            assert got.status < 500, (method, template, query, body, list(harbour.server.violations)[-1])
    statuses = {one.status for one in harbour.server.requests}
    assert {200, 204, 400} <= statuses


async def test_no_frame_makes_the_gateway_fail(harbour, caplog):
    frames = []

    @QUIET
    @given(st.fixed_dictionaries({"op": st.integers(0, 45) | VALUES, "d": VALUES}))
    def collect(frame):
        frames.append(json.dumps(frame))

    collect()
    for start in range(0, len(frames), 10):
        wire = await harbour.identify() if start % 20 else await harbour.connect()
        for frame in frames[start : start + 10]:
            await wire.socket.send_str(frame)
        await wire.socket.close(code=4900)
    await harbour.server.wait_for(lambda: not harbour.server.gateway.connections)
    assert not [one for one in caplog.records if one.levelname == "ERROR"]
    await harbour.identify()
