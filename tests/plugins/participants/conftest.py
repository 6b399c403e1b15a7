"""A stage with a past: what others said before is given by the test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from tzurot.hooks.markers import hookimpl
from tzurot.payloads.context import Role, Utterance
from tzurot.payloads.decisions import Casting, Persona
from tzurot.payloads.message import Message
from tzurot.plugin import Manifest, NoConfig, Plugin
from tzurot.turns.turn import Turn


class Past(Plugin[NoConfig]):
    """Gives ``said`` as the history and ``known`` as personas; Mara speaks, whoever is named."""

    manifest = Manifest(name="past", summary="a history that the test wrote")
    said: Sequence[Utterance] = ()
    known: ClassVar[dict[str, Persona]] = {}

    @hookimpl(tryfirst=True)
    async def cast(self, message: Message) -> Sequence[Casting]:
        return [Casting(next(self.kit.shelf().characters()), "always")]

    @hookimpl
    async def history(self, turn: Turn) -> Sequence[Utterance]:
        return self.said

    @hookimpl
    async def persona(self, turn: Turn) -> Persona | None:
        return self.known.get(turn.message.author.id)


@pytest.fixture
def past() -> type[Past]:
    """The plugin, with nothing said yet; set ``said`` and ``known`` on the class."""
    return type("Past", (Past,), {"said": (), "known": {}})


@pytest.fixture
def line():
    def build(author: str, name: str, text: str, character: str | None = None) -> Utterance:
        role = Role.ASSISTANT if character else Role.USER
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return Utterance(f"{author}/{text[:20]}", role, author, name, text, now, character=character)

    return build
