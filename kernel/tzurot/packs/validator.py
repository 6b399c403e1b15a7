"""JSON Schema as packs need it: strict about whole numbers, quick about tagged choices, easy on the loop."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from tzurot.packs.pace import breathe

Schema = dict[str, Any]


def validator(schema: Schema) -> Any:
    """A validator for a composed schema."""
    definitions: Schema = schema.get("$defs", {})
    return _Validator({**_inlined(_compilable(schema), definitions, ()), "$defs": _compilable(definitions)})


def tagged(branches: list[Any], tag: str) -> dict[str | int, int]:
    """Which branch of a choice each value of its tag means."""
    names: dict[str | int, int] = {}
    for index, branch in enumerate(branches):
        part = branch.get("properties", {}).get(tag, {})
        for name in [part["const"]] if "const" in part else part.get("enum", []):
            names[name] = index
    return names


def _is_whole(_: Any, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _items(checker: Any, schema: Any, value: Any, parent: Mapping[str, Any]) -> Iterator[ValidationError]:
    if not isinstance(value, list):
        return
    for index in range(len(parent.get("prefixItems", ())), len(value)):
        breathe()
        yield from checker.descend(value[index], schema, path=index)


def _one_of(checker: Any, branches: Any, value: Any, parent: Mapping[str, Any]) -> Iterator[ValidationError]:
    """Look only into the branch that the value's tag names; trying all costs twice and says less."""
    tag = parent.get("discriminator", {}).get("propertyName")
    if tag is None:
        yield from _ordinary_one_of(checker, branches, value, parent)
        return
    given = value.get(tag) if isinstance(value, dict) else None
    index = tagged(branches, tag).get(given) if isinstance(given, str | int) else None
    if index is None:
        yield ValidationError(f"{tag} names none of the choices")
        return
    yield from checker.descend(value, branches[index], schema_path=index)


_ordinary_one_of: Any = Draft202012Validator.VALIDATORS["oneOf"]
_Validator: Any = extend(  # type: ignore[no-untyped-call]  # untyped in the stubs of jsonschema
    Draft202012Validator,
    validators={"items": _items, "oneOf": _one_of},
    # JSON Schema calls 3.0 a whole number; the typed models don't.
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole),
)


def _compilable(schema: Any) -> Any:
    """Without patterns that Python's regular expressions can't read (pydantic's know more)."""
    if isinstance(schema, list):
        return [_compilable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: _compilable(each) for key, each in schema.items()}
    pattern = result.get("pattern")
    if isinstance(pattern, str):
        try:
            re.compile(pattern)
        except re.error:
            del result["pattern"]
    return result


def _inlined(schema: Any, definitions: Schema, within: tuple[str, ...]) -> Any:
    """References replaced by what they refer to, except in circles: looking them up is half the cost."""
    if isinstance(schema, list):
        return [_inlined(each, definitions, within) for each in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return {key: _inlined(each, definitions, within) for key, each in schema.items() if key != "$defs"}
    if reference in within:
        return schema
    target: Any = definitions
    for step in reference.removeprefix("#/$defs/").split("/"):
        target = target[step]
    rest = {key: each for key, each in schema.items() if key != "$ref"}
    return {**_inlined(_compilable(target), definitions, (*within, reference)), **rest}
