"""The code keeps its shape: sizes, annotations, docstrings and names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.repository.tree import ROOT, Function, Source, percentile, plugin_folders, report, sources

CODE = ("kernel", "plugins")
EVERYTHING = (*CODE, "tests", "docs")
FILE_LINES, FUNCTION_LINES, PARAMETERS = 500, 60, 7
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "base", "misc", "stuff"}


def _code() -> list[Source]:
    return [source for source in sources(*CODE) if not source.migration]


def _parameters(function: Function) -> list[ast.arg]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [one for one in named if one.arg not in {"self", "cls"}]


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _public(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """The documented surface: public functions, classes and their public methods; no overloads or setters."""
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        marks = {ast.unparse(mark).rpartition(".")[2] for mark in node.decorator_list}
        if node.name.startswith("_") or node.name == "Meta" or marks & {"overload", "setter", "override"}:
            continue
        yield prefix + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from _public(node.body, f"{prefix}{node.name}.")


def test_no_file_is_longer_than_500_lines():
    long = [f"{s.path}: {s.lines} lines" for s in sources(*EVERYTHING) if s.lines > FILE_LINES]
    assert not long, report(f"Files over {FILE_LINES} lines; split them by subject:", long)


def test_no_function_is_longer_than_60_lines():
    long = [
        f"{source.where(function)} {function.name}: {_length(function)} lines"
        for source in sources(*EVERYTHING)
        if not source.migration
        for function in source.functions()
        if _length(function) > FUNCTION_LINES
    ]
    assert not long, report(f"Functions over {FUNCTION_LINES} lines; give their parts names:", long)


def test_files_and_functions_stay_small_as_a_whole():
    files = [source.lines for source in _code()]
    functions = [_length(function) for source in _code() for function in source.functions()]
    parameters = [len(_parameters(function)) for source in _code() for function in source.functions()]
    measured = {
        "median of file lines <= 120": percentile(files, 0.5) <= 120,
        "90th percentile of file lines <= 350": percentile(files, 0.9) <= 350,
        "median of function lines <= 10": percentile(functions, 0.5) <= 10,
        "90th percentile of function lines <= 25": percentile(functions, 0.9) <= 25,
        "90th percentile of parameters <= 4": percentile(parameters, 0.9) <= 4,
    }
    missed = [name for name, kept in measured.items() if not kept]
    assert not missed, report("The code as a whole has outgrown:", missed)


def test_no_function_takes_more_than_seven_parameters():
    wide = [
        f"{source.where(function)} {function.name}: {len(_parameters(function))} parameters"
        for source in _code()
        for function in source.functions()
        if len(_parameters(function)) > PARAMETERS
    ]
    assert not wide, report("Functions that want a dataclass:", wide)


def test_every_function_is_annotated():
    bare = []
    for source in _code():
        for function in source.functions():
            silent = [one.arg for one in _parameters(function) if one.annotation is None]
            if function.returns is None:
                silent.append("return")
            if silent:
                bare.append(f"{source.where(function)} {function.name}: {', '.join(silent)}")
    assert not bare, report("Not annotated:", bare)


def test_every_module_says_its_purpose_in_its_first_sentence():
    silent = []
    for source in sources(*EVERYTHING):
        first = (ast.get_docstring(source.tree) or "").split("\n\n")[0].strip()
        if not source.migration and source.text.strip() and not first.endswith((".", "?", "!", ":")):
            silent.append(source.path)
    assert not silent, report("Modules whose docstring does not start with a sentence:", silent)


def test_every_public_name_of_the_kernel_is_documented():
    silent = [
        f"{source.where(node)} {name}"
        for source in sources("kernel")
        if not source.migration
        for name, node in _public(source.tree.body)
        if not ast.get_docstring(node)
    ]
    assert not silent, report("Public names without a docstring:", silent)


def test_names_say_the_thing():
    empty = []
    for source in sources(*EVERYTHING):
        if set(source.path.removesuffix(".py").lower().split("/")) & EMPTY_NAMES:
            empty.append(source.path)
        empty += [
            f"{source.where(node)} {node.name}"
            for node in ast.walk(source.tree)
            if isinstance(node, ast.ClassDef) and re.search(r"Manager|Helper|Utils?\b", node.name)
        ]
    assert not empty, report("Names that say nothing:", empty)


def test_time_sleep_stands_with_its_reason():
    """It blocks the loop; in a thread, where nothing tells of an event, the code says why it must be."""
    bare = []
    for source in sources(*EVERYTHING):
        lines = source.text.splitlines()
        for function in source.functions():
            explained = "\n\n" in (ast.get_docstring(function) or "")
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}:
                    nearby = lines[max(0, node.lineno - 2) : node.lineno]
                    if not explained and not any("#" in line for line in nearby):
                        bare.append(source.where(node))
    assert not bare, report("Blocking sleeps that don't say why:", bare)


def test_tests_wait_for_events_and_not_for_time():
    """A fake that is slow on purpose is an inner function and may sleep; a test's own body may not."""
    sleeps = []
    for source in sources("tests"):
        for test in source.functions():
            if test.name.startswith("test_"):
                sleeps += [source.where(call) for call in _own_sleeps(test)]
    assert not sleeps, report("Tests that sleep; wait for the event itself:", sleeps)


def _own_sleeps(test: Function) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = list(test.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if called == "asyncio.sleep" and ast.unparse(node.args[0]) not in {"0", "0.0"}:
            yield node
        waiting.extend(ast.iter_child_nodes(node))


def test_every_ignored_type_error_has_a_code_and_a_reason():
    comment = re.compile(r"#\s*type:\s*ignore(?P<code>\[[\w, -]+\])?(?P<reason>\s+#\s*\S+)?")
    bare = [
        f"{source.path}:{number}"
        for source in sources(*CODE)
        for number, line in enumerate(source.text.splitlines(), 1)
        if (found := comment.search(line)) and not (found["code"] and found["reason"])
    ]
    assert not bare, report("# type: ignore without [code]  # and the reason:", bare)


def test_the_tree_of_tests_mirrors_the_source():
    rooms = {path.stem for path in (ROOT / "kernel" / "tzurot").iterdir()}
    known = {"kernel": rooms, "plugins": set(plugin_folders())}
    strange = []
    for source in sources("tests"):
        top, *rest = source.path.split("/")[1:]
        if top in known and len(rest) > 1 and rest[0] not in known[top]:
            strange.append(source.path)
    assert not strange, report("Tests of a room that does not exist:", strange)
