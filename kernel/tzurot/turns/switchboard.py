"""Which plugins run where: what is required, what a guild or channel switched, what a pack switched."""

from __future__ import annotations

from collections.abc import Mapping

from tzurot.hooks.active import ActiveSet
from tzurot.hooks.registry import Registry
from tzurot.packs.compiled import Character


def enabled(
    registry: Registry,
    switches: Mapping[str, bool],
    character: Character | None = None,
) -> ActiveSet:
    """The active set for what guild and channel have switched (plugin → on) and a character's pack.

    Their word counts before the plugin's own default; a pack can only switch off. What requires a plugin
    that is off, is off too.
    """
    names = set()
    for name, plugin in registry.plugins.items():
        manifest = plugin.manifest
        on = manifest.required or switches.get(name, manifest.default_on)
        if on and character is not None and not manifest.required:
            on = character.enabled.get(name, True)
        # Plugins are in order of load, so what they require has been decided before them.
        if on and all(required in names for required in manifest.requires):
            names.add(name)
    return registry.active(names)
