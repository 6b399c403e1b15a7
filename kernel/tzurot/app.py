"""One running instance: plugins, packs, database, inbox and pipeline, opened and closed in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

from pydantic import BaseModel

from tzurot.config import Config
from tzurot.hooks.discover import Discovery, Found, discover, installed
from tzurot.hooks.dispatch import Dispatcher, From
from tzurot.hooks.registry import Registry
from tzurot.kit import Clock, Kit
from tzurot.loading import Contributions, Loader
from tzurot.observe.trace import Traces
from tzurot.packs.library import Library
from tzurot.packs.shelf import Shelf, ShelfChange
from tzurot.packs.watch import watch
from tzurot.payloads.contributions import Finding, State
from tzurot.payloads.decisions import Casting
from tzurot.payloads.delivery import Outcome
from tzurot.payloads.message import Message
from tzurot.payloads.people import Exported, Forget, Forgotten
from tzurot.plugin import Plugin
from tzurot.settings.describe import schema
from tzurot.settings.registry import CORE
from tzurot.settings.scopes import Scope
from tzurot.storage.apps import App as Tables
from tzurot.storage.database import Database
from tzurot.tasks import Tasks
from tzurot.turns.inbox import Inbox, Waiting
from tzurot.turns.pipeline import Pipeline
from tzurot.turns.preparation import Preparation
from tzurot.turns.turn import Turn

log = logging.getLogger("tzurot.app")


class App:
    """An instance of tzurot.

    ``App(config)`` loads the plugins and opens nothing; ``async with App.open(config) as app`` also reads
    the packs, opens the database and starts the plugins. ``extra`` plugins come beside the installed ones.
    """

    def __init__(self, config: Config, extra: Sequence[Found] = (), clock: Clock | None = None) -> None:
        self.config = config
        self.tasks = Tasks()
        self.traces = Traces()
        self.registry = Registry()
        self.dispatcher = Dispatcher(self.tasks)
        self.contributions = Contributions()
        self.loader = Loader(self.registry, self.contributions, {})
        self.clock = clock or Clock()
        self._kits: list[Kit] = []
        discovery = discover(config.enabled_plugins)
        discovery = Discovery((*discovery.found, *extra), discovery.refused)
        self.loader.load(discovery, self._kit, config)
        self.library = Library(
            config.pack_folders,
            self.plugin_schemas,
            self.settings_schema,
            known=installed(),
            lints=self.contributions.lints,
        )
        self.preparation = Preparation(self.registry, config.settings, self.contributions.tokenizers)
        self.pipeline = Pipeline(self.dispatcher, self.preparation, self.traces, config.turn_seconds)
        self.inbox = Inbox(
            self.pipeline.handle, concurrency=config.concurrency, waiting=Waiting(config.waiting)
        )
        self._closed = False

    def _kit(self, name: str, operator: BaseModel | None) -> Kit:
        kit = Kit(
            name,
            self.config.home,
            lambda: self.shelf,
            self.receive,
            lambda: self.contributions.commands,
            services=self.contributions.services,
            tasks=self.tasks,
            clock=self.clock,
            operator=operator,
        )
        self._kits.append(kit)
        return kit

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        config: Config,
        *,
        watch: bool = False,
        extra: Sequence[Found] = (),
        clock: Clock | None = None,
    ) -> AsyncIterator[Self]:
        """A started instance; ``watch`` follows edits of packs. Leaving the block shuts it down."""
        app = cls(config, extra, clock)
        try:
            await app._start(watch)
            yield app
        finally:
            await asyncio.shield(app.close())

    @property
    def plugin_schemas(self) -> dict[str, type[BaseModel]]:
        """The models of what packs may say to each loaded plugin."""
        return {name: plugin.config_model for name, plugin in self.registry.plugins.items()}

    @property
    def settings_schema(self) -> dict[str, Any]:
        """The JSON Schema of ``settings:`` in packs."""
        return schema(CORE, Scope.CHARACTER)

    @property
    def shelf(self) -> Shelf:
        """The packs as they are now: an immutable snapshot."""
        return self.library.shelf

    def receive(self, message: Message) -> asyncio.Future[Outcome]:
        """Put ``message`` into the inbox at once; the future is its outcome."""
        return self.inbox.put(message)

    def cancel(self, conversation: str) -> bool:
        """Cancel what is being answered in ``conversation``; whether there was anything."""
        return self.inbox.cancel(conversation)

    async def preview(self, message: Message, casting: Casting) -> Turn:
        """The turn that would answer ``message``, up to the request, with nothing sent."""
        return await self.pipeline.preview(message, casting)

    async def serve(self) -> None:
        """Run every platform until it ends.

        Raises:
            RuntimeError: no platform is configured, or every one has failed.
        """
        platforms = [p for p in self.registry.plugins.values() if type(p).serve is not Plugin.serve]
        ended = await asyncio.gather(*(self._serve(p) for p in platforms))
        failures = [str(why) for why in ended if why is not None]
        if failures or not platforms:
            raise RuntimeError("; ".join(failures) or "No platform is installed. See `tzurot plugins list`.")

    async def _serve(self, plugin: Plugin[Any]) -> str | None:
        try:
            await plugin.serve()
        except Exception as error:
            log.exception("the platform %s ended", plugin.manifest.name)
            return f"{plugin.manifest.name}: {error}"
        return None

    async def forget_user(self, forget: Forget) -> list[From[Forgotten]]:
        """Erase what every loaded plugin keeps about a person, switched on or not.

        Raises:
            HookFailed: a plugin failed; what the others erased stays erased, so ask again.
        """
        return await self.dispatcher.collect(Plugin.forget_user, self.registry.active(), forget)

    async def export_user(self, user_id: str) -> list[From[Exported]]:
        """Everything that the loaded plugins keep about a person.

        Raises:
            HookFailed: a plugin failed, and the export would be incomplete.
        """
        return await self.dispatcher.collect(Plugin.export_user, self.registry.active(), user_id)

    async def examine(self) -> list[From[Finding]]:
        """The doctor's findings: the kernel's own, then the plugins'. Starts no plugin."""
        await asyncio.to_thread(self.library.load)
        findings = [From("kernel", finding) for finding in self._own_findings()]
        findings.extend(await self.dispatcher.collect(Plugin.doctor, self.registry.active()))
        await self.tasks.cancel()
        return findings

    def _own_findings(self) -> list[Finding]:
        found = [Finding("plugins", State.OK, f"{len(self.registry.plugins)} load")]
        found += [Finding("plugin", State.FAILED, why) for why in self.loader.refused.values()]
        folders = ", ".join(str(folder) for folder in self.config.pack_folders)
        if self.shelf.packs:
            found.append(Finding("packs", State.OK, f"{len(self.shelf.packs)} from {folders}"))
        else:
            found.append(
                Finding(
                    "packs", State.FAILED, f"none in {folders}", "Set TZUROT_PACKS, or `tzurot new pack`."
                )
            )
        found += [
            Finding("pack", State.FAILED, str(problem), "See `tzurot check`.")
            for problems in self.shelf.problems.values()
            for problem in problems
            if problem.is_error
        ]
        return found

    async def _start(self, watching: bool) -> None:
        self.config.home.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(self.library.load)
        database = await Database.open(self.config.database_address, self.tables)
        self._database = database
        await database.upgrade()
        for kit in self._kits:
            kit.opened = database
        await self.loader.start()
        for problems in self.shelf.problems.values():
            for problem in problems:
                log.warning("%s", problem)
        if watching:
            self._watching = self.tasks.spawn(self._watch(), "watch packs")

    @property
    def tables(self) -> list[Tables]:
        """The tables that the loaded plugins bring along."""
        return [
            Tables(name, manifest.models, manifest.migrations)
            for name, found in self.loader.found.items()
            if (manifest := found.manifest).models and manifest.migrations
        ]

    async def _watch(self) -> None:
        async for change in watch(self.library):
            self._announce(change)

    def _announce(self, change: ShelfChange) -> None:
        for problems in change.problems.values():
            for problem in problems:
                log.warning("%s", problem)
        names = ", ".join(sorted({*change.added, *change.changed, *change.removed}))
        if names:
            log.info("packs changed: %s", names)
        self.dispatcher.notify(Plugin.packs_changed, self.registry.active(), change)

    async def close(self) -> None:
        """Shut down, once: finish running turns within the deadline, then stop plugins, then storage."""
        if self._closed:
            return
        self._closed = True
        left = await self.inbox.drain(self.config.shutdown_seconds)
        if left:
            log.warning("%d messages were left unanswered at shutdown", left)
        if (watching := getattr(self, "_watching", None)) is not None:
            watching.cancel()
        await self.tasks.drain(self.config.shutdown_seconds)
        await self.loader.stop()
        with suppress(AttributeError):
            await self._database.close()
