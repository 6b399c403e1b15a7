"""What characters remember of a conversation, as people notice it: on a stage, with real databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tzurot.kit import Clock
from tzurot.payloads.generation import Category, GenerationError, Request
from tzurot.payloads.people import Forget
from tzurot.testing.stage import PACK, Stage
from tzurot_plugins.history import History
from tzurot_plugins.history.models import Line

OpenStage = Callable[..., AbstractAsyncContextManager[Stage]]


class StoppedClock(Clock):
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def open_stage(database_url: str) -> OpenStage:
    """Opens an instance on the test's database; again for a restart."""

    @asynccontextmanager
    async def opened(**more: Any) -> AsyncIterator[Stage]:
        async with Stage.of(History, database_url=database_url, **more) as stage:
            yield stage

    return opened


def read(request: Request) -> list[str]:
    """What the model reads of the conversation, the new message last."""
    return [message.content for message in request.messages if message.role != "system"]


async def test_a_character_remembers_what_was_said(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        stage.model.script("Good evening.", "Your name is Ana.")
        await stage.say("I am Ana.")
        await stage.say("Who am I?")
        assert read(stage.model.requests[-1]) == ["I am Ana.", "Good evening.", "Who am I?"]


async def test_a_character_remembers_after_a_restart(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        stage.model.script("Good evening.")
        await stage.say("I am Ana.")
    async with open_stage() as stage:
        await stage.say("Who am I?")
        assert read(stage.model.requests[-1]) == ["I am Ana.", "Good evening.", "Who am I?"]
        rows = await Line.all().order_by("kept_at", "place_in_turn")
        assert [(row.role, row.tokens > 0, row.character) for row in rows[:2]] == [
            ("user", True, "stage/mara"),
            ("assistant", True, "stage/mara"),
        ]
        assert rows[1].sent_ids == ["reply-1"]


async def test_places_and_characters_have_histories_of_their_own(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        await stage.say("a secret for Mara", channel="general")
        await stage.say("hello", channel="harbour")
        assert read(stage.model.requests[-1]) == ["hello"], "another place"
        await stage.say("Tam, what did I say?", channel="general")
        assert read(stage.model.requests[-1]) == ["Tam, what did I say?"], "another character"


async def test_characters_that_hear_one_another_share_a_history(open_stage: OpenStage) -> None:
    pack = PACK + "plugins:\n  history:\n    hear_others: true\n"
    async with open_stage(pack=pack) as stage:
        stage.model.script("The lamp is lit.", "The boats are in.", "She said the lamp is lit.")
        await stage.say("Mara and Tam, report!")
        await stage.say("Tam, what did she say?")
        seen = read(stage.model.requests[-1])
        assert sum("report!" in line for line in seen) == 1, "one message is read once"
        assert any("The lamp is lit." in line for line in seen)
    async with open_stage(pack=pack) as stage:
        await stage.say("Tam, and now?")
        again = read(stage.model.requests[-1])
        assert [line for line in again if "lamp" in line or "boats" in line or "report" in line] == [
            line for line in seen if "lamp" in line or "boats" in line or "report" in line
        ] + [line for line in again if "She said" in line], "read back from the database in the same order"


async def test_the_reply_of_a_turn_is_there_for_the_next_one_however_quick_it_comes(
    open_stage: OpenStage,
) -> None:
    async with open_stage() as stage:
        stage.model.script(*(f"answer {number}" for number in range(10)))
        messages = [stage.message(f"question {number}") for number in range(10)]
        await asyncio.gather(*(stage.hear(message) for message in messages))
        expected = [text for n in range(9) for text in (f"question {n}", f"answer {n}")] + ["question 9"]
        assert read(stage.model.requests[-1]) == expected
    async with open_stage() as stage:
        await stage.say("and?")
        assert read(stage.model.requests[-1]) == [*expected, "answer 9", "and?"]


async def test_max_messages_and_max_age_bound_what_is_read(open_stage: OpenStage) -> None:
    clock = StoppedClock()
    async with open_stage(clock=clock, settings={"max_messages": 4, "max_age": 3600}) as stage:
        for number in range(6):
            await stage.say(f"message {number}")
        assert read(stage.model.requests[-1])[-1] == "message 5"
        assert len(read(stage.model.requests[-1])) <= 5
        clock.move(hours=2)
        await stage.say("long after")
        assert read(stage.model.requests[-1]) == ["long after"]


async def test_a_clock_that_is_set_back_changes_no_order(open_stage: OpenStage) -> None:
    clock = StoppedClock()
    async with open_stage(clock=clock) as stage:
        stage.model.script("one!", "two!", "three!")
        await stage.say("one")
        clock.move(hours=-1)
        await stage.say("two")
    async with open_stage(clock=clock) as stage:
        await stage.say("three")
        assert read(stage.model.requests[-1]) == ["one", "one!", "two", "two!", "three"]


async def test_error_lines_are_no_part_of_the_conversation(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        stage.model.script(GenerationError(Category.SERVER_ERROR, "down"), "Now I am here.")
        await stage.say("are you there?")
        await stage.say("hello?")
        assert not any("lamp went out" in line for line in read(stage.model.requests[-1]))
        assert any("are you there?" in line for line in read(stage.model.requests[-1]))


async def test_text_that_a_database_can_not_hold_is_kept_without_what_is_wrong_with_it(
    open_stage: OpenStage,
) -> None:
    async with open_stage() as stage:
        stage.model.script("half an emoji \ud83d and a zero \0 byte")
        await stage.say("hello \0 there 🙂")
    async with open_stage() as stage:
        await stage.say("again")
        assert read(stage.model.requests[-1])[0] == "hello  there 🙂"
        assert read(stage.model.requests[-1])[1].startswith("half an emoji")


async def test_a_failing_database_is_logged_and_the_conversation_goes_on(
    open_stage: OpenStage, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_stage() as stage:
        stage.model.script("first", "second", "third")
        await stage.say("one")
        database = stage.app.registry.plugins["history"].kit.database
        await database.client.execute_script("ALTER TABLE history_line RENAME TO elsewhere")
        assert await stage.say("two") == ["second"]
        assert await stage.say("three") == ["third"]
        assert read(stage.model.requests[-1]) == ["one", "first", "two", "second", "three"]
        assert await stage.say("from elsewhere", channel="other") == ["I hear you."]
        assert "could not be stored" in caplog.text
        assert "can't be read" in caplog.text


async def test_forgetting_a_person_deletes_what_they_said_and_what_was_answered(
    open_stage: OpenStage,
) -> None:
    async with open_stage() as stage:
        await stage.say("my secret", author="ana")
        await stage.say("weather?", author="ben")
        exported = {each.plugin: each.value.rows for each in await stage.app.export_user("ana")}
        assert [row["text"] for row in exported["history"]] == ["my secret", "I hear you."]
        forgotten = {each.plugin: each.value for each in await stage.app.forget_user(Forget("ana"))}
        assert (forgotten["history"].kind, forgotten["history"].rows) == ("history", 2)
        await stage.say("what do you know?", author="cleo")
        assert not any("my secret" in line for line in read(stage.model.requests[-1]))
        assert any("weather?" in line for line in read(stage.model.requests[-1]))
        assert not any(each.value.rows for each in await stage.app.export_user("ana"))


async def test_forgetting_a_person_in_one_guild_leaves_the_others(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        await stage.say("here", guild="one", channel="a")
        await stage.say("there", guild="two", channel="b")
        await stage.app.forget_user(Forget("stage:ana", guild="one"))
        assert await Line.all().values_list("guild", flat=True) == ["two", "two"]


async def test_old_lines_are_deleted_at_the_start(open_stage: OpenStage) -> None:
    clock = StoppedClock()
    async with open_stage(clock=clock, plugins={"history": {"keep_days": 30}}) as stage:
        await stage.say("long ago")
        clock.move(days=29)
        await stage.say("lately")
    clock.move(days=2)
    async with open_stage(clock=clock, plugins={"history": {"keep_days": 30}}) as stage:
        await stage.app.tasks.drain(10)
        assert await Line.filter(role="user").values_list("text", flat=True) == ["lately"]


async def test_thousands_of_old_lines_are_deleted(open_stage: OpenStage) -> None:
    clock = StoppedClock()
    async with open_stage(clock=clock) as stage:
        await stage.say("long ago")
        first = await Line.all().first()
        assert first is not None
        old = [replace_line(first, id=uuid4(), message_id=str(number)) for number in range(2_500)]
        await stage.app.registry.plugins["history"].kit.database.store(old)
    clock.move(days=4000)
    async with open_stage(clock=clock) as stage:
        await stage.app.tasks.drain(30)
        assert await Line.all().count() == 0


async def test_nothing_is_deleted_when_zero_days_are_set(open_stage: OpenStage) -> None:
    clock = StoppedClock()
    for _ in range(2):
        async with open_stage(clock=clock, plugins={"history": {"keep_days": 0}}) as stage:
            await stage.say("long ago")
            await stage.app.tasks.drain(10)
        clock.move(days=4000)
    async with open_stage(clock=clock, plugins={"history": {"keep_days": 0}}):
        assert await Line.all().count() == 4


async def test_a_message_is_not_answered_twice(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        message = stage.message("hello")
        assert (await stage.hear(message)).unanswered is None
        assert (await stage.hear(message)).unanswered == "history: already answered"
        assert len(stage.platform.sent) == 1


async def test_a_message_is_not_answered_again_after_a_restart(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        message = stage.message("hello")
        await stage.hear(message)
    async with open_stage() as stage:
        outcome = await stage.hear(message)
        assert stage.platform.sent == []
        assert outcome.results[0].turn.trace.unanswered == "history: already answered"
        later = replace(message, at=message.at + timedelta(seconds=1))
        await stage.hear(later)
        assert len(stage.platform.sent) == 1, "a platform that counts from 1 again means another message"


async def test_only_the_speaker_who_was_still_to_speak_speaks_after_a_restart(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        message = stage.message("Mara?")
        await stage.hear(message)
    async with open_stage() as stage:
        await stage.hear(replace(message, text="Mara and Tam?"))
        assert [outbound.character.id for outbound in stage.platform.sent] == ["tam"]


async def test_a_message_that_nobody_could_answer_is_answered_when_it_comes_again(
    open_stage: OpenStage,
) -> None:
    async with open_stage() as stage:
        stage.model.script(GenerationError(Category.NETWORK, "unplugged"), "Here I am.")
        message = stage.message("hello")
        first = await stage.hear(message)
        second = await stage.hear(message)
        assert bool(first.results[0].sent) != bool(second.results[0].sent if second.results else ())


async def test_a_message_that_another_process_answered_lately_is_not_answered_again(
    open_stage: OpenStage,
) -> None:
    """As when a conversation changes its owner: both processes ran when the message was written."""
    clock = StoppedClock()
    clock.move(hours=1)
    async with open_stage(clock=clock) as stage:
        message = stage.message("hello")
        await stage.hear(message)
    clock.move(hours=-1)
    async with open_stage(clock=clock) as stage:
        clock.move(hours=1, minutes=2)
        await stage.hear(message)
        assert stage.platform.sent == []


async def test_a_turn_costs_one_statement_once_its_history_is_known(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage() as stage:
        clock = stage.app.clock.now() + timedelta(hours=1)
        await stage.hear(replace(stage.message("hello"), at=clock))
        client = stage.app.registry.plugins["history"].kit.database.client
        asked: list[str] = []
        execute = type(client).execute_query

        async def listening(self: Any, query: str, values: Any = None) -> Any:
            asked.append(query)
            return await execute(self, query, values)

        monkeypatch.setattr(type(client), "execute_query", listening)
        await stage.hear(replace(stage.message("and?"), at=clock))
        assert [query[:25] for query in asked if "history" in query] == ['INSERT INTO "history_line']


def replace_line(line: Line, **changes: Any) -> Line:
    """A copy of ``line`` with ``changes``, not stored yet."""
    values = {name: getattr(line, name) for name in line._meta.fields_map}
    return Line(**{**values, **changes})
