"""Commands, components and modals: used by people, answered once, followed up."""

import pytest

from tzurot.testing.discord import Answer, Intent, InteractionKind

ECHO = {
    "name": "echo",
    "description": "Say it again",
    "options": [{"name": "text", "description": "What", "type": 3, "autocomplete": True}],
}
NESTED = {
    "name": "pack",
    "description": "Packs",
    "options": [
        {
            "name": "show",
            "description": "Show one",
            "type": 1,
            "options": [{"name": "size", "description": "How much", "type": 4}],
        }
    ],
}
MODAL = {
    "custom_id": "form",
    "title": "Form",
    "components": [
        {"type": 18, "label": "Name", "component": {"type": 4, "custom_id": "name", "style": 1}},
    ],
}


@pytest.fixture
async def commands(harbour):
    url = f"/applications/{harbour.bot.id}/commands"
    _, registered = await harbour.call("PUT", url, [ECHO, NESTED, {"name": "Inspect", "type": 3}])
    return {command["name"]: command for command in registered}


@pytest.fixture
async def used(harbour, commands):
    return harbour.ann.slash(harbour.channel, "echo", bot=harbour.bot, text="hi")


async def respond(harbour, interaction, kind, data=None, query=""):
    body = {"type": int(kind)} | ({"data": data} if data is not None else {})
    url = f"/interactions/{interaction.id}/{interaction.token}/callback{query}"
    return await harbour.call("POST", url, body, headers={})


def follow(harbour, interaction, rest=""):
    return f"/webhooks/{harbour.bot.id}/{interaction.token}{rest}"


async def test_a_slash_command_reaches_the_bot_whatever_its_intents(harbour, commands):
    wire = await harbour.identify(intents=0)
    harbour.ann.slash(harbour.channel, "pack show", bot=harbour.bot, size=3)
    event = await wire.event("INTERACTION_CREATE")
    assert event["data"]["id"] == commands["pack"]["id"]
    assert event["data"]["options"] == [
        {"name": "show", "type": 1, "options": [{"name": "size", "type": 4, "value": 3}]}
    ]
    assert event["member"]["user"]["id"] == harbour.ann.id
    assert event["guild_id"] == harbour.guild.id


async def test_an_unregistered_command_cannot_be_used(harbour, commands):
    with pytest.raises(LookupError, match="it has: Inspect, echo, pack"):
        harbour.ann.slash(harbour.channel, "nothing", bot=harbour.bot)


async def test_an_answer_is_given_once_only(harbour, used):
    assert await respond(harbour, used, Answer.MESSAGE, {"content": "ho"}) == (204, "")
    assert (await harbour.server.answered(used)).text == "ho"
    status, body = await respond(harbour, used, Answer.MESSAGE, {"content": "ho"})
    assert (status, body) == (400, {"message": "Interaction has already been acknowledged.", "code": 40060})


async def test_the_answer_can_come_back_with_the_response(harbour, used):
    status, body = await respond(harbour, used, Answer.MESSAGE, {"content": "ho"}, "?with_response=true")
    assert (status, body["resource"]["message"]["content"]) == (200, "ho")
    assert body["resource"]["message"]["interaction_metadata"]["id"] == used.id


async def test_a_deferred_answer_is_the_edit_of_the_original(harbour, used):
    assert (await harbour.call("GET", follow(harbour, used, "/messages/@original")))[1]["code"] == 10015
    await respond(harbour, used, Answer.DEFERRED_MESSAGE, {"flags": 64})
    assert used.waiting
    status, sent = await harbour.call(
        "PATCH", follow(harbour, used, "/messages/@original"), {"content": "late"}
    )
    assert (status, sent["flags"], used.waiting) == (200, 64, False)
    assert (await harbour.server.answered(used)).ephemeral
    assert harbour.channel.messages == []


async def test_the_first_follow_up_fills_a_deferred_answer_and_the_next_are_further_messages(harbour, used):
    await respond(harbour, used, Answer.DEFERRED_MESSAGE)
    for text in ("one", "two"):
        assert (await harbour.call("POST", follow(harbour, used), {"content": text}, headers={}))[0] == 200
    assert used.response.text == "one"
    assert [message.text for message in used.followups] == ["two"]
    where = follow(harbour, used, f"/messages/{used.followups[0].id}")
    assert (await harbour.call("PATCH", where, {"content": "three"}))[1]["content"] == "three"
    assert (await harbour.call("DELETE", where))[0] == 204
    assert (await harbour.call("GET", where))[1]["code"] == 10008
    assert [message.text for message in harbour.channel.messages] == ["one"]


