"""Where nobody is named, the one who spoke last goes on, or the default character begins."""

import pytest

from tzurot.payloads.people import Forget
from tzurot.testing.stage import Stage

PLUGINS = ("mentions", "replies", "direct_messages")


async def speakers(stage, *texts, **where):
    for text in texts:
        await stage.say(text, **where)
    return [each.character.name for each in stage.platform.sent]


@pytest.fixture
async def stage():
    async with Stage.of(installed=PLUGINS) as stage:
        yield stage


async def test_a_new_conversation_begins_with_the_first_character(stage):
    assert await speakers(stage, "hello", guild=None) == ["Mara"]


async def test_it_goes_on_with_whom_it_was_led_until_somebody_else_is_called(stage):
    said = ("@Tam hello", "tell me more", "@Mara and you?", "go on")
    assert await speakers(stage, *said, guild=None) == ["Tam", "Tam", "Mara", "Mara"]


async def test_each_direct_conversation_has_its_own(stage):
    await speakers(stage, "@Tam hello", guild=None, channel="ana")
    assert await speakers(stage, "hello", guild=None, channel="bea") == ["Tam", "Mara"]


async def test_a_mention_of_the_bot_in_a_server_is_answered_by_the_default_character(stage):
    assert await speakers(stage, "@Tam hello", "somebody?") == ["Tam", "Mara"]


async def test_the_operator_chooses_the_default_character():
    settings = {"direct_messages": {"default_character": "tam"}}
    async with Stage.of(installed=PLUGINS, plugins=settings) as stage:
        assert await speakers(stage, "hello", guild=None) == ["Tam"]


async def test_a_default_character_that_no_pack_has_is_said_and_the_first_one_answers(caplog):
    settings = {"direct_messages": {"default_character": "nobody"}}
    async with Stage.of(installed=PLUGINS, plugins=settings) as stage:
        assert await speakers(stage, "hello", guild=None) == ["Mara"]
    assert "TZUROT_DEFAULT_CHARACTER" in caplog.text


async def test_the_last_speaker_outlives_a_restart_of_the_plugin_and_is_forgotten_with_the_person(stage):
    await speakers(stage, "@Tam hello", guild=None)
    await stage.app.tasks.drain(5)
    plugin = stage.app.registry.plugins["direct_messages"]
    plugin._speakers = type(plugin._speakers)(plugin.kit.log)
    assert (await speakers(stage, "still there?", guild=None))[-1] == "Tam"
    exported = {each.value.kind: list(each.value.rows) for each in await stage.app.export_user("ana")}
    assert [row["character"] for row in exported["last speakers"]] == ["stage/tam"]
    await stage.app.forget_user(Forget("ana"))
    assert (await speakers(stage, "hello", guild=None))[-1] == "Mara"


async def test_a_person_is_known_with_and_without_their_platform(stage):
    await speakers(stage, "@Tam hello", guild=None)
    await stage.app.tasks.drain(5)
    for user_id, rows in (("elsewhere:ana", 0), ("stage:ana", 1), ("ana", 1)):
        kept = {each.value.kind: list(each.value.rows) for each in await stage.app.export_user(user_id)}
        assert len(kept["last speakers"]) == rows
    erased = {each.value.kind: each.value.rows for each in await stage.app.forget_user(Forget("stage:ana"))}
    assert erased["last speakers"] == 1
