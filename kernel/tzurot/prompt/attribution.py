"""Who said what: labels by id, never by name, and text that can't pass for somebody else's words.

People choose their names and write what they like. So that neither can forge a turn, a tag or another
speaker, every label is made here from an id, and every text is rendered here:

* a name loses everything that isn't shown or could end a label; names that look alike, or like a
  character or a role, carry a mark made from the id, which no name can contain (``Alice#4f2a``);
* in a group every line of a text after its first is indented: only our labels begin a line;
* a line that opens with a speaker's name and a colon is quoted with ``>``;
* control tokens of chat templates and our own tags are broken, wherever they come from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tzurot.packs.compiled import Character
from tzurot.payloads.context import Role, Utterance
from tzurot.prompt.names import COLONS, NOBODY, clean_name, looks, mark_of
from tzurot.turns.stash import StashKey

if TYPE_CHECKING:
    from tzurot.turns.turn import Turn

SILENCE = "…"
"""Stands for an utterance without text, such as a lone picture: servers refuse empty messages."""
NOTE = "note"
"""The tag of what plugins say within a person's message; nobody's text can open or close it."""

_ROLE_WORDS = "system user assistant human ai bot tool developer model note narrator someone everyone"
_ROLES = frozenset(looks(word) for word in _ROLE_WORDS.split())
_CONTROL = re.compile(
    r"<(?=\s*[|｜])|(?<=[|｜])>"  # <|im_start|>, <|eot_id|>, <｜User｜> and their kind
    r"|<(?=\s*/?\s*(?:s|bos|eos|pad|unk|start_of_turn|end_of_turn|think|thinking|note)\b[^<>\n]{0,80}>)"
    r"|<(?=</?\s*SYS\s*>>)|(?<=<)<(?=/?\s*SYS\s*>>)"
    r"|\[(?=\s*/?\s*(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\s*\])",
    re.IGNORECASE,
)
_BROKEN = {"<": "‹", ">": "›", "[": "⟦"}
_BREAKS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_HIDDEN = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# What may stand before a name that opens a line: brackets, marks of emphasis, a time in brackets.
_OPENING = re.compile(
    rf"(?m)^(?:[^\w\n]{{0,6}}[\d .:/-]{{1,25}}[\])])?([^\n{COLONS}]{{1,60}})[{COLONS}]",
)


def tame(text: str) -> str:
    """``text`` without control tokens of chat templates, our own tags, or hidden direction changes."""
    plain = text.isascii()
    if not (plain and text.isprintable()):
        text = _HIDDEN.sub("", _BREAKS.sub("\n", text))
    if not plain or "<" in text or "[" in text or "|" in text:
        text = _CONTROL.sub(lambda found: _BROKEN[found[0]], text)
    return text


def identity(line: Utterance) -> str:
    """Who said ``line``, whatever they call themselves."""
    return f"character:{line.character}" if line.character else f"person:{line.author_id}"


class Speakers:
    """Everybody in a conversation, each with a label of their own; it renders their lines.

    ``lines`` are the history and the message, oldest first: a person's newest name counts. ``group`` says
    whether anybody but one person talks with ``character``: only then lines carry labels.
    """

    def __init__(self, character: Character, lines: Iterable[Utterance]) -> None:
        self._key = character.key
        self._own = f"character:{character.key}"
        names: dict[str, str] = {}
        for line in lines:
            who = self.who(line)
            if who != self._own:
                names[who] = line.name
        self.group = len(names) > 1
        cleaned = {who: clean_name(names[who]) or NOBODY for who in sorted(names)}
        others = {who: name for who, name in cleaned.items() if who.startswith("character:")}
        people = {who: name for who, name in cleaned.items() if who not in others}
        self._protected = {looks(name) for name in character.names}
        self._labels = self._distinct(others)
        self._protected |= _ROLES
        self._labels |= self._distinct(people)
        self._labels[self._own] = clean_name(character.name) or NOBODY

    def _distinct(self, names: Mapping[str, str]) -> dict[str, str]:
        """A label for each of ``names``, marked where it looks like another one or like a protected one."""
        seen = Counter(looks(name) for name in names.values())
        labels: dict[str, str] = {}
        taken: set[str] = set()
        for who, name in names.items():
            label = name
            if seen[looks(name)] > 1 or looks(name) in self._protected:
                marked = (f"{name}#{mark_of(who, length)}" for length in (4, 8, 16, 32))
                label = next((each for each in marked if each not in taken), name)
            taken.add(label)
            labels[who] = label
        self._protected |= set(seen)
        return labels

    @property
    def labels(self) -> Mapping[str, str]:
        """Everybody's label by identity, the character's own included."""
        return self._labels

    def who(self, line: Utterance) -> str:
        """The identity of whoever said ``line``."""
        if line.role is Role.ASSISTANT and line.character is None:
            return self._own
        return identity(line)

    def own_line(self, line: Utterance) -> bool:
        """Whether the character itself said ``line``."""
        if line.character is None:
            return line.role is Role.ASSISTANT
        return line.character == self._key

    def label(self, line: Utterance) -> str:
        """The name that ``line`` is attributed to: one per speaker, and no two alike."""
        return self._labels.get(self.who(line)) or clean_name(line.name) or NOBODY

    def render(self, line: Utterance) -> str:
        """``line`` as it stands in the prompt."""
        text = tame(line.text).strip() or SILENCE
        if self.own_line(line):
            return text
        label = self.label(line)
        if ":" in text or not text.isascii():
            own = "" if "#" in label else looks(label)
            text = _OPENING.sub(lambda found: self._quoted(found, own), text)
        if not self.group:
            return text
        return f"{label}: " + text.replace("\n", "\n  ")

    def _quoted(self, opening: re.Match[str], own: str) -> str:
        """A line's opening, behind a quotation mark when it looks like somebody else's label."""
        seen = looks(opening[1])
        forged = seen != own and (
            seen in self._protected
            or any(
                len(name) > 4 and (seen.startswith(name) or seen.endswith(name)) for name in self._protected
            )
        )
        return f"> {opening[0]}" if forged else opening[0]


SPEAKERS: StashKey[Speakers] = StashKey("speakers")


def message_line(turn: Turn) -> Utterance:
    """The message that ``turn`` answers, as an utterance of the author's persona."""
    message = turn.message
    return Utterance(
        id=message.id,
        role=Role.USER,
        author_id=message.author.id,
        name=turn.persona.name or message.author.shown,
        text=message.text,
        at=message.at,
        character=message.author.character,
    )


def speakers_of(turn: Turn) -> Speakers:
    """Everybody in the conversation of ``turn``, worked out once, after the history is known."""
    speakers = turn.stash.get(SPEAKERS)
    if speakers is None:
        speakers = Speakers(turn.character, (*turn.history, message_line(turn)))
        turn.stash[SPEAKERS] = speakers
    return speakers
