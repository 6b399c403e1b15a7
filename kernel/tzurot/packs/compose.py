"""The schema of a pack, composed from the kernel's models, the settings' schema and every plugin's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tzurot.packs.models import PackFile
from tzurot.settings.describe import schema as settings_schema
from tzurot.settings.registry import CORE
from tzurot.settings.scopes import Scope

Schema = dict[str, Any]
PluginSchemas = Mapping[str, type[BaseModel]]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# Keys of a schema whose value maps names to schemas, and those whose value is no schema at all.
_NAMED = frozenset({"properties", "$defs", "patternProperties"})
_DATA = frozenset({"enum", "const", "examples", "default", "required"})

_ENABLED: Schema = {
    "type": "boolean",
    "description": "Whether the plugin works here; absent, what the server or its owner decided stays.",
}
_FILE: Schema = {
    "type": "object",
    "description": "A text kept in a file of its own beside the pack.",
    "properties": {
        "file": {
            "type": "string",
            "pattern": r"\.(md|txt)$",
            "description": "A .md or .txt file of this pack.",
        }
    },
    "required": ["file"],
    "additionalProperties": False,
}
_INCLUDE: Schema = {
    "type": "object",
    "description": "What one or more YAML files of this pack hold.",
    "properties": {
        "include": {
            "description": "A .yaml file of this pack, a pattern such as lorebooks/*.yaml, or several.",
            "anyOf": [
                {"type": "string", "pattern": r"\.ya?ml$"},
                {"type": "array", "items": {"type": "string", "pattern": r"\.ya?ml$"}, "minItems": 1},
            ],
        }
    },
    "required": ["include"],
    "additionalProperties": False,
}


def compose(plugins: PluginSchemas, settings: Schema | None = None) -> Schema:
    """The schema that a whole pack is checked against once its files are put together.

    ``settings`` is the schema of model and behaviour settings, by default that of the kernel's.
    """
    settings = settings_schema(CORE, Scope.CHARACTER) if settings is None else settings
    schema = tidy(PackFile.model_json_schema(ref_template="#/$defs/{model}"))
    definitions: Schema = schema.pop("$defs")
    for name in sorted(plugins):
        definitions |= _fragment(name, plugins[name])
    definitions["settings"] = _hoisted("settings", settings, definitions)
    pack, character = schema["properties"], definitions["CharacterModel"]["properties"]
    for owner in (pack, character):
        owner["settings"] = _described("#/$defs/settings", owner["settings"])
    pack["plugins"] |= _plugin_block(plugins, "plugin.{}")
    character["plugins"] |= _plugin_block(plugins, "plugin.{}.of_a_character")
    return {"$schema": DIALECT, "title": "tzurot pack", **schema, "$defs": definitions}


def published(schema: Schema) -> Schema:
    """The schema as an editor needs it: with ``{file: …}`` for prose and ``{include: …}`` for parts."""
    result: Schema = _authored(schema, schema["$defs"])
    result["$defs"] |= {"file": _FILE, "include": _INCLUDE}
    return result


def write_schema(target: Path, plugins: PluginSchemas, settings: Schema | None = None) -> bool:
    """Write the published schema; say whether that changed the file."""
    text = schema_text(plugins, settings)
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return False
    target.write_text(text, encoding="utf-8")
    return True


def schema_text(plugins: PluginSchemas, settings: Schema | None = None) -> str:
    """The published schema as it stands in ``schemas/pack.schema.json``."""
    return json.dumps(published(compose(plugins, settings)), indent=2, ensure_ascii=False) + "\n"


def tidy(schema: Any) -> Any:
    """Leave out what no author needs: generated titles, empty defaults, ``anyOf`` for "or nothing"."""
    if isinstance(schema, list):
        return [tidy(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result: Schema = {}
    for key, value in schema.items():
        if not _is_noise(key, value):
            result[key] = _tidied(key, value)
    return _without_nullable(result)


def _is_noise(key: str, value: Any) -> bool:
    if key == "default":
        return value in ("", None) or isinstance(value, dict | list)
    return key == "title" and isinstance(value, str)


def _tidied(key: str, value: Any) -> Any:
    if key in _NAMED:
        return {name: tidy(each) for name, each in value.items()}
    return value if key in _DATA else tidy(value)


def _without_nullable(schema: Schema) -> Schema:
    branches = schema.get("anyOf", ())
    if len(branches) != 2 or {"type": "null"} not in branches:
        return schema
    other: Schema = next((each for each in branches if each != {"type": "null"}), {})
    if not isinstance(other.get("type"), str) or {"enum", "const"} & other.keys():
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**other, **rest, "type": [other["type"], "null"]}


def _fragment(name: str, model: type[BaseModel]) -> Schema:
    """A plugin's definitions: its own for packs, and a laxer one for what a character overrides."""
    prefix = f"plugin.{name}"
    own = tidy(model.model_json_schema(ref_template=f"#/$defs/{prefix}.{{model}}"))
    definitions = {f"{prefix}.{key}": value for key, value in own.pop("$defs", {}).items()}
    if "$ref" in own:  # a model that refers to itself
        own = dict(definitions[own["$ref"].removeprefix("#/$defs/")])
    properties = own.get("properties", {})
    if "enabled" in properties:
        raise ValueError(
            f"plugin {name}: its Config may not have a field 'enabled'; every plugin has that switch."
        )
    own["properties"] = {"enabled": dict(_ENABLED), **properties}
    definitions[prefix] = own
    shared = {key: {"$ref": f"#/$defs/{prefix}/properties/{key}"} for key in own["properties"]}
    lax = {key: value for key, value in own.items() if key not in ("required", "minProperties")}
    definitions[f"{prefix}.of_a_character"] = {**lax, "properties": shared}
    return definitions


