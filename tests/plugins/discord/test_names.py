"""Characters keep their names, as far as Discord lets them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzurot_plugins.discord.chunking import width
from tzurot_plugins.discord.names import prefix, prefixed, presented


@given(st.text(max_size=200))
def test_every_name_becomes_one_that_discord_takes(name):
    shown = presented(name)
    assert 1 <= width(shown) <= 80
    assert shown == shown.strip()
    assert "discord" not in shown.lower()
    assert "clyde" not in shown.lower()
    assert shown.lower() not in ("everyone", "here")


@pytest.mark.parametrize("name", ["Mara", "Dr. Weiß-Ōta", "老船長", "Old  Tom".replace("  ", " ")])
def test_ordinary_names_are_left_alone(name):
    assert presented(name) == name


@given(st.text(min_size=1, max_size=100))
def test_a_name_in_front_is_found_again(name):
    assert prefixed(prefix(name) + "words") is not None


def test_a_name_in_front_reads_well():
    assert prefix("Mara") + "Hello." == "**Mara:** Hello."
    assert prefixed("**Mara:** Hello.") == "Mara"
    assert prefixed("**bold** words: and more") is None
