"""The repository as the tests about it see it: tracked files, and the source files parsed once."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One Python file."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How long the file is."""
        return self.text.count("\n")

    @property
    def migration(self) -> bool:
        """Whether the file was written by the migration generator."""
        return "/migrations/" in self.path

    @property
    def module(self) -> str:
        """The dotted name: ``kernel/tzurot/app.py`` is ``tzurot.app``."""
        return ".".join(Path(self.path).with_suffix("").parts[1:]).removesuffix(".__init__")

    def functions(self) -> tuple[Function, ...]:
        """Every function, method and inner function."""
        return _functions(self.tree)

    def where(self, node: ast.AST) -> str:
        """``path:line`` of a node, as editors open it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@cache
def _functions(tree: ast.Module) -> tuple[Function, ...]:
    return tuple(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


@cache
def tracked() -> tuple[str, ...]:
    """Every file that git knows or would add, so a new file is judged before it is committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return tuple(sorted(name for name in set(listed.split("\0")) if name and (ROOT / name).is_file()))


@cache
def _parsed(name: str) -> Source:
    text = (ROOT / name).read_text("utf-8")
    return Source(name, text, ast.parse(text, name))


@cache
def sources(*tops: str) -> tuple[Source, ...]:
    """The Python files below these top-level folders."""
    return tuple(_parsed(name) for name in tracked() if name.endswith(".py") and name.split("/")[0] in tops)


@cache
def plugin_folders() -> tuple[str, ...]:
    """The names of the first-party plugins: the packages below ``plugins/tzurot_plugins``."""
    prefix = "plugins/tzurot_plugins/"
    inside = (name.removeprefix(prefix) for name in tracked() if name.startswith(prefix))
    return tuple(sorted({name.split("/")[0] for name in inside if "/" in name}))


@cache
def project() -> dict[str, Any]:
    """``pyproject.toml``."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def percentile(values: list[int], share: float) -> int:
    """The value that ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0


def report(what: str, offenders: list[str]) -> str:
    """One message with every offender, so that nobody mends them one run at a time."""
    return f"{what}\n" + "\n".join(f"  {one}" for one in sorted(offenders))
