"""The one list of settings: looked up by name, extended by plugins, and used to read stored bags."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, TypeAlias

from tzurot.payloads.generation import JsonValue
from tzurot.settings import behaviour, model_parameters
from tzurot.settings.fields import OFF, BadField, Field, Value
from tzurot.settings.kinds import Unfit, found, nearest
from tzurot.settings.layers import Layer, Problem
from tzurot.settings.scopes import LOCKING, Scope

AnyField: TypeAlias = Field[Any]
_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")


class Registry:
    """Every setting there is, in order of declaration. Immutable: ``extended`` gives a larger one."""

    __slots__ = ("_fields", "_owners", "built_in")

    def __init__(self, fields: Iterable[AnyField], owner: str = "tzurot") -> None:
        self._fields: dict[str, AnyField] = {}
        self._owners: dict[str, str] = {}
        self._add(fields, owner)

    def _add(self, fields: Iterable[AnyField], owner: str) -> None:
        for each in fields:
            if each.name in self._fields:
                raise BadField(
                    f"{owner} and {self._owners[each.name]} both declare the setting {each.name!r}. "
                    f"Rename the one of {owner}."
                )
            _check(each)
            self._fields[each.name] = each
            self._owners[each.name] = owner
        self.built_in: Mapping[str, Value] = {name: each.default for name, each in self._fields.items()}

    def extended(self, fields: Iterable[AnyField], owner: str) -> Registry:
        """A registry with the ``fields`` of the plugin ``owner`` as well.

        Raises:
            BadField: a name is taken, or a declaration contradicts itself.
        """
        larger = Registry(())
        larger._fields = dict(self._fields)
        larger._owners = dict(self._owners)
        larger._add(fields, owner)
        return larger

    def __iter__(self) -> Iterator[AnyField]:
        return iter(self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __getitem__(self, name: str) -> AnyField:
        if name not in self._fields:
            raise KeyError(f"There is no setting {name!r}. {self._suggest(name)}")
        return self._fields[name]

    def get(self, name: str) -> AnyField | None:
        """The setting of that name, if there is one."""
        return self._fields.get(name)

    def owner(self, name: str) -> str:
        """Who declared a setting: ``tzurot`` or a plugin."""
        return self._owners[name]

    def at(self, scope: Scope) -> list[AnyField]:
        """The settings that may be set at ``scope``."""
        return [each for each in self if scope in each.scopes]

    def read(self, scope: Scope, id: str, bag: JsonValue, *, locks: Collection[str] = ()) -> Layer:
        """A stored bag of settings as a layer of the cascade. Never fails.

        What is wrong is left out and reported in ``problems``. Unknown keys (of a plugin that is not
        installed just now, or of a newer version) are reported and kept in ``unknown``, so that storing
        the layer again loses nothing.
        """
        if bag is None:
            bag = {}
        if not isinstance(bag, dict):
            problem = Problem((), f"expected a map of settings, got {found(bag)}", known=True)
            return Layer(scope, id, problems=(problem,))
        values: dict[str, Value] = {}
        unknown: dict[str, JsonValue] = {}
        problems: list[Problem] = []
        for name, stored in bag.items():
            each = self._fields.get(name)
            if each is None:
                unknown[name] = stored
                problems.append(Problem((name,), "there is no such setting", self._suggest(name)))
                continue
            try:
                values[name] = self._accept(each, scope, stored)
            except Unfit as error:
                problems.append(Problem((name, *error.path), error.text, error.remedy, known=True))
        fixed = frozenset(locks)
        problems.extend(self._complain_about_locks(scope, fixed))
        return Layer(scope, id, values, fixed, unknown, tuple(problems))

    def _accept(self, each: AnyField, scope: Scope, stored: JsonValue) -> Value:
        if scope not in each.scopes:
            may = ", ".join(s.words for s in sorted(each.scopes))
            raise Unfit(f"can't be set for a {scope.words}", remedy=f"It can be set for: {may}.")
        return each.parse(stored)

    def _complain_about_locks(self, scope: Scope, locks: frozenset[str]) -> Iterator[Problem]:
        for name in sorted(locks):
            if name not in self._fields:
                yield Problem(("locks", name), "there is no such setting", self._suggest(name))
        if locks and scope not in LOCKING:
            may = ", ".join(s.words for s in sorted(LOCKING))
            yield Problem(
                ("locks",), f"a {scope.words} can't lock settings", f"Locks are for: {may}.", known=True
            )

    def _suggest(self, name: str) -> str:
        near = nearest(name, self._fields)
        return f"Did you mean {near}?" if near else "The documentation lists them all."


def _check(each: AnyField) -> None:
    if not _NAME.fullmatch(each.name):
        raise BadField(f"{each.name!r} is no name for a setting. Use small letters, digits and _.")
    if not each.description or not each.scopes or Scope.BUILT_IN in each.scopes:
        raise BadField(f"{each.name}: needs a description and the scopes at which people may set it.")
    if each.default is not OFF:
        try:
            each.parse(each.default)
        except Unfit as error:
            raise BadField(f"{each.name}: its own default is refused: {error}.") from error


def declared_in(module: ModuleType) -> list[AnyField]:
    """The settings that a module declares, in its order."""
    return [value for value in vars(module).values() if isinstance(value, Field)]


CORE = Registry([*declared_in(model_parameters), *declared_in(behaviour)])
"""The settings that the kernel declares."""
