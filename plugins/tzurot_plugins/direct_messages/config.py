"""The settings of direct messages."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class DirectMessagesSettings(BaseModel):
    """Who answers where nobody is named."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True, frozen=True)

    default_character: str = Field(default="", json_schema_extra={"env": "TZUROT_DEFAULT_CHARACTER"})
    """Who answers a direct message or a mention of the bot that names nobody: a name, or `pack/id`.
    Default: the first character."""
