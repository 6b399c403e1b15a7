"""A turn to generate for, and the real small model, loaded once for the session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from tzurot.hooks.active import ActiveSet
from tzurot.kit import Kit
from tzurot.observe.trace import Trace
from tzurot.packs.compiled import Character
from tzurot.payloads.context import Role
from tzurot.payloads.decisions import Persona
from tzurot.payloads.generation import GenerationError, PromptMessage, Request
from tzurot.payloads.message import Author, Message, Place
from tzurot.settings.cascade import Resolved
from tzurot.turns.turn import Turn
from tzurot_plugins.local import Local
from tzurot_plugins.local.config import LocalSettings
from tzurot_plugins.local.weights import find


def _nothing(*_: object) -> None:
    raise AssertionError("nothing of the kernel is needed here")


def plugin(settings: LocalSettings) -> Local:
    """The plugin as the kernel would build it."""
    return Local(Kit("local", Path(), _nothing, _nothing, dict, operator=settings))


@pytest.fixture(scope="session")
def make_plugin() -> Callable[[LocalSettings], Local]:
    return plugin


@pytest.fixture(scope="session")
def turn() -> Turn:
    author = Author("1", "ana")
    message = Message("m1", Place("test", "general"), author, "hello", datetime.now(UTC))
    return Turn(
        "t1",
        message,
        Character("mara", "mara", "Mara"),
        "because",
        ActiveSet(frozenset(), {}),
        Resolved(),
        Trace("m1", "test:general"),
        Persona("1", "ana"),
    )


@pytest.fixture(scope="session")
def ask() -> Callable[..., Request]:
    def make(text: str = "Say hello.", model: str = "local", **parameters: object) -> Request:
        given = {"max_tokens": 12, "seed": 1, **parameters}
        return Request(model, (PromptMessage(Role.USER, text),), given)

    return make


@pytest.fixture(scope="session")
def weights() -> Path:
    """The bundled model's file; skips, saying why, where the extra is missing."""
    try:
        return find(None).path
    except GenerationError as error:
        pytest.skip(error.message)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def local(weights: Path) -> AsyncIterator[Local]:
    """The plugin with the real model, one for the whole session."""
    made = plugin(LocalSettings(context_size=1024))
    try:
        yield made
    finally:
        await made.stop()
