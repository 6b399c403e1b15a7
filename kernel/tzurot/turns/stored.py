"""What owners and users have set and switched: read from the database through a small, short-lived cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar, cast

from cachetools import TTLCache

from tzurot.payloads.generation import JsonValue
from tzurot.payloads.message import Message, Place
from tzurot.settings.layers import Layer
from tzurot.settings.registry import CORE
from tzurot.settings.scopes import Scope
from tzurot.storage import bags
from tzurot.storage.bags import Bag
from tzurot.storage.ids import stable_id
from tzurot.storage.models import PluginSwitch, SettingsBag

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


class Stored:
    """Settings bags and plugin switches by owner."""

    def __init__(self, keep: int = 4096) -> None:
        self._layers: TTLCache[Owner, Layer | None] = TTLCache(keep, SECONDS)
        self._switches: TTLCache[Owner, Mapping[str, bool]] = TTLCache(keep, SECONDS)
        self._changes = 0
        """What is read while something changes is not kept: it may be of before."""

    async def layers(self, wanted: Sequence[Owner]) -> list[Layer]:
        """The layers of these owners, those that have one, in their order."""
        known = _kept(self._layers, wanted)
        missing = [owner for owner in wanted if owner not in known]
        if missing:
            changes = self._changes
            found: dict[Owner, Layer | None] = dict.fromkeys(missing)
            for bag in await SettingsBag.filter(scope_id__in=[i for _, i in missing]):
                owner = (Scope[bag.scope.upper()], bag.scope_id)
                if owner in found:
                    found[owner] = CORE.read(*owner, _json(bag.values), locks=bag.locks)
            known.update(found)
            if changes == self._changes:
                self._layers.update(found)
        layers = (known[owner] for owner in wanted)
        return [layer for layer in layers if layer is not None]

    async def switches(self, wanted: Iterable[Owner]) -> dict[str, bool]:
        """What these owners have switched, plugin → on; the last one's word counts."""
        owners = list(wanted)
        known = _kept(self._switches, owners)
        missing = [owner for owner in owners if owner not in known]
        if missing:
            changes = self._changes
            found: dict[Owner, dict[str, bool]] = {owner: {} for owner in missing}
            for row in await PluginSwitch.filter(scope_id__in=[i for _, i in missing]):
                owner = (Scope[row.scope.upper()], row.scope_id)
                if owner in found:
                    found[owner][row.plugin] = row.on
            known.update(found)
            if changes == self._changes:
                self._switches.update(found)
        merged: dict[str, bool] = {}
        for owner in owners:
            merged.update(known[owner])
        return merged

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
        self._switches.pop(owner, None)

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
            self._layers.pop(owner, None)

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


def _kept(cache: TTLCache[Owner, T], wanted: Iterable[Owner]) -> dict[Owner, T]:
    """What is kept of ``wanted``, taken at once: it may expire while we wait for the database."""
    found = ((owner, cache.get(owner, _UNKNOWN)) for owner in wanted)
    return {owner: cast(T, value) for owner, value in found if value is not _UNKNOWN}


def _json(values: dict[str, object]) -> JsonValue:
    return values  # type: ignore[return-value]  # a JSON column holds JSON
