"""What is remembered is bounded, and compares ids as numbers."""

from hypothesis import given
from hypothesis import strategies as st

from tzurot_plugins.discord.memory import Bounded, Seen, Voices, later

IDS = st.integers(0, 2**64 - 1)


@given(IDS, IDS)
def test_later_ids_are_greater_numbers(one, other):
    assert later(str(one), str(other)) == (one > other)


def test_a_message_comes_for_the_first_time_once():
    seen = Seen()
    assert [seen.first_time(each) for each in ("1", "2", "1", "2", "3")] == [True, True, False, False, True]


@given(st.lists(IDS, min_size=1))
def test_the_newest_message_of_a_channel_is_kept_in_whatever_order_they_come(ids):
    seen = Seen()
    for each in ids:
        seen.hear("channel", str(each))
    assert seen.newest.get("channel") == str(max(ids))


def test_nothing_grows_without_bound():
    bounded, seen, voices = Bounded(10), Seen(10, 10), Voices(10)
    for number in range(1000):
        bounded.put(str(number), number)
        seen.first_time(str(number))
        seen.hear(str(number), "1")
        voices.said(str(number), "a/b")
    assert len(bounded) == len(seen.newest) == len(seen.heard) == 10
    assert voices.of("999") == "a/b"
    assert voices.of("0") is None
