"""What a scan is given: the conversation, who takes part, and where chance and macros come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tzurot_plugins.lorebook.book import Entry, Source
from tzurot_plugins.lorebook.timed import Lasting

KINDS_OF_TURN = ("normal", "continue", "impersonate", "swipe", "regenerate", "quiet")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message of the conversation."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a scan may look at. ``messages`` are oldest first, hidden ones left out.

    ``injected`` are texts that other parts of the prompt allow to be looked through; ``forced`` are
    entries, by book and id, that somebody else wants in, as they shall be. ``draw`` gives numbers from
    0 to 1, ``fill`` puts in macros, ``count`` counts tokens, and ``window`` is how many a prompt may
    have. ``additive`` counts each text once and adds up, where SillyTavern counts all of them together
    again for each. ``lasting`` is what earlier scans left behind; a ``dry`` scan neither looks at it nor
    changes it. ``length`` says how long the conversation is where ``messages`` are only the newest.
    """

    messages: Sequence[Spoken]
    fill: Callable[[str], str]
    count: Callable[[str], int]
    draw: Callable[[], float]
    window: int
    character: str = ""
    tags: frozenset[str] | None = None
    kind: str = "normal"
    sources: Mapping[Source, str] = field(default_factory=dict)
    injected: Sequence[str] = ()
    forced: Mapping[str, Entry] = field(default_factory=dict)
    lasting: Lasting = field(default_factory=Lasting)
    dry: bool = False
    additive: bool = False
    length: int | None = None

    @property
    def messages_so_far(self) -> int:
        """How long the conversation is."""
        return len(self.messages) if self.length is None else self.length
