"""The documentation tells the truth: what can be read off the code is, and examples are valid."""

from __future__ import annotations

import ast
import re

import pytest
from click.testing import CliRunner
from tests.repository.tree import ROOT, report, sources, tracked

from tzurot.cli import root

BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
EVERY_HOOK = ROOT / "tests" / "kernel" / "hooks" / "test_every_hook.py"


def _pages() -> list[tuple[str, str]]:
    return [(name, (ROOT / name).read_text("utf-8")) for name in tracked() if name.endswith(".md")]


def _blocks(language: str) -> list[tuple[str, str]]:
    found = []
    for name, text in _pages():
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append((match["language"], f"{name}:{line}", match["text"]))
    return [(where, block) for written_in, where, block in found if written_in == language]


def test_what_is_read_off_the_code_is_up_to_date(generator):
    outdated = [
        str(page.relative_to(ROOT))
        for page in generator.pages()
        if generator.rendered(page) != page.read_text("utf-8")
    ]
    assert not outdated, report("Out of date; run: python docs/generate.py", outdated)


def test_every_hook_is_documented_with_its_contract(generator):
    page = (ROOT / "docs" / "hooks.md").read_text("utf-8")
    missing = [name for name in generator.hooks() if f"### `{name}`" not in page]
    assert not missing, report("Hooks that docs/hooks.md does not have:", missing)
    silent = [name for name, hook in generator.hooks().items() if not (hook.__doc__ or "").strip()]
    assert not silent, report("Hooks without a docstring:", silent)


def test_every_hook_has_a_test(generator):
    tree = ast.parse(EVERY_HOOK.read_text("utf-8"))
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    missing = [name for name in generator.hooks() if f"test_hook_{name}" not in tests]
    assert not missing, report(f"Hooks without test_hook_<name> in {EVERY_HOOK.relative_to(ROOT)}:", missing)


def test_every_hook_has_an_implementer_in_the_tree(generator):
    implemented = {
        function.name
        for source in sources("plugins")
        for function in source.functions()
        if any("hookimpl" in ast.unparse(mark) for mark in function.decorator_list)
    }
    idle = [name for name in generator.hooks() if name not in implemented]
    assert not idle, report("Hooks that no first-party plugin implements; leave them out:", idle)


def test_every_pack_in_the_documentation_passes_the_check(tmp_path):
    refused = []
    for number, (where, text) in enumerate(_blocks("yaml")):
        if not re.match(r"(#.*\n)*schema:", text):
            continue
        folder = tmp_path / f"example-{number}"
        folder.mkdir()
        (folder / "pack.yaml").write_text(text, "utf-8")
        result = CliRunner().invoke(root, ["check", str(folder)])
        if result.exit_code:
            refused.append(f"{where}\n{result.output}")
    assert not refused, report("Examples that tzurot check refuses:", refused)


def test_every_python_example_is_python():
    broken = []
    for where, text in _blocks("python"):
        if where.startswith("docs/hooks.md"):  # signatures, without bodies
            continue
        try:
            ast.parse(text)
        except SyntaxError as error:
            broken.append(f"{where}: {error}")
    assert not broken, report("Examples that are no Python:", broken)


def test_every_relative_link_leads_somewhere():
    dead = []
    for name, text in _pages():
        for match in LINK.finditer(text):
            target = match["target"].partition("#")[0]
            if "://" not in target and target and not ((ROOT / name).parent / target).exists():
                dead.append(f"{name}: {match['target']}")
    assert not dead, report("Links that lead nowhere:", dead)


def test_the_readme_has_exactly_two_set_up_commands_near_its_top():
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    commands = [line for line in lines[:60] if line.startswith("pip install")]
    assert commands == [
        "pip install uv && uv run --extra local tzurot chat",
        "pip install uv && uv run --extra local pytest",
    ]


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "LICENSE"])
def test_the_pages_that_everybody_looks_for_have_text(name):
    assert len((ROOT / name).read_text("utf-8")) > 200
