"""Token counts: a plugin's tokenizer where one fits the model, else an estimate that errs high."""

from __future__ import annotations

import logging
import math
import string
from collections import OrderedDict
from collections.abc import Sequence

from tzurot.payloads.contributions import Tokenizer
from tzurot.prompt.trim import Count

log = logging.getLogger("tzurot.prompt")

MARGIN = 1.1
"""The estimate is a tenth above what texts of its kind cost on average."""
_CACHED_COUNTS = 16_384
_MODELS = 256
_LEAST_FACTOR, _GREATEST_FACTOR = 0.8, 3.0
_LEARNING = 0.2
_WORTH_LEARNING_FROM = 50

_WORDS = (string.ascii_letters + " ").encode()
_DIGITS = string.digits.encode()
# Characters per token by the end of their code range, for tokenizers of common models.
_RANGES = (
    (0x0250, 2.4),  # Latin with accents
    (0x0530, 2.0),  # Greek, Cyrillic
    (0x0E00, 1.3),  # Armenian to the Indic scripts
    (0x2000, 1.0),  # Thai, Georgian, Amharic, Khmer, …
    (0x2E80, 0.7),  # punctuation, symbols
    (0xA000, 1.5),  # CJK, kana
    (0xAC00, 0.8),
    (0xD7B0, 1.5),  # Hangul
    (0xF900, 0.4),
    (0xFB00, 1.0),
    (0x10000, 0.7),
)
_BEYOND = 0.35  # emoji and everything rare: up to three tokens each


def estimate(text: str) -> int:
    """About how many tokens ``text`` has, by the kinds of its characters; rather too many than too few."""
    if not text:
        return 0
    plain = text.encode("ascii", "ignore")
    rest = plain.translate(None, _WORDS)
    marks = len(rest.translate(None, _DIGITS))
    tokens = (len(plain) - len(rest)) / 3.6 + (len(rest) - marks) / 2.0 + marks / 1.6
    if len(plain) != len(text):
        tokens += sum(_weight(character) for character in text if character > "\x7f")
    return math.ceil(tokens * MARGIN)


def _weight(character: str) -> float:
    code = ord(character)
    for end, characters_per_token in _RANGES:
        if code < end:
            return 1.0 / characters_per_token
    return 1.0 / _BEYOND


class TokenCounters:
    """The counters of all models. Counts are cached; the cache and what is learnt are bounded."""

    def __init__(self, tokenizers: Sequence[Tokenizer] = ()) -> None:
        self._tokenizers = tuple(tokenizers)
        self._counters: OrderedDict[str, Count] = OrderedDict()
        self._factors: OrderedDict[str, float] = OrderedDict()

    def for_model(self, model: str) -> Count:
        """The counter for ``model``: the first tokenizer that fits, or the estimate."""
        counter = self._counters.get(model)
        if counter is None:
            counter = self._build(model)
            self._counters[model] = counter
            if len(self._counters) > _MODELS:
                self._counters.popitem(last=False)
        return counter

    def observe(self, model: str, counted: int, real: int) -> None:
        """Learn from a request that was counted as ``counted`` tokens and that the server says had ``real``.

        Only estimates learn, slowly and within bounds, so that one odd answer can't starve the prompt.
        """
        if counted < _WORTH_LEARNING_FROM or real <= 0 or self._tokenizer(model) is not None:
            return
        factor = self._factors.get(model, 1.0)
        # ``counted`` holds the factor already; a tenth stays on top, as in the estimate.
        wanted = factor * real / counted * MARGIN
        factor += _LEARNING * (wanted - factor)
        self._factors[model] = min(_GREATEST_FACTOR, max(_LEAST_FACTOR, factor))
        self._factors.move_to_end(model)
        if len(self._factors) > _MODELS:
            self._factors.popitem(last=False)

    def _tokenizer(self, model: str) -> Tokenizer | None:
        for tokenizer in self._tokenizers:
            try:
                if tokenizer.fits(model):
                    return tokenizer
            except Exception:
                log.exception(
                    "Tokenizer %s failed on the model name %r; it is passed over.", tokenizer.name, model
                )
        return None

    def _build(self, model: str) -> Count:
        tokenizer = self._tokenizer(model)
        if tokenizer is not None:
            return _Cached(tokenizer)

        def estimated(text: str) -> int:
            # In steps of a twentieth: a factor that moves with every answer would move the history's window.
            factor = math.ceil(self._factors.get(model, 1.0) * 20) / 20
            return math.ceil(estimate(text) * factor)

        return estimated


class _Cached:
    """A tokenizer's counts, kept by the hash of the text; an estimate where the tokenizer fails."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._counts: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._failed = False

    def __call__(self, text: str) -> int:
        key = (hash(text), len(text))
        known = self._counts.get(key)
        if known is not None:
            return known
        try:
            tokens = max(0, int(self._tokenizer.count(text)))
        except Exception:
            if not self._failed:
                log.exception(
                    "Tokenizer %s failed; texts it can't count are estimated.", self._tokenizer.name
                )
            self._failed = True
            return estimate(text)
        self._counts[key] = tokens
        if len(self._counts) > _CACHED_COUNTS:
            self._counts.popitem(last=False)
        return tokens
