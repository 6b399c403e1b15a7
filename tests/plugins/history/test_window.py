"""The laws of the window in memory: ordered, each message once, bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tzurot.payloads.context import Role, Utterance
from tzurot_plugins.history import window as windows
from tzurot_plugins.history.window import LONGEST, Kept, Windows

START = datetime(2026, 1, 1, tzinfo=UTC)


def line(number: int, text: str = "x") -> Kept:
    at = START + timedelta(seconds=number // 2)
    utterance = Utterance(f"id-{number}", Role.USER, "ana", "Ana", text, at)
    return Kept(utterance, f"id-{number}", at, number % 2)


@given(st.lists(st.lists(st.integers(0, 300), max_size=50), max_size=8))
def test_in_whatever_pieces_lines_come_the_window_holds_the_newest_in_order(pieces: list[list[int]]) -> None:
    every = Windows()
    for piece in pieces:
        every.add(("c", "m"), [line(number) for number in piece])
    shown = [kept.utterance.id for kept in every.get(("c", "m")).lines]
    assert len(shown) <= LONGEST
    assert len(set(shown)) == len(shown)
    newest = sorted({number for piece in pieces for number in piece})
    if len(newest) <= LONGEST:
        assert shown == [f"id-{number}" for number in newest]
    else:
        assert shown[-1] == f"id-{newest[-1]}"


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 60_000)), max_size=40))
def test_text_in_memory_is_bounded_and_the_book_keeping_is_right(written: list[tuple[int, int]]) -> None:
    limit, windows._MOST_CHARACTERS = windows._MOST_CHARACTERS, 200_000
    try:
        every = Windows()
        for number, (conversation, length) in enumerate(written):
            every.add((str(conversation), "m"), [line(number, "x" * length)])
            assert every._size == sum(window.size for window in every._windows.values())
            assert every._size <= 200_000
            assert every.known((str(conversation), "m")), "what was used last stays"
    finally:
        windows._MOST_CHARACTERS = limit


def test_the_number_of_conversations_in_memory_is_bounded() -> None:
    every = Windows()
    for number in range(3_000):
        every.add((str(number), "m"), [line(number)])
    assert len(every._windows) == 2_000
    every.clear()
    assert not every.known(("2999", "m"))
