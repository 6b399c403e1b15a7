"""Hypothesis strategies that follow the registry, so that a new setting is tested by being declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from tzurot.settings.fields import Field
from tzurot.settings.kinds import Choice, Decimal, Flag, ListOf, MapOf, Record, Text, Whole


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    match kind:
        case Whole():
            return st.integers(kind.least, kind.most)
        case Decimal():
            return st.floats(kind.least, kind.most, allow_nan=False)
        case Flag():
            return st.booleans()
        case Choice():
            return st.sampled_from(kind.options)
        case Text():
            text = (
                st.from_regex(kind.pattern, fullmatch=True) if kind.pattern else st.text(min_size=kind.least)
            )
            return text.map(lambda t: t[: kind.most].rstrip("\n")).filter(
                lambda t: len(t) >= kind.least and t not in kind.reserved
            )
        case ListOf():
            return st.lists(values_of(kind.item), min_size=kind.least, max_size=min(kind.most, 4))
        case MapOf():
            keys = st.from_regex(kind.key_pattern, fullmatch=True).map(lambda key: key.rstrip("\n"))
            return st.dictionaries(keys, values_of(kind.item), min_size=1, max_size=4)
        case Record():
            return records_of(kind)
    raise AssertionError(f"teach this strategy the kind {kind!r}")


def records_of(kind: Record) -> st.SearchStrategy[Any]:
    needed = {key: values_of(kind.keys[key]) for key in kind.needs}
    optional = {key: values_of(each) for key, each in kind.keys.items() if key not in needed}

    def without_rival(record: dict[str, Any]) -> dict[str, Any]:
        if kind.rivals and all(key in record for key in kind.rivals):
            record.pop(kind.rivals[1])
        return record

    return st.fixed_dictionaries(needed, optional=optional).filter(bool).map(without_rival)


def stored_values(field: Field[Any]) -> st.SearchStrategy[Any]:
    """What may stand in the database for a setting."""
    values = values_of(field.kind)
    return values | st.just("off") if field.nullable_off else values


@pytest.fixture(scope="session")
def stored() -> Callable[[Field[Any]], st.SearchStrategy[Any]]:
    return stored_values
