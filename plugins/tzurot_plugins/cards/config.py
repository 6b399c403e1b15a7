"""What a pack may say about the card it came from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tzurot import PackModel, Prose


class DepthPrompt(PackModel):
    """A text that stands among the messages, near their end."""

    text: Prose = Field(min_length=1)
    """What the model is told. `{{char}}` and `{{user}}` become names."""
    depth: int = Field(default=4, ge=0, le=10_000)
    """How many messages stand after it."""
    role: Literal["system", "user", "assistant"] = "system"
    """In whose voice it is said."""


class CardConfig(PackModel):
    """What came with a character card."""

    original: str = Field(default="", max_length=500)
    """The card that the character was imported from, a file of this pack. `tzurot export` takes from it
    what the pack doesn't say, so that nothing of the card is lost."""
    depth_prompt: DepthPrompt | None = None
    """The card's depth prompt (SillyTavern's "Character's Note"): told among the last messages, where it
    weighs more than the profile."""
