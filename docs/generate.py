"""Write the parts of the documentation that are read off the code, between their markers.

``python docs/generate.py`` writes them, ``--check`` only says which pages are out of date. A page asks for
a part with ``<!-- NAME:begin -->`` and ``<!-- NAME:end -->``; NAME is one of ``PARTS``.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from types import FunctionType
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from tzurot.config import Config, variable
from tzurot.hooks.markers import Mode, OnError, policy_of
from tzurot.plugin import Plugin
from tzurot.settings.describe import table as settings_table
from tzurot.settings.registry import CORE

ROOT = Path(__file__).parents[1]
PLUGINS = ROOT / "plugins" / "tzurot_plugins"
MARKERS = re.compile(r"(<!-- (?P<name>\w+):begin -->\n)(?P<text>.*?)(<!-- (?P=name):end -->)", re.DOTALL)

Schema = dict[str, Any]


# --- hooks ---------------------------------------------------------------------------------------------


def hooks() -> dict[str, FunctionType]:
    """Every hook of ``Plugin`` in the order of the source, which is the order of a turn."""
    found = {}
    for name, function in vars(Plugin).items():
        if isinstance(function, FunctionType):
            try:
                policy_of(function)
            except LookupError:
                continue
            found[name] = function
    return found


def hook_reference() -> str:
    """The modes, and every hook with its signature, policy and contract."""
    lines = ["## Modes", "", "| mode | how it runs |", "|---|---|"]
    lines += [f"| {member} | {_cell(text)} |" for member, text in _members(Mode).items()]
    stages = _stages()
    stage = ""
    for name, function in hooks().items():
        if stages[name] != stage:
            stage = stages[name]
            lines += ["", f"## {stage[0].upper()}{stage[1:]}"]
        lines += ["", *_hook(name, function)]
    return "\n".join(lines) + "\n"


def _hook(name: str, function: FunctionType) -> list[str]:
    policy = policy_of(function)
    colour = "async def" if inspect.iscoroutinefunction(function) else "def"
    given = str(inspect.signature(function)).replace("'", "")
    facts = [f"**{policy.mode}**"]
    if policy.mode in {Mode.LIFE, Mode.COLLECT, Mode.FIRST, Mode.FOLD, Mode.NOTIFY}:
        facts.append(f"time-out {policy.timeout:g} s" if policy.timeout else "no time-out")
        facts.append(
            "a failure fails the call" if policy.on_error is OnError.RAISE else "a failure is passed over"
        )
    return [
        f"### `{name}`",
        "",
        "```python",
        f"{colour} {name}{given}",
        "```",
        "",
        " · ".join(facts),
        "",
        _markdown(inspect.getdoc(function) or ""),
    ]


def _stages() -> dict[str, str]:
    """The stage of each hook: the ``# --- headline ---`` above it in the source."""
    stages, stage = {}, "Hooks"
    for line in inspect.getsource(Plugin).splitlines():
        if headline := re.match(r"\s*# --- (.+?) -{3,}", line):
            stage = headline[1]
        elif method := re.match(r"    (?:async )?def (\w+)", line):
            stages[method[1]] = stage
    return stages


def _members(kind: type[StrEnum]) -> dict[str, str]:
    """The members of an enum with the strings that document them, which exist in the source only."""
    tree = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(tree, ast.ClassDef)
    found, name = {}, ""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            name = ast.literal_eval(node.value)
        elif name and isinstance(node, ast.Expr):
            found[name] = ast.literal_eval(node.value)
    return found


# --- settings of plugins and of the instance --------------------------------------------------------------


def plugin_class(folder: str) -> type[Plugin[Any]]:
    """The plugin of a first-party folder.

    Raises:
        LookupError: the package has no subclass of ``Plugin`` of its own.
    """
    package = importlib.import_module(f"tzurot_plugins.{folder}")
    for value in vars(package).values():
        if (
            isinstance(value, type)
            and issubclass(value, Plugin)
            and value.__module__.startswith(package.__name__)
        ):
            return value
    raise LookupError(f"tzurot_plugins.{folder} has no plugin: expected a subclass of tzurot.Plugin.")


def plugin_settings(folder: str) -> str:
    """The settings of a plugin: what packs may say, and what the instance may."""
    plugin = plugin_class(folder)
    parts = []
    if plugin.config_model.model_fields:
        parts.append(f"In a pack, under `plugins.{folder}`:\n\n{pack_table(plugin.config_model)}")
    if plugin.manifest.operator is not None:
        where = f"under `plugins.{folder}` of `tzurot.yaml` or by environment variable"
        parts.append(
            f"For the whole instance, {where}:\n\n{operator_table(plugin.manifest.operator, folder)}"
        )
    return "\n".join(parts) if parts else "None: it works as it is.\n"


def pack_table(model: type[BaseModel]) -> str:
    """Every setting of a model, nested ones by their path."""
    lines = ["| setting | value | default | what it does |", "|---|---|---|---|"]
    schema = model.model_json_schema()
    lines += [f"| `{path}` | {value} | {default} | {text} |" for path, value, default, text in _rows(schema)]
    return "\n".join(lines) + "\n"


def operator_table(model: type[BaseModel], plugin: str = "") -> str:
    """Every instance-wide setting with its environment variable."""
    lines = ["| setting | environment | value | default | what it does |", "|---|---|---|---|---|"]
    schema = model.model_json_schema()
    for path, value, default, text in _rows(schema):
        top = path.partition(".")[0].partition("[")[0]
        settable = path == top and not value.startswith("mapping")
        environment = f"`{variable(model, top, plugin)}`" if settable else ""
        lines.append(f"| `{path}` | {environment} | {value} | {default} | {text} |")
    return "\n".join(lines) + "\n"


