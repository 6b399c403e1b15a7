"""An instance's life: started and stopped in order, once; shutdown, and packs edited while a turn runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tzurot import Delta, Fragment, Manifest, NoConfig, Plugin, Request, Turn, TurnResult, hookimpl
from tzurot.app import App
from tzurot.config import Config, ConfigError
from tzurot.hooks.discover import Found
from tzurot.packs.shelf import ShelfChange
from tzurot.storage.errors import StorageError
from tzurot.testing.stage import PACK, Stage
from tzurot.turns.inbox import SHUTTING_DOWN
from tzurot.turns.result import Outcome

SOON = 20
"""Seconds that an event may take on a busy machine; nothing here waits for time itself."""


class Alpha(Plugin[NoConfig]):
    """Writes down its life in ``diary``, which a test empties."""

    manifest = Manifest(name="alpha", summary="comes first")
    diary: ClassVar[list[str]] = []

    @hookimpl
    async def start(self) -> None:
        self.diary.append(f"start {self.manifest.name}")

    @hookimpl
    async def stop(self) -> None:
        rows = await self.kit.database.client.execute_query("SELECT 1")
        self.diary.append(f"stop {self.manifest.name}" if rows[1] else "the database is gone")


class Beta(Alpha):
    manifest = Manifest(name="beta", summary="needs the first", requires=("alpha",))


class Slow(Alpha):
    """A model that answers when it is told to."""

    manifest = Manifest(name="slow", summary="takes its time", after=("beta",))

    def __init__(self, kit: Any) -> None:
        super().__init__(kit)
        self.begun: asyncio.Queue[Turn] = asyncio.Queue()
        self.go = asyncio.Event()
        self.changes: asyncio.Queue[ShelfChange] = asyncio.Queue()

    @hookimpl(tryfirst=True)
    def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta] | None:
        return self._speak(turn) if "slowly" in turn.message.text else None

    async def _speak(self, turn: Turn) -> AsyncIterator[Delta]:
        self.begun.put_nowait(turn)
        await self.go.wait()
        yield Delta(f"I am {turn.character.name}.")

    @hookimpl
    async def after_turn(self, result: TurnResult) -> None:
        self.diary.append("turn over")

    @hookimpl
    async def packs_changed(self, change: ShelfChange) -> None:
        self.changes.put_nowait(change)


@pytest.fixture(autouse=True)
def diary() -> list[str]:
    Alpha.diary.clear()
    return Alpha.diary


def slow_of(stage: Stage) -> Slow:
    slow = stage.app.registry.plugins["slow"]
    assert isinstance(slow, Slow)
    return slow


async def soon(event: Any) -> Any:
    async with asyncio.timeout(SOON):
        return await event


async def begin(stage: Stage, channel: str = "general") -> tuple[asyncio.Future[Outcome], Turn]:
    """A turn that has begun and waits in its model."""
    outcome = stage.app.receive(stage.message("speak slowly", channel=channel))
    return outcome, await soon(slow_of(stage).begun.get())


async def test_plugins_start_in_order_and_stop_backwards_before_the_database_closes(diary: list[str]):
    async with Stage.of(Slow, Alpha, Beta):
        assert diary == ["start slow", "start alpha", "start beta"]
        diary.clear()
    assert diary == ["stop beta", "stop alpha", "stop slow"]


async def test_shutdown_finishes_what_runs_and_what_follows_before_plugins_stop(diary: list[str]):
    async with Stage.of(Slow) as stage:
        outcome, _ = await begin(stage)
        waiting = stage.app.receive(stage.message("and then?"))
        closing = asyncio.create_task(stage.app.close())
        await asyncio.sleep(0)
        late = await stage.hear(stage.message("too late"))
        assert late.unanswered == SHUTTING_DOWN
        slow_of(stage).go.set()
        await soon(closing)
        assert [o.text for o in stage.platform.sent] == ["I am Mara.", "I hear you."]
        assert (await outcome).unanswered is None
        assert (await waiting).unanswered is None
    assert diary == ["start slow", "turn over", "turn over", "stop slow"]


async def test_what_outlives_the_deadline_is_cancelled_and_says_so(diary: list[str]):
    async with Stage.of(Slow, shutdown_seconds=0.01) as stage:
        outcome, _ = await begin(stage)
        waiting = stage.app.receive(stage.message("and then?"))
        await soon(stage.app.close())
        assert (await outcome).unanswered == "cancelled"
        assert (await waiting).unanswered == SHUTTING_DOWN
        assert [trace.unanswered for trace in stage.app.traces] == [SHUTTING_DOWN, "cancelled"]
    assert diary[-1] == "stop slow"


async def test_whoever_can_not_wait_ends_it_at_once_and_plugins_still_stop_in_order(diary: list[str]):
    async with Stage.of(Slow, shutdown_seconds=600) as stage:
        outcome, _ = await begin(stage)
        waiting = stage.app.receive(stage.message("and then?"))
        background = stage.app.tasks.spawn(asyncio.Event().wait(), "never ends")
        closing = asyncio.create_task(stage.app.close())
        await asyncio.sleep(0)
        stage.app.hurry()
        await soon(closing)
        assert ((await outcome).unanswered, (await waiting).unanswered) == ("cancelled", SHUTTING_DOWN)
        assert background.cancelled()
    assert diary == ["start slow", "stop slow"]


async def test_shutdown_happens_once_and_everybody_waits_for_the_same_end(diary: list[str]):
    async with Stage.of(Slow) as stage:
        await begin(stage)
        closings = [asyncio.create_task(stage.app.close()) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(closing.done() for closing in closings)
        slow_of(stage).go.set()
        await soon(asyncio.gather(*closings))
    assert diary.count("stop slow") == 1


async def test_an_impatient_caller_does_not_break_off_the_shutdown(diary: list[str]):
    async with Stage.of(Slow) as stage:
        await begin(stage)
        impatient = asyncio.create_task(stage.app.close())
        await asyncio.sleep(0)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        slow_of(stage).go.set()
        await soon(stage.app.close())
    assert diary.count("stop slow") == 1


async def test_a_second_instance_in_the_process_is_refused_and_the_first_goes_on(tmp_path: Path):
    async with Stage.of() as stage:
        second = Config(home=tmp_path, enabled_plugins=())
        with pytest.raises(StorageError, match="A database is open in this process already"):
            async with App.open(second):
                pass
        assert await stage.say("hello") == ["I hear you."]


async def test_when_the_start_fails_only_what_was_started_is_stopped(diary: list[str], tmp_path: Path):
    config = Config(home=tmp_path, enabled_plugins=(), database_url="postgresql://ana@127.0.0.1:1/none")
    with pytest.raises(StorageError):
        async with App.open(config, extra=[Found(Alpha, "tests", "0")]):
            pass
    assert diary == []


async def test_a_home_folder_that_can_not_be_made_is_one_line(tmp_path: Path):
    (tmp_path / "file").touch()
    config = Config(home=tmp_path / "file" / "home", enabled_plugins=())
    with pytest.raises(ConfigError, match=r"can't be made \(Not a directory\)\. Set TZUROT_HOME\."):
        async with App.open(config):
            pass


async def test_what_the_configuration_says_in_vain_is_logged_at_the_start(caplog: pytest.LogCaptureFixture):
    async with Stage.of(settings={"temprature": 1}, plugins={"nobody": {}}):
        told = [record.getMessage() for record in caplog.records if record.name == "tzurot.app"]
    assert "settings.temprature: there is no such setting. Did you mean temperature?" in told
    assert any(line.startswith("plugins.nobody: no plugin of this name is installed.") for line in told)


async def test_serving_without_a_platform_says_so():
    async with Stage.of() as stage:
        with pytest.raises(RuntimeError, match="No platform is installed"):
            await stage.app.serve()


async def test_a_platform_that_fails_does_not_end_the_others_and_is_named_in_the_end():
    class Radio(Alpha):
        manifest = Manifest(name="radio", summary="falls silent")

        @hookimpl
        async def serve(self) -> None:
            raise ConnectionError("no signal")

    class Lamp(Alpha):
        manifest = Manifest(name="lamp", summary="shines on")

        @hookimpl
        async def serve(self) -> None:
            await asyncio.sleep(0)
            self.diary.append("shone")

    async with Stage.of(Radio, Lamp) as stage:
        with pytest.raises(RuntimeError, match=r"^radio: no signal$"):
            await stage.app.serve()
        assert "shone" in Alpha.diary


class Speaks(Plugin[NoConfig]):
    """Says in the prompt what the pack says of the character."""

    manifest = Manifest(name="speaks", summary="puts descriptions into the prompt")

    @hookimpl
    async def build_context(self, turn: Turn) -> Iterable[Fragment]:
        return [Fragment("who", turn.character.description)]


async def test_a_turn_keeps_its_pack_while_the_file_is_edited_broken_and_mended():
    async with Stage.of(Slow, Speaks, watch=True) as stage:
        slow, shelf = slow_of(stage), lambda: stage.app.shelf
        file = stage.app.config.packs[0] / "stage" / "pack.yaml"

        running, turn = await begin(stage)
        first = turn.character
        assert first.description == "A lighthouse keeper who answers briefly."

        file.write_text(
            PACK.replace("A lighthouse keeper", "A retired pirate").replace("name: Mara", "name: Maro")
        )
        change = await soon(slow.changes.get())
        assert change.changed == ("stage",)
        assert turn.character is first
        await stage.say("hello Maro", channel="another")
        assert "A retired pirate who answers briefly." in stage.model.requests[-1].messages[0].content
        second = shelf().character("stage/mara")

        file.write_text(PACK.replace("characters:", "charakters:"))
        change = await soon(slow.changes.get())
        assert "Did you mean 'characters'?" in " ".join(map(str, change.problems["stage"]))
        assert shelf().character("stage/mara") is second
        assert await stage.say("hello Maro", channel="another") == ["I hear you."]

        file.write_text(PACK.replace("A lighthouse keeper", "A ghost"))
        change = await soon(slow.changes.get())
        assert change.mended == ("stage",)
        assert shelf().problems == {}
        await stage.say("hello Mara", channel="another")
        assert "A ghost who answers briefly." in stage.model.requests[-1].messages[0].content

        assert not running.done()
        slow.go.set()
        result = (await soon(running)).results[0]
        assert result.turn.character is first
        assert result.reply is not None
        assert result.reply.text == "I am Mara."
