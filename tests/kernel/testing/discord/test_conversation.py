"""People and a bot talk through the test server."""


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
