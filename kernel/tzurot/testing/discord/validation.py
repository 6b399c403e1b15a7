"""Request bodies against Discord's official OpenAPI document, and the refusal that Discord would send."""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tzurot.testing.discord.errors import ApiError, invalid_form

DOCUMENT = "urn:discord"
Problem = tuple[tuple[str | int, ...], str, str]


@cache
def document() -> dict[str, Any]:
    """Discord's OpenAPI document, made as wide as the real API: ids may be numbers, messages forwarded."""
    packed = files("tzurot.testing").joinpath("_data", "discord-openapi.json.xz").read_bytes()
    loaded: dict[str, Any] = json.loads(lzma.decompress(packed))
    schemas = loaded["components"]["schemas"]
    schemas["SnowflakeType"] = {
        "anyOf": [schemas["SnowflakeType"], {"type": "integer", "minimum": 0}],
        "format": "snowflake",
    }
    # The document knows only replies; forwarding is in the developer documentation.
    schemas["MessageReferenceType"]["oneOf"].append({"title": "FORWARD", "const": 1})
    return loaded


@cache
def _registry() -> Registry[Any]:
    resource: Resource[Any] = Resource.from_contents(document(), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry[Any]().with_resource(DOCUMENT, resource)
    return registry


@cache
def _validator(pointer: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"{DOCUMENT}#{pointer}"}, registry=_registry())


def component(name: str) -> str:
    """The pointer to a component schema."""
    return f"/components/schemas/{name}"


@cache
def body_of(method: str, template: str) -> str | None:
    """The pointer to the body schema that the document gives for a route; None when it takes none."""
    operation = document()["paths"].get(template, {}).get(method.lower(), {})
    if "application/json" not in operation.get("requestBody", {}).get("content", {}):
        return None
    escaped = quote(template.replace("~", "~0").replace("/", "~1"), safe="~")
    return f"/paths/{escaped}/{method.lower()}/requestBody/content/application~1json/schema"


@cache
def answer_of(method: str, template: str, status: int) -> str | None:
    """The pointer to the schema of a route's answer; the server's own tests hold it to that."""
    operation = document()["paths"].get(template, {}).get(method.lower(), {})
    if "application/json" not in operation.get("responses", {}).get(str(status), {}).get("content", {}):
        return None
    escaped = quote(template.replace("~", "~0").replace("/", "~1"), safe="~")
    return f"/paths/{escaped}/{method.lower()}/responses/{status}/content/application~1json/schema"


@cache
def routes() -> frozenset[tuple[str, str]]:
    """Every method and path template of Discord's API."""
    methods = {"get", "post", "put", "patch", "delete"}
    paths = document()["paths"]
    return frozenset(
        (method.upper(), path) for path, item in paths.items() for method in item.keys() & methods
    )


def problems(pointer: str, body: Any) -> list[Problem]:
    """What is wrong with ``body``, in Discord's own codes and messages; empty when it is valid."""
    return [problem for error in _validator(pointer).iter_errors(body) for problem in _explain(error)]


def check(pointer: str, body: Any) -> ApiError | None:
    """The refusal for an invalid ``body``."""
    found = problems(pointer, body)
    return invalid_form(found) if found else None


def _explain(error: ValidationError) -> Iterator[Problem]:
    # Alternatives that are nothing but constants are an enumeration, and one problem.
    if error.validator not in {"oneOf", "anyOf"} or _choices(error.schema):
        yield _describe(error)
        return
    branches = _branches(error)
    if not branches:
        yield _describe(error)
        return
    meant = [found for found in branches if not any(_is_discriminator(one) for one in found)]
    if not meant and len(branches) > 1:
        yield _unknown_kind(error, branches)
        return
    for inner in min(meant or branches, key=len):
        yield from _explain(inner)


def _unknown_kind(error: ValidationError, branches: list[list[ValidationError]]) -> Problem:
    """A ``type`` that none of the alternatives has."""
    kinds = [one for found in branches for one in found if _is_discriminator(one)]
    choices = tuple(dict.fromkeys(choice for one in kinds for choice in _choices(one.schema)))
    return (*error.absolute_path, "type"), "BASE_TYPE_CHOICES", f"Value must be one of {choices}."


def _branches(error: ValidationError) -> list[list[ValidationError]]:
    """The errors by alternative, without alternatives of quite another type, such as null."""
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    return [
        found
        for found in branches.values()
        if not any(one.validator == "type" and not one.relative_path for one in found)
    ]


def _is_discriminator(error: ValidationError) -> bool:
    """Whether it is about the ``type`` that tells components and callbacks apart."""
    return list(error.relative_path) == ["type"] and error.validator in {"enum", "const", "oneOf", "allOf"}


def _describe(error: ValidationError) -> Problem:
    path = tuple(error.absolute_path)
    schema = error.schema if isinstance(error.schema, dict) else {}
    if error.validator == "required":
        missing = re.findall(r"'(.+)' is a required", error.message)
        return (*path, *missing[:1]), "BASE_TYPE_REQUIRED", "This field is required"
    if schema.get("format") == "snowflake":
        return path, "NUMBER_TYPE_COERCE", f'Value "{error.instance}" is not snowflake.'
    if error.validator in {"maxLength", "minLength", "maxItems", "minItems"}:
        return path, *_describe_length(str(error.validator), schema)
    if error.validator in {"maximum", "minimum"}:
        word = "less" if error.validator == "maximum" else "greater"
        message = f"{error.instance} should be {word} than or equal to {error.validator_value}."
        return path, f"NUMBER_TYPE_{'MAX' if word == 'less' else 'MIN'}", message
    choices = _choices(schema)
    if choices:
        return path, "BASE_TYPE_CHOICES", f"Value must be one of {choices}."
    if error.validator == "type":
        return path, *_describe_type(error.instance, schema["type"])
    return path, "BASE_TYPE_INVALID", error.message[:200]


def _describe_length(rule: str, schema: dict[str, Any]) -> tuple[str, str]:
    low, high = (
        schema.get("minLength", schema.get("minItems")),
        schema.get("maxLength", schema.get("maxItems")),
    )
    if rule.endswith("Items"):
        low = low or 0
    if low is not None and high is not None:
        return "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length."
    if high is not None:
        return "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length."
    return "BASE_TYPE_MIN_LENGTH", f"Must be {low} or more in length."


def _describe_type(value: Any, wanted: Any) -> tuple[str, str]:
    name = next((one for one in [wanted] if isinstance(one, str)), None) or wanted[0]
    if name in {"integer", "number"}:
        return "NUMBER_TYPE_COERCE", f'Value "{value}" is not {"int" if name == "integer" else "float"}.'
    if name == "array":
        return "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType."
    if name == "object":
        return "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
    if name == "boolean":
        return "BOOLEAN_TYPE_CONVERT", "Must be either true or false."
    return "STRING_TYPE_CONVERT", "Could not interpret value as string."


def _choices(schema: Any) -> tuple[Any, ...]:
    if not isinstance(schema, dict):
        return ()
    if schema.get("enum"):
        return tuple(schema["enum"])
    options = schema.get("oneOf") or schema.get("anyOf") or ()
    if options and all(isinstance(one, dict) and "const" in one for one in options):
        return tuple(one["const"] for one in options)
    return ()
