"""What is printed: safe, wrapped between words, the same however it was cut on its way."""

from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tzurot.packs.compiled import Character
from tzurot.payloads.generation import Delta
from tzurot_plugins.terminal.flow import Flow
from tzurot_plugins.terminal.safe import safe, safe_line
from tzurot_plugins.terminal.screen import Pipe, Window, bar

MARA = Character("mara", "mara", "Mara")
WILD = st.text(st.characters() | st.sampled_from("\x1b\x07\x9b\r\u202e\U000e0041 *\n"), max_size=120)


@given(WILD)
def test_nothing_that_commands_a_terminal_gets_through(text):
    shown = safe(text)
    shown.encode()
    assert all(sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs") for sign in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
    assert "\n" not in safe_line(text)


@given(WILD, st.integers(0, 120))
def test_safety_does_not_depend_on_how_a_text_is_cut(text, cut):
    assert safe(text[:cut]) + safe(text[cut:]) == safe(text)


def test_ordinary_text_of_all_languages_stays_as_it_is():
    text = "Grüße, 你好, שלום, नमस्ते, 👩‍🚀!\n\tindented"
    assert safe(text) == text


def laid_out(pieces, width):
    flow = Flow(width)
    return "".join(p.text for text in pieces for p in flow.feed(text)) + "".join(
        p.text for p in flow.finish()
    )


@given(st.lists(st.text(st.sampled_from("ab c*\n你"), max_size=8), max_size=20), st.integers(20, 60))
def test_the_layout_does_not_depend_on_how_a_text_is_cut(pieces, width):
    assert laid_out(pieces, width) == laid_out(["".join(pieces)], width)


@given(
    st.lists(st.text(st.sampled_from("abcdef"), min_size=1, max_size=15), max_size=40), st.integers(20, 60)
)
def test_words_are_kept_whole_and_lines_within_the_width(words, width):
    text = laid_out([" ".join(words)], width)
    assert text.split() == words
    assert all(len(line.rstrip()) <= width for line in text.split("\n"))


def test_actions_are_set_apart_and_end_with_their_line():
    flow = Flow(80)
    pieces = [*flow.feed("*waves slowly* Hi. *left open\nNext"), *flow.finish()]
    acted = "".join(p.text for p in pieces if p.action)
    assert acted == "*waves slowly**left open"


def window():
    out = io.StringIO()
    return Window(Console(file=out, width=60, force_terminal=False)), out


def test_what_post_processing_adds_is_added_and_what_it_changes_is_shown_anew():
    screen, out = window()
    for final in ("Hello there.\n-# a footer", "Something else."):
        screen.waiting(MARA)
        for piece in (" Hel", "lo there."):
            screen.delta(MARA, Delta(piece))
        screen.said(MARA, final)
        screen.rest()
    assert out.getvalue().split("\n\n") == [
        "Mara Hello there.\n-# a footer",
        "Mara Hello there.",
        "edited:\nMara Something else.",
        "",
    ]


def test_an_answer_that_did_not_stream_is_shown_whole_and_thinking_is_not():
    screen, out = window()
    screen.waiting(MARA)
    screen.delta(MARA, Delta(reasoning="hmm"))
    screen.said(MARA, "Well.")
    screen.rest()
    assert out.getvalue() == "Mara Well.\n\n"


def test_a_name_cannot_command_the_terminal_either():
    screen, out = window()
    screen.greet(Character("x", "x", "M\x1b[31m\nara"), "hi\x1b[2J")
    assert "\x1b" not in out.getvalue()
    assert out.getvalue().startswith("M␛[31m ara hi␛[2J")


def test_a_bar_says_what_loads_and_how_far():
    assert "loading tiny" in bar("tiny", 0.5)
    assert "50%" in bar("tiny", 0.5)
    assert "preparing" in bar("tiny", 1.0)
    screen, _ = window()
    changed = []
    screen.load_changed = lambda: changed.append(screen.load)
    screen.loading("tiny", 0.5)
    screen.loading("tiny", None)
    assert changed == [("tiny", 0.5), None]


@pytest.mark.parametrize("quiet", [True, False])
def test_in_a_pipe_answers_and_everything_else_go_apart(quiet):
    out, err = io.StringIO(), io.StringIO()
    pipe = Pipe(quiet=quiet, out=out, err=err)
    pipe.waiting(MARA)
    pipe.loading("tiny", 0.5)
    pipe.notice("a notice")
    pipe.complaint("a complaint")
    pipe.answer(" answer\x1b[0m ")
    assert out.getvalue() == "answer␛[0m\n"
    assert err.getvalue() == ("" if quiet else "a notice\n") + "a complaint\n"
