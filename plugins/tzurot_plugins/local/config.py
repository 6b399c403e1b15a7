"""The instance-wide settings of the local model."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class LocalSettings(BaseModel):
    """What an operator may say about the model on this machine."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    model_path: Path | None = Field(default=None, json_schema_extra={"env": "TZUROT_LOCAL_MODEL"})
    """A GGUF file to run. Default: the small SmolLM2 that comes with `tzurot[local]`."""
    context_size: int = Field(default=8192, ge=512, le=1_048_576)
    """The window of one conversation in tokens, prompt and answer together. More needs more memory."""
    threads: int = Field(default=1, ge=1, le=256)
    """How many processor cores compute. On a machine that does other work too, more than the idle cores
    makes it slower."""
    slots: int = Field(default=1, ge=1, le=64)
    """How many answers are computed side by side; the others wait. Each has a window of its own."""
    load_seconds: float = Field(default=300.0, gt=0)
    """How long loading the model may take, in seconds."""
