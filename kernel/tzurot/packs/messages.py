"""Schema errors in sentences: what was expected, what was found, what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from jsonschema.exceptions import ValidationError as SchemaError
from pydantic import ValidationError

from tzurot.packs.problems import Finding, Trail
from tzurot.packs.validator import tagged

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
_SHOWN = 60
_LISTED = 12


def kind_of(value: Any) -> str:
    """The JSON type of a value that was read from YAML."""
    if value is None:
        return "null"
    for types, name in (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    ):
        if isinstance(value, types):
            return name
    return "object"


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule of the schema that a value breaks."""

    keyword: str
    rule: Any
    value: Any
    schema: Mapping[str, Any]
    trail: Trail
    message: str
    source: SchemaError

    @classmethod
    def of(cls, error: SchemaError) -> Fault:
        """The same, as jsonschema tells it."""
        schema = error.schema if isinstance(error.schema, Mapping) else {}
        trail: Trail = tuple(error.absolute_path)
        return cls(
            str(error.validator), error.validator_value, error.instance, schema, trail, error.message, error
        )

    def inside(self, branch: int) -> list[Fault]:
        """For a choice: what keeps the value from fitting one of its branches."""
        children = self.source.context or ()
        return [Fault.of(each) for each in children if each.schema_path and each.schema_path[0] == branch]


def said(error: SchemaError) -> Iterator[Finding]:
    """One schema error as findings: usually one, one per key for keys that don't belong."""
    yield from _said(Fault.of(error))


def _said(fault: Fault) -> Iterator[Finding]:
    if fault.keyword in ("anyOf", "oneOf"):
        yield from _choice(fault)
    elif fault.keyword == "additionalProperties":
        yield from _unknown_keys(fault)
    elif fault.keyword == "required":
        yield from _missing(fault)
    else:
        text, remedy = _SENTENCES.get(fault.keyword, _otherwise)(fault)
        yield Finding(fault.trail, text, remedy)


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """A close name among the known ones, or all of them if they are few."""
    names = [name for name in known if name]
    close = get_close_matches(wrong, names, 1, 0.6)
    if not close:
        folded = {name.casefold(): name for name in names}
        close = [folded[wrong.casefold()]] if wrong.casefold() in folded else []
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known here: {', '.join(names)}." if 0 < len(names) <= _LISTED else ""


