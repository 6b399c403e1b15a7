"""The plugin ``local``: a small language model on this machine, without an account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import replace

import aiohttp

from tzurot import (
    AnyService,
    Category,
    Delta,
    Finding,
    GenerationError,
    Kit,
    Manifest,
    NoConfig,
    Plugin,
    Request,
    Service,
    ServiceKey,
    State,
    Tokenizer,
    Turn,
    hookimpl,
)
from tzurot_plugins.local.body import body
from tzurot_plugins.local.child import Child
from tzurot_plugins.local.config import LocalSettings
from tzurot_plugins.local.loading import MODEL_LOADING, Loading
from tzurot_plugins.local.stream import Broken, stream
from tzurot_plugins.local.weights import INSTALL, RUNTIME, find, installed

MODELS = frozenset({"local", "auto"})
"""The model ids that this plugin answers to; ``auto`` is whatever the instance has, a server first."""

WARM: ServiceKey[Callable[[Turn, Request], Awaitable[None]]] = ServiceKey("local.warm")
"""Load the model and read a prompt ahead, so that the first answer comes sooner."""

_NEWS_SECONDS = 2.0


class Local(Plugin[NoConfig]):
    """Answers with a small model in a process of its own, which is started by the first request."""

    manifest = Manifest(
        name="local",
        summary="a small language model on this machine, without an account",
        after=("openai",),
        operator=LocalSettings,
    )

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.settings = self.operator(LocalSettings)
        self._loading = Loading()
        self.child = Child(self.settings, self._loading)
        self._session: aiohttp.ClientSession | None = None

    @hookimpl
    def services(self) -> Iterable[AnyService]:
        return (Service(MODEL_LOADING, self._loading.watch), Service(WARM, self._warm))

    @hookimpl
    def tokenizers(self) -> Iterable[Tokenizer]:
        window = self.settings.context_size
        return (Tokenizer("local", lambda model: model in MODELS, window=lambda _: window),)

    @hookimpl
    def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta] | None:
        if request.model not in MODELS:
            return None
        return self._answer(turn, request)

    @hookimpl
    async def doctor(self) -> Iterable[Finding]:
        asked_for = self.settings.model_path is not None
        if not asked_for and not installed(RUNTIME):
            return (Finding("local model", State.OFF, "not installed", INSTALL),)
        try:
            weights = find(self.settings.model_path)
        except GenerationError as error:
            return (Finding("local model", State.FAILED, error.message),)
        megabytes = weights.path.stat().st_size // 1_000_000
        text = f"{weights.name}, {megabytes} MB, window {self.settings.context_size} tokens"
        return (Finding("local model", State.OK, text),)

    @hookimpl
    async def stop(self) -> None:
        await self.child.stop()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _answer(self, turn: Turn, request: Request) -> AsyncGenerator[Delta, None]:
        """Stream an answer; a server that died before its first delta is started anew, once."""
        weights = await asyncio.to_thread(find, self.settings.model_path)
        asked = body(request, turn.settings, bundled=weights.bundled)
        for attempt in (1, 2):
            begun = False
            address = await self.child.address()
            try:
                async with aclosing(stream(self._client(), address.url, address.key, asked)) as deltas:
                    async for delta in deltas:
                        begun = True
                        yield delta
                return
            except Broken as error:
                died = await self.child.wait_dead(_NEWS_SECONDS)
                if begun or not died or attempt == 2:
                    raise _broken(error, died=died) from error

    async def _warm(self, turn: Turn, request: Request) -> None:
        parameters = {**request.parameters, "max_tokens": 1}
        async with aclosing(self._answer(turn, replace(request, parameters=parameters))) as deltas:
            async for _ in deltas:
                pass

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Reading a long prompt takes minutes without a byte; the turn has a time limit of its own.
            # llama.cpp closes idle connections without a word, so none is used twice.
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=None),
                connector=aiohttp.TCPConnector(force_close=True),
            )
        return self._session


def _broken(error: Broken, *, died: bool) -> GenerationError:
    if died:
        text = (
            f"The local model's process died while it answered ({error}). "
            "It is started again for the next message."
        )
    else:
        text = f"The local model broke off its answer ({error}). Try again."
    return GenerationError(Category.SERVER_ERROR, text)
