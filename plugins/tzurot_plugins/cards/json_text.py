"""A card's JSON as Python values and back, bounded before it is decoded."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from tzurot_plugins.cards.faults import CardError, TooLarge
from tzurot_plugins.cards.limits import COMMAS, NESTING, OPENINGS, TEXT_BYTES

_SHOW = 40


def read_object(raw: bytes, at: str = "") -> dict[str, Any]:
    """Read one JSON object.

    Raises:
        CardError: it is too large or too deep, no JSON, or no object; with line and column.
    """
    if len(raw) > TEXT_BYTES:
        text = f"the card's data has {len(raw):,} bytes; {TEXT_BYTES:,} are the most."
        raise TooLarge(text, "Move pictures out of its texts.", at)
    try:
        value = _loaded(_decoded(raw, at))
    except json.JSONDecodeError as error:
        place = f"{at}: line {error.lineno}, column {error.colno}" if at else f"{error.lineno}:{error.colno}"
        raise CardError(f"this is no JSON: {error.msg}.", "Export the card again.", place) from error
    except RecursionError as error:
        raise _too_deep(at) from error
    except ValueError as error:
        raise CardError(f"this is no JSON that can be used: {error}.", "Correct it.", at) from error
    if not isinstance(value, dict):
        text = f"expected a card (a JSON object), found {_kind(value)}."
        raise CardError(text, "Is it the right file?", at)
    _measure(value, at)
    return value


def written(value: Any, *, indent: int | None = None) -> bytes:
    """JSON that every reader understands: plain ASCII, unless it is for people (``indent``)."""
    text = json.dumps(value, ensure_ascii=indent is None, allow_nan=False, indent=indent)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair: only an escape can carry it
        return json.dumps(value, allow_nan=False, indent=indent).encode("ascii")


def _decoded(raw: bytes, at: str) -> str:
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        place = f"{at}: byte {error.start}" if at else f"byte {error.start}"
        raise CardError("the card's data isn't UTF-8 text.", "Save it as UTF-8.", place) from error
    if text.count("{") + text.count("[") > OPENINGS or text.count(",") > COMMAS:
        raise TooLarge("the card's data has more values than any card needs.", "Make it smaller.", at)
    return text


def _loaded(text: str) -> Any:
    return json.loads(text, parse_constant=_no_number, parse_float=_finite)


def _no_number(found: str) -> NoReturn:
    raise ValueError(f"{found} is no number")


def _finite(found: str) -> float:
    value = float(found)
    if math.isinf(value):
        raise ValueError(f"the number {found[:_SHOW]} is too large")
    return value


def _measure(value: Any, at: str) -> None:
    level = [value]
    for _ in range(NESTING):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return
    raise _too_deep(at)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    return [each for each in value if isinstance(each, dict | list)] if isinstance(value, list) else []


def _too_deep(at: str) -> CardError:
    return CardError(f"the card's data is nested more than {NESTING} levels deep.", "Make it flatter.", at)


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
