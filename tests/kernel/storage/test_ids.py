"""Deterministic ids: stable for ever, and never shared by different things."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tzurot.storage.ids import stable_id

PARTS = st.lists(st.text(), min_size=1, max_size=4)


@given(PARTS, PARTS)
def test_equal_parts_give_equal_ids_and_different_ones_different_ids(
    one: list[str], other: list[str]
) -> None:
    assert (stable_id(*one) == stable_id(*other)) == (one == other)


def test_ids_never_change_because_databases_hold_them() -> None:
    assert str(stable_id("utterance", "discord:1", "2")) == "a79e901c-1581-5515-9c01-56b361708b33"
    assert stable_id("utterance", "a").version == 5
