"""What packs may say on this instance: the composed schema and the typed models, always both.

The schema finds people's errors, all of them and in sentences; the models give typed objects and have the
last word. Neither can let through what the other refuses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError

from tzurot.packs.compose import PluginSchemas, Schema, compose
from tzurot.packs.messages import said, suggestion, told
from tzurot.packs.models import PackFile
from tzurot.packs.problems import Finding, Severity, Trail
from tzurot.packs.validator import validator

FINDINGS = 200


class Grammar:
    """The rules for packs: the kernel's, the settings' and those of every installed plugin.

    ``known`` names plugins that exist elsewhere: their settings are a warning where they aren't installed.
    """

    def __init__(
        self, plugins: PluginSchemas, settings: Schema | None = None, known: Collection[str] = ()
    ) -> None:
        self.plugins = dict(plugins)
        self.known = frozenset(known)
        self.schema = compose(self.plugins, settings)
        self._validator = validator(self.schema)
        self.defaults = {
            name: built for name, model in self.plugins.items() if (built := _default(model)) is not None
        }

    def faults(self, value: Mapping[str, Any]) -> list[Finding]:
        """Everything the schema finds wrong with a pack, up to a number nobody reads beyond."""
        return list(islice(self._faults(value), FINDINGS))

    def _faults(self, value: Mapping[str, Any]) -> Iterator[Finding]:
        for error in self._validator.iter_errors(value):
            yield from said(error)

    def typed(self, value: Mapping[str, Any]) -> tuple[PackFile | None, list[Finding]]:
        """The pack as a typed object, its plugins' settings left out."""
        try:
            return PackFile.model_validate(_without_plugins(value)), []
        except ValidationError as error:
            return None, list(islice(told(error, value), FINDINGS))

    def config(
        self, plugin: str, value: Mapping[str, Any], trail: Trail
    ) -> tuple[BaseModel | None, list[Finding]]:
        """A plugin's settings as its own typed object."""
        try:
            return self.plugins[plugin].model_validate(value), []
        except ValidationError as error:
            return None, list(islice(told(error, value, trail), FINDINGS))
        except Exception as error:  # noqa: BLE001  (a plugin's own validator may raise anything)
            text = f"the plugin {plugin} failed while it checked its settings ({type(error).__name__})."
            return None, [Finding(trail, text, "Tell the plugin's author.", on_key=True)]

    def strangers(self, blocks: Any, trail: Trail, uses: Collection[str]) -> tuple[Any, list[Finding]]:
        """A ``plugins:`` block without those that aren't installed here, and what to say about them."""
        if not isinstance(blocks, dict):
            return blocks, []
        findings = [self._stranger(name, (*trail, name), uses) for name in blocks if name not in self.plugins]
        return {name: block for name, block in blocks.items() if name in self.plugins}, findings

    def _stranger(self, name: str, trail: Trail, uses: Collection[str]) -> Finding:
        if name in self.known or name in uses:
            text = f"the plugin {name} is not installed here, so its settings do nothing."
            return Finding(
                trail, text, "Install it, or leave them for those who have it.", True, Severity.WARNING
            )
        close = suggestion(name, self.plugins)
        guess = close if close.startswith("Did you mean") else ""
        remedy = f"{guess} If it is installed elsewhere, list it under 'uses:'.".lstrip()
        return Finding(trail, f"{name!r} is no plugin that is installed here.", remedy, on_key=True)


def unmatched(first: Iterable[Finding], second: Iterable[Finding]) -> list[Finding]:
    """Of the second findings, those about values that the first don't speak of, nor of anything in them."""
    trails = {finding.trail for finding in first}
    covering = {trail[:length] for trail in trails for length in range(len(trail) + 1)}
    return [
        finding
        for finding in second
        if finding.trail not in covering
        and not any(finding.trail[:length] in trails for length in range(1, len(finding.trail)))
    ]


def _default(model: type[BaseModel]) -> BaseModel | None:
    try:
        return model()
    except ValidationError:
        return None


def _without_plugins(value: Mapping[str, Any]) -> dict[str, Any]:
    """Plugins' settings may be large, and are checked by their own models."""
    stripped = {key: each for key, each in value.items() if key != "plugins"}
    characters = value.get("characters")
    if isinstance(characters, list):
        stripped["characters"] = [
            {key: each for key, each in character.items() if key != "plugins"}
            if isinstance(character, dict)
            else character
            for character in characters
        ]
    return stripped
