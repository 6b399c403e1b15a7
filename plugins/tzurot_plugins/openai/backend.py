"""Streams a request's answer from a model server; every failure on the way becomes a ``GenerationError``."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from tzurot import Category, Delta, Finish, JsonValue, Request
from tzurot.settings.wire import Dialect
from tzurot_plugins.openai.body import build
from tzurot_plugins.openai.catalogue import Catalogue
from tzurot_plugins.openai.chunks import Reading
from tzurot_plugins.openai.clients import Clients
from tzurot_plugins.openai.config import Operator
from tzurot_plugins.openai.failures import Failures
from tzurot_plugins.openai.server import Server

if TYPE_CHECKING:
    from openai import AsyncStream

AUTO = "auto"
FIRST = "openai:auto"
"""Stands for the server's first model, when nobody has named one and its list is not known yet."""

_MOST_BODY = 8 * 1024 * 1024
_MOST_LEARNT = 256


class Backend:
    """Asks one server."""

    def __init__(self, server: Server, clients: Clients, catalogue: Catalogue, operator: Operator) -> None:
        self.server = server
        self._clients = clients
        self.catalogue = catalogue
        self._operator = operator
        self._begin_thinking: OrderedDict[str, None] = OrderedDict()

    @property
    def default_model(self) -> str:
        """The model behind ``auto``."""
        if self._operator.model:
            return self._operator.model
        if self.server.dialect is Dialect.OPENROUTER:
            return "openrouter/auto"
        return next(iter(self.catalogue.cards), FIRST)

    async def stream(self, request: Request, reading: Reading) -> AsyncIterator[Delta]:
        """The deltas of an answer; ``reading`` knows at any time what was said so far.

        Raises:
            GenerationError: whatever happened; nothing else is raised.
        """
        failures = Failures(self.server, request.model)
        try:
            request = await self._with_model(request)
            failures = Failures(self.server, request.model)
            reading.hold = request.model in self._begin_thinking
            async with aclosing(await self._open(request)) as stream:
                async for chunk in _chunks(stream, failures):
                    for delta in reading.read(chunk):
                        yield delta
                    if reading.error is not None:
                        raise failures.of_body(reading.error)
        except Exception as error:  # noqa: BLE001  # whatever it is, the turn gets a typed error
            # Without the original as context: its request holds the key.
            raise failures.of_exception(error) from None
        for delta in reading.close():
            yield delta
        self._learn(request.model, reading)
        _check(reading, failures)

    async def _open(self, request: Request) -> AsyncStream[object]:
        from openai import AsyncStream

        client = await self._clients.of(self.server)
        self.catalogue.refresh_if_due(lambda: self._clients.of(self.server))
        supported = self.catalogue.supported(request.model)
        body = build(request, self.server.dialect, supported, self._operator)
        return await client.post(
            "/chat/completions", cast_to=object, body=body, stream=True, stream_cls=AsyncStream[object]
        )

    async def _with_model(self, request: Request) -> Request:
        if request.model not in (AUTO, FIRST):
            return request
        if self.default_model == FIRST:
            await self.catalogue.refresh(await self._clients.of(self.server))
        if self.default_model == FIRST:
            raise Failures(self.server, AUTO).of(
                Category.MODEL_NOT_FOUND, "it lists no models", remedy="Set TZUROT_OPENAI_MODEL"
            )
        return replace(request, model=self.default_model)

    def _learn(self, model: str, reading: Reading) -> None:
        """Remember models that begin in the middle of their thinking, to hold their next answer back."""
        if not reading.thought:
            self._begin_thinking.pop(model, None)
        if reading.retracted:
            self._begin_thinking[model] = None
            if len(self._begin_thinking) > _MOST_LEARNT:
                self._begin_thinking.popitem(last=False)


async def _chunks(stream: AsyncStream[object], failures: Failures) -> AsyncIterator[JsonValue]:
    """The chunks of a stream, or the one body that a server sent although it was asked for a stream."""
    kind = stream.response.headers.get("content-type", "").lower()
    if "json" in kind or "html" in kind:
        whole = await _whole(stream, failures)
        if "html" in kind:
            raise failures.of(
                Category.SERVER_ERROR,
                "it sent a web page instead of an answer",
                remedy="Check OPENAI_BASE_URL; most addresses end in /v1",
            )
        yield json.loads(whole)
        return
    async for chunk in stream:
        yield cast(JsonValue, chunk)


async def _whole(stream: AsyncStream[object], failures: Failures) -> bytes:
    whole = bytearray()
    async for piece in stream.response.aiter_bytes():
        whole += piece
        if len(whole) > _MOST_BODY:
            raise failures.of(Category.SERVER_ERROR, "it sent more than an answer can be")
    return bytes(whole)


def _check(reading: Reading, failures: Failures) -> None:
    """A stream is a success only if it says why it ended, and said something.

    Raises:
        GenerationError: it did not.
    """
    if reading.failed:
        raise failures.of(Category.SERVER_ERROR, "the answer ended in an error")
    if reading.chunks == 0:
        raise failures.of(Category.EMPTY_RESPONSE, "an empty stream")
    if reading.finish is None:
        raise failures.of(Category.TRUNCATED)
    if not reading.silent:
        return
    if reading.finish is Finish.CONTENT_FILTER:
        raise failures.of(Category.CONTENT_POLICY, "it filtered the whole answer")
    if reading.finish is Finish.LENGTH and reading.thought:
        raise failures.of(
            Category.EMPTY_RESPONSE,
            "all its tokens went into thinking",
            remedy="Raise max_tokens, or lower `thinking`",
        )
    raise failures.of(Category.EMPTY_RESPONSE)
