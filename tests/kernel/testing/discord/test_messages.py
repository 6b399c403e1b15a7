"""Messages over HTTP keep Discord's rules and get Discord's refusals."""

import aiohttp
import pytest

from tzurot.testing.discord import Attachment, Bot, ChannelKind, Permission


def problem(body, *path):
    """The first error of an invalid form body at ``path``."""
    node = body["errors"]
    for step in path:
        node = node[step]
    return node["_errors"][0]


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": " \n "}, {"content": None, "embeds": []}])
async def test_an_empty_message_is_refused(harbour, path, body):
    answer = await harbour.call("POST", path("/messages"), body)
    assert answer == (400, {"message": "Cannot send an empty message", "code": 50006})
    assert harbour.server.violations


async def test_two_thousand_characters_pass_and_one_more_does_not(harbour, path):
    assert (await harbour.call("POST", path("/messages"), {"content": "x" * 2000}))[0] == 200
    status, body = await harbour.call("POST", path("/messages"), {"content": "x" * 2001})
    assert (status, body["code"], body["message"]) == (400, 50035, "Invalid Form Body")
    assert problem(body, "content") == {
        "code": "BASE_TYPE_MAX_LENGTH",
        "message": "Must be 2000 or fewer in length.",
    }


async def test_space_around_a_text_is_cut(harbour, path):
    _, sent = await harbour.call("POST", path("/messages"), {"content": "  hello \n"})
    assert sent["content"] == "hello"


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({"content": 7}, ("content",), "STRING_TYPE_CONVERT"),
        ({"embeds": [{}] * 11}, ("embeds",), "BASE_TYPE_BAD_LENGTH"),
        ({"embeds": [{"description": "x" * 4097}]}, ("embeds", "0", "description"), "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [{"description": "x" * 4000}] * 2}, ("embeds",), "MAX_EMBED_SIZE_EXCEEDED"),
        (
            {"content": "x", "allowed_mentions": {"parse": ["all"]}},
            ("allowed_mentions", "parse", "0"),
            "BASE_TYPE_CHOICES",
        ),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            ("allowed_mentions",),
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
        (
            {"content": "x", "message_reference": {"message_id": "here"}},
            ("message_reference", "message_id"),
            "NUMBER_TYPE_COERCE",
        ),
        (
            {"content": "x", "message_reference": {"message_id": "1"}},
            ("message_reference",),
            "REPLIES_UNKNOWN_MESSAGE",
        ),
        (
            {"content": "x", "flags": 1 << 15, "components": [{"type": 10, "content": "y"}]},
            ("content",),
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        ),
        (
            {"components": [{"type": 1, "components": [{"type": 2, "style": 1, "custom_id": "x" * 101}]}]},
            ("components", "0", "components", "0", "custom_id"),
            "BASE_TYPE_BAD_LENGTH",
        ),
        ({"components": [{"type": 99}]}, ("components", "0", "type"), "BASE_TYPE_CHOICES"),
        (
            {"content": "x", "message_reference": {"message_id": "1", "type": 7}},
            ("message_reference", "type"),
            "BASE_TYPE_CHOICES",
        ),
        (
            {"components": [{"type": 1, "components": [{"type": 2, "custom_id": "x"}]}]},
            ("components", "0", "components", "0", "style"),
            "BASE_TYPE_REQUIRED",
        ),
    ],
)
async def test_an_invalid_body_is_refused_at_the_field_that_is_wrong(harbour, path, body, where, code):
    status, told = await harbour.call("POST", path("/messages"), body)
    assert (status, told["code"]) == (400, 50035), told
    assert problem(told, *where)["code"] == code
    assert harbour.channel.messages == []


async def test_ids_may_be_numbers(harbour, path):
    asked = harbour.ann.say(harbour.channel, "hello")
    body = {"content": "x", "message_reference": {"message_id": int(asked.id)}}
    assert (await harbour.call("POST", path("/messages"), body))[0] == 200


async def test_what_is_no_json_is_refused(harbour, path):
    headers = {"Authorization": f"Bot {harbour.bot.token}", "Content-Type": "application/json"}
    status, body = await harbour.call("POST", path("/messages"), headers=headers, data="{")
    assert (status, body["code"]) == (400, 50109)


@pytest.mark.parametrize("token", ["", "Bot wrong", "Bearer x"])
async def test_a_wrong_token_is_401(harbour, path, token):
    answer = await harbour.call("GET", path(""), headers={"Authorization": token})
    assert answer == (401, {"message": "401: Unauthorized", "code": 0})


@pytest.mark.parametrize(
    ("where", "code"),
    [("/channels/1", 10003), ("/channels/{c}/messages/1", 10008), ("/guilds/1", 10004), ("/users/1", 10013)],
)
async def test_what_does_not_exist_is_unknown(harbour, where, code):
    status, body = await harbour.call("GET", where.format(c=harbour.channel.id))
    assert (status, body["code"]) == (404, code)


