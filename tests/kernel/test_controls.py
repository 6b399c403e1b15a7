"""Commands are run for people: in time, or given up; what breaks is told to the log alone."""

from __future__ import annotations

import asyncio

import pytest

from tzurot import Command, Invocation, Option, hookimpl
from tzurot import controls as module
from tzurot.controls import CommandFailed
from tzurot.plugin import Manifest, NoConfig, Plugin
from tzurot.testing.stage import Stage


class Stuck(Plugin[NoConfig]):
    """Never comes to an end."""

    manifest = Manifest(name="stuck", summary="never comes to an end")

    @hookimpl
    def commands(self):
        async def wait(_: Invocation) -> str:
            await asyncio.Event().wait()
            return ""

        async def suggest(typed: str, _: Invocation) -> list[str]:
            await asyncio.Event().wait()
            return [typed]

        yield Command("wait", "waits", wait, options=(Option("what", "for what", autocomplete=suggest),))


class Loud(Plugin[NoConfig]):
    """Declares what no platform would take."""

    manifest = Manifest(name="loud", summary="shouts its names")

    @hookimpl
    def commands(self):
        yield Command("SHOUT", "shouts", lambda _: None)


async def test_what_never_ends_is_given_up(monkeypatch, caplog):
    monkeypatch.setattr(module, "LONGEST_SECONDS", 0.05)
    monkeypatch.setattr(module, "COMPLETION_SECONDS", 0.05)
    async with Stage.of(Stuck) as stage:
        message = stage.message("")
        asked = Invocation(message.author, message.place, options={"what": "a"})
        with pytest.raises(CommandFailed, match="/wait failed"):
            await stage.app.controls.run(("wait",), asked)
        assert await stage.app.controls.complete(("wait",), "what", asked) == []
    assert "the command /wait failed" in caplog.text


async def test_a_plugin_whose_commands_no_platform_would_take_is_refused_with_the_reason():
    async with Stage.of(Loud) as stage:
        assert "the command /SHOUT: 'SHOUT' is no name" in stage.app.loader.refused["loud"]
