"""Reads single values that other programs wrote, however they wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JsonObject = Mapping[str, Any]


def as_text(value: Any) -> str:
    """A text; of anything else its digits, or nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def as_texts(value: Any) -> list[str]:
    """A list of texts; a single text is cut at its commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")] if value else []
    return [as_text(one) for one in value] if isinstance(value, list) else []


def as_number(value: Any, default: float, low: float = 0, high: float = 1_000_000_000) -> float:
    """A number between two others, also where it was written as text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return default
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return default
    return min(max(value, low), high)


def as_whole(value: Any, default: int, low: int = 0, high: int = 1_000_000_000) -> int:
    """A whole number between two others."""
    return int(as_number(value, default, low, high))


def as_flag(value: Any, default: bool) -> bool:
    """Yes or no, as JavaScript would take the value."""
    return default if value is None else bool(value)


def as_choice(value: Any) -> bool | None:
    """Yes, no, or nothing said."""
    return None if value is None else bool(value)


def as_object(value: Any) -> JsonObject:
    """An object; anything else is an empty one."""
    return value if isinstance(value, Mapping) else {}