def shown(value: Any) -> str:
    """A value, short enough for a sentence."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _unknown_keys(fault: Fault) -> Iterator[Finding]:
    trail: Trail = fault.trail
    known = fault.schema.get("properties", {})
    if isinstance(fault.rule, dict):
        return
    for key in fault.value:
        if key not in known:
            text = f"{shown(key)} is not a known setting here."
            yield Finding((*trail, key), text, suggestion(key, known), on_key=True)


def _missing(fault: Fault) -> Iterator[Finding]:
    trail: Trail = fault.trail
    absent = [key for key in fault.rule if key not in fault.value]
    # jsonschema reports each missing key on its own; the first words of its message name which.
    named = [key for key in absent if fault.message.startswith(repr(key))] or absent
    for key in named:
        yield Finding(trail, f"{key!r} is missing.", _how_to_write(key, fault.schema), on_key=bool(trail))


def _how_to_write(key: str, schema: Mapping[str, Any]) -> str:
    part = schema.get("properties", {}).get(key, {})
    if "const" in part:
        return f"Write '{key}: {part['const']}'."
    if "enum" in part:
        return f"Write '{key}:' with one of {', '.join(map(str, part['enum']))}."
    return f"Write '{key}:' with {_expected(part)}."


def _expected(schema: Mapping[str, Any]) -> str:
    types = schema.get("type")
    if isinstance(types, str):
        return _KINDS.get(types, "a value")
    if isinstance(types, list):
        return " or ".join(_KINDS.get(str(each), str(each)) for each in types)
    if "const" in schema:
        return f"'{schema['const']}'"
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    words = dict.fromkeys(_expected(branch) for branch in branches)
    return " or ".join(words) or "a value"


def _type(fault: Fault) -> tuple[str, str]:
    found = kind_of(fault.value)
    wanted = fault.rule if isinstance(fault.rule, list) else [fault.rule]
    text = f"expected {_expected({'type': wanted})}, found {_KINDS[found]}."
    return text, _type_remedy(wanted, found, fault.value)


def _type_remedy(wanted: list[str], found: str, value: Any) -> str:
    if found == "null":
        return "Write a value, or remove the key."
    if "string" in wanted:
        if found == "integer":
            return f'Put quotes round it: "{value}".'
        return _TEXT_REMEDIES.get(found, "Put quotes round it.")
    if "array" in wanted:
        return "Write a list, with '- ' before each item."
    if "object" in wanted:
        return "Write 'key: value' lines below it."
    return _number_remedy(wanted, found, value)


_TEXT_REMEDIES = {
    "object": "For a text in a file, write {file: name.md}; the file ends in .md or .txt.",
    "array": "Write one text instead of a list.",
}


def _number_remedy(wanted: list[str], found: str, value: Any) -> str:
    if "boolean" in wanted:
        return "Write true or false, without quotes."
    if found == "string" and _is_number(value):
        return "Remove the quotes."
    if found == "number" and "integer" in wanted:
        return "Write it without a decimal point."
    example = "3" if "integer" in wanted else "0.5"
    return f"Write a number such as {example}."


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _choice(fault: Fault) -> Iterator[Finding]:
    """Look only into the branch that was meant; without one, say what the choices are."""
    branches: list[dict[str, Any]] = list(fault.rule)
    meant = _meant_by_tag(fault, branches)
    if meant is None:
        meant = _meant_by_kind(fault, branches)
    if isinstance(meant, Finding):
        yield meant
        return
    children = fault.inside(meant)
    if not children:
        yield Finding(fault.trail, "this fits more than one of the forms it may take.", "Keep one.")
    for child in children:
        yield from _said(child)


def _meant_by_kind(fault: Fault, branches: list[dict[str, Any]]) -> int | Finding:
    """The branch that takes such a kind of value, and lacks least; or that none does."""
    fitting = [index for index, branch in enumerate(branches) if _admits(branch, fault.value)]
    found = kind_of(fault.value)
    expected = f"expected {_expected({'anyOf': branches})}"
    if not fitting:
        types = [each for branch in branches for each in _types(branch)]
        return Finding(
            fault.trail, f"{expected}, found {_KINDS[found]}.", _type_remedy(types, found, fault.value)
        )
    meant = min(fitting, key=lambda index: _distance(fault, index))
    if "const" in branches[meant]:
        # The one word that is possible beside values of another kind, such as 'off'.
        return Finding(fault.trail, f"{expected}, found {shown(fault.value)}.")
    return meant


def _distance(fault: Fault, index: int) -> tuple[int, int]:
    mine = fault.inside(index)
    return (len(mine), -max((len(child.trail) for child in mine), default=0))


def _types(branch: Mapping[str, Any]) -> list[str]:
    types = branch.get("type")
    if isinstance(types, list):
        return list(types)
    if isinstance(types, str):
        return [types]
    if "const" in branch or "enum" in branch:
        choices = [branch["const"]] if "const" in branch else branch["enum"]
        return list(dict.fromkeys(kind_of(each) for each in choices))
    return [each for inner in (*branch.get("anyOf", ()), *branch.get("oneOf", ())) for each in _types(inner)]


def _admits(branch: Mapping[str, Any], value: Any) -> bool:
    types = _types(branch)
    found = kind_of(value)
    return not types or found in types or (found == "integer" and "number" in types)


def _meant_by_tag(fault: Fault, branches: list[dict[str, Any]]) -> int | Finding | None:
    """The branch that the value's own tag (``kind: keyword``) names."""
    tag = fault.schema.get("discriminator", {}).get("propertyName")
    if not isinstance(tag, str) or not isinstance(fault.value, dict):
        return None
    names = tagged(branches, tag)
    trail: Trail = fault.trail
    listed = ", ".join(str(name) for name in names)
    if tag not in fault.value:
        return Finding(trail, f"{tag!r} is missing.", f"Write '{tag}:' with one of {listed}.")
    given = fault.value[tag]
    if isinstance(given, str | int) and given in names:
        return names[given]
    remedy = suggestion(str(given), [str(name) for name in names])
    return Finding((*trail, tag), f"{shown(given)} is not a known {tag}.", remedy)


