"""Long replies arrive whole: every message fits, code blocks stay blocks, and no word is lost."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tzurot_plugins.discord.chunking import LIMIT, chunk, clean, cut, width
from tzurot_plugins.discord.fences import balanced

FAMILY, FLAG, THUMB = "👩\u200d👩\u200d👧", "🏳\ufe0f\u200d🌈", "👍🏽"
MARKS = ["```", "```py\n", "````", "`", "``", "\n", "\n\n", " ", "\t"]
PIECES = st.sampled_from([*MARKS, "word ", "end. ", "é", FAMILY, FLAG, "x" * 90, "𝔘", "。"])
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=3000),
    st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=120).map("".join).map(clean),
)
LIMITS = st.sampled_from([64, 100, 333, LIMIT])


@given(TEXTS, LIMITS)
@example("`" * 5000, 64)
@example("```" + "x" * 5000, LIMIT)
@example("𝔘" * 2001, LIMIT)
def test_every_chunk_fits_and_the_bodies_joined_are_the_text(text, limit):
    pieces = cut(text, limit)
    assert "".join(piece.body for piece in pieces) == text
    for piece in pieces:
        assert piece.body
        assert width(piece.text) <= limit
        assert len(piece.text.encode("utf-16-le")) // 2 == width(piece.text)


@given(TEXTS, LIMITS)
def test_every_chunk_closes_the_code_blocks_that_it_opens(text, limit):
    assert all(balanced(piece.text) for piece in cut(text, limit))


@given(TEXTS)
def test_a_text_that_fits_and_is_sound_is_sent_as_it_is(text):
    if text == clean(text) and width(text) <= LIMIT and balanced(text) and text.strip():
        assert chunk(text) == [text]


@given(st.text())
def test_nothing_blank_and_nothing_unencodable_is_sent(text):
    for message in chunk(text, 64):
        assert message.strip()
        message.encode("utf-8")


def test_it_cuts_at_paragraphs_before_lines_before_sentences_before_words():
    paragraph = "One sentence here. " * 20
    assert chunk(f"{paragraph}\n\n{paragraph}", 600) == [f"{paragraph}\n\n", paragraph]
    assert all(piece.endswith((". ", ".")) for piece in chunk("A sentence of words. " * 60, 200))
    assert all(not piece[:-1].endswith("wor") for piece in chunk("word " * 500, 203))


def test_a_code_block_that_is_too_long_goes_on_in_the_next_message_with_its_language():
    code = "\n".join(f"line {number}" for number in range(300))
    first, second, *_ = chunk(f"Look:\n```python\n{code}\n```\nDone.")
    assert first.endswith("\n```")
    assert second.startswith("```python\n")
    assert "line 299" in chunk(f"Look:\n```python\n{code}\n```\nDone.")[-1]


def test_a_code_block_that_fits_into_one_message_is_not_torn():
    block = "```\n" + "a = 1\n" * 200 + "```"
    assert block in chunk("Some words. " * 80 + "\n" + block)


def test_a_block_that_the_model_forgot_to_close_is_closed():
    assert chunk("```py\nprint(1)") == ["```py\nprint(1)\n```"]


@pytest.mark.parametrize("emoji", [FAMILY, FLAG, THUMB, "e\u0301"])
def test_emoji_and_accented_letters_stay_whole(emoji):
    for piece in chunk(emoji * 700, 101):
        assert piece == emoji * (len(piece) // len(emoji))
