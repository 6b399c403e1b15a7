"""What the kernel hands to every plugin: log, clock, storage, services, tasks, settings and the way in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel

from tzurot.payloads.commands import Command
from tzurot.payloads.contributions import AnyService, ServiceKey
from tzurot.tasks import Tasks

if TYPE_CHECKING:
    from tzurot.controls import Controls
    from tzurot.packs.shelf import Shelf
    from tzurot.payloads.message import Message
    from tzurot.storage.database import Database
    from tzurot.turns.result import Outcome

T = TypeVar("T")


class Clock:
    """The time. Tests freeze it by putting another in its place."""

    def now(self) -> datetime:
        """The current moment, in UTC."""
        return datetime.now(UTC)


class ServiceMissing(LookupError):
    """A plugin asked for a service that nobody offers."""


class Services:
    """The services that plugins offer one another, by typed key."""

    def __init__(self) -> None:
        self._offers: dict[str, tuple[str, Any]] = {}

    def offer(self, plugin: str, service: AnyService) -> None:
        """Put a service on offer.

        Raises:
            ValueError: another plugin offers it already.
        """
        name = service.key.name
        if name in self._offers:
            holder = self._offers[name][0]
            raise ValueError(
                f"{plugin} and {holder} both offer the service {name!r}. Leave one of them out "
                "(TZUROT_PLUGINS)."
            )
        self._offers[name] = (plugin, service.offer)

    def withdraw(self, plugin: str) -> None:
        """Take away everything that ``plugin`` offers."""
        self._offers = {name: offer for name, offer in self._offers.items() if offer[0] != plugin}

    def get(self, key: ServiceKey[T]) -> T:
        """The service under ``key``.

        Raises:
            ServiceMissing: nobody offers it.
        """
        if key.name not in self._offers:
            raise ServiceMissing(
                f"No plugin offers the service {key.name!r}. Install and switch on one that does: "
                "tzurot plugins list."
            )
        return cast(T, self._offers[key.name][1])

    def find(self, key: ServiceKey[T]) -> T | None:
        """The service under ``key``, or ``None``: for plugins that can do without."""
        offer = self._offers.get(key.name)
        return cast(T, offer[1]) if offer else None


def _nothing_runs() -> Controls:
    raise RuntimeError("nothing is running yet: open an App first")


@dataclass(slots=True)
class Kit:
    """A plugin's share of the kernel.

    ``shelf()`` is the current shelf of packs, ``receive(message)`` puts a message into the inbox at
    once and returns the future of its outcome (which nobody has to await), and ``commands()`` lists the
    commands of all loaded plugins. ``controls()`` runs them, and switches plugins, sets settings and reads
    traces. ``operator`` holds the plugin's validated instance-wide settings.
    """

    name: str
    home: Path
    shelf: Callable[[], Shelf]
    receive: Callable[[Message], asyncio.Future[Outcome]]
    commands: Callable[[], Mapping[str, Command]]
    opened: Database | None = None
    services: Services = field(default_factory=Services)
    tasks: Tasks = field(default_factory=Tasks)
    clock: Clock = field(default_factory=Clock)
    operator: BaseModel | None = None
    controls: Callable[[], Controls] = _nothing_runs
    log: logging.Logger = field(init=False)

    def __post_init__(self) -> None:
        self.log = logging.getLogger(f"tzurot.plugin.{self.name}")

    @property
    def database(self) -> Database:
        """The open database: there from ``start`` on.

        Raises:
            RuntimeError: it is not open yet, as in a plugin's constructor and its set-up hooks.
        """
        if self.opened is None:
            raise RuntimeError(f"{self.name}: the database is not open yet. Use it from start() on.")
        return self.opened
