"""What stands at the top, and what no tracked file may contain."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest
from tests.repository.tree import ROOT, plugin_folders, project, report, tracked

TOP = {
    ".ci",
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "docs",
    "kernel",
    "packs",
    "plugins",
    "pyproject.toml",
    "schemas",
    "tests",
}
BINARY = {".xz", ".gz", ".png", ".webp", ".jpg", ".ico", ".wav", ".ogg", ".db", ".zip", ".gguf"}
LARGEST_FILE = 2_000_000

MACHINE_PATH = re.compile(r"""(?<![\w.~$}/-])/(?:root|work|home/\w+|Users/\w+|mnt|opt/wheels)/""")
REGISTRY_HOST = re.compile(
    r"\b(?:pypi|crates|npmjs|pythonhosted|maven|sonatype)\.(?:org|io|com)\b|\bproxy\.golang\b|\bdeb\.debian\b"
)
CREDENTIAL = re.compile(
    r"\bsk-(?:or-v1-)?[A-Za-z0-9]{32,}|\bgh[pousr]_[A-Za-z0-9]{36}|-----BEGIN [A-Z ]*PRIVATE"
)


def _texts() -> list[tuple[str, str]]:
    names = (name for name in tracked() if PurePosixPath(name).suffix not in BINARY)
    return [(name, (ROOT / name).read_text("utf-8")) for name in names]


def test_only_known_entries_stand_at_the_top():
    strange = sorted({name.split("/")[0] for name in tracked()} - TOP)
    assert not strange, report("Unknown top-level entries:", strange)


def test_every_room_of_the_source_is_a_package():
    """Without ``__init__.py`` a room would be missing from nothing but type checks and import contracts."""
    folders = {
        PurePosixPath(name).parent
        for name in tracked()
        if name.endswith(".py") and name.split("/")[0] in {"kernel", "plugins"}
    }
    bare = [str(folder) for folder in folders if not (ROOT / folder / "__init__.py").is_file()]
    assert not bare, report("Folders with code but without __init__.py:", bare)


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a path of somebody's machine", MACHINE_PATH),
        ("the host of a package registry", REGISTRY_HOST),
        ("a credential", CREDENTIAL),
    ],
)
def test_no_file_contains(what, pattern):
    found = [
        f"{name}:{number}: {match[0]}"
        for name, text in _texts()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := pattern.search(line))
    ]
    assert not found, report(f"Files that contain {what}:", found)


def test_no_file_is_large():
    large = [name for name in tracked() if (ROOT / name).stat().st_size > LARGEST_FILE]
    assert not large, report(f"Files over {LARGEST_FILE} bytes:", large)


def test_the_folders_of_plugins_and_the_entry_points_are_the_same():
    declared = project()["project"]["entry-points"]["tzurot.plugins"]
    wrong = [
        f"{folder}: declare it in pyproject.toml" for folder in plugin_folders() if folder not in declared
    ]
    wrong += [f"{name}: no such folder" for name in declared if name not in plugin_folders()]
    wrong += [
        f"{name} = {target}: points into another package"
        for name, target in declared.items()
        if not target.startswith(f"tzurot_plugins.{name}:")
    ]
    assert not wrong, report("Entry points [project.entry-points.'tzurot.plugins']:", wrong)
