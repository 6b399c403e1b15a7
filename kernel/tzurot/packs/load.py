"""One pack from its folder: read, put together, checked and built, with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tzurot.packs.build import Blocks, PluginSettings, build
from tzurot.packs.compiled import Pack
from tzurot.packs.folder import PACK_FILE, Folder
from tzurot.packs.grammar import Grammar, unmatched
from tzurot.packs.includes import Places, read_pack
from tzurot.packs.problems import Finding, Problem, Severity, Trail, in_order
from tzurot.packs.semantics import beyond_schema, unreadable


class Lint(Protocol):
    """A look at a good pack that yields ``(trail, text)`` for what may not be meant."""

    @property
    def name(self) -> str:
        """The lint's name."""

    @property
    def check(self) -> Callable[[Pack], Iterable[tuple[Trail, str]]]:
        """What looks at a pack."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a folder: a pack, if it has no errors, and its problems in order."""

    pack: Pack | None
    problems: tuple[Problem, ...]


def load(path: Path, grammar: Grammar, digest: str = "", lints: Sequence[Lint] = ()) -> Loaded:
    """Load the pack in a folder. Never raises for what stands in its files."""
    folder = Folder(path)
    assembled = read_pack(folder, PACK_FILE)
    problems = list(assembled.problems)
    pack = None
    if assembled.complete:
        pack, findings = _checked(assembled.value, folder, grammar, digest)
        problems += [assembled.places.problem(finding) for finding in findings]
    if any(problem.is_error for problem in problems):
        return Loaded(None, in_order(problems))
    if pack is not None:
        problems += _linted(pack, lints, assembled.places)
    return Loaded(pack, in_order(problems))


def _checked(value: Any, folder: Folder, grammar: Grammar, digest: str) -> tuple[Pack | None, list[Finding]]:
    first = unreadable(value)
    if first is not None:
        return None, [first]
    findings = _set_strangers_aside(value, grammar)
    faults = grammar.faults(value)
    typed, typed_findings = grammar.typed(value)
    blocks, own = _blocks(value)
    plugins = PluginSettings(grammar, blocks)
    pack = None
    if typed is None:
        for index, each in enumerate(own):
            plugins.of_character(index, each)
    else:
        typed_findings = beyond_schema(typed, folder)
        pack = build(typed, folder, plugins, own, digest)
    findings += faults
    findings += unmatched(faults, [*typed_findings, *plugins.findings])
    return pack, findings


def _set_strangers_aside(value: dict[str, Any], grammar: Grammar) -> list[Finding]:
    """Take out the settings of plugins that aren't installed, and say so."""
    listed = value.get("uses")
    uses = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    owners: list[tuple[dict[str, Any], Trail]] = [(value, ())]
    characters = value.get("characters")
    if isinstance(characters, list):
        owners += [(each, ("characters", at)) for at, each in enumerate(characters) if isinstance(each, dict)]
    findings: list[Finding] = []
    for owner, trail in owners:
        if "plugins" in owner:
            owner["plugins"], strange = grammar.strangers(owner["plugins"], (*trail, "plugins"), uses)
            findings += strange
    return findings


def _blocks(value: dict[str, Any]) -> tuple[Blocks, list[Blocks]]:
    """The plugin settings of the pack and of each character, as far as they are mappings."""
    characters = value.get("characters")
    listed = characters if isinstance(characters, list) else []
    return _block(value), [_block(each) for each in listed]


def _block(owner: Any) -> Blocks:
    blocks = owner.get("plugins") if isinstance(owner, dict) else None
    if not isinstance(blocks, dict):
        return {}
    return {name: block for name, block in blocks.items() if isinstance(block, dict)}


def _linted(pack: Pack, lints: Sequence[Lint], places: Places) -> list[Problem]:
    problems: list[Problem] = []
    for lint in lints:
        try:
            found = [
                Finding(tuple(trail), text, severity=Severity.WARNING) for trail, text in lint.check(pack)
            ]
        except Exception as error:  # noqa: BLE001  (a plugin's lint may raise anything)
            text = f"the lint {lint.name} failed ({type(error).__name__}: {error})."
            found = [Finding((), text, "Tell the plugin's author.", severity=Severity.WARNING)]
        problems += [places.problem(each) for each in found]
    return problems
