"""What happened to a message: its trace as JSON, and one structured line in the log, answered or not."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import pytest

from tzurot import (
    Casting,
    Category,
    Delta,
    Drop,
    Finish,
    Fragment,
    GenerationError,
    Manifest,
    Message,
    NoConfig,
    Outbound,
    Plugin,
    Reply,
    Request,
    Turn,
    Usage,
    Verdict,
    hookimpl,
)
from tzurot.observe.trace import Trace, Traces
from tzurot.testing.stage import Stage
from tzurot.turns.inbox import Waiting


class Town(Plugin[NoConfig]):
    """Stands in the way in one way for each word."""

    manifest = Manifest(name="town", summary="stands in the way")

    def __init__(self, kit: Any) -> None:
        super().__init__(kit)
        self.begun = asyncio.Event()

    @hookimpl
    async def ingress(self, message: Message) -> Drop | None:
        return Drop("too loud") if "LOUD" in message.text else None

    @hookimpl
    async def gate(self, message: Message) -> Verdict | None:
        if "broken" in message.text:
            raise RuntimeError("no list")
        return Verdict("not tonight") if "stranger" in message.text else None

    @hookimpl
    async def cast(self, message: Message) -> Sequence[Casting] | None:
        return [] if "nobody" in message.text else None

    @hookimpl
    async def build_context(self, turn: Turn) -> Iterable[Fragment]:
        return [Fragment("rain", "It rains.")]

    @hookimpl(tryfirst=True)
    def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta] | None:
        return self._never() if "wait" in turn.message.text else None

    async def _never(self) -> AsyncIterator[Delta]:
        self.begun.set()
        await asyncio.Event().wait()
        yield Delta()

    @hookimpl
    async def edit_reply(self, turn: Turn, reply: Reply) -> Drop | None:
        return Drop("a secret") if "secret" in turn.message.text else None

    @hookimpl
    async def chunk(self, turn: Turn, reply: Reply) -> Sequence[Outbound] | None:
        return [] if "nothing" in turn.message.text else None


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == "tzurot.turns" and r.levelno == logging.INFO]


@pytest.fixture(autouse=True)
def everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tzurot")


async def test_the_trace_of_an_answer_tells_the_whole_turn_as_json(caplog: pytest.LogCaptureFixture):
    async with Stage.of(Town) as stage:
        stage.model.script(
            [
                Delta(reasoning="Hm. "),
                Delta("Good evening."),
                Delta(finish=Finish.STOP, usage=Usage(12, 3, cost=0.01), model="a model"),
            ]
        )
        await stage.say("hello")
        trace = stage.app.traces.latest("stage:general")
        assert trace is not None
        told = json.loads(json.dumps(trace.as_json()))
    assert told["message"] == "message-1"
    assert (told["character"], told["model"], told["unanswered"]) == ("stage/mara", "a model", None)
    assert (told["answer"], told["reasoning"], told["reply"]) == ("Good evening.", "Hm. ", "Good evening.")
    assert told["sent"] == ["reply-1"]
    assert told["usage"] == {"prompt": 12, "completion": 3, "cached": 0, "reasoning": 0, "cost": 0.01}
    runs = [(run["hook"], run["plugin"], run["outcome"], run["gave"]) for run in told["hooks"]]
    assert ("gate", "town", "none", "") in runs
    assert ("cast", "stage", "ok", "Casting") in runs
    assert ("build_context", "town", "ok", "rain") in runs
    assert ("generate", "scripted_model", "ok", "auto") in runs
    assert [run[0] for run in runs].index("gate") < [run[0] for run in runs].index("cast")
    budget = told["budget"]
    assert budget["used"] + budget["reserved"] <= budget["window"]
    assert {"plugin": "town", "key": "rain"}.items() <= {
        key: value for item in budget["items"] if item["key"] == "rain" for key, value in item.items()
    }.items()
    assert 0 <= told["first_delta_seconds"] <= told["seconds"]


async def test_each_turn_is_one_line_of_keys_and_values(caplog: pytest.LogCaptureFixture):
    async with Stage.of(Town) as stage:
        await stage.say("Mara and Tam!")
    pattern = (
        r"answered message=message-1 conversation=stage:general character=stage/(mara|tam) model=scripted "
        r"seconds=\d+\.\d{3} sent=1"
    )
    assert [bool(re.fullmatch(pattern, line)) for line in lines(caplog)] == [True, True]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("LOUD", "town: too loud"),
        ("a stranger", "town: not tonight"),
        ("broken", "a check could not be made (gate failed in plugin town: RuntimeError: no list)"),
        ("nobody there?", "town: nobody shall speak"),
        ("a secret", "town: a secret"),
        ("nothing", "nothing was sent"),
    ],
)
async def test_a_message_without_an_answer_has_its_reason_in_trace_and_log(
    text: str, reason: str, caplog: pytest.LogCaptureFixture
):
    async with Stage.of(Town) as stage:
        assert await stage.say(text) == []
        (trace,) = stage.app.traces
        assert trace.unanswered == reason
        assert json.loads(json.dumps(trace.as_json()))["unanswered"] == reason
    (line,) = lines(caplog)
    assert line.startswith("unanswered message=message-1 conversation=stage:general character=")
    assert line.endswith(f" reason={reason}")


async def test_a_failed_model_is_a_reason_and_stays_on_one_line(caplog: pytest.LogCaptureFixture):
    async with Stage.of() as stage:
        stage.model.script(GenerationError(Category.SERVER_ERROR, "the server says:\n<html>\nno"))
        await stage.say("hello")
    (line,) = lines(caplog)
    assert line.endswith("character=stage/mara reason=the server says: <html> no")


async def test_what_never_reaches_a_turn_has_a_trace_as_well(caplog: pytest.LogCaptureFixture):
    async with Stage.of(Town, waiting=Waiting.REPLACE) as stage:
        town = stage.app.registry.plugins["town"]
        assert isinstance(town, Town)
        first, second, third = (stage.app.receive(stage.message(text)) for text in ("wait", "one", "two"))
        async with asyncio.timeout(20):
            await town.begun.wait()
            stage.app.cancel("stage:general")
            assert (await first).unanswered == "cancelled"
            assert (await second).unanswered == "replaced by the newer message message-3"
            assert (await third).unanswered is None
        await stage.app.close()
        await stage.say("good night")
        told = {trace.message_id: trace.unanswered for trace in stage.app.traces}
    assert told == {
        "message-2": "replaced by the newer message message-3",
        "message-1": "cancelled",
        "message-3": None,
        "message-4": "the bot is shutting down",
    }
    assert [line.split()[:2] for line in lines(caplog)] == [
        ["unanswered", "message=message-2"],
        ["unanswered", "message=message-1"],
        ["answered", "message=message-3"],
        ["unanswered", "message=message-4"],
    ]


def test_only_the_newest_traces_are_kept():
    traces = Traces(keep=2)
    for number in range(3):
        traces.add(Trace(str(number), "here" if number < 2 else "there"))
    assert [trace.message_id for trace in traces] == ["1", "2"]
    latest = traces.latest("here")
    assert latest is not None
    assert latest.message_id == "1"
    assert traces.latest("nowhere") is None
