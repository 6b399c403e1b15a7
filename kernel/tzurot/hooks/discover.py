"""Finds plugins by entry point, each on its own, and orders them as their manifests ask."""

from __future__ import annotations

import graphlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from tzurot.hooks.registry import PluginRefused, check_class
from tzurot.plugin import API, Manifest, Plugin

GROUP = "tzurot.plugins"


@dataclass(frozen=True, slots=True)
class Found:
    """A plugin class that was found, with the distribution and version that it came with."""

    plugin: type[Plugin[Any]]
    distribution: str
    version: str

    @property
    def manifest(self) -> Manifest:
        """What it says about itself."""
        return self.plugin.manifest


@dataclass(frozen=True, slots=True)
class Discovery:
    """The loadable plugins in order of load, and why others are not: one line each."""

    found: tuple[Found, ...]
    refused: Mapping[str, str]


def discover(only: Iterable[str] | None = None, points: Iterable[EntryPoint] | None = None) -> Discovery:
    """Import every installed plugin (or ``only`` those named) and sort out which can be loaded.

    One broken package never stops the others. ``points`` replaces the installed entry points.
    """
    wanted = None if only is None else set(only)
    refused: dict[str, str] = {}
    found: dict[str, Found] = {}
    offered = sorted(entry_points(group=GROUP) if points is None else points, key=lambda p: p.name)
    for point in offered:
        if wanted is not None and point.name not in wanted:
            continue
        try:
            plugin = _load(point)
            if point.name in found:
                raise PluginRefused(_twice(point, found[point.name]))
        except PluginRefused as error:
            refused[point.name] = str(error)
        else:
            found[point.name] = plugin
    for name in (wanted or set()) - {p.name for p in offered}:
        refused[name] = f"{name} is asked for by TZUROT_PLUGINS but not installed."
    _drop_unmet(found, refused)
    return Discovery(tuple(found[name] for name in order(found, refused)), refused)


def installed() -> frozenset[str]:
    """The names of all installed plugins, loaded or not."""
    return frozenset(point.name for point in entry_points(group=GROUP))


def _load(point: EntryPoint) -> Found:
    distribution = point.dist.name if point.dist else "unknown"
    version = point.dist.version if point.dist else "0"
    who = f"{distribution} {version}" if point.dist else point.name
    try:
        plugin = point.load()
    except Exception as error:  # an import may raise anything; the others must load
        raise PluginRefused(
            f"{who} can't be imported: {type(error).__name__}: {error}. Upgrade it or uninstall it."
        ) from error
    if not (isinstance(plugin, type) and issubclass(plugin, Plugin)):
        raise PluginRefused(
            f"{who}: the entry point {point.name!r} names {point.value}, which is no tzurot.Plugin class."
        )
    _check_manifest(plugin, point.name, who)
    check_class(plugin)
    return Found(plugin, distribution, version)


def _check_manifest(plugin: type[Plugin[Any]], name: str, who: str) -> None:
    manifest = getattr(plugin, "manifest", None)
    if not isinstance(manifest, Manifest):
        raise PluginRefused(f"{who}: {plugin.__name__} has no manifest. Add `manifest = Manifest(name=...)`.")
    if manifest.name != name:
        raise PluginRefused(
            f"{who}: the manifest says {manifest.name!r}, the entry point {name!r}. Give both the same name."
        )
    if manifest.api > API:
        raise PluginRefused(
            f"{who} was written for plugin API {manifest.api}; this tzurot offers {API}. "
            f"Upgrade tzurot, or install an older {who.split()[0]}."
        )
    if manifest.api < API:
        raise PluginRefused(
            f"{who} was written for plugin API {manifest.api}; this tzurot offers {API}. "
            f"Upgrade {who.split()[0]}."
        )


def _twice(point: EntryPoint, other: Found) -> str:
    second = f"{point.dist.name} {point.dist.version}" if point.dist else "unknown"
    return (
        f"{point.name} is provided twice, by {other.distribution} {other.version} and by {second}. "
        "Uninstall one of them."
    )


def _drop_unmet(found: dict[str, Found], refused: dict[str, str]) -> None:
    """Take out, transitively, what requires a plugin that is not there."""
    while True:
        unmet = {
            name: [r for r in plugin.manifest.requires if r not in found] for name, plugin in found.items()
        }
        unmet = {name: missing for name, missing in unmet.items() if missing}
        if not unmet:
            return
        for name, missing in unmet.items():
            del found[name]
            refused[name] = (
                f"{name} requires {', '.join(missing)}, which is not loaded. Install or mend that."
            )


def order(found: Mapping[str, Found], refused: dict[str, str]) -> Sequence[str]:
    """Names in order of load: after what they require or follow, alphabetical among equals.

    Plugins that wait for one another are refused with a line that shows the circle, and so are those that
    require them.
    """
    remaining = dict(found)
    while True:
        try:
            return _stable(graphlib.TopologicalSorter(_graph(remaining)))
        except graphlib.CycleError as error:
            circle: list[str] = error.args[1]
            for name in set(circle):
                del remaining[name]
                refused[name] = f"{name}: plugins wait for one another: {' -> '.join(circle)}."
            _drop_unmet(remaining, refused)


def _graph(found: Mapping[str, Found]) -> dict[str, list[str]]:
    """What each plugin comes after, of those that are there."""
    return {
        name: sorted(d for d in (*p.manifest.requires, *p.manifest.after) if d in found)
        for name, p in sorted(found.items())
    }


def _stable(sorter: graphlib.TopologicalSorter[str]) -> list[str]:
    sorter.prepare()
    names: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        names.extend(ready)
        sorter.done(*ready)
    return names