def _enum(fault: Fault) -> tuple[str, str]:
    known = [str(each) for each in fault.rule]
    return f"{shown(fault.value)} is not one of the choices here.", suggestion(str(fault.value), known)


def _const(fault: Fault) -> tuple[str, str]:
    return f"expected {shown(fault.rule)}, found {shown(fault.value)}.", ""


def _pattern(fault: Fault) -> tuple[str, str]:
    hint = fault.schema.get("x-hint")
    expected = f"expected {hint}" if hint else f"this doesn't match the pattern {fault.rule}"
    return f"{expected}; found {shown(fault.value)}.", ""


def _length(unit: str, least: bool) -> Callable[[Fault], tuple[str, str]]:
    def sentence(fault: Fault) -> tuple[str, str]:
        limit, size = fault.rule, len(fault.value)
        if least and limit == 1:
            return f"this may not be empty: it needs at least one {unit}.", "Write one, or remove the key."
        bound = "at least" if least else "at most"
        units = unit if limit == 1 else f"{unit}s" if not unit.endswith("y") else f"{unit[:-1]}ies"
        return f"expected {bound} {limit:,} {units}, found {size:,}.", "" if least else "Shorten it."

    return sentence


def _bound(words: str) -> Callable[[Fault], tuple[str, str]]:
    def sentence(fault: Fault) -> tuple[str, str]:
        return f"expected {words} {fault.rule}, found {shown(fault.value)}.", ""

    return sentence


def _unique(fault: Fault) -> tuple[str, str]:
    return "the same item stands here more than once.", "Remove the repetition."


def _not(fault: Fault) -> tuple[str, str]:
    return f"{shown(fault.value)} is not possible here.", "Write another value, or remove the key."


def _otherwise(fault: Fault) -> tuple[str, str]:
    return f"this doesn't fit: {fault.message[:200]}.", ""


_SENTENCES: dict[str, Callable[[Fault], tuple[str, str]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minLength": _length("character", True),
    "maxLength": _length("character", False),
    "minItems": _length("item", True),
    "maxItems": _length("item", False),
    "minProperties": _length("entry", True),
    "maxProperties": _length("entry", False),
    "minimum": _bound("at least"),
    "maximum": _bound("at most"),
    "exclusiveMinimum": _bound("more than"),
    "exclusiveMaximum": _bound("less than"),
    "multipleOf": _bound("a multiple of"),
    "uniqueItems": _unique,
    "not": _not,
}


def told(error: ValidationError, value: Any, base: Trail = ()) -> Iterator[Finding]:
    """What pydantic found, on the trail of the value that it means."""
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        text = each["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
        trail, missing = _followed(value, each["loc"])
        if each["type"] == "missing" and missing is not None:
            yield Finding((*base, *trail), f"{missing!r} is missing.", f"Write '{missing}:'.", on_key=True)
        else:
            sentence = text[:1].lower() + text[1:]
            yield Finding((*base, *trail), sentence if sentence.endswith(".") else f"{sentence}.")


def _followed(value: Any, location: tuple[str | int, ...]) -> tuple[Trail, str | int | None]:
    """The part of pydantic's location that exists in the value; it also names branches of unions."""
    trail: list[str | int] = []
    beyond: str | int | None = None
    for step in location:
        inside = isinstance(value, dict) and step in value
        if inside or (isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)):
            value = value[step]
            trail.append(step)
        else:
            beyond = step
    return tuple(trail), beyond
