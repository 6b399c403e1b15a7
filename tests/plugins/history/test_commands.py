"""``/history``: what is remembered of this conversation."""

from __future__ import annotations

from tzurot import Invocation, Place
from tzurot.testing.stage import Stage


async def test_the_history_command_counts_what_each_character_remembers():
    async with Stage.of(installed=["history"]) as stage:
        command = stage.app.contributions.commands["history"]
        here = stage.message("")
        asked = Invocation(here.author, here.place)
        assert await command.run(asked) == "Nothing of this conversation is remembered yet."
        await stage.say("Mara and Tam, hello")
        await stage.say("Mara?")
        assert await command.run(asked) == (
            "Mara remembers 4 lines, Tam remembers 2 lines of this conversation. Lines are kept for 90 days."
        )
        elsewhere = Invocation(here.author, Place("stage", "elsewhere", "home"))
        assert await command.run(elsewhere) == "Nothing of this conversation is remembered yet."
