"""What a pack may say about how its characters are put into the prompt."""

from __future__ import annotations

from pydantic import Field

from tzurot import Name, PackModel, Prose

INSTRUCTION = (
    "You are {{char}}. Answer the last message as {{char}} would: in character, and briefly unless more is "
    "asked for. Write nothing but {{char}}'s own words and actions: no name in front of them, nothing for "
    "anybody else."
)


class CharacterConfig(PackModel):
    """How the character is put into the prompt."""

    instruction: Prose = INSTRUCTION
    """What the model is told first. `{{char}}` is the character's name, `{{user}}` whoever is answered."""
    reminder: Prose = ""
    """What the model is told last, after the conversation. It weighs most there; keep it short."""
    leave_out: list[Name] = Field(default=[], max_length=50)
    """Profile sections that the model doesn't see, such as likes or a title of your own."""
    section_tokens: int = Field(default=4000, ge=50, le=100_000)
    """How long one profile section may be in the prompt, in tokens; what is longer loses its end."""
    examples: int = Field(default=50, ge=0, le=50)
    """How many example dialogues the model sees at most, from the first."""
    speaks_for_others: bool = False
    """Leave it in the reply when the model goes on in somebody else's name. Else the reply ends there."""
