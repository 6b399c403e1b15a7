"""What an author may write in ``pack.yaml``: the one source of its schema, its docs and its checks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from tzurot.packs.pace import breathe


class PackModel(BaseModel):
    """The parent of everything that is written in a pack; plugins' ``Config`` classes come from here too.

    Unknown keys are refused, objects don't change once built, and attribute docstrings become the text that
    an editor shows on hover.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        allow_inf_nan=False,
    )

    @model_validator(mode="before")
    @classmethod
    def _breathe(cls, value: Any) -> Any:
        # pydantic validates a list of 5,000 entries in one C call that never lets another thread run. A step
        # into Python for each entry is where the event loop may be let through.
        breathe()
        return value


Prose = Annotated[str, Field(json_schema_extra={"x-prose": True})]
"""Text that may be long: written in place, or ``{file: mara.md}`` beside the pack."""

Id = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", min_length=1, max_length=50),
    Field(
        json_schema_extra={
            "x-hint": "small letters, digits, - and _, starting with a letter or digit, such as mara"
        }
    ),
]
Name = Annotated[
    str,
    StringConstraints(pattern=r"^\S(.*\S)?$", min_length=1, max_length=80),
    Field(json_schema_extra={"x-hint": "one line of up to 80 characters, without spaces at either end"}),
]
Tag = Annotated[
    str,
    StringConstraints(pattern=r"^\S(.*\S)?$", min_length=1, max_length=50),
    Field(json_schema_extra={"x-hint": "one short line, such as slow-burn"}),
]


class Profile(PackModel):
    """Who the character is, in sections. Write only those that matter; short beats complete."""

    description: Prose = ""
    """Who this is, in a few sentences: what somebody would tell you before you met."""
    age: str = ""
    """Age, as words or a number in quotes."""
    pronouns: str = ""
    """Pronouns, such as she/her."""
    personality: Prose = ""
    """How the character thinks and behaves: habits, contradictions, what they want and what they avoid."""
    appearance: Prose = ""
    """What others see."""
    background: Prose = ""
    """What happened before now that still matters."""
    relationships: Prose = ""
    """Who the character knows, and what stands between them. In a group, say it from this one's side."""
    likes: Prose = ""
    """What the character is glad of."""
    dislikes: Prose = ""
    """What the character would rather not."""
    goals: Prose = ""
    """What the character is after, in conversation or in life."""
    scenario: Prose = ""
    """Where and when conversations take place."""
    sections: dict[Name, Prose] = {}
    """Sections of your own, under titles of your own."""


class ExampleLine(PackModel):
    """One line of an example dialogue: either ``user: …`` or ``char: …``."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    user: Prose | None = None
    """Something a person says."""
    char: Prose | None = None
    """Something the character says."""

    @model_validator(mode="after")
    def _one_voice(self) -> ExampleLine:
        if (self.user is None) == (self.char is None):
            raise ValueError("expected either user or char, exactly one of them")
        return self


Example = Annotated[list[ExampleLine], Field(min_length=1)] | Prose
PluginBlock = dict[str, dict[str, JsonValue]]


class CharacterModel(PackModel):
    """A character of the pack."""

    id: Id
    """The character's permanent id. Memories and history hang on it: change the name freely, never this."""
    name: Name
    """The name people see and call."""
    aliases: list[Name] = Field(default=[], max_length=20)
    """Other names the character answers to, such as a short form."""
    avatar: str | None = Field(default=None, min_length=1, max_length=2000)
    """The character's picture: a file of this pack (avatar.png) or an https:// address."""
    profile: Profile = Profile()
    """Who the character is, in sections."""
    style: Prose = ""
    """How the character speaks: rhythm, vocabulary, what they never say."""
    greeting: Prose = ""
    """The character's first words in a new conversation."""
    greetings: list[Prose] = Field(default=[], max_length=50)
    """Other first words, to choose from."""
    examples: list[Example] = Field(default=[], max_length=50)
    """Short dialogues that show the voice: each a list of ``user:`` and ``char:`` lines, or a text."""
    tags: list[Tag] = Field(default=[], max_length=30)
    """Words to find the character by."""
    settings: dict[str, JsonValue] = {}
    """Model and behaviour settings for this character, such as temperature; they win over the pack's."""
    talkativeness: float = Field(default=0.5, ge=0, le=1)
    """How readily the character joins in unasked: 0 never, 1 always."""
    error_line: Prose = ""
    """What the character says when no answer could be had, in their own words."""
    age_restricted: bool = False
    """Whether the character speaks only where the place is age-restricted."""
    plugins: PluginBlock = {}
    """Settings of plugins for this character: each setting named here replaces the pack's."""


class PackFile(PackModel):
    """A pack: one or more characters with everything that belongs to them."""

    schema_version: Literal[1] = Field(alias="schema")
    """The version of this file's format: 1."""
    name: Name
    """The pack's name."""
    description: Prose = ""
    """What the pack is about, for people who choose one."""
    authors: list[Name] = Field(default=[], max_length=50)
    """Who made it."""
    license: str = Field(default="", max_length=200)
    """The licence others may use it under, such as CC-BY-4.0."""
    tags: list[Tag] = Field(default=[], max_length=30)
    """Words to find the pack by."""
    version: str = Field(default="", max_length=50)
    """The pack's own version, in quotes."""
    uses: list[Id] = Field(default=[], max_length=100)
    """Plugins this pack is written for; settings of those that are not installed are a warning, no error."""
    settings: dict[str, JsonValue] = {}
    """Model and behaviour settings for every character of the pack."""
    characters: list[CharacterModel] = Field(min_length=1, max_length=200)
    """The characters. An item may be ``{include: characters/*.yaml}``."""
    plugins: PluginBlock = {}
    """Settings of plugins, by plugin name."""
