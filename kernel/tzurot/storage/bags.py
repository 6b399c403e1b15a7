"""Settings as they are stored: read, and changed so that nobody else's change is lost in between."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tortoise.transactions import in_transaction

from tzurot.storage.ids import stable_id
from tzurot.storage.models import SettingsBag

OF_PEOPLE = ("user", "user_character")
"""The scopes whose bags belong to a person."""


@dataclass(frozen=True, slots=True)
class Bag:
    """What one owner sets, and which settings they lock."""

    values: Mapping[str, Any] = field(default_factory=dict)
    locks: frozenset[str] = frozenset()


async def read(scope: str, scope_id: str) -> Bag:
    """An owner's bag as it is stored, an empty one if there is none."""
    return _bag(await SettingsBag.get_or_none(id=_row_id(scope, scope_id)))


async def change(scope: str, scope_id: str, edit: Callable[[Bag], Bag]) -> Bag:
    """Replace an owner's bag by what ``edit`` makes of it.

    Others who change it at the same time wait; what ``edit`` raises leaves it as it was.
    """
    key = _row_id(scope, scope_id)
    owner = {"scope": scope, "scope_id": scope_id}
    edit(await read(scope, scope_id))  # what can't be done is not begun
    await SettingsBag.get_or_create(id=key, defaults=owner)
    async with in_transaction():
        bag = edit(_bag(await SettingsBag.select_for_update().get_or_none(id=key)))
        stored = {**owner, "values": dict(bag.values), "locks": sorted(bag.locks)}
        await SettingsBag.update_or_create(id=key, defaults=stored)
    return bag


async def of_person(user_id: str) -> list[SettingsBag]:
    """The bags of a person, whose id may come with its platform in front (``discord:1``)."""
    candidates = await SettingsBag.filter(scope__in=OF_PEOPLE, scope_id__contains=user_id)
    return [bag for bag in candidates if user_id in _ids(bag)]


async def forget_person(user_id: str) -> int:
    """Delete a person's bags; how many they were."""
    keys = [bag.id for bag in await of_person(user_id)]
    if not keys:
        return 0
    return await SettingsBag.filter(id__in=keys).delete()


def _ids(bag: SettingsBag) -> tuple[str, str]:
    """The person of a bag: plain, and with the platform."""
    platform, _, rest = bag.scope_id.partition(":")
    plain = rest.partition(":")[0] if bag.scope == "user_character" else rest
    return plain, f"{platform}:{plain}"


def _bag(row: SettingsBag | None) -> Bag:
    return Bag() if row is None else Bag(dict(row.values), frozenset(row.locks))


def _row_id(scope: str, scope_id: str) -> uuid.UUID:
    return stable_id("settings", scope, scope_id)
