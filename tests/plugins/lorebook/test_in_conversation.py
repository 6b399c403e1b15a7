"""What the model reads of a character's lore, on a stage with real databases."""

from __future__ import annotations

import pytest

from tzurot import Invocation
from tzurot.payloads.decisions import Casting
from tzurot.testing.stage import Stage
from tzurot_plugins.history import History
from tzurot_plugins.lorebook import Lorebook

PACK = """\
schema: 1
name: Stage
characters:
  - id: mara
    name: Mara
    profile:
      description: A lighthouse keeper.
plugins:
  lorebook:
    scanning: {depth: 1}
    books:
      - name: coast
        entries:
          - {keys: [reef], content: "The reef took nine ships, {{user}}.", sticky: 3}
          - {keys: [storm], content: A storm is coming., position: depth, depth: 1, role: user}
          - {keys: [reef], content: Not for you., characters: {names: [Tam]}}
"""


@pytest.fixture
def open_stage(database_url):
    return lambda: Stage.of(Lorebook, History, pack=PACK, database_url=database_url)


def read(stage: Stage) -> str:
    return "\n".join(message.content for message in stage.model.requests[-1].messages)


async def test_lore_comes_in_when_it_is_spoken_of(open_stage):
    async with open_stage() as stage:
        await stage.say("Good evening.")
        assert "nine ships" not in read(stage)
        await stage.say("What about the reef?")
        assert "The reef took nine ships, Ana." in read(stage)
        assert "Not for you." not in read(stage)


async def test_lore_stands_at_its_depth_in_its_voice(open_stage):
    async with open_stage() as stage:
        await stage.say("Is there a storm?")
        voices = [(m.role, m.content) for m in stage.model.requests[-1].messages if "storm" in m.content]
        assert voices[0][0] == "user"
        assert voices[0][1].index("A storm is coming.") < voices[0][1].index("Is there a storm?")


async def test_sticky_lore_stays_after_a_restart_and_then_goes(open_stage):
    async with open_stage() as stage:
        await stage.say("What about the reef?")
    async with open_stage() as stage:
        await stage.say("I see.")  # with the answer in between, two messages later
        assert "nine ships" in read(stage)
        await stage.say("Well.")
        assert "nine ships" not in read(stage)


async def test_lore_lasts_in_its_own_conversation_only(open_stage):
    async with open_stage() as stage:
        await stage.say("What about the reef?", channel="harbour")
        await stage.say("I see.", channel="kitchen")
        assert "nine ships" not in read(stage)


async def test_a_preview_leaves_nothing_behind(open_stage):
    async with open_stage() as stage:
        character = next(stage.app.shelf.characters())
        turn = await stage.app.preview(stage.message("The reef!"), Casting(character, "asked for"))
        assert any("nine ships" in message.content for message in turn.trace.request.messages)
        await stage.say("Good evening.")
        assert "nine ships" not in read(stage)


async def test_lore_why_says_which_key_brought_lore_into_the_last_reply(open_stage):
    async with open_stage() as stage:
        why = stage.app.registry.plugins["lorebook"].kit.commands()["lore"].sub_command("why")
        message = stage.message("What about the reef?")
        asked = Invocation(message.author, message.place)
        assert "No lore was looked up here" in await why.run(asked)
        await stage.hear(message)
        told = await why.run(asked)
        assert "- coast.0: keys were found: reef in message 1" in told
        assert "- coast.2: not for this character" in told
