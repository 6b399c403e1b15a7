"""Token counts: a plugin's tokenizer where one fits the model, else an estimate that errs high."""

from __future__ import annotations

import logging
import math
import string
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tzurot.payloads.contributions import Tokenizer
from tzurot.prompt.trim import Count

log = logging.getLogger("tzurot.prompt")

MARGIN = 1.1
"""The estimate is a tenth above what texts of its kind cost on average."""
_CACHED_COUNTS = 16_384
_CACHED_LENGTH = 2_000
_MODELS = 256
_LEAST_FACTOR, _GREATEST_FACTOR = 0.8, 3.0
_LEARNING = 0.2
_WORTH_LEARNING_FROM = 50

_WORDS = (string.ascii_letters + " ").encode()
_DIGITS = string.digits.encode()
# Characters per token by the end of their code range. Vocabularies differ by a factor of three outside
# English; these are for large ones, and ``observe`` learns the rest.
_RANGES = (
    (0x0250, 1.2),  # Latin with accents
    (0x0530, 1.7),  # Greek, Cyrillic
    (0x0E00, 1.2),  # Armenian to the Indic scripts
    (0x2000, 0.8),  # Thai, Georgian, Amharic, Khmer, …
    (0x2E80, 0.7),  # punctuation, symbols
    (0xA000, 1.2),  # CJK, kana
    (0xAC00, 0.7),
    (0xD7B0, 1.0),  # Hangul
    (0xF900, 0.4),
    (0xFB00, 1.0),
    (0x10000, 0.7),
)
_BEYOND = 0.35  # emoji and everything rare: up to three tokens each


def estimate(text: str) -> int:
    """About how many tokens ``text`` has, by the kinds of its characters; rather too many than too few."""
    return _cached_estimate(text) if len(text) <= _CACHED_LENGTH else math.ceil(_weigh(text))


def _weigh(text: str) -> float:
    plain = text.encode("ascii", "ignore")
    rest = plain.translate(None, _WORDS)
    marks = len(rest.translate(None, _DIGITS))
    tokens = (len(plain) - len(rest)) / 4.2 + len(rest) - marks + marks / 1.15
    if len(plain) != len(text):
        tokens += sum(_weight(character) for character in text if character > "\x7f")
    return tokens * MARGIN


@lru_cache(maxsize=4096)
def _cached_estimate(text: str) -> int:
    return math.ceil(_weigh(text))


def _weight(character: str) -> float:
    code = ord(character)
    for end, characters_per_token in _RANGES:
        if code < end:
            return 1.0 / characters_per_token
    return 1.0 / _BEYOND


class TokenCounters:
    """The counters of all models. What is cached and what is learnt is bounded."""

    def __init__(self, tokenizers: Sequence[Tokenizer] = ()) -> None:
        self._tokenizers = tuple(tokenizers)
        self._counters: OrderedDict[str, Count] = OrderedDict()
        self._factors: OrderedDict[str, float] = OrderedDict()

    def for_model(self, model: str) -> Count:
        """The counter for ``model``: the first tokenizer that fits, or the estimate.

        A counter never changes its mind; what is learnt meanwhile goes into the next one.
        """
        counter = self._counters.get(model)
        if counter is None:
            counter = self._counters[model] = self._build(model)
            if len(self._counters) > _MODELS:
                self._counters.popitem(last=False)
        return counter

    def window(self, model: str) -> int | None:
        """The context window of ``model`` in tokens, where a plugin knows it."""
        for tokenizer in self._fitting(model):
            if tokenizer.window is None:
                continue
            try:
                window = tokenizer.window(model)
            except Exception:
                log.exception(
                    "%s can't say the context window of %r; it is passed over.", tokenizer.name, model
                )
                continue
            # Who serves a model decides, even by not knowing: the next one would speak of another model.
            return window if window is not None and window > 0 else None
        return None

    def observe(self, model: str, counted: int, real: int) -> None:
        """Learn from a request that was counted as ``counted`` tokens and that the server says had ``real``.

        Only estimates learn, slowly and within bounds, so that one odd answer can't starve the prompt.
        """
        if counted < _WORTH_LEARNING_FROM or real <= 0 or isinstance(self.for_model(model), _Cached):
            return
        before = self._factors.get(model, 1.0)
        # ``counted`` holds the factor already; the margin stays on top, as in the estimate.
        wanted = before * MARGIN * real / counted
        factor = min(_GREATEST_FACTOR, max(_LEAST_FACTOR, before + _LEARNING * (wanted - before)))
        self._factors[model] = factor
        self._factors.move_to_end(model)
        if len(self._factors) > _MODELS:
            self._factors.popitem(last=False)
        if _step(factor) != _step(before):
            self._counters.pop(model, None)

    def _fitting(self, model: str) -> Iterator[Tokenizer]:
        for tokenizer in self._tokenizers:
            try:
                fits = tokenizer.fits(model)
            except Exception:
                log.exception(
                    "Tokenizer %s failed on the model name %r; it is passed over.", tokenizer.name, model
                )
                continue
            if fits:
                yield tokenizer

    def _build(self, model: str) -> Count:
        for tokenizer in self._fitting(model):
            if tokenizer.count is not None:
                return _Cached(tokenizer.name, tokenizer.count)
        factor = _step(self._factors.get(model, 1.0))
        return estimate if factor == 1.0 else lambda text: math.ceil(estimate(text) * factor)


def _step(factor: float) -> float:
    """``factor`` in steps of a twentieth: if it moved with every answer, so would the history's window."""
    return math.ceil(factor * 20 - 1e-9) / 20


class _Cached:
    """A tokenizer's counts, kept by the hash of the text; an estimate where the tokenizer fails."""

    def __init__(self, name: str, count: Count) -> None:
        self._name = name
        self._count = count
        self._counts: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._failed = False

    def __call__(self, text: str) -> int:
        key = (hash(text), len(text))
        known = self._counts.get(key)
        if known is not None:
            return known
        try:
            tokens = max(0, self._count(text))
        except Exception:
            if not self._failed:
                log.exception("Tokenizer %s failed; texts it can't count are estimated.", self._name)
            self._failed = True
            return estimate(text)
        self._counts[key] = tokens
        if len(self._counts) > _CACHED_COUNTS:
            self._counts.popitem(last=False)
        return tokens
