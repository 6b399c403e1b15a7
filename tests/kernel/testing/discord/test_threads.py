"""Threads and forum posts: opened, found, closed."""

from tzurot.testing.discord import ChannelKind, Permission


async def test_a_thread_on_a_message_has_its_id_and_there_is_only_one(harbour, path):
    wire = await harbour.identify()
    said = harbour.ann.say(harbour.channel, "talk here")
    where = path(f"/messages/{said.id}/threads")
    status, made = await harbour.call("POST", where, {"name": "talk"})
    assert (status, made["id"], made["parent_id"]) == (201, said.id, harbour.channel.id)
    assert (await wire.event("THREAD_CREATE"))["newly_created"] is True
    status, body = await harbour.call("POST", where, {"name": "again"})
    assert (status, body["code"]) == (400, 160004)


async def test_writing_in_a_thread_needs_its_own_permission(harbour):
    thread = harbour.channel.create_thread("below", harbour.ann)
    where = f"/channels/{thread.id}/messages"
    harbour.channel.deny(harbour.bot, Permission.SEND_MESSAGES)
    assert (await harbour.call("POST", where, {"content": "x"}))[0] == 200
    harbour.channel.deny(harbour.bot, Permission.SEND_MESSAGES_IN_THREADS)
    assert (await harbour.call("POST", where, {"content": "x"}))[1]["code"] == 50013


async def test_a_message_opens_an_archived_thread_but_not_a_locked_one(harbour):
    thread = harbour.channel.create_thread("below", harbour.ann)
    where = f"/channels/{thread.id}/messages"
    thread.archived = True
    _, listed = await harbour.call("GET", f"/channels/{harbour.channel.id}/threads/archived/public")
    assert [one["id"] for one in listed["threads"]] == [thread.id]
    assert (await harbour.call("POST", where, {"content": "x"}))[0] == 200
    assert not thread.archived
    thread.archived = thread.locked = True
    assert (await harbour.call("POST", where, {"content": "x"}))[1]["code"] == 50083


async def test_a_private_thread_is_seen_by_its_members_only(harbour):
    thread = harbour.channel.create_thread("whisper", harbour.ann, private=True)
    assert (await harbour.call("GET", f"/channels/{thread.id}"))[1]["code"] == 50001
    thread.thread_members[harbour.bot.id] = thread.created
    assert (await harbour.call("GET", f"/channels/{thread.id}"))[0] == 200


async def test_a_forum_takes_posts_and_no_messages(harbour):
    forum = harbour.guild.create_channel("tales", ChannelKind.FORUM)
    status, body = await harbour.call("POST", f"/channels/{forum.id}/messages", {"content": "x"})
    assert (status, body["code"]) == (400, 50008)
    wanted = {"name": "A tale", "message": {"content": "Once"}}
    status, made = await harbour.call("POST", f"/channels/{forum.id}/threads", wanted)
    assert (status, made["message"]["id"], made["message"]["content"]) == (201, made["id"], "Once")
    _, active = await harbour.call("GET", f"/guilds/{harbour.guild.id}/threads/active")
    assert [one["name"] for one in active["threads"]] == ["A tale"]


async def test_the_bot_joins_and_leaves(harbour):
    thread = harbour.channel.create_thread("below", harbour.ann)
    assert (await harbour.call("PUT", f"/channels/{thread.id}/thread-members/@me"))[0] == 204
    assert harbour.bot.id in thread.thread_members
    assert (await harbour.call("DELETE", f"/channels/{thread.id}/thread-members/@me"))[0] == 204
    _, members = await harbour.call("GET", f"/channels/{thread.id}/thread-members")
    assert [one["user_id"] for one in members] == [harbour.ann.id]


async def test_deleting_a_channel_takes_its_threads_and_webhooks_along(harbour, path):
    wire = await harbour.identify()
    thread = harbour.channel.create_thread("below", harbour.ann)
    hook = harbour.channel.create_webhook("mask", harbour.ann)
    harbour.channel.delete()
    assert (await wire.event("CHANNEL_DELETE"))["id"] == harbour.channel.id
    for where, code in (
        (path(""), 10003),
        (f"/channels/{thread.id}", 10003),
        (f"/webhooks/{hook.id}", 10015),
    ):
        assert (await harbour.call("GET", where))[1]["code"] == code
