"""What a pack may say about how its characters see who is here."""

from __future__ import annotations

from pydantic import Field

from tzurot import PackModel


class ParticipantsConfig(PackModel):
    """What the character is told about who is here."""

    people: int = Field(default=20, ge=0, le=20)
    """How many people and other characters are listed at most: those who spoke last."""
    about_length: int = Field(default=300, ge=0, le=2000)
    """How many letters of what people say about themselves the character reads; 0 is nothing."""
    blurb_length: int = Field(default=160, ge=0, le=2000)
    """How many letters of other characters' descriptions the character reads; 0 is nothing."""
