"""Thinking is told apart from the answer, however the stream is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tzurot_plugins.openai.thinking import Kind, Splitter

BITS = [
    "<think>",
    "</think>",
    "<THINKING >",
    "</thinking>",
    "<ns:think>",
    "</ns:think>",
    "◁think▷",
    "◁/think▷",
    "<|channel|>",
    "<|message|>",
    "<|end|>",
    "<|start|>",
    "<|return|>",
    "analysis",
    "final",
    "assistant",
    "<",
    "</",
    "<|",
    "◁",
    ">",
    "hello ",
    "\n\n",
    "1 < 2 > 0 ",
    "<b>bold</b>",
    "x" * 70,
]
streams = st.lists(st.sampled_from(BITS) | st.text(max_size=6), max_size=14).map("".join)


def split(chunks):
    """What is visible in the end, and what was thought."""
    splitter, visible, thought = Splitter(), "", ""
    for pieces in [*(splitter.feed(chunk) for chunk in chunks), splitter.close()]:
        for piece in pieces:
            if piece.kind is Kind.TEXT:
                visible += piece.text
            elif piece.kind is Kind.THOUGHT:
                thought += piece.text
            else:
                thought, visible = thought + visible, ""
    return visible, thought


def cut(text, points):
    edges = [0, *sorted({p % (len(text) + 1) for p in points}), len(text)]
    return [text[a:b] for a, b in pairwise(edges)]


@settings(max_examples=300, deadline=None)
@given(streams, st.lists(st.integers(0, 400), max_size=30))
def test_the_cuts_of_a_stream_change_nothing(text, points):
    assert split(cut(text, points)) == split([text])


@settings(deadline=None)
@given(streams)
def test_a_stream_of_single_characters_says_the_same(text):
    assert split(list(text)) == split([text])


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="<◁"), max_size=60))
def test_text_without_marks_is_all_visible(text):
    assert split(list(text)) == (text.lstrip(), "")


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="<◁"), max_size=40), st.text(max_size=20))
def test_text_is_not_held_back_without_need(text, more):
    pieces = Splitter().feed("a" + text)
    assert "".join(p.text for p in pieces) == "a" + text


@pytest.mark.parametrize(
    ("stream", "visible", "thought"),
    [
        ("<think>hm</think>\n\nHello", "Hello", "hm"),
        ("hm, they greet me</think>\n\nHello", "Hello", "hm, they greet me"),
        ("<think>a</think>Hi <think>b</think>there", "Hi there", "ab"),
        ("<think>never closed", "", "never closed"),
        ("◁think▷hm◁/think▷Hello", "Hello", "hm"),
        ("<seed:think>hm</seed:think>Hello", "Hello", "hm"),
        (
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Hello<|return|>",
            "Hello",
            "hm",
        ),
        ("I <3 you, <b>truly</b> & a < b", "I <3 you, <b>truly</b> & a < b", ""),
        ("<thinker>x</thinker>", "<thinker>x</thinker>", ""),
        ("it ends in <thi", "it ends in <thi", ""),
    ],
)
def test_every_known_format_is_understood(stream, visible, thought):
    assert split([stream]) == (visible, thought)
    assert split(list(stream)) == (visible, thought)