def _hoisted(name: str, schema: Schema, definitions: Schema) -> Schema:
    """Move a foreign schema's own definitions up, under a prefix of their own."""
    own = tidy({key: value for key, value in schema.items() if key != "$schema"})
    inner: Schema = own.pop("$defs", {})
    if not inner:
        return dict(own)
    definitions |= {f"{name}.{key}": _repointed(value, name) for key, value in inner.items()}
    return dict(_repointed(own, name))


def _repointed(schema: Any, name: str) -> Any:
    if isinstance(schema, list):
        return [_repointed(each, name) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value.replace("#/$defs/", f"#/$defs/{name}.", 1)
        if key == "$ref" and isinstance(value, str)
        else _repointed(value, name)
        for key, value in schema.items()
    }


def _described(reference: str, old: Schema) -> Schema:
    return (
        {"description": old["description"], "$ref": reference}
        if "description" in old
        else {"$ref": reference}
    )


def _plugin_block(plugins: PluginSchemas, pattern: str) -> Schema:
    names = sorted(plugins)
    return {
        "properties": {name: {"$ref": f"#/$defs/{pattern.format(name)}"} for name in names},
        "additionalProperties": False,
    }


def _authored(schema: Any, definitions: Schema) -> Any:
    if isinstance(schema, list):
        return [_authored(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result: Schema = {key: _authored_part(key, value, definitions) for key, value in schema.items()}
    if result.pop("x-prose", False):
        kept: Schema = {key: result.pop(key) for key in ("description", "default") if key in result}
        result = {**kept, "anyOf": [result, {"$ref": "#/$defs/file"}]}
    return result


def _authored_part(key: str, value: Any, definitions: Schema) -> Any:
    if key in _DATA:
        return value
    if key in ("properties", "patternProperties"):
        return {name: _slot(each, definitions) for name, each in value.items()}
    if key == "items" or (key == "additionalProperties" and isinstance(value, dict)):
        return _slot(value, definitions)
    return _authored(value, definitions)


def _slot(schema: Any, definitions: Schema) -> Any:
    """The value of a key or an item of a list, which may be written in a file of its own if it has parts."""
    inner = _authored(schema, definitions)
    if not isinstance(inner, dict) or not _has_parts(schema, definitions, set()):
        return inner
    kept = {key: inner.pop(key) for key in ("description",) if key in inner}
    return {**kept, "anyOf": [inner, {"$ref": "#/$defs/include"}]}


def _has_parts(schema: Schema, definitions: Schema, seen: set[str]) -> bool:
    """Whether a value is a mapping, or a choice with a mapping among it."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        name = reference.removeprefix("#/$defs/")
        if name in seen or name not in definitions:
            return False
        return _has_parts(definitions[name], definitions, seen | {name})
    if schema.get("type") == "object":
        return True
    return any(
        _has_parts(each, definitions, seen) for key in ("anyOf", "oneOf") for each in schema.get(key, ())
    )
