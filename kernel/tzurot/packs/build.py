"""From what an author wrote to the immutable pack that turns use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, JsonValue

from tzurot.packs.compiled import Character, Line, Pack, Voice
from tzurot.packs.folder import Folder
from tzurot.packs.grammar import Grammar
from tzurot.packs.models import CharacterModel, ExampleLine, PackFile, Profile
from tzurot.packs.problems import Finding, Trail
from tzurot.packs.semantics import is_address

Blocks = Mapping[str, Mapping[str, Any]]
Configs = Mapping[str, BaseModel]

_SPEAKER = re.compile(r"^\s*(?:\{\{)?(user|char)(?:\}\})?:[ \t]*", re.MULTILINE)


class PluginSettings:
    """The plugins' settings of one pack: validated once, shared by all who override nothing."""

    def __init__(self, grammar: Grammar, blocks: Blocks) -> None:
        self.findings: list[Finding] = []
        self._grammar = grammar
        self._raw = {name: _settings_of(block) for name, block in blocks.items()}
        self.enabled = _switches(blocks)
        configs = dict(grammar.defaults)
        for name, raw in self._raw.items():
            self._set(configs, name, raw, ("plugins", name))
        self.configs: Configs = MappingProxyType(configs)

    def of_character(self, index: int, blocks: Blocks) -> tuple[Configs, Mapping[str, bool]]:
        """A character's own settings over the pack's, and its switches."""
        own = {name: raw for name, block in blocks.items() if (raw := _settings_of(block))}
        switches = _switches(blocks)
        enabled = MappingProxyType({**self.enabled, **switches}) if switches else self.enabled
        if not own:
            return self.configs, enabled
        configs = dict(self.configs)
        for name, raw in own.items():
            merged = {**self._raw.get(name, {}), **raw}
            self._set(configs, name, merged, ("characters", index, "plugins", name))
        return MappingProxyType(configs), enabled

    def _set(self, configs: dict[str, BaseModel], name: str, raw: Mapping[str, Any], trail: Trail) -> None:
        config, findings = self._grammar.config(name, raw, trail)
        self.findings.extend(findings)
        if config is not None:
            configs[name] = config


def build(file: PackFile, folder: Folder, plugins: PluginSettings, blocks: list[Blocks], digest: str) -> Pack:
    """The compiled pack; ``blocks`` are the characters' own plugin settings as written."""
    characters = tuple(
        _character(each, file, folder, plugins.of_character(index, blocks[index]))
        for index, each in enumerate(file.characters)
    )
    return Pack(
        id=folder.id,
        name=file.name,
        characters=characters,
        description=file.description,
        authors=tuple(file.authors),
        license=file.license,
        tags=tuple(file.tags),
        version=file.version,
        folder=folder.path,
        digest=digest,
        plugin_settings=plugins.configs,
        enabled=plugins.enabled,
    )


def _character(
    written: CharacterModel, file: PackFile, folder: Folder, plugins: tuple[Configs, Mapping[str, bool]]
) -> Character:
    configs, enabled = plugins
    settings: dict[str, JsonValue] = {**file.settings, **written.settings}
    avatar = written.avatar
    return Character(
        id=written.id,
        pack=folder.id,
        name=written.name,
        aliases=tuple(written.aliases),
        avatar=avatar if avatar is None or is_address(avatar) else folder.path / avatar,
        profile=MappingProxyType(_profile(written.profile)),
        style=written.style.strip(),
        greeting=written.greeting.strip(),
        greetings=tuple(each.strip() for each in written.greetings),
        examples=tuple(_example(each) for each in written.examples),
        tags=tuple(written.tags),
        settings=MappingProxyType(settings),
        talkativeness=written.talkativeness,
        error_line=written.error_line.strip(),
        age_restricted=written.age_restricted,
        plugin_settings=configs,
        enabled=enabled,
    )


def _profile(written: Profile) -> dict[str, str]:
    """The sections that say something, the author's own after the standard ones."""
    standard = {name: getattr(written, name) for name in Profile.model_fields if name != "sections"}
    everything = {**standard, **written.sections}
    return {title: text.strip() for title, text in everything.items() if text.strip()}


def _example(written: list[ExampleLine] | str) -> tuple[Line, ...]:
    if isinstance(written, str):
        return _example_text(written)
    return tuple(
        Line(Voice.USER, each.user.strip())
        if each.user is not None
        else Line(Voice.CHAR, (each.char or "").strip())
        for each in written
    )


def _example_text(text: str) -> tuple[Line, ...]:
    """Lines of a dialogue that was written as one text, with ``user:`` and ``char:`` before each."""
    before, *parts = _SPEAKER.split(text)
    lines = [Line(Voice.CHAR, before.strip())] if before.strip() else []
    spoken = zip(parts[::2], parts[1::2], strict=True)
    lines += [Line(Voice(voice), said.strip()) for voice, said in spoken if said.strip()]
    return tuple(lines)


def _settings_of(block: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in block.items() if key != "enabled"}


def _switches(blocks: Blocks) -> Mapping[str, bool]:
    return MappingProxyType({name: block["enabled"] for name, block in blocks.items() if "enabled" in block})
