"""What owners and users have set and switched: read from the database through a small, short-lived cache."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar, cast

from cachetools import LRUCache, TTLCache

from tzurot.payloads.generation import JsonValue
from tzurot.payloads.message import Message, Place
from tzurot.settings.layers import Layer
from tzurot.settings.registry import CORE
from tzurot.settings.scopes import Scope
from tzurot.storage import bags
from tzurot.storage.bags import Bag
from tzurot.storage.errors import AnyDatabaseError
from tzurot.storage.ids import stable_id
from tzurot.storage.models import PluginSwitch, SettingsBag

log = logging.getLogger("tzurot.settings")
T = TypeVar("T")
_UNKNOWN = object()
Owner = tuple[Scope, str]
"""A scope and whose it is."""

SECONDS = 10.0
"""How long another process's change may go unseen; a change of our own is seen at once."""


def guild_of(place: Place) -> str:
    """The guild's id in stored settings."""
    return f"{place.platform}:{place.guild}"


def owners(message: Message, character: str) -> list[Owner]:
    """Everybody whose stored settings may count for this message and character, lowest scope first."""
    place, user = message.place, f"{message.place.platform}:{message.author.id}"
    found: list[Owner] = [(Scope.GUILD, guild_of(place))] if place.guild else []
    found.append((Scope.CHANNEL, f"{place.platform}:{place.channel}"))
    if place.thread:
        found.append((Scope.CHANNEL, place.conversation))
    return [*found, (Scope.USER, user), (Scope.USER_CHARACTER, f"{user}:{character}")]


class _Known(Generic[T]):
    """What was read by owner: for some seconds as it is, and after that while the database can't be asked."""

    def __init__(self, keep: int, nothing: T) -> None:
        self._fresh: TTLCache[Owner, T] = TTLCache(keep, SECONDS)
        self._last: LRUCache[Owner, T] = LRUCache(keep)
        self._nothing = nothing

    def fresh(self, wanted: Iterable[Owner]) -> dict[Owner, T]:
        """What is fresh of ``wanted``, taken at once: it may expire while we wait for the database."""
        found = ((owner, self._fresh.get(owner, _UNKNOWN)) for owner in wanted)
        return {owner: cast(T, value) for owner, value in found if value is not _UNKNOWN}

    def last(self, wanted: Iterable[Owner]) -> dict[Owner, T]:
        """What was last known of ``wanted``, however old."""
        return {owner: self._last.get(owner, self._nothing) for owner in wanted}

    def keep(self, found: Mapping[Owner, T]) -> None:
        """Keep what was just read."""
        self._fresh.update(found)
        self._last.update(found)

    def drop(self, owner: Owner) -> None:
        """Forget what was known of ``owner``: it has changed."""
        self._fresh.pop(owner, None)
        self._last.pop(owner, None)

    def clear(self) -> None:
        """Forget everything."""
        self._fresh.clear()
        self._last.clear()


