"""Models of any OpenAI-compatible server, with retries and fallbacks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

from tzurot import (
    CallGenerate,
    Delta,
    Finding,
    Kit,
    Manifest,
    NoConfig,
    Plugin,
    Reply,
    Request,
    StashKey,
    Tokenizer,
    Turn,
    hookimpl,
)
from tzurot.settings.model_parameters import FALLBACKS
from tzurot_plugins.openai import checkup
from tzurot_plugins.openai.backend import AUTO, Backend
from tzurot_plugins.openai.catalogue import Catalogue
from tzurot_plugins.openai.chunks import Reading
from tzurot_plugins.openai.clients import Clients
from tzurot_plugins.openai.config import Operator
from tzurot_plugins.openai.retries import Patience, persist
from tzurot_plugins.openai.server import server_of

_READING: StashKey[Reading] = StashKey("openai: what was said")


class OpenAI(Plugin[NoConfig]):
    """Answers requests from the server that the operator configured; without one it declines them all."""

    manifest = Manifest(
        name="openai",
        summary="models of any OpenAI-compatible server, with retries and fallbacks",
        operator=Operator,
    )

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.settings = self.operator(Operator)
        self.clients = Clients(self.settings)
        self.patience = Patience(self.settings.attempts, self.settings.longest_wait_seconds)
        server = server_of(self.settings)
        self.backend = (
            None
            if server is None
            else Backend(server, self.clients, Catalogue(kit.tasks.spawn), self.settings)
        )

    @hookimpl
    def tokenizers(self) -> Iterable[Tokenizer]:
        if (backend := self.backend) is not None:
            known = backend.catalogue
            yield Tokenizer(
                "openai catalogue",
                fits=lambda model: not is_local(model),
                window=lambda model: known.window(self._meant(model)),
            )

    def _meant(self, model: str) -> str:
        return self.backend.default_model if self.backend and model == AUTO else model

    @hookimpl
    async def start(self) -> None:
        if self.backend is not None:
            self.kit.tasks.spawn(self._warm_up(self.backend), "openai: warm up")

    async def _warm_up(self, backend: Backend) -> None:
        await self.clients.of(backend.server)
        backend.catalogue.refresh_if_due(lambda: self.clients.of(backend.server))

    @hookimpl
    async def stop(self) -> None:
        await self.clients.close()

    @hookimpl
    async def doctor(self) -> Iterable[Finding]:
        if self.backend is None:
            return (checkup.NOT_CONFIGURED,)
        # Its own connections: the doctor comes without ``start`` and ``stop``, or while turns are running.
        clients = self.clients.apart()
        try:
            return [finding async for finding in checkup.examine(self.backend, clients)]
        finally:
            await clients.close()

    @hookimpl
    async def edit_request(self, turn: Turn, request: Request) -> Request | None:
        if self.backend is None or request.model != AUTO:
            return None
        return replace(request, model=self.backend.default_model)

    @hookimpl
    def around_generate(self, turn: Turn, request: Request, call_next: CallGenerate) -> AsyncIterator[Delta]:
        fallbacks = turn.settings.value(FALLBACKS) or ()
        return persist(request, fallbacks, call_next, self.patience, self.kit.log)

    @hookimpl
    def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta] | None:
        if self.backend is None or is_local(request.model):
            return None
        turn.stash[_READING] = reading = Reading()
        return self.backend.stream(request, reading)

    @hookimpl(tryfirst=True)
    async def edit_reply(self, turn: Turn, reply: Reply) -> Reply | None:
        """Take out what was streamed as text before a late ``</think>`` showed that it was thinking."""
        reading = turn.stash.get(_READING)
        if reading is None or not reading.retracted:
            return None
        return replace(reply, text=reply.text[reading.retracted :].lstrip())


def is_local(model: str) -> bool:
    """Whether ``model`` names the small model on this machine, which another plugin runs."""
    return model == "local" or model.startswith(("local:", "local/"))