async def test_a_path_without_a_route_is_404_and_noted(harbour):
    status, body = await harbour.call("GET", "/stage-instances/1")
    assert (status, body) == (404, {"message": "404: Not Found", "code": 0})
    assert "serves no such route" in str(harbour.server.violations[0])


async def test_an_id_that_is_none_is_an_invalid_form(harbour):
    status, body = await harbour.call("GET", "/channels/general")
    assert (status, problem(body, "channel_id")["code"]) == (400, "NUMBER_TYPE_COERCE")


async def test_an_address_of_another_version_is_refused(harbour):
    async with harbour.http.get(f"{harbour.server.base}/api/v6/users/@me") as got:
        assert (got.status, (await got.json())["code"]) == (400, 50041)


async def test_a_channel_that_the_bot_does_not_see_is_missing_access(harbour, path):
    harbour.channel.deny(harbour.guild.everyone, Permission.VIEW_CHANNEL)
    answer = await harbour.call("POST", path("/messages"), {"content": "x"})
    assert answer == (403, {"message": "Missing Access", "code": 50001})


@pytest.mark.parametrize(
    ("denied", "body"),
    [(Permission.SEND_MESSAGES, {"content": "x"}), (Permission.EMBED_LINKS, {"embeds": [{"title": "x"}]})],
)
async def test_a_permission_that_is_missing_is_50013(harbour, path, denied, body):
    harbour.channel.deny(harbour.bot, denied)
    answer = await harbour.call("POST", path("/messages"), body)
    assert answer == (403, {"message": "Missing Permissions", "code": 50013})


async def test_answering_needs_the_history(harbour, path):
    asked = harbour.ann.say(harbour.channel, "hello")
    harbour.channel.deny(harbour.bot, Permission.READ_MESSAGE_HISTORY)
    body = {"content": "x", "message_reference": {"message_id": asked.id}}
    status, told = await harbour.call("POST", path("/messages"), body)
    assert (status, told["code"]) == (400, 160002)
    assert await harbour.call("GET", path("/messages")) == (200, [])


async def test_answering_a_deleted_message_can_be_let_pass(harbour, path):
    asked = harbour.ann.say(harbour.channel, "hello")
    harbour.ann.delete(asked)
    body = {"content": "x", "message_reference": {"message_id": asked.id, "fail_if_not_exists": False}}
    status, sent = await harbour.call("POST", path("/messages"), body)
    assert (status, sent["type"]) == (200, 0)


async def test_only_own_messages_are_edited_and_others_deleted_only_by_moderators(harbour, path):
    said = harbour.ann.say(harbour.channel, "mine")
    status, body = await harbour.call("PATCH", path(f"/messages/{said.id}"), {"content": "yours"})
    assert (status, body["code"]) == (403, 50005)
    assert (await harbour.call("DELETE", path(f"/messages/{said.id}")))[1]["code"] == 50013
    harbour.channel.allow(harbour.bot, Permission.MANAGE_MESSAGES)
    assert (await harbour.call("DELETE", path(f"/messages/{said.id}")))[0] == 204


async def test_an_edit_keeps_the_earlier_text_and_tells_the_gateway(harbour, path):
    wire = await harbour.identify()
    _, sent = await harbour.call("POST", path("/messages"), {"content": "one"})
    status, edited = await harbour.call("PATCH", path(f"/messages/{sent['id']}"), {"content": "two"})
    message = harbour.channel.history[sent["id"]]
    assert (status, edited["content"], message.versions) == (200, "two", ["one"])
    assert (await wire.event("MESSAGE_UPDATE"))["edited_timestamp"]
    status, told = await harbour.call("PATCH", path(f"/messages/{sent['id']}"), {"content": ""})
    assert (status, told["code"]) == (400, 50006)


async def test_files_come_with_their_names_and_descriptions(harbour, path):
    form = aiohttp.FormData()
    form.add_field(
        "payload_json",
        '{"content": "", "attachments": [{"id": 0, "filename": "map.png", "description": "a map"}]}',
        content_type="application/json",
    )
    form.add_field("files[0]", b"\x89PNG", filename="x.png", content_type="image/png")
    status, sent = await harbour.call("POST", path("/messages"), data=form)
    attachment = (await harbour.server.next_message(harbour.channel)).attachments[0]
    assert (status, sent["attachments"][0]["filename"]) == (200, "map.png")
    assert (attachment.content, attachment.description) == (b"\x89PNG", "a map")


async def test_history_pages_both_ways_and_is_censored_like_the_gateway(harbour, path):
    said = [harbour.ann.say(harbour.channel, f"m{number}") for number in range(6)]

    async def page(query):
        return [one["content"] for one in (await harbour.call("GET", path(f"/messages?{query}")))[1]]

    assert await page("limit=2") == ["m5", "m4"]
    assert await page(f"limit=2&before={said[4].id}") == ["m3", "m2"]
    assert await page(f"limit=2&after={said[0].id}") == ["m2", "m1"]
    assert await page(f"limit=3&around={said[3].id}") == ["m4", "m3", "m2"]
    harbour.bot.allowed_intents &= 0
    assert await page("limit=1") == [""]
    status, body = await harbour.call("GET", path("/messages?limit=101"))
    assert (status, body["code"]) == (400, 50035)


