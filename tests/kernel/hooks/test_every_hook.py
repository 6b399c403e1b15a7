"""Every hook, called as the kernel calls it: one test per hook, named after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import click
import pytest

from tzurot import (
    CallGenerate,
    CallTurn,
    Casting,
    Command,
    Delta,
    Drop,
    Exported,
    Finding,
    Finish,
    Forget,
    Forgotten,
    Fragment,
    Invocation,
    Lint,
    Manifest,
    Message,
    NoConfig,
    Outbound,
    Persona,
    Plugin,
    Reply,
    Request,
    Role,
    Sent,
    Service,
    ServiceKey,
    State,
    Tokenizer,
    Turn,
    TurnResult,
    Utterance,
    Verdict,
    hookimpl,
)
from tzurot.config import Config
from tzurot.hooks.discover import Discovery, Found
from tzurot.loading import bare_kit, command_line
from tzurot.testing.stage import Stage

GREETER = ServiceKey[str]("greeter")


class Probe(Plugin[NoConfig]):
    """A plugin for one test: subclasses implement the hook under test and write into ``seen``."""

    manifest = Manifest(name="probe", summary="a probe")

    def __init__(self, kit: Any) -> None:
        super().__init__(kit)
        self.seen: list[Any] = []
        self.event = asyncio.Event()


def probe_of(stage: Stage) -> Probe:
    found = stage.app.registry.plugins["probe"]
    assert isinstance(found, Probe)
    return found


def prompt_of(stage: Stage) -> str:
    return "\n".join(message.content for message in stage.model.requests[-1].messages)


async def test_hook_commands():
    class Clock(Probe):
        @hookimpl
        def commands(self) -> Iterable[Command]:
            async def run(invocation: Invocation) -> str:
                return f"tick {invocation.arguments}"

            yield Command("tick", "says tick", run)

    async with Stage.of(Clock) as stage:
        message = stage.message("")
        command = stage.app.contributions.commands["tick"]
        assert await command.run(Invocation(message.author, message.place, "tock")) == "tick tock"


async def test_hook_cli():
    class Weather(Probe):
        @hookimpl
        def cli(self) -> Iterable[click.Command]:
            yield click.Command("weather", callback=lambda: click.echo("rain"))

    commands = command_line(Discovery((Found(Weather, "tests", "0"),), {}), bare_kit(Config()))
    assert [command.name for command in commands] == ["weather"]


async def test_hook_lints():
    class Short(Probe):
        @hookimpl
        def lints(self) -> Iterable[Lint]:
            yield Lint("short", lambda pack: [(("name",), "too short")])

    async with Stage.of(Short) as stage:
        assert [lint.name for lint in stage.app.contributions.lints] == ["short"]


async def test_hook_services():
    class Greeter(Probe):
        @hookimpl
        def services(self) -> Iterable[Service[Any]]:
            yield Service(GREETER, "good evening")

    async with Stage.of(Greeter) as stage:
        assert stage.app.contributions.services.get(GREETER) == "good evening"


async def test_hook_tokenizers():
    class Counter(Probe):
        @hookimpl
        def tokenizers(self) -> Iterable[Tokenizer]:
            yield Tokenizer("one each", lambda model: True, lambda text: 7, lambda model: 2000)

    async with Stage.of(Counter) as stage:
        await stage.say("hello")
        report = stage.model.requests[-1].report
        assert report.window == 2000
        assert {item.tokens for item in report.items} <= set(range(7, 20))


class Opener(Probe):
    """Writes down its life."""

    @hookimpl
    async def start(self) -> None:
        self.seen.append("start")

    @hookimpl
    async def stop(self) -> None:
        self.seen.append("stop")


async def test_hook_start():
    async with Stage.of(Opener) as stage:
        assert probe_of(stage).seen == ["start"]


async def test_hook_stop():
    async with Stage.of(Opener) as stage:
        pass
    assert probe_of(stage).seen == ["start", "stop"]


async def test_hook_serve():
    class Radio(Probe):
        @hookimpl
        async def serve(self) -> None:
            self.seen.append("on air")

    async with Stage.of(Radio) as stage:
        await stage.app.serve()
        assert probe_of(stage).seen == ["on air"]


async def test_hook_packs_changed():
    class Reader(Probe):
        @hookimpl
        async def packs_changed(self, change: Any) -> None:
            self.seen.extend(change.changed)
            self.event.set()

    async with Stage.of(Reader, watch=True) as stage:
        file = stage.app.config.packs[0] / "stage" / "pack.yaml"
        file.write_text(file.read_text().replace("Tam", "Tom"))
        async with asyncio.timeout(10):
            await probe_of(stage).event.wait()
        assert probe_of(stage).seen == ["stage"]


async def test_hook_doctor():
    class Patient(Probe):
        @hookimpl
        async def doctor(self) -> Iterable[Finding]:
            return [Finding("heart", State.OK, "beats")]

    async with Stage.of(Patient) as stage:
        findings = await stage.app.examine()
        assert ("probe", "heart") in [(f.plugin, f.value.subject) for f in findings]


async def test_hook_forget_user():
    class Keeper(Probe):
        @hookimpl
        async def forget_user(self, forget: Forget) -> Iterable[Forgotten]:
            return [Forgotten(f"letters of {forget.user_id}", 3)]

    async with Stage.of(Keeper) as stage:
        answers = await stage.app.forget_user(Forget("ana"))
        assert [a.value for a in answers if a.plugin == "probe"] == [Forgotten("letters of ana", 3)]


async def test_hook_export_user():
    class Keeper(Probe):
        @hookimpl
        async def export_user(self, user_id: str) -> Iterable[Exported]:
            return [Exported("letters", [{"to": user_id}])]

    async with Stage.of(Keeper) as stage:
        answers = await stage.app.export_user("ana")
        assert [a.value for a in answers if a.plugin == "probe"] == [Exported("letters", [{"to": "ana"}])]


async def test_hook_ingress():
    class Deaf(Probe):
        @hookimpl
        async def ingress(self, message: Message) -> Drop | None:
            return Drop("too loud") if message.text.isupper() else None

    async with Stage.of(Deaf) as stage:
        assert (await stage.hear(stage.message("HELLO"))).unanswered == "probe: too loud"
        assert await stage.say("hello") == ["I hear you."]


async def test_hook_gate():
    class Doorman(Probe):
        @hookimpl
        async def gate(self, message: Message) -> Verdict | None:
            return Verdict("not tonight") if message.author.id == "bob" else None

    async with Stage.of(Doorman) as stage:
        assert (await stage.hear(stage.message("hello", author="bob"))).unanswered == "probe: not tonight"
        assert await stage.say("hello", author="ana") == ["I hear you."]


async def test_hook_cast():
    class Director(Probe):
        @hookimpl
        async def cast(self, message: Message) -> Sequence[Casting] | None:
            tam = self.kit.shelf().packs["stage"].character("tam")
            return [Casting(tam, "always Tam")] if tam else None

    async with Stage.of(Director) as stage:
        await stage.say("hello")
        assert [o.character.name for o in stage.platform.sent] == ["Tam"]


async def test_hook_persona():
    class Mask(Probe):
        @hookimpl
        async def persona(self, turn: Turn) -> Persona:
            return Persona(turn.message.author.id, "The Stranger")

        @hookimpl
        async def after_turn(self, result: TurnResult) -> None:
            self.seen.append(result.turn.persona.name)
            self.event.set()

    async with Stage.of(Mask) as stage:
        await stage.say("hello")
        await probe_of(stage).event.wait()
        assert probe_of(stage).seen == ["The Stranger"]


async def test_hook_history():
    class Past(Probe):
        @hookimpl
        async def history(self, turn: Turn) -> Sequence[Utterance]:
            at = turn.message.at
            return [Utterance("u1", Role.USER, "ana", "Ana", "we met in the rain", at)]

    async with Stage.of(Past) as stage:
        await stage.say("hello")
        assert "we met in the rain" in prompt_of(stage)


async def test_hook_build_context():
    class Weather(Probe):
        @hookimpl
        async def build_context(self, turn: Turn) -> Iterable[Fragment]:
            return [Fragment("weather", "It is raining.")]

    async with Stage.of(Weather) as stage:
        await stage.say("hello")
        assert "It is raining." in prompt_of(stage)


async def test_hook_edit_request():
    class Swap(Probe):
        @hookimpl
        async def edit_request(self, turn: Turn, request: Request) -> Request:
            return Request("another model", request.messages)

    async with Stage.of(Swap) as stage:
        await stage.say("hello")
        assert stage.model.requests[-1].model == "another model"


async def test_hook_around_turn():
    class Bell(Probe):
        @hookimpl
        async def around_turn(self, turn: Turn, call_next: CallTurn) -> TurnResult:
            self.seen.append("before")
            result = await call_next()
            self.seen.append(result.reply.text if result.reply else None)
            return result

    async with Stage.of(Bell) as stage:
        await stage.say("hello")
        assert probe_of(stage).seen == ["before", "I hear you."]


async def test_hook_around_generate():
    class Shout(Probe):
        @hookimpl
        async def around_generate(
            self, turn: Turn, request: Request, call_next: CallGenerate
        ) -> AsyncIterator[Delta]:
            async for delta in call_next(request):
                yield Delta(delta.text.upper(), finish=delta.finish)

    async with Stage.of(Shout) as stage:
        assert await stage.say("hello") == ["I HEAR YOU."]


async def test_hook_generate():
    class Parrot(Probe):
        @hookimpl(tryfirst=True)
        def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta] | None:
            return self._repeat(turn) if "parrot" in turn.message.text else None

        async def _repeat(self, turn: Turn) -> AsyncIterator[Delta]:
            yield Delta(turn.message.text, finish=Finish.STOP)

    async with Stage.of(Parrot) as stage:
        assert await stage.say("a parrot") == ["a parrot"]
        assert await stage.say("a crow") == ["I hear you."]


async def test_hook_edit_reply():
    class Censor(Probe):
        @hookimpl
        async def edit_reply(self, turn: Turn, reply: Reply) -> Reply:
            return Reply(reply.text.replace("hear", "see"))

    async with Stage.of(Censor) as stage:
        assert await stage.say("hello") == ["I see you."]


async def test_hook_chunk():
    class Words(Probe):
        @hookimpl
        async def chunk(self, turn: Turn, reply: Reply) -> Sequence[Outbound]:
            return [Outbound(turn.place, turn.character, word) for word in reply.text.split()]

    async with Stage.of(Words) as stage:
        assert await stage.say("hello") == ["I", "hear", "you."]


async def test_hook_deliver():
    class Pigeon(Probe):
        @hookimpl(tryfirst=True)
        async def deliver(self, turn: Turn, outbound: Outbound) -> Sent:
            self.seen.append(outbound.text)
            return Sent("by pigeon", outbound.place)

    async with Stage.of(Pigeon) as stage:
        outcome = await stage.hear(stage.message("hello"))
        assert probe_of(stage).seen == ["I hear you."]
        assert [sent.message_id for sent in outcome.results[0].sent] == ["by pigeon"]


async def test_hook_after_turn():
    class Diary(Probe):
        @hookimpl
        async def after_turn(self, result: TurnResult) -> None:
            self.seen.append(result.reply)
            self.event.set()

    async with Stage.of(Diary) as stage:
        await stage.say("hello")
        async with asyncio.timeout(5):
            await probe_of(stage).event.wait()
        assert probe_of(stage).seen == [Reply("I hear you.")]


async def test_hook_turn_failed():
    class Excuse(Probe):
        @hookimpl
        async def turn_failed(self, turn: Turn, error: Exception) -> Reply:
            return Reply(f"Sorry. {turn.character.error_line}")

    async with Stage.of(Excuse) as stage:
        stage.model.script(RuntimeError("boom"))
        assert await stage.say("hello") == ["Sorry. The lamp went out for a moment."]


@pytest.mark.parametrize("hook", ["commands", "services", "lints"])
async def test_a_plugin_that_fails_at_set_up_is_left_out_with_a_line(hook: str):
    def fails(self: Any) -> Iterable[Any]:
        raise RuntimeError("no paper")

    broken = type("Broken", (Probe,), {hook: hookimpl(fails)})
    async with Stage.of(broken) as stage:
        assert "probe" not in stage.app.registry.plugins
        assert "no paper" in stage.app.loader.refused["probe"]
        assert await stage.say("hello") == ["I hear you."]
