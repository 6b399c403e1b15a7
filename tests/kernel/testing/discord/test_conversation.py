"""People and a bot talk through the test server."""

import pytest

from tzurot.testing.discord import Attachment


async def test_what_a_person_says_reaches_the_bot(harbour):
    wire = await harbour.identify()
    harbour.ann.say(harbour.channel, "hello")
    event = await wire.event("MESSAGE_CREATE")
    assert event["content"] == "hello"
    assert event["author"]["global_name"] == "Ann"
    assert event["guild_id"] == harbour.guild.id
    assert event["member"]["roles"] == []


async def test_what_the_bot_answers_is_handed_out_once(harbour, path):
    asked = harbour.ann.say(harbour.channel, "hello")
    body = {"content": "ahoy", "message_reference": {"message_id": asked.id}}
    status, sent = await harbour.call("POST", path("/messages"), body)
    answer = await harbour.server.next_message(harbour.channel)
    assert (status, answer.id, answer.text, answer.reply_to) == (200, sent["id"], "ahoy", asked)
    assert sent["referenced_message"]["content"] == "hello"
    assert harbour.channel.delivered == []


async def test_a_webhook_speaks_under_any_name_in_a_thread(harbour, path):
    wire = await harbour.identify()
    _, hook = await harbour.call("POST", path("/webhooks"), {"name": "mask"})
    thread = harbour.channel.create_thread("below deck", harbour.ann)
    body = {"content": "Arr!", "username": "Mara", "avatar_url": "https://example.org/mara.png"}
    url = f"/webhooks/{hook['id']}/{hook['token']}?wait=true&thread_id={thread.id}"
    status, sent = await harbour.call("POST", url, body, headers={})
    said = await harbour.server.next_message(thread)
    assert (status, said.name, said.author_avatar) == (200, "Mara", body["avatar_url"])
    event = await wire.event("MESSAGE_CREATE")
    assert event["webhook_id"] == hook["id"] == sent["author"]["id"]
    assert event["author"]["username"] == "Mara"
    assert "member" not in event


async def test_a_direct_message_needs_no_content_intent(harbour):
    wire = await harbour.identify(intents=1 << 12)
    harbour.ann.say(harbour.bot, "just us")
    event = await wire.event("MESSAGE_CREATE")
    assert event["content"] == "just us"
    assert "guild_id" not in event


async def test_a_message_is_passed_on_as_it_was(harbour, path):
    wire = await harbour.identify()
    other = harbour.guild.create_channel("other")
    said = harbour.ann.say(harbour.channel, "as it was")
    harbour.ben.forward(said, other)
    harbour.ann.edit(said, "changed")
    await wire.event("MESSAGE_CREATE")
    event = await wire.event("MESSAGE_CREATE")
    assert event["content"] == ""
    assert event["message_snapshots"][0]["message"]["content"] == "as it was"
    reference = {"type": 1, "message_id": said.id, "channel_id": harbour.channel.id}
    status, sent = await harbour.call("POST", path("/messages"), {"message_reference": reference})
    assert (status, sent["message_snapshots"][0]["message"]["content"]) == (200, "changed")


async def test_attachments_are_where_their_addresses_say(harbour):
    wire = await harbour.identify()
    file = Attachment("map.png", b"\x89PNG", "image/png")
    harbour.ann.say(harbour.channel, "", attachments=[file])
    url = (await wire.event("MESSAGE_CREATE"))["attachments"][0]["url"]
    async with harbour.http.get(url) as got:
        assert (await got.read(), got.content_type) == (b"\x89PNG", "image/png")
    async with harbour.http.get(
        url.replace("map", "other").replace("/attachments/", "/attachments/1")
    ) as got:
        assert got.status == 404


async def test_somebody_elses_program_speaks_through_its_webhook(harbour):
    wire = await harbour.identify()
    hook = harbour.channel.create_webhook("proxy", harbour.ben)
    hook.say("I am many", name="Robin", avatar_url="https://example.org/r.png")
    event = await wire.event("MESSAGE_CREATE")
    assert (event["author"]["username"], event["webhook_id"]) == ("Robin", hook.id)
    assert "application_id" not in event


async def test_nobody_edits_what_another_wrote(harbour):
    said = harbour.ann.say(harbour.channel, "mine")
    with pytest.raises(ValueError, match="nobody can edit for others"):
        harbour.ben.edit(said, "yours")


async def test_a_guild_goes_down_and_comes_back(harbour):
    wire = await harbour.identify()
    harbour.guild.go_down()
    assert await wire.event("GUILD_DELETE") == {"id": harbour.guild.id, "unavailable": True}
    harbour.guild.come_back()
    assert (await wire.event("GUILD_CREATE"))["channels"][0]["name"] == "general"


async def test_a_poll_is_sent(harbour, path):
    poll = {"question": {"text": "Sail?"}, "answers": [{"poll_media": {"text": "Aye"}}], "duration": 1}
    status, sent = await harbour.call("POST", path("/messages"), {"poll": poll})
    assert (status, sent["poll"]["answers"][0]["answer_id"]) == (200, 1)


async def test_nobody_does_what_their_client_would_not_offer(harbour):
    stranger = harbour.server.world.create_user("stranger")
    said = harbour.ann.say(harbour.channel, "hello")
    acts = [
        lambda: stranger.say(harbour.channel, "x"),
        lambda: stranger.react(said, "🔥"),
        lambda: stranger.type(harbour.channel),
        lambda: stranger.forward(said, harbour.channel),
    ]
    for act in acts:
        with pytest.raises(ValueError, match="stranger may not do that in #general of Harbour"):
            act()