async def test_attachments_of_people_reach_the_bot(harbour):
    wire = await harbour.identify()
    harbour.ann.say(harbour.channel, "look", attachments=[Attachment("a.png", b"123", "image/png")])
    event = await wire.event("MESSAGE_CREATE")
    assert event["attachments"][0]["size"] == 3


async def test_direct_messages_are_opened_and_may_be_refused(harbour):
    status, direct = await harbour.call("POST", "/users/@me/channels", {"recipient_id": harbour.ann.id})
    assert (status, direct["type"], direct["recipients"][0]["id"]) == (200, 1, harbour.ann.id)
    where = f"/channels/{direct['id']}/messages"
    assert (await harbour.call("POST", where, {"content": "psst"}))[0] == 200
    harbour.ann.blocks_direct_messages = True
    status, body = await harbour.call("POST", where, {"content": "psst"})
    assert (status, body["code"]) == (403, 50007)


async def test_a_category_holds_no_messages(harbour):
    category = harbour.guild.create_channel("all", ChannelKind.CATEGORY)
    status, body = await harbour.call("POST", f"/channels/{category.id}/messages", {"content": "x"})
    assert (status, body["code"]) == (400, 50008)


async def test_typing_is_recorded_and_ends_with_a_message(harbour, path):
    wire = await harbour.identify()
    assert (await harbour.call("POST", path("/typing")))[0] == 204
    assert harbour.channel.typing == [harbour.bot]
    assert (await wire.event("TYPING_START"))["user_id"] == harbour.bot.id
    await harbour.call("POST", path("/messages"), {"content": "x"})
    assert harbour.channel.typing == []


async def test_pins_need_their_permission_and_come_newest_first(harbour, path):
    said = [harbour.ann.say(harbour.channel, text) for text in "ab"]
    assert (await harbour.call("PUT", path(f"/messages/pins/{said[0].id}")))[1]["code"] == 50013
    harbour.channel.allow(harbour.bot, Permission.PIN_MESSAGES)
    for one in said:
        assert (await harbour.call("PUT", path(f"/messages/pins/{one.id}")))[0] == 204
    _, pins = await harbour.call("GET", path("/messages/pins"))
    assert [item["message"]["content"] for item in pins["items"]] == ["b", "a"]
    assert (await harbour.call("DELETE", path(f"/messages/pins/{said[1].id}")))[0] == 204


async def test_several_messages_are_deleted_at_once(harbour, path):
    harbour.channel.allow(harbour.bot, Permission.MANAGE_MESSAGES)
    said = [harbour.ann.say(harbour.channel, text) for text in "abc"]
    wanted = {"messages": [one.id for one in said[:2]]}
    assert (await harbour.call("POST", path("/messages/bulk-delete"), wanted))[0] == 204
    assert harbour.channel.messages == [said[2]]


async def test_reactions_are_added_seen_and_taken_back(harbour, path):
    wire = await harbour.identify()
    said = harbour.ann.say(harbour.channel, "hello")
    where = path(f"/messages/{said.id}/reactions/%F0%9F%94%A5")
    assert (await harbour.call("PUT", f"{where}/@me"))[0] == 204
    assert (await wire.event("MESSAGE_REACTION_ADD"))["emoji"] == {"id": None, "name": "🔥"}
    harbour.ben.react(said, "🔥")
    _, people = await harbour.call("GET", where)
    assert [one["id"] for one in people] == [harbour.bot.id, harbour.ben.id]
    _, message = await harbour.call("GET", path(f"/messages/{said.id}"))
    assert (message["reactions"][0]["count"], message["reactions"][0]["me"]) == (2, True)
    assert (await harbour.call("DELETE", f"{where}/@me"))[0] == 204
    harbour.ben.unreact(said, "🔥")
    assert said.reactions == {}
    status, body = await harbour.call("PUT", path(f"/messages/{said.id}/reactions/fire/@me"))
    assert (status, body["code"]) == (404, 10014)


async def test_a_message_holds_twenty_different_reactions(harbour, path):
    said = harbour.ann.say(harbour.channel, "hello")
    for number in range(20):
        harbour.ann.react(said, chr(0x1F600 + number))
    status, body = await harbour.call("PUT", path(f"/messages/{said.id}/reactions/%F0%9F%94%A5/@me"))
    assert (status, body["code"]) == (403, 30010)


async def test_a_person_cannot_write_more_than_the_client_lets_them(harbour):
    with pytest.raises(ValueError, match="2000"):
        harbour.ann.say(harbour.channel, "x" * 2001)


def test_a_token_is_in_no_representation(harbour):
    assert isinstance(harbour.bot, Bot)
    assert harbour.bot.token not in repr(harbour.bot)
