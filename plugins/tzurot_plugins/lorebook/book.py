"""What an author may write in a lorebook: entries, books, and how books are scanned."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from tzurot import PackModel, Prose, Role


class Position(StrEnum):
    """Where in the prompt an entry's text stands."""

    BEFORE_CHARACTER = "before_character"
    AFTER_CHARACTER = "after_character"
    NOTE_TOP = "note_top"
    NOTE_BOTTOM = "note_bottom"
    DEPTH = "depth"
    EXAMPLES_TOP = "examples_top"
    EXAMPLES_BOTTOM = "examples_bottom"
    OUTLET = "outlet"


class Logic(StrEnum):
    """What the further keys of an entry must do once one of its keys was found."""

    ANY = "any"
    NOT_ALL = "not_all"
    NONE = "none"
    ALL = "all"


class Source(StrEnum):
    """A text beside the conversation in which an entry may look for its keys."""

    PERSONA = "persona"
    DESCRIPTION = "description"
    PERSONALITY = "personality"
    DEPTH_PROMPT = "depth_prompt"
    SCENARIO = "scenario"
    CREATOR_NOTES = "creator_notes"


Key = Annotated[str, Field(max_length=2000)]
Strategy = Literal["evenly", "character_first", "global_first"]
Messages = Annotated[int, Field(ge=0, le=999_999)]


class CharacterFilter(PackModel):
    """For which characters an entry is there at all; names and tags must both agree."""

    exclude: bool = False
    """Turns the filter round: the entry is there for everybody but these."""
    names: list[str] = Field(default=[])
    """Names of the characters."""
    tags: list[str] = Field(default=[])
    """Tags of the characters."""


class Entry(PackModel):
    """One entry of a lorebook: a text, and when it comes into the prompt."""

    id: str = ""
    """The entry's own id within its book; its number in the list, if left out."""
    title: str = ""
    """What the entry is about, for people; the model never reads it."""
    enabled: bool = True
    """Whether the entry takes part at all."""
    keys: list[Key] = Field(default=[])
    """Words, or /regular expressions/i, any of which brings the entry in."""
    also: list[Key] = Field(default=[])
    """Further keys, which are looked at once one of the keys was found."""
    also_logic: Logic = Logic.ANY
    """What the further keys must do: any of them found, all found, none found, or not all found."""
    use_also: bool = True
    """Whether the further keys are looked at."""
    content: Prose = ""
    """The text. Lines at its beginning that start with @@ are instructions, such as @@activate."""
    always: bool = False
    """Brings the entry in without any key."""
    order: int = 100
    """Higher comes in first when there is too much, and stands nearer to the end of the prompt."""
    position: Position = Position.BEFORE_CHARACTER
    """Where the text stands."""
    depth: int = Field(default=4, ge=0)
    """For position depth: how many messages from the end."""
    role: Literal[Role.SYSTEM, Role.USER, Role.ASSISTANT] = Role.SYSTEM
    """For position depth: in whose voice."""
    outlet: str = ""
    """For position outlet: the name under which the text is put in."""
    ignore_budget: bool = False
    """Lets the entry in when the budget is used up."""
    exclude_recursion: bool = False
    """The entry is not brought in by the texts of other entries."""
    prevent_recursion: bool = False
    """The entry's text brings in no others."""
    delay_until_recursion: int = Field(default=0, ge=0)
    """The entry waits until texts of others are read: 1 for the first round of them, more for later ones."""
    probability: float = Field(default=100, ge=0, le=100)
    """How likely the entry comes in when it could, in percent."""
    group: str = ""
    """Groups, separated by commas, of which only one entry comes in at a time."""
    group_first: bool = False
    """Wins in its groups over entries without this; among several the highest order."""
    group_weight: float = Field(default=100, ge=0)
    """How likely the entry wins in its groups, beside the weights of the others."""
    group_scoring: bool | None = None
    """Whether in its groups the entry with the most keys found wins."""
    scan_depth: int | None = None
    """How many messages are looked through, if not as many as for all."""
    case_sensitive: bool | None = None
    """Whether small and capital letters differ, if not as for all."""
    whole_words: bool | None = None
    """Whether a key must be a whole word, if not as for all."""
    sources: list[Source] = Field(default=[])
    """Texts beside the conversation in which the keys are looked for too."""
    sticky: Messages = 0
    """For how many messages the entry stays once it came in."""
    cooldown: Messages = 0
    """For how many messages the entry can't come in again."""
    delay: Messages = 0
    """How many messages a conversation must have before the entry can come in."""
    triggers: list[str] = Field(default=[])
    """Kinds of turns in which the entry may come in: normal, continue, impersonate, swipe, quiet."""
    characters: CharacterFilter = Field(default=CharacterFilter())
    """For which characters the entry is there."""
    extensions: dict[str, JsonValue] = Field(default={})
    """What other programs wrote into the entry, kept as it was."""


class Book(PackModel):
    """A lorebook: entries about one world, in the order in which they were written."""

    name: str = Field(default="", max_length=200)
    """The book's name; one of the pack's books stands for itself by its place in the list without it."""
    description: str = ""
    """What the book is about, for people."""
    enabled: bool = True
    """Whether the book takes part at all."""
    entries: list[Entry] = Field(default=[], max_length=20_000)
    """The entries."""
    extensions: dict[str, JsonValue] = Field(default={})
    """What other programs wrote into the book, kept as it was."""


class Scanning(PackModel):
    """How books are scanned; what is left out is as SillyTavern comes."""

    depth: int = Field(default=2, le=1000)
    """How many of the newest messages are looked through for keys."""
    names: bool = True
    """Whether the names of who spoke are looked through too."""
    recursive: bool = True
    """Whether texts that came in are looked through for further keys."""
    whole_words: bool = True
    """Whether a key must be a whole word."""
    case_sensitive: bool = False
    """Whether small and capital letters differ."""
    group_scoring: bool = False
    """Whether in a group the entry with the most keys found wins."""
    max_rounds: int = Field(default=0, ge=0)
    """How many times texts are looked through at most, the conversation included; 0 for no limit."""
    min_entries: int = Field(default=0, ge=0)
    """Looks further and further back until so many entries came in."""
    min_entries_depth: int = Field(default=0, ge=0)
    """How far back it looks for them at most; 0 for the whole conversation."""
    budget_percent: float = Field(default=25, ge=0, le=100)
    """How much of the prompt lore may take, in percent."""
    budget_cap: int = Field(default=0, ge=0)
    """How many tokens lore may take at most; 0 for no limit."""
    strategy: Strategy = "character_first"
    """Which books come in first when there is too much: the character's, or those bound to everything."""
    double_removal: bool = True
    """Keeps SillyTavern's fault that who loses in two groups takes the last candidate out with it."""