async def test_a_late_answer_finds_nothing(harbour, used):
    used.expire()
    status, body = await respond(harbour, used, Answer.MESSAGE, {"content": "ho"})
    assert (status, body) == (404, {"message": "Unknown interaction", "code": 10062})


@pytest.mark.parametrize(
    ("kind", "data", "where"),
    [
        (4, {"content": "x" * 2001}, "data"),
        (9, {"custom_id": "x", "title": "y" * 46, "components": []}, "data"),
        (77, {}, "type"),
        (8, {"choices": []}, "type"),
    ],
)
async def test_a_wrong_answer_is_refused_and_the_interaction_stays_open(harbour, used, kind, data, where):
    status, body = await respond(harbour, used, kind, data)
    assert (status, body["code"], list(body["errors"])) == (400, 50035, [where])
    assert used.answer is None


async def test_autocompletion_brings_choices(harbour, commands):
    wire = await harbour.identify()
    typing = harbour.ann.autocomplete(harbour.channel, "echo", bot=harbour.bot, focused="text", text="h")
    event = await wire.event("INTERACTION_CREATE")
    assert (event["type"], event["data"]["options"][0]["focused"]) == (4, True)
    choices = {"choices": [{"name": "hello", "value": "hello"}]}
    assert (await respond(harbour, typing, Answer.AUTOCOMPLETE, choices))[0] == 204
    assert typing.answer_data == choices


async def test_a_command_on_a_message_carries_the_message(harbour, commands):
    wire = await harbour.identify(intents=int(Intent.GUILDS))
    said = harbour.ben.say(harbour.channel, "look at me")
    harbour.ann.use_on(said, "Inspect", bot=harbour.bot, channel=harbour.channel)
    data = (await wire.event("INTERACTION_CREATE"))["data"]
    assert data["resolved"]["messages"][said.id]["content"] == "look at me"


async def test_a_button_updates_its_message(harbour, path):
    wire = await harbour.identify()
    button = {"type": 2, "style": 1, "label": "Again", "custom_id": "again"}
    body = {"content": "one", "components": [{"type": 1, "components": [button]}]}
    await harbour.call("POST", path("/messages"), body)
    message = await harbour.server.next_message(harbour.channel)
    pressed = harbour.ann.click(message, "again")
    event = await wire.event("INTERACTION_CREATE")
    assert (event["type"], event["message"]["id"]) == (InteractionKind.COMPONENT, message.id)
    assert (await respond(harbour, pressed, Answer.UPDATE, {"content": "two"}))[0] == 204
    assert message.text == "two"
    with pytest.raises(LookupError, match="no component"):
        harbour.ann.click(message, "missing")


async def test_a_modal_is_shown_and_submitted(harbour, used):
    wire = await harbour.identify()
    assert (await respond(harbour, used, Answer.MODAL, MODAL))[0] == 204
    harbour.ann.submit(used, name="Mara")
    event = await wire.event("INTERACTION_CREATE")
    assert event["type"] == InteractionKind.MODAL
    assert event["data"]["components"][0]["component"]["value"] == "Mara"
    assert "style" not in str(event["data"])


async def test_commands_are_registered_changed_and_removed(harbour, commands):
    url = f"/applications/{harbour.bot.id}/commands"
    where = f"{url}/{commands['echo']['id']}"
    _, again = await harbour.call("PUT", url, [ECHO])
    assert again[0]["id"] == commands["echo"]["id"]
    assert (await harbour.call("GET", f"{url}/{commands['pack']['id']}"))[1]["code"] == 10063
    assert (await harbour.call("PATCH", where, {"description": "New"}))[1]["description"] == "New"
    assert (await harbour.call("POST", url, NESTED))[0] == 201
    assert (await harbour.call("POST", url, NESTED))[0] == 200
    assert (await harbour.call("DELETE", where))[0] == 204
    guild_url = f"/applications/{harbour.bot.id}/guilds/{harbour.guild.id}/commands"
    _, local = await harbour.call("PUT", guild_url, [ECHO])
    assert local[0]["guild_id"] == harbour.guild.id
    assert [one["name"] for one in (await harbour.call("GET", url))[1]] == ["pack"]


@pytest.mark.parametrize(
    "command",
    [{"name": "Loud", "description": "x"}, {"name": "quiet"}, {"name": "x" * 33, "description": "x"}],
)
async def test_a_wrong_command_is_refused(harbour, command):
    url = f"/applications/{harbour.bot.id}/commands"
    status, body = await harbour.call("PUT", url, [command])
    assert (status, body["code"], list(body["errors"])) == (400, 50035, ["0"])


async def test_commands_of_another_application_are_out_of_reach(harbour):
    assert (await harbour.call("GET", "/applications/1/commands"))[1]["code"] == 50001
