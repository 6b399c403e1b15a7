"""Webhooks: made, found, executed, deleted, with Discord's limits."""

import pytest

from tzurot.testing.discord import ChannelKind, Permission


@pytest.fixture
async def hook(harbour, path):
    _, made = await harbour.call("POST", path("/webhooks"), {"name": "mask"})
    return made


@pytest.fixture
def url(hook):
    return f"/webhooks/{hook['id']}/{hook['token']}"


async def test_making_one_needs_manage_webhooks(harbour):
    other = harbour.guild.create_channel("other")
    other.deny(
        harbour.guild.roles[harbour.guild.members[harbour.bot.id].role_ids[0]], Permission.MANAGE_WEBHOOKS
    )
    status, body = await harbour.call("POST", f"/channels/{other.id}/webhooks", {"name": "mask"})
    assert (status, body["code"]) == (403, 50013)


async def test_a_channel_holds_fifteen(harbour, path):
    codes = [(await harbour.call("POST", path("/webhooks"), {"name": "m"}))[0] for _ in range(16)]
    assert codes == [200] * 15 + [400]
    _, body = await harbour.call("POST", path("/webhooks"), {"name": "m"})
    assert body == {"message": "Maximum number of webhooks reached (15)", "code": 30007}


async def test_its_maker_sees_its_token_and_another_bot_does_not(harbour, path, hook):
    wire = await harbour.identify()
    harbour.channel.create_webhook("by hand", harbour.ann)
    assert (await wire.event("WEBHOOKS_UPDATE"))["channel_id"] == harbour.channel.id
    other = harbour.server.world.create_bot("other")
    harbour.server.world.invite(harbour.guild, other, Permission.MANAGE_WEBHOOKS)
    _, own = await harbour.call("GET", path("/webhooks"))
    _, seen = await harbour.call("GET", path("/webhooks"), headers={"Authorization": f"Bot {other.token}"})
    assert [("token" in one) for one in own] == [True, True]
    assert [("token" in one) for one in seen] == [False, True]


@pytest.mark.parametrize("name", ["Clyde", "my discord pal", "here", "x" * 81, "", "   "])
async def test_a_name_that_discord_refuses_is_refused(harbour, path, url, name):
    assert (await harbour.call("POST", path("/webhooks"), {"name": name}))[0] == 400
    if name:
        status, body = await harbour.call("POST", url, {"content": "x", "username": name})
        assert (status, body["code"], list(body["errors"])) == (400, 50035, ["username"])


async def test_eighty_characters_are_a_name(harbour, url):
    status, sent = await harbour.call("POST", f"{url}?wait=true", {"content": "x", "username": "x" * 80})
    assert (status, sent["author"]["username"]) == (200, "x" * 80)


async def test_without_waiting_nothing_comes_back(harbour, url):
    assert await harbour.call("POST", url, {"content": "x"}, headers={}) == (204, "")


async def test_an_avatar_has_to_be_an_address(harbour, url):
    for wrong in ("mara.png", "ftp://example.org/x"):
        status, body = await harbour.call("POST", url, {"content": "x", "avatar_url": wrong})
        assert (status, list(body["errors"])) == (400, ["avatar_url"])
    _, one = await harbour.call("POST", f"{url}?wait=1", {"content": "x", "avatar_url": "https://a.b/1.png"})
    _, same = await harbour.call("POST", f"{url}?wait=1", {"content": "x", "avatar_url": "https://a.b/1.png"})
    assert one["author"]["avatar"] == same["author"]["avatar"] is not None


async def test_a_wrong_token_and_a_deleted_webhook_are_told_apart(harbour, hook, url):
    status, body = await harbour.call("POST", f"/webhooks/{hook['id']}/wrong", {"content": "x"})
    assert (status, body["code"]) == (401, 50027)
    harbour.server.world.webhooks[hook["id"]].delete()
    status, body = await harbour.call("POST", url, {"content": "x"})
    assert (status, body) == (404, {"message": "Unknown Webhook", "code": 10015})


async def test_its_messages_are_read_edited_and_deleted_with_the_thread_named(harbour, url):
    thread = harbour.channel.create_thread("below", harbour.ann)
    _, sent = await harbour.call("POST", f"{url}?wait=true&thread_id={thread.id}", {"content": "one"})
    where = f"{url}/messages/{sent['id']}"
    assert (await harbour.call("PATCH", where, {"content": "two"}))[1]["code"] == 10008
    status, edited = await harbour.call("PATCH", f"{where}?thread_id={thread.id}", {"content": "two"})
    assert (status, edited["content"]) == (200, "two")
    assert (await harbour.call("DELETE", f"{where}?thread_id={thread.id}"))[0] == 204
    assert thread.messages == []


async def test_a_thread_of_another_channel_is_unknown(harbour, url):
    elsewhere = harbour.guild.create_channel("other").create_thread("there", harbour.ann)
    status, body = await harbour.call("POST", f"{url}?thread_id={elsewhere.id}", {"content": "x"})
    assert (status, body["code"]) == (404, 10003)


async def test_in_a_forum_it_opens_a_post_or_names_one(harbour):
    forum = harbour.guild.create_channel("tales", ChannelKind.FORUM)
    hook = forum.create_webhook("mask", harbour.ann)
    url = f"/webhooks/{hook.id}/{hook.token}?wait=true"
    assert (await harbour.call("POST", url, {"content": "x"}))[1]["code"] == 220001
    status, sent = await harbour.call("POST", url, {"content": "x", "thread_name": "A tale"})
    post = harbour.server.world.channels[sent["channel_id"]]
    assert (status, post.name, post.parent, sent["id"]) == (200, "A tale", forum, post.id)
    await harbour.call("POST", f"{url}&thread_id={post.id}", {"content": "y"})
    assert [message.text for message in post.messages] == ["x", "y"]


async def test_it_is_renamed_moved_and_deleted(harbour, hook, url):
    other = harbour.guild.create_channel("other")
    status, moved = await harbour.call(
        "PATCH", f"/webhooks/{hook['id']}", {"name": "hood", "channel_id": other.id}
    )
    assert (status, moved["name"], moved["channel_id"]) == (200, "hood", other.id)
    picture = {"avatar": "data:image/png;base64,AAAA"}
    status, seen = await harbour.call("PATCH", url, picture, headers={})
    assert (status, bool(seen["avatar"]), "user" in seen) == (200, True, False)
    assert (await harbour.call("DELETE", url, headers={}))[0] == 204
    assert other.webhooks == {}
