"""The platform among other plugins: whom it answers for, plugins' commands, backends that get ready."""

from __future__ import annotations

import asyncio
import io

from rich.console import Console

from tzurot.errors import TzurotError
from tzurot.hooks.markers import hookimpl
from tzurot.payloads.commands import Command
from tzurot.payloads.contributions import Service, ServiceKey
from tzurot.payloads.delivery import Reply
from tzurot.payloads.generation import Category, GenerationError
from tzurot.plugin import Manifest, NoConfig, Plugin
from tzurot.testing.stage import Stage
from tzurot_plugins.terminal import Terminal
from tzurot_plugins.terminal.screen import Window
from tzurot_plugins.terminal.seat import Seat
from tzurot_plugins.terminal.slash import Slash
from tzurot_plugins.terminal.talk import Talk, failures


class Dice(Plugin[NoConfig]):
    manifest = Manifest(name="dice", summary="commands for this test")

    @hookimpl
    def commands(self):
        async def roll(invocation):
            if invocation.arguments == "none":
                raise TzurotError("A die has sides. Try /roll 6.")
            if invocation.arguments == "bug":
                raise ZeroDivisionError("oh")
            return f"rolls {invocation.arguments or 6} in {invocation.place.name}\x1b[2J"

        return (Command("roll", "Roll a die.", roll, "SIDES"),)


class Echo(Plugin[NoConfig]):
    """A backend that wants to get ready."""

    manifest = Manifest(name="echo", summary="a backend that declines and warms", required=True)

    def __init__(self, kit):
        super().__init__(kit)
        self.warmed = []

    @hookimpl
    def services(self):
        async def warm(turn, request):
            self.warmed.append((turn.character.name, request.messages[-1].content))

        return (Service(ServiceKey("scripted_model.warm"), warm),)

    @hookimpl
    async def edit_reply(self, turn, reply):
        return Reply(reply.text.replace("darn", "gosh"))


class Somebody:
    """A person at a terminal on a stage."""

    def __init__(self, stage: Stage) -> None:
        self.out = io.StringIO()
        window = Window(Console(file=self.out, width=100, force_terminal=False))
        self.seat = Seat(window, "stage/mara")
        self.plugin = stage.app.registry.plugins["terminal"]
        self.plugin.seat = self.seat
        self.talk = Talk(stage.app, self.seat)
        self.slash = Slash(self.talk, lambda c: window.greet(c, "Hello."))

    def shown(self) -> str:
        text = self.out.getvalue()
        self.out.truncate(0)
        self.out.seek(0)
        return text


async def test_an_answer_streams_to_the_screen_and_what_was_edited_is_shown():
    async with Stage.of(Terminal, Echo) as stage:
        person = Somebody(stage)
        stage.model.script("All is well.", "Well, darn it.")
        assert failures(await person.talk.say("hello")) == []
        assert person.shown() == "Mara All is well.\n\n"
        await person.talk.say("and now?")
        assert person.shown().endswith("edited:\nMara Well, gosh it.\n\n")


async def test_other_platforms_are_left_alone():
    async with Stage.of(Terminal) as stage:
        person = Somebody(stage)
        assert await stage.say("Tam?") == ["I hear you."]
        assert person.shown() == ""


async def test_a_failure_is_told_with_its_reason_and_nobody_there_too():
    async with Stage.of(Terminal) as stage:
        person = Somebody(stage)
        stage.model.script(GenerationError(Category.QUOTA_EXCEEDED, "The quota is used up. Pay."))
        assert failures(await person.talk.say("hello")) == ["The quota is used up. Pay."]
        person.seat.character = "stage/gone"
        assert "There is no character" in failures(await person.talk.say("hello"))[0]


async def test_the_model_that_was_asked_for_wins_over_the_settings():
    async with Stage.of(Terminal) as stage:
        person = Somebody(stage)
        person.seat.model = "chosen"
        await person.talk.say("hello")
        await stage.say("hello")
        assert [request.model for request in stage.model.requests] == ["chosen", "auto"]


async def test_a_conversation_without_memory_has_a_place_of_its_own():
    one, other = (Seat(Window(), "a/b", lasting=False) for _ in range(2))
    assert one.place.conversation == one.place.conversation != other.place.conversation
    assert Seat(Window(), "a/b").place == Seat(Window(), "a/b").place


async def test_plugins_commands_are_listed_run_and_fail_in_one_line():
    async with Stage.of(Terminal, Dice) as stage:
        person = Somebody(stage)
        assert "roll" in person.slash.names
        await person.slash.run("/commands")
        assert "/roll SIDES" in person.shown()
        await person.slash.run("/roll 20")
        assert "rolls 20 in the terminal␛[2J" in person.shown()
        await person.slash.run("/roll none")
        assert person.shown() == "A die has sides. Try /roll 6.\n"
        await person.slash.run("/roll bug")
        assert person.shown() == "/roll failed: ZeroDivisionError: oh. The log has more.\n"
        await person.slash.run("/rol")
        assert person.shown().startswith("There is no command /rol. Did you mean /roll?")


async def test_whoever_sits_at_the_keyboard_may_do_everything():
    async with Stage.of(Terminal, Dice, installed=["control"]) as stage:
        person = Somebody(stage)
        await person.slash.run("/commands")
        assert "/plugins off PLUGIN" in person.shown()
        await person.slash.run("/plugins off dice")
        assert person.shown() == "dice is off for this channel now.\n"
        await person.slash.run("/roll 20")
        assert "which is off here" in person.shown()
        await person.slash.run("/plugins list")
        assert "off dice: " in person.shown()
        await person.slash.run("/plugins of dice")
        assert "Write /plugins list|on|off|default." in person.shown()


async def test_whoever_will_answer_is_asked_to_get_ready_and_nothing_is_sent():
    async with Stage.of(Terminal, Echo) as stage:
        person = Somebody(stage)
        await person.talk.warm()
        ((name, said),) = stage.app.registry.plugins["echo"].warmed
        assert name == "Mara"
        assert said.endswith("Hello.")
        assert stage.model.requests == []
        assert person.shown() == ""


async def test_an_answer_can_be_stopped():
    async with Stage.of(Terminal) as stage:
        person = Somebody(stage)
        assert not person.talk.stop()
        asked, hold = asyncio.Event(), asyncio.Event()

        class Slow(Exception):
            pass

        async def slow(request):
            asked.set()
            await hold.wait()
            raise Slow
            yield

        stage.model._speak = slow
        saying = asyncio.create_task(person.talk.say("hello"))
        await asked.wait()
        assert person.talk.stop()
        assert failures(await saying) == ["cancelled"]
