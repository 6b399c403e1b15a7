"""What a character says when it can't answer: its own line, and behind a spoiler what really happened."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from tzurot import Category, Character, GenerationError, Reply

LINES: Mapping[Category, str] = MappingProxyType(
    {
        Category.AUTHENTICATION: "The model's server refused the key. The owner has to check it.",
        Category.QUOTA_EXCEEDED: "The model's quota is used up. Choose another, or wait until it renews.",
        Category.CREDIT_EXHAUSTION: "The model's account has no credit left. The owner has to top it up.",
        Category.CONTENT_POLICY: "The model's provider refused to answer this. Say it in another way.",
        Category.BAD_REQUEST: "The server refused the request. The owner finds the reason in the log.",
        Category.CONTEXT_LENGTH: "This is more than the model can read at once. Send a shorter message.",
        Category.MODEL_NOT_FOUND: "The model doesn't exist on its server. Choose another one.",
        Category.RATE_LIMIT: "Too many requests at once. Try again in a moment.",
        Category.SERVER_ERROR: "The model's server has trouble. Try again in a few minutes.",
        Category.TIMEOUT: "The model took too long. Try again, or choose a faster one.",
        Category.NETWORK: "The model's server can't be reached. Try again in a few minutes.",
        Category.EMPTY_RESPONSE: "The model said nothing. Try again.",
        Category.TRUNCATED: "The answer broke off before its end. Try again.",
        Category.NO_BACKEND: "No model is set up here. The owner asks `tzurot doctor` what to do.",
        Category.UNKNOWN: "Something went wrong. Try again; the owner finds the reason in the log.",
    }
)
_LONGEST_LINE = 1500


def apology(character: Character, error: Exception) -> Reply:
    """The character's error line with a spoiler that says what happened and what to do.

    The spoiler never holds the error's own text: that is for the owner, and may name servers and models.
    """
    category = _category(error)
    line = character.error_line[:_LONGEST_LINE] or f"{character.name} can't answer right now."
    return Reply(f"{line}\n||{_explained(category, error)}||", notice=True, meta={"category": str(category)})


def _category(error: Exception) -> Category:
    if isinstance(error, GenerationError):
        return error.category
    return Category.TIMEOUT if isinstance(error, TimeoutError) else Category.UNKNOWN


def _explained(category: Category, error: Exception) -> str:
    wait = error.retry_after if isinstance(error, GenerationError) else None
    if category is Category.RATE_LIMIT and wait is not None and 1 <= wait <= 3600:
        return f"Too many requests at once. Try again in {math.ceil(wait)} seconds."
    return LINES[category]
