"""Holds the loaded plugins, checks them at the door, and computes which implementations run where."""

from __future__ import annotations

import difflib
import inspect
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import pluggy

from tzurot.errors import TzurotError
from tzurot.hooks.active import ActiveSet, Implementation
from tzurot.hooks.markers import PROJECT, Mode, policy_of
from tzurot.plugin import Plugin

_CACHED_SETS = 256


class PluginRefused(TzurotError):
    """A plugin can't be loaded; the message says who, what, why and what to do."""


def hook_names() -> tuple[str, ...]:
    """The names of all hooks, in the order of ``Plugin``'s page."""
    return tuple(name for name, value in vars(Plugin).items() if hasattr(value, "__tzurot_policy__"))


class Registry:
    """The loaded plugins, in order of load."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(Plugin)
        self._plugins: dict[str, Plugin[Any]] = {}
        self._sets: OrderedDict[frozenset[str], ActiveSet] = OrderedDict()

    @property
    def plugins(self) -> Mapping[str, Plugin[Any]]:
        """Every loaded plugin by name, in order of load."""
        return self._plugins

    def add(self, plugin: Plugin[Any]) -> None:
        """Check and register a plugin; what was cached is forgotten.

        Raises:
            PluginRefused: it implements something that is no hook, or implements one wrongly.
        """
        name = plugin.manifest.name
        check_class(type(plugin))
        try:
            self._manager.register(plugin, name)
        except (pluggy.PluginValidationError, ValueError) as error:
            raise PluginRefused(f"{name} can't be loaded: {_first_line(error)}") from error
        self._plugins[name] = plugin
        self._sets.clear()

    def remove(self, name: str) -> None:
        """Take a plugin out; running turns keep the sets that they hold."""
        self._manager.unregister(name=name)
        del self._plugins[name]
        self._sets.clear()

    def active(self, names: Iterable[str] | None = None) -> ActiveSet:
        """The set of these plugins (all loaded ones by default); computed once, then cached."""
        chosen = frozenset(self._plugins if names is None else names)
        if (found := self._sets.get(chosen)) is not None:
            self._sets.move_to_end(chosen)
            return found
        hooks = {name: self._implementations(name, chosen) for name in hook_names()}
        made = self._sets[chosen] = ActiveSet(chosen, {k: v for k, v in hooks.items() if v})
        if len(self._sets) > _CACHED_SETS:
            self._sets.popitem(last=False)
        return made

    def _implementations(self, hook: str, chosen: frozenset[str]) -> tuple[Implementation, ...]:
        caller: pluggy.HookCaller = getattr(self._manager.hook, hook)
        spec = list(inspect.signature(getattr(Plugin, hook)).parameters)[1:]
        found = []
        order = {name: position for position, name in enumerate(self._plugins)}
        # pluggy calls the last registered first; manifests promise load order, within each of tryfirst,
        # ordinary and trylast.
        for impl in sorted(caller.get_hookimpls(), key=lambda i: (_rank(i), order[i.plugin_name])):
            if impl.plugin_name not in chosen:
                continue
            names = list(impl.argnames)
            picks = None if names == spec else tuple(spec.index(n) for n in names)
            found.append(Implementation(impl.plugin_name, hook, impl.function, picks))
        return tuple(found)


def _rank(implementation: pluggy.HookImpl) -> int:
    return 0 if implementation.tryfirst else 2 if implementation.trylast else 1


def check_class(cls: type[Plugin[Any]]) -> None:
    """Check what types can't: that every ``@hookimpl`` is a hook, and of the colour that its mode asks for.

    Raises:
        PluginRefused: naming the plugin, the method, and the remedy.
    """
    name = cls.manifest.name
    known = set(hook_names())
    for attribute in dir(cls):
        method = inspect.getattr_static(cls, attribute)
        options = getattr(method, f"{PROJECT}_impl", None)
        if options is None:
            if attribute in known and attribute in _own_names(cls):
                raise PluginRefused(
                    f"{name}: {attribute} is a hook but is not marked. Put @hookimpl above it."
                )
            continue
        if attribute not in known:
            raise PluginRefused(f"{name}: there is no hook {attribute!r}. {_suggestion(attribute, known)}")
        if options.get("wrapper") or options.get("hookwrapper"):
            raise PluginRefused(
                f"{name}: {attribute} is a pluggy wrapper, which can't wrap async hooks. "
                "Use around_turn or around_generate."
            )
        _check_colour(name, attribute, method)


def _own_names(cls: type[Plugin[Any]]) -> set[str]:
    return {n for parent in cls.__mro__ if parent is not Plugin for n in vars(parent)} - set(vars(object))


def _suggestion(attribute: str, known: set[str]) -> str:
    close = difflib.get_close_matches(attribute, known, 1)
    return f"Did you mean {close[0]!r}?" if close else "docs/hooks.md lists them all."


def _check_colour(plugin: str, hook: str, method: Any) -> None:
    found, wanted = _colour(method), wanted_colours(hook)
    if found not in wanted:
        raise PluginRefused(f"{plugin}: {hook} must be {' or '.join(wanted)}, not {found}.")


def wanted_colours(hook: str) -> tuple[str, ...]:
    """What sorts of function an implementation of ``hook`` may be, the usual one first."""
    mode = policy_of(getattr(Plugin, hook)).mode
    if mode in (Mode.SETUP, Mode.STREAM):
        return ("a plain function",)
    if hook == "around_generate":
        return ("an async generator", "a plain function that returns one")
    return ("an async function",)


def _colour(method: Any) -> str:
    if inspect.isasyncgenfunction(method):
        return "an async generator"
    if inspect.iscoroutinefunction(method):
        return "an async function"
    returns_stream = "AsyncIterator" in str(inspect.signature(method).return_annotation)
    named_stream = returns_stream and method.__name__ == "around_generate"
    return "a plain function that returns one" if named_stream else "a plain function"


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())
