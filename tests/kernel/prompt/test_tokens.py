"""Token counts: a fitting tokenizer first, an estimate that errs high, and bounded learning."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tzurot.payloads.contributions import Tokenizer
from tzurot.prompt.tokens import TokenCounters, estimate


def only(model: str):
    return lambda given: given == model


def test_the_first_tokenizer_that_fits_counts():
    counters = TokenCounters(
        [
            Tokenizer("mine", only("m"), lambda text: 7),
            Tokenizer("also mine", only("m"), lambda text: 9),
        ]
    )
    assert counters.for_model("m")("hello") == 7
    assert counters.for_model("other")("hello") == estimate("hello")


def test_a_text_is_counted_once():
    calls: list[str] = []

    def count(text: str) -> int:
        calls.append(text)
        return len(text)

    counter = TokenCounters([Tokenizer("slow", only("m"), count)]).for_model("m")
    assert [counter("hello"), counter("hello")] == [5, 5]
    assert calls == ["hello"]


def test_a_failing_tokenizer_is_replaced_by_the_estimate(caplog):
    def fail(text: str) -> int:
        raise RuntimeError("no vocabulary")

    counter = TokenCounters([Tokenizer("broken", only("m"), fail)]).for_model("m")
    assert [counter("hello"), counter("world")] == [estimate("hello"), estimate("world")]
    assert caplog.text.count("Tokenizer broken failed") == 1


def test_a_tokenizer_that_knows_only_windows_leaves_counting_to_others():
    counters = TokenCounters(
        [
            Tokenizer("list of models", only("m"), window=lambda model: 4096),
            Tokenizer("counter", only("m"), count=len),
        ]
    )
    assert counters.for_model("m")("hello") == 5
    assert counters.window("m") == 4096
    assert counters.window("other") is None


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_the_estimate_grows_with_the_text_and_never_by_more_than_its_parts(first, second):
    assert max(estimate(first), estimate(second)) <= estimate(first + second)
    assert estimate(first + second) <= estimate(first) + estimate(second)


# Counted by SmolLM2, whose small English vocabulary makes it one of the dearest.
@pytest.mark.parametrize(
    ("text", "real"),
    [
        ("The quick brown fox jumps over the lazy dog.", 10),
        ("I don't know what you mean by that, but I'm willing to listen if you explain it to me.", 23),
        (
            "*Mara sets the lamp down and looks out over the water, her fingers still on the brass.* "
            "Storm's coming. \"You'd better stay.\"",
            31,
        ),
        ("def f(x):\n    return [y for y in x if y > 3]\n", 20),
        ("https://cdn.discordapp.com/attachments/81237/9912/image_01.png?ex=66aa", 36),
        ("2026-10-11 14:35:07 1234567890", 30),
    ],
)
def test_the_estimate_errs_high_but_not_wildly(text, real):
    assert real * 0.95 <= estimate(text) <= 1.6 * real


@pytest.mark.parametrize(
    "text", ["你好，今天天气怎么样？", "こんにちは、今日はどこへ行きましょうか。", "안녕하세요", "👍🏽🎉"]
)
def test_characters_outside_the_alphabets_cost_nearly_a_token_each_or_more(text):
    assert estimate(text) >= 0.9 * len(text)


def test_estimates_learn_from_what_servers_report_within_bounds():
    counters = TokenCounters()
    plain = counters.for_model("m")("a sentence of some length " * 10)
    for _ in range(100):
        counters.observe("m", 1000, 100_000)
    greedy = counters.for_model("m")("a sentence of some length " * 10)
    for _ in range(200):
        counters.observe("m", 1000, 1)
    modest = counters.for_model("m")("a sentence of some length " * 10)
    assert plain * 0.75 < modest < plain < greedy <= plain * 3 + 1


def test_learning_comes_to_rest_a_tenth_above_the_truth():
    counters = TokenCounters()
    text = "word " * 400
    for _ in range(100):
        counters.observe("m", counters.for_model("m")(text), 700)
    assert 700 * 1.05 <= counters.for_model("m")(text) <= 700 * 1.25


def test_a_counter_never_changes_its_mind():
    counters = TokenCounters()
    counter = counters.for_model("m")
    before = counter("hello there, you")
    for _ in range(50):
        counters.observe("m", 100, 300)
    assert counter("hello there, you") == before
    assert counters.for_model("m")("hello there, you") > before
