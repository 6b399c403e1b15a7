"""Each message records whom it notified, after ``allowed_mentions``."""

import pytest

from tzurot.testing.discord import Permission, Pings


@pytest.fixture
def names(harbour):
    role = harbour.guild.create_role("crew", mentionable=True)
    closed = harbour.guild.create_role("officers")
    return {"ann": harbour.ann.id, "ben": harbour.ben.id, "crew": role.id, "officers": closed.id}


@pytest.mark.parametrize(
    ("text", "allowed", "users", "roles"),
    [
        ("<@{ann}> <@!{ben}>", None, {"ann", "ben"}, set()),
        ("<@{ann}>", {}, set(), set()),
        ("<@{ann}>", {"parse": []}, set(), set()),
        ("<@{ann}> <@{ben}>", {"users": ["{ben}"]}, {"ben"}, set()),
        ("<@{ann}> <@&{crew}>", {"parse": ["users"]}, {"ann"}, set()),
        ("<@&{crew}> <@&{officers}>", None, set(), {"crew"}),
        ("<@&{crew}>", {"roles": ["{crew}"]}, set(), {"crew"}),
        ("hello", {"users": ["{ann}"]}, set(), set()),
        ("`<@{ann}>` ```<@{ben}>```", None, set(), set()),
        ("<@1> <@&2>", None, set(), set()),
    ],
)
async def test_a_bots_message_notifies_exactly_those(harbour, path, names, text, allowed, users, roles):
    body = {"content": text.format(**names)}
    if allowed is not None:
        body["allowed_mentions"] = {
            kind: [one.format(**names) for one in wanted] for kind, wanted in allowed.items()
        }
    status, sent = await harbour.call("POST", path("/messages"), body)
    pings = (await harbour.server.next_message(harbour.channel)).pings
    assert status == 200
    assert pings == Pings(frozenset(names[one] for one in users), frozenset(names[one] for one in roles))
    assert {one["id"] for one in sent["mentions"]} == pings.users


async def test_everyone_needs_the_permission_and_from_a_webhook_to_be_asked_for(harbour, path):
    _, plain = await harbour.call("POST", path("/messages"), {"content": "@everyone"})
    hook = harbour.channel.create_webhook("mask", harbour.ann)
    asked = {"content": "@here", "allowed_mentions": {"parse": ["everyone"]}}
    await harbour.call("POST", f"/webhooks/{hook.id}/{hook.token}", asked)
    await harbour.call("POST", f"/webhooks/{hook.id}/{hook.token}", {"content": "@everyone"})
    harbour.channel.allow(harbour.bot, Permission.MENTION_EVERYONE)
    _, loud = await harbour.call("POST", path("/messages"), {"content": "@everyone"})
    said = await harbour.server.next_messages(harbour.channel, 4)
    assert [message.pings.everyone for message in said] == [False, True, False, True]
    assert (plain["mention_everyone"], loud["mention_everyone"]) == (False, True)


@pytest.mark.parametrize(
    ("allowed", "notified"),
    [(None, True), ({}, False), ({"parse": ["users"]}, False), ({"replied_user": True}, True)],
)
async def test_an_answer_notifies_as_its_allowed_mentions_say(harbour, path, allowed, notified):
    asked = harbour.ann.say(harbour.channel, "hello")
    body = {"content": "x", "message_reference": {"message_id": asked.id}}
    if allowed is not None:
        body["allowed_mentions"] = allowed
    await harbour.call("POST", path("/messages"), body)
    assert bool((await harbour.server.next_message(harbour.channel)).pings) is notified


async def test_an_edit_notifies_nobody(harbour, path):
    _, sent = await harbour.call("POST", path("/messages"), {"content": "x"})
    await harbour.call("PATCH", path(f"/messages/{sent['id']}"), {"content": harbour.ann.mention})
    assert not harbour.channel.history[sent["id"]].pings