class Stored:
    """Settings bags and plugin switches by owner.

    While the database can't be asked, what was last known holds: a conversation is worth more than the
    newest settings.
    """

    def __init__(self, keep: int = 4096) -> None:
        self._layers: _Known[Layer | None] = _Known(keep, None)
        self._switches: _Known[Mapping[str, bool]] = _Known(keep, {})
        self._changes = 0
        """What is read while something changes is not kept: it may be of before."""

    async def layers(self, wanted: Sequence[Owner]) -> list[Layer]:
        """The layers of these owners, those that have one, in their order."""
        known = await self._ask(self._layers, wanted, self._read_layers)
        layers = (known[owner] for owner in wanted)
        return [layer for layer in layers if layer is not None]

    async def _read_layers(self, wanted: Sequence[Owner]) -> dict[Owner, Layer | None]:
        found: dict[Owner, Layer | None] = dict.fromkeys(wanted)
        for bag in await SettingsBag.filter(scope_id__in=[i for _, i in wanted]):
            owner = (Scope[bag.scope.upper()], bag.scope_id)
            if owner in found:
                found[owner] = CORE.read(*owner, _json(bag.values), locks=bag.locks)
        return found

    async def switches(self, wanted: Iterable[Owner]) -> dict[str, bool]:
        """What these owners have switched, plugin → on; the last one's word counts."""
        owners = list(wanted)
        known = await self._ask(self._switches, owners, self._read_switches)
        merged: dict[str, bool] = {}
        for owner in owners:
            merged.update(known[owner])
        return merged

    async def _read_switches(self, wanted: Sequence[Owner]) -> dict[Owner, Mapping[str, bool]]:
        found: dict[Owner, dict[str, bool]] = {owner: {} for owner in wanted}
        for row in await PluginSwitch.filter(scope_id__in=[i for _, i in wanted]):
            owner = (Scope[row.scope.upper()], row.scope_id)
            if owner in found:
                found[owner][row.plugin] = row.on
        return dict(found)

    async def _ask(
        self,
        known: _Known[T],
        wanted: Sequence[Owner],
        read: Callable[[Sequence[Owner]], Awaitable[Mapping[Owner, T]]],
    ) -> dict[Owner, T]:
        """What holds for ``wanted``; the database is asked for what isn't fresh."""
        answers = known.fresh(wanted)
        missing = [owner for owner in wanted if owner not in answers]
        if not missing:
            return answers
        changes = self._changes
        try:
            found = await read(missing)
        except (AnyDatabaseError, OSError) as error:
            log.warning("Stored settings can't be read; what was last known holds. %s", error)
            return answers | known.last(missing)
        if changes == self._changes:
            known.keep(found)
        return answers | dict(found)

    async def switch(self, owner: Owner, plugin: str, on: bool | None) -> None:
        """Switch a plugin on or off for a guild or channel; ``None`` leaves it to its default again."""
        scope, scope_id = owner[0].name.lower(), owner[1]
        if on is None:
            await PluginSwitch.filter(scope=scope, scope_id=scope_id, plugin=plugin).delete()
        else:
            row = stable_id("switch", scope, scope_id, plugin)
            values = {"scope": scope, "scope_id": scope_id, "plugin": plugin, "on": on}
            await PluginSwitch.update_or_create(id=row, defaults=values)
        self._changes += 1
        self._switches.drop(owner)

    async def set(self, owner: Owner, values: Mapping[str, JsonValue], locks: Iterable[str] = ()) -> None:
        """Replace what an owner sets and locks."""
        await self.change(owner, lambda _: Bag(dict(values), frozenset(locks)))

    async def read(self, owner: Owner) -> Bag:
        """What an owner sets and locks, as it is stored: also what this version doesn't know."""
        return await bags.read(owner[0].name.lower(), owner[1])

    async def change(self, owner: Owner, edit: Callable[[Bag], Bag]) -> Bag:
        """Replace what an owner sets and locks by what ``edit`` makes of it; no other change gets lost.

        ``edit`` may be called more than once. What it raises leaves everything as it was.
        """
        try:
            return await bags.change(owner[0].name.lower(), owner[1], edit)
        finally:
            self._changes += 1
            self._layers.drop(owner)

    async def forget(self, user_id: str) -> int:
        """Erase what a person has set; how many bags it was."""
        try:
            return await bags.forget_person(user_id)
        finally:
            self._changes += 1
            self._layers.clear()

    async def export(self, user_id: str) -> list[dict[str, JsonValue]]:
        """What a person has set, everywhere and for single characters."""
        found = await bags.of_person(user_id)
        return [{"scope": bag.scope, "of": bag.scope_id, "values": _json(bag.values)} for bag in found]


def _json(values: dict[str, object]) -> JsonValue:
    return values  # type: ignore[return-value]  # a JSON column holds JSON
