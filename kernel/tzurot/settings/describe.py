"""What is derived from the registry for editors and readers: JSON Schema and the table in the docs."""

from __future__ import annotations

from collections.abc import Iterable

from tzurot.payloads.generation import JsonValue
from tzurot.settings.fields import OFF, to_json
from tzurot.settings.kinds import Schema
from tzurot.settings.registry import AnyField, Registry
from tzurot.settings.scopes import EVERYWHERE, Scope


def field_schema(field: AnyField) -> Schema:
    """The JSON Schema of one setting, with a description for an editor's hover."""
    schema = field.kind.schema()
    if field.nullable_off:
        schema = {"anyOf": [schema, {"const": OFF.value}]}
    default: JsonValue = to_json(field.default)
    return {**schema, "title": field.name, "description": _hover(field), "default": default}


def schema(registry: Registry, scope: Scope) -> Schema:
    """The JSON Schema of a bag of settings at ``scope``: ``settings:`` in packs, a guild's stored bag."""
    return {
        "type": "object",
        "title": f"Settings for a {scope.words}",
        "description": "Leave a setting out to inherit it; `off`, where it is legal, is a choice of its own.",
        "properties": {each.name: field_schema(each) for each in registry.at(scope)},
        "additionalProperties": False,
    }


def lock_schema(registry: Registry, scope: Scope) -> Schema:
    """The JSON Schema of the names that ``scope`` may lock."""
    names: list[JsonValue] = [each.name for each in registry.at(scope)]
    return {"type": "array", "items": {"enum": names}, "uniqueItems": True}


def table(registry: Registry) -> str:
    """The settings as markdown, a table per category."""
    groups: dict[str, list[AnyField]] = {}
    for each in registry:
        groups.setdefault(each.category, []).append(each)
    return "\n\n".join(_group(title, fields) for title, fields in groups.items()) + "\n"


def _group(title: str, fields: Iterable[AnyField]) -> str:
    rows = [f"### {title.capitalize()}", "", "| setting | value | default | set by | what it does |"]
    rows.append("|---|---|---|---|---|")
    rows.extend(_row(each) for each in fields)
    return "\n".join(rows)


def _row(each: AnyField) -> str:
    who = "all" if each.scopes == EVERYWHERE else ", ".join(s.words for s in sorted(each.scopes))
    cells = (f"`{each.name}`", each.expects, f"`{_shown(to_json(each.default))}`", who, _hover(each))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _hover(each: AnyField) -> str:
    off = f" Off: {each.off}." if each.nullable_off else ""
    return f"{each.description}{off}"


def _shown(value: JsonValue) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
