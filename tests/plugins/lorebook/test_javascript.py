"""Authors' regular expressions mean what they mean in JavaScript, and can't hold anybody up."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzurot_plugins.lorebook.book import Book, Entry, Scanning
from tzurot_plugins.lorebook.bookcase import Bookcase
from tzurot_plugins.lorebook.javascript import read_pattern
from tzurot_plugins.lorebook.scan import scan
from tzurot_plugins.lorebook.scene import Scene, Spoken


@pytest.mark.parametrize(
    ("key", "text", "found"),
    [
        (r"/dra(g|k)on/i", "a DRAKON", True),
        (r"/dragon/", "a DRAGON", False),
        (r"/\bcafé\b/", "café noir", False),  # é is no letter to JavaScript's \b
        (r"/^b$/m", "a\nb\nc", True),
        (r"/^b$/", "a\nb\nc", False),
        (r"/a.c/", "a\nc", False),
        (r"/a.c/s", "a\nc", True),
        (r"/b/y", "ab", False),
        (r"/a\/b/", "a/b", True),
        (r"/(?<who>\w+) and \k<who>/", "she and she", True),
        (r"/[^]x/", "\nx", True),
        (r"/[]/", "anything", False),
        (r"/\d/", "٣", False),
        (r"/[\W]/", "é", True),
        (r"/\s/", "\ufeff", True),
        (r"/a{,2}/", "a{,2}", True),
        (r"/[[]/", "[", True),
        (r"/\x41\u0042/", "AB", True),
    ],
)
def test_a_pattern_means_what_it_means_in_javascript(key, text, found):
    pattern = read_pattern(key)
    assert pattern is not None
    assert pattern.found_in(text) is found


@pytest.mark.parametrize(
    "key",
    ["dragon", "/a/b/i", "/(unclosed/", "/cat/d", "/cat/ii", "/a++/", "/(?P<n>a)/", "/(?i)a/", "//", "/["],
)
def test_what_javascript_would_not_take_is_plain_text(key):
    assert read_pattern(key) is None


def test_a_pattern_that_never_ends_is_given_up():
    pattern = read_pattern("/(a|aa)+$/")
    assert pattern is not None
    began = time.monotonic()
    assert pattern.found_in("a" * 100 + "b") is False
    assert time.monotonic() - began < 5


def test_a_book_full_of_such_patterns_is_given_up_too():
    keys = [f"/{letter}?(a|aa)+$/" for letter in "bcdefghijklmnopqrstuvwxyz" * 2]
    book = Book(entries=[Entry(keys=[f"{key[:-1]}|{number}/"]) for number, key in enumerate(keys)])
    words = [Spoken("Ana", "a" * 100 + "!")]
    began = time.thread_time()
    done = scan(
        Bookcase({"w": book}, Scanning()), Scene(words, fill=str, count=len, draw=lambda: 0.5, window=8000)
    )
    assert not done.active
    assert time.thread_time() - began < 2


@given(st.text(alphabet=r"ab()[]{}\^$.|?*+-,<>=!:1dwsbk/x", max_size=20))
def test_no_pattern_of_anybody_fails(text):
    pattern = read_pattern(f"/{text}/im")
    if pattern is not None:
        assert pattern.found_in("ab ab\n12") in (True, False)
