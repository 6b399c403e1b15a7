"""What ``tzurot doctor`` says about the model server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tzurot import Category, Finding, GenerationError, State
from tzurot.settings.wire import Dialect
from tzurot_plugins.openai.backend import AUTO, FIRST, Backend
from tzurot_plugins.openai.clients import Clients
from tzurot_plugins.openai.failures import Failures

_SUBJECT = "model server"
_PATIENCE_SECONDS = 10.0
NOT_CONFIGURED = Finding(
    _SUBJECT,
    State.OFF,
    "not configured",
    "Set OPENAI_BASE_URL, OPENAI_API_KEY or both; without them the local model answers.",
)


async def examine(backend: Backend, clients: Clients) -> AsyncIterator[Finding]:
    """Whether the server is there, takes the key, and has the model."""
    server = backend.server
    failures = Failures(server, AUTO)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            client = await clients.of(server)
            if server.dialect is Dialect.OPENROUTER and server.key:
                await client.get("/key", cast_to=object)  # its list of models is public and proves nothing
            await backend.catalogue.refresh(client)
    except TimeoutError:
        why = failures.of(Category.TIMEOUT, f"{_PATIENCE_SECONDS:g} s", remedy="Check OPENAI_BASE_URL")
        yield Finding(_SUBJECT, State.FAILED, why.message)
        return
    except Exception as error:  # noqa: BLE001  # whatever it is, it becomes a finding
        yield _refused(failures.of_exception(error))
        return
    count = len(backend.catalogue.cards)
    key = "takes the key" if server.key else "asks for no key"
    yield Finding(
        _SUBJECT, State.OK, f"{server.name} ({server.dialect}) answers, {key}, lists {count} models"
    )
    yield _model(backend)


def _refused(error: GenerationError) -> Finding:
    if error.category is Category.MODEL_NOT_FOUND:  # a 404 for the list itself
        return Finding(
            _SUBJECT,
            State.WARNING,
            "it is there, but lists no models, so neither key nor model can be checked",
            "Check that OPENAI_BASE_URL ends where the server's API begins, mostly in /v1.",
        )
    return Finding(_SUBJECT, State.FAILED, error.message)


def _model(backend: Backend) -> Finding:
    model = backend.default_model
    if model == FIRST:
        return Finding("model", State.FAILED, "the server lists no models", "Set TZUROT_OPENAI_MODEL.")
    if backend.catalogue.card(model) is None:
        return Finding(
            "model",
            State.WARNING,
            f"`auto` is {model}, which the server doesn't list",
            "Check TZUROT_OPENAI_MODEL.",
        )
    return Finding("model", State.OK, f"`auto` is {model}")
