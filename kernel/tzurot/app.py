"""One running instance: plugins, packs, database, inbox and pipeline, opened and closed in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from pydantic import BaseModel

from tzurot import examination
from tzurot.config import Config, ConfigError, unheard
from tzurot.controls import Controls
from tzurot.errors import TzurotError
from tzurot.hooks.discover import Discovery, Found, discover, installed
from tzurot.hooks.dispatch import Dispatcher, From
from tzurot.hooks.registry import Registry
from tzurot.kit import Clock, Kit
from tzurot.loading import Contributions, Loader
from tzurot.observe.trace import Traces
from tzurot.packs.library import Library
from tzurot.packs.shelf import Shelf, ShelfChange
from tzurot.packs.watch import watch
from tzurot.payloads.contributions import Finding
from tzurot.payloads.decisions import Casting
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
from tzurot.turns.result import Outcome
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
        self.controls = Controls(self.registry, self.contributions, self.preparation, self.traces)
        self.inbox = Inbox(
            self.pipeline.handle,
            concurrency=config.concurrency,
            waiting=Waiting(config.waiting),
            unanswered=self.pipeline.pass_over,
        )
        self._database: Database | None = None
        self._watching: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._patience = config.shutdown_seconds

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
            controls=lambda: self.controls,
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
            await app.close()

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
        except TzurotError as error:
            return f"{plugin.manifest.name}: {error}"
        except Exception as error:
            log.exception("the platform %s ended", plugin.manifest.name)
            return f"{plugin.manifest.name}: {error}"
        return None

    async def forget_user(self, forget: Forget) -> list[From[Forgotten]]:
        """Erase what the kernel and every loaded plugin keep about a person, switched on or not.

        Raises:
            HookFailed: a plugin failed; what the others erased stays erased, so ask again.
        """
        erased = await self.dispatcher.collect(Plugin.forget_user, self.registry.active(), forget)
        if forget.guild is None:  # a person's settings are for everywhere
            rows = await self.preparation.stored.forget(forget.user_id)
            erased.insert(0, From("kernel", Forgotten("settings", rows)))
        return erased

    async def export_user(self, user_id: str) -> list[From[Exported]]:
        """Everything that the kernel and the loaded plugins keep about a person.

        Raises:
            HookFailed: a plugin failed, and the export would be incomplete.
        """
        settings = Exported("settings", await self.preparation.stored.export(user_id))
        kept = await self.dispatcher.collect(Plugin.export_user, self.registry.active(), user_id)
        return [From("kernel", settings), *kept]

    async def examine(self) -> list[From[Finding]]:
        """The doctor's findings: the kernel's own, then the plugins'. Starts no plugin."""
        await asyncio.to_thread(self.library.load)
        active = self.registry.active()
        own = [
            *examination.of_plugins(len(self.registry.plugins), self.loader.refused.values()),
            *examination.of_configuration(self.complaints),
            await examination.of_database(self.config.database_address, self.tables, self._database),
            *examination.of_packs(self.shelf, self.config.pack_folders),
        ]
        told = await self.dispatcher.collect(Plugin.doctor, active)
        models = examination.of_models([each.plugin for each in active.of("generate")], told)
        if self._database is None:  # nothing is running: let go of what the doctors began
            await self.tasks.cancel()
        return [*(From("kernel", each) for each in own), *told, *(From("kernel", each) for each in models)]

    @property
    def complaints(self) -> list[str]:
        """What stands in ``tzurot.yaml`` and can't be used: settings, and what is said to no plugin."""
        lines = [
            f"{self.config.place(('settings', *problem.path), on_key=not problem.known)}settings.{problem}"
            for problem in self.preparation.complaints
        ]
        listeners = {name: p.manifest.operator is not None for name, p in self.registry.plugins.items()}
        return [*lines, *unheard(self.config, listeners, {*installed(), *self.loader.refused})]

    async def _start(self, watching: bool) -> None:
        try:
            self.config.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"The home folder {self.config.home} can't be made ({error.strerror}). Set TZUROT_HOME."
            ) from None
        for line in self.complaints:
            log.warning("%s", line)
        await asyncio.to_thread(self.library.load)
        database = self._database = await Database.open(self.config.database_address, self.tables)
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
        """Shut down, once: finish running turns within the deadline, then stop plugins, then storage.

        Whoever calls it again waits for the same end.
        """
        if self._closing is None:
            self.inbox.shut()
            self._closing = asyncio.create_task(self._shut_down(), name="shut down")
        await asyncio.shield(self._closing)

    def hurry(self) -> None:
        """Somebody can't wait: whatever still runs is cancelled, and the shutdown waits for nothing."""
        self._patience = 0.0
        self.inbox.give_up()
        self.tasks.give_up()

    async def _shut_down(self) -> None:
        try:
            left = await self.inbox.drain(self._patience)
            if left:
                log.warning("%d messages were left unanswered at shutdown", left)
            if self._watching is not None:
                self._watching.cancel()
            await self.tasks.drain(self._patience)
            await self.loader.stop()
        finally:
            if self._database is not None:
                await self._database.close()
