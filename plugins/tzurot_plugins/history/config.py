"""What packs and the operator may say about history."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from tzurot import PackModel


class Settings(PackModel):
    """What a pack says about its characters' histories."""

    hear_others: bool = False
    """Whether a character also reads what other characters were told and answered in the same place. Good
    for groups that talk with one another."""


class Operator(BaseModel):
    """Instance-wide settings, under ``plugins.history`` of ``tzurot.yaml`` or in the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    keep_days: int = Field(default=90, ge=0, le=36500)
    """After how many days utterances are deleted. 0 keeps them for ever."""