def _rows(schema: Schema) -> Iterator[tuple[str, str, str, str]]:
    definitions = schema.get("$defs", {})

    def walk(node: Schema, prefix: str, seen: tuple[str, ...]) -> Iterator[tuple[str, str, str, str]]:
        for name, field in node.get("properties", {}).items():
            path = prefix + name
            described = _markdown(field.get("description", ""))
            yield (
                path,
                _value(field, definitions),
                _default(field, name in node.get("required", ())),
                _cell(described),
            )
            for suffix, reference in _nested(field):
                if reference not in seen:
                    yield from walk(definitions[reference], f"{path}{suffix}.", (*seen, reference))

    yield from walk(schema, "", ())


def _nested(field: Schema, suffix: str = "") -> Iterator[tuple[str, str]]:
    """The models inside a field, with how a path goes on to them: nothing, ``[]`` or ``.<name>``."""
    if "$ref" in field:
        yield suffix, field["$ref"].rpartition("/")[2]
    for choice in (*field.get("anyOf", ()), *field.get("oneOf", ()), *field.get("allOf", ())):
        yield from _nested(choice, suffix)
    if isinstance(items := field.get("items"), dict):
        yield from _nested(items, f"{suffix}[]")
    if isinstance(values := field.get("additionalProperties"), dict):
        yield from _nested(values, f"{suffix}.<name>")


def _default(field: Schema, required: bool) -> str:
    value = field.get("default", PydanticUndefined)
    if required:
        return "required"
    if value is PydanticUndefined or value in (None, "", [], {}):
        return ""
    shown = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return f"`{_cell(shown)}`"


def _value(field: Schema, definitions: Schema) -> str:
    """What may be written, in words."""
    if "$ref" in field:
        return _value(definitions[field["$ref"].rpartition("/")[2]], definitions)
    if choices := field.get("anyOf") or field.get("oneOf") or field.get("allOf"):
        said = [_value(choice, definitions) for choice in choices if choice.get("type") != "null"]
        return " or ".join(dict.fromkeys(said))
    if "const" in field or "enum" in field:
        return ", ".join(f"`{choice}`" for choice in field.get("enum", [field.get("const")]))
    kind = field.get("type", "")
    words = _WORDS.get(kind)
    return words(field, definitions) if words else "anything"


def _text(field: Schema, _: Schema) -> str:
    word = {"password": "secret", "path": "path", "file-path": "path", "uri": "address"}.get(
        field.get("format", "")
    )
    longest = f", up to {field['maxLength']} characters" if "maxLength" in field else ""
    return (word or "text") + longest


def _number(field: Schema, _: Schema) -> str:
    word = "whole number" if field["type"] == "integer" else "number"
    least, most = field.get("minimum"), field.get("maximum")
    if least is not None and most is not None:
        return f"{word}, {least:,} to {most:,}"
    bounds = (
        ("at least", least),
        ("more than", field.get("exclusiveMinimum")),
        ("at most", most),
        ("less than", field.get("exclusiveMaximum")),
    )
    return ", ".join([word, *(f"{how} {bound:,}" for how, bound in bounds if bound is not None)])


def _list(field: Schema, definitions: Schema) -> str:
    items = field.get("items")
    return f"list of: {_value(items, definitions)}" if isinstance(items, dict) else "list"


def _mapping(field: Schema, definitions: Schema) -> str:
    values = field.get("additionalProperties")
    return f"mapping of names to: {_value(values, definitions)}" if isinstance(values, dict) else "mapping"


_WORDS: dict[str, Callable[[Schema, Schema], str]] = {
    "array": _list,
    "boolean": lambda *_: "true or false",
    "integer": _number,
    "null": lambda *_: "nothing",
    "number": _number,
    "object": _mapping,
    "string": _text,
}


# --- pages ----------------------------------------------------------------------------------------------


def _markdown(docstring: str) -> str:
    return docstring.replace("``", "`")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("``", "`")


PARTS: dict[str, Callable[[Path], str]] = {
    "hooks": lambda _: hook_reference(),
    "settings": lambda page: plugin_settings(page.parent.name),
    "parameters": lambda _: settings_table(CORE),
    "instance": lambda _: operator_table(Config),
}
"""What pages may ask for; ``settings`` is for the README of a plugin."""


def pages() -> list[Path]:
    """Every page that may have generated parts."""
    return sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *PLUGINS.glob("*/README.md")])


def rendered(page: Path) -> str:
    """The page as it should be."""

    def fresh(found: re.Match[str]) -> str:
        name = found["name"]
        if name not in PARTS:
            raise LookupError(f"{page}: unknown part {name!r}; known are {', '.join(PARTS)}.")
        return f"{found[1]}{PARTS[name](page)}{found[4]}"

    return MARKERS.sub(fresh, page.read_text("utf-8"))


def main(arguments: list[str]) -> int:
    """Write the pages that are out of date, or only name them."""
    outdated = [page for page in pages() if rendered(page) != page.read_text("utf-8")]
    for page in outdated:
        sys.stdout.write(f"{page.relative_to(ROOT)}\n")
        if "--check" not in arguments:
            page.write_text(rendered(page), "utf-8")
    return 1 if outdated and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
