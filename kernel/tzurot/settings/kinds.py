"""What values a setting may have: each kind checks a JSON value, describes itself, and gives its JSON Schema.

A new kind needs these three and nothing else: ``parse``, ``expects`` and ``schema``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeAlias, TypeVar

from tzurot.payloads.generation import JsonValue

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Schema: TypeAlias = dict[str, JsonValue]


class Unfit(ValueError):
    """A value is not of its kind; ``path`` leads to the spot inside it, ``remedy`` says what to write."""

    def __init__(self, text: str, path: tuple[str | int, ...] = (), remedy: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.path = path
        self.remedy = remedy


class Kind(Protocol[T_co]):
    """What values a setting may have."""

    @property
    def expects(self) -> str:
        """The kind in words, as in "expected a number from 0 to 2"."""

    def parse(self, value: JsonValue) -> T_co:
        """``value`` in the form that code and providers get.

        Raises:
            Unfit: it is not of this kind.
        """

    def schema(self) -> Schema:
        """The JSON Schema of exactly what ``parse`` accepts."""


def found(value: JsonValue) -> str:
    """A value as error messages name it."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return "a number with too many digits" if abs(value) >= 1e15 else f"{value:g}"
    if isinstance(value, str):
        return f'"{value[:40]}"'
    return "a list" if isinstance(value, list) else "a map"


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds. JSON knows no difference between 5 and 5.0, so neither do we."""

    least: int
    most: int

    @property
    def expects(self) -> str:
        """The kind in words."""
        return f"a whole number from {self.least} to {self.most}"

    def parse(self, value: JsonValue) -> int:
        """``value`` as a whole number."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise Unfit(f"expected {self.expects}, got {found(value)}")
        return value

    def schema(self) -> Schema:
        """Its JSON Schema."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Decimal:
    """A number within bounds."""

    least: float
    most: float

    @property
    def expects(self) -> str:
        """The kind in words."""
        return f"a number from {self.least:g} to {self.most:g}"

    def parse(self, value: JsonValue) -> float:
        """``value`` as a number."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Unfit(f"expected {self.expects}, got {found(value)}")
        if not self.least <= value <= self.most:  # also refuses what is not a number at all (nan)
            raise Unfit(f"expected {self.expects}, got {found(value)}")
        return float(value)

    def schema(self) -> Schema:
        """Its JSON Schema."""
        return {"type": "number", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    expects: str = "true or false"

    def parse(self, value: JsonValue) -> bool:
        """``value`` as a truth value."""
        if not isinstance(value, bool):
            raise Unfit(f"expected {self.expects}, got {found(value)}")
        return value

    def schema(self) -> Schema:
        """Its JSON Schema."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]

    @property
    def expects(self) -> str:
        """The kind in words."""
        return "one of " + ", ".join(self.options)

    def parse(self, value: JsonValue) -> str:
        """``value`` as one of the words."""
        if not isinstance(value, str) or value not in self.options:
            raise Unfit(f"expected {self.expects}, got {found(value)}", remedy=self._remedy(value))
        return value

    def _remedy(self, value: JsonValue) -> str:
        # YAML 1.1 tools write a bare `off` as false.
        if value is False and "off" in self.options:
            return 'Write "off" in quotes.'
        near = nearest(str(value), self.options)
        return f"Did you mean {near}?" if near else ""

    def schema(self) -> Schema:
        """Its JSON Schema."""
        return {"type": "string", "enum": list(self.options)}


@dataclass(frozen=True, slots=True)
class Text:
    """A text. ``reserved`` words mean something else and are refused."""

    least: int = 1
    most: int = 200
    pattern: str = ""
    what: str = "a text"
    reserved: tuple[str, ...] = ()

    @property
    def expects(self) -> str:
        """The kind in words."""
        return f"{self.what} of {self.least} to {self.most} characters"

    def parse(self, value: JsonValue) -> str:
        """``value`` as a text."""
        if not isinstance(value, str) or not self.least <= len(value) <= self.most or value in self.reserved:
            raise Unfit(f"expected {self.expects}, got {found(value)}")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise Unfit(f"expected {self.what}, got {found(value)}")
        return value

    def schema(self) -> Schema:
        """Its JSON Schema."""
        schema: Schema = {"type": "string", "minLength": self.least, "maxLength": self.most}
        if self.pattern:
            schema["pattern"] = self.pattern
        if self.reserved:
            schema["not"] = {"enum": list(self.reserved)}
        return schema


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """Several values of one kind."""

    item: Kind[T]
    least: int = 1
    most: int = 16

    @property
    def expects(self) -> str:
        """The kind in words."""
        return f"a list of {self.least} to {self.most} items, each {self.item.expects}"

    def parse(self, value: JsonValue) -> list[T]:
        """``value`` as a list."""
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            raise Unfit(f"expected {self.expects}, got {found(value)}")
        return [_inside(index, self.item.parse, each) for index, each in enumerate(value)]

    def schema(self) -> Schema:
        """Its JSON Schema."""
        return {
            "type": "array",
            "items": self.item.schema(),
            "minItems": self.least,
            "maxItems": self.most,
        }


@dataclass(frozen=True, slots=True)
class MapOf(Generic[T]):
    """Values of one kind under keys of the author's own."""

    item: Kind[T]
    key_pattern: str
    key_words: str
    most: int

    @property
    def expects(self) -> str:
        """The kind in words."""
        return f"a map of 1 to {self.most} {self.key_words}, each to {self.item.expects}"

    def parse(self, value: JsonValue) -> dict[str, T]:
        """``value`` as a map."""
        if not isinstance(value, dict) or not 1 <= len(value) <= self.most:
            raise Unfit(f"expected {self.expects}, got {found(value)}")
        for key in value:
            if not re.fullmatch(self.key_pattern, key):
                raise Unfit(f"expected {self.key_words} as keys, got {found(key)}", (key,))
        return {key: _inside(key, self.item.parse, each) for key, each in value.items()}

    def schema(self) -> Schema:
        """Its JSON Schema."""
        return {
            "type": "object",
            "patternProperties": {self.key_pattern: self.item.schema()},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": self.most,
        }


@dataclass(frozen=True, slots=True)
class Record:
    """A map with known keys, of which at least one is given.

    ``needs`` must be given, and of the keys in ``rivals`` at most one may.
    """

    keys: Mapping[str, Kind[JsonValue]]
    needs: tuple[str, ...] = ()
    rivals: tuple[str, str] | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def expects(self) -> str:
        """The kind in words."""
        return "a map with " + ", ".join(self.keys)

    def parse(self, value: JsonValue) -> dict[str, JsonValue]:
        """``value`` as a map with known keys."""
        if not isinstance(value, dict) or not value:
            raise Unfit(f"expected {self.expects}, got {found(value) if value else 'an empty map'}")
        for key in value:
            if key not in self.keys:
                near = nearest(key, self.keys)
                raise Unfit(
                    "unknown key", (key,), f"Did you mean {near}?" if near else f"Use {self.expects}."
                )
        for key in self.needs:
            if key not in value:
                raise Unfit(f"expected {self.expects}; {key} is missing")
        if self.rivals and all(key in value for key in self.rivals):
            raise Unfit(f"{self.rivals[0]} and {self.rivals[1]} exclude each other", remedy="Leave one out.")
        return {key: _inside(key, self.keys[key].parse, each) for key, each in value.items()}

    def schema(self) -> Schema:
        """Its JSON Schema."""
        properties: Schema = {}
        for key, kind in self.keys.items():
            note = self.notes.get(key)
            properties[key] = {**kind.schema(), **({"description": note} if note else {})}
        schema: Schema = {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
            "minProperties": 1,
        }
        if self.needs:
            schema["required"] = list(self.needs)
        if self.rivals:
            schema["not"] = {"required": list(self.rivals)}
        return schema


def _inside(key: str | int, parse: Callable[[JsonValue], T], value: JsonValue) -> T:
    try:
        return parse(value)
    except Unfit as error:
        raise Unfit(error.text, (key, *error.path), error.remedy) from error


def nearest(word: str, words: Mapping[str, object] | tuple[str, ...]) -> str | None:
    """The word that was probably meant; spelling in camelCase or with dashes counts as the same."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word).replace("-", "_").replace(" ", "_").lower()
    close = difflib.get_close_matches(snake, list(words), n=1, cutoff=0.6)
    return close[0] if close else None
