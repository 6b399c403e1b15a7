"""A character, people and their lines, for tests of the prompt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tzurot.packs.compiled import Character
from tzurot.payloads.context import Role, Utterance

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Say = Callable[..., Utterance]


@pytest.fixture
def mara() -> Character:
    return Character(id="mara", pack="lighthouse", name="Mara", aliases=("Keeper",))


@pytest.fixture
def say() -> Say:
    """``say("Alice", "Hello", id="1", author="a1")``: a line; ``character`` for a character's own."""

    def build(
        name: str, text: str, *, id: str = "1", author: str | None = None, character: str | None = None
    ) -> Utterance:
        role = Role.ASSISTANT if character else Role.USER
        return Utterance(id, role, author or f"id of {name}", name, text, NOW, character=character)

    return build
