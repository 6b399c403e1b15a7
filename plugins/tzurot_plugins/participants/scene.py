"""Who is here, as prompt text."""

from __future__ import annotations

from collections.abc import Iterator

from tzurot import Fragment, Persona, Shelf, Slot, Turn, Utterance
from tzurot.prompt.attribution import Speakers, message_line, speakers_of, tame
from tzurot.prompt.names import clean_name
from tzurot_plugins.participants.config import ParticipantsConfig

_LONGEST_PRONOUNS = 30
_SENTENCE_ENDS = (". ", "! ", "? ", "… ")


def scene(turn: Turn, shelf: Shelf, config: ParticipantsConfig) -> list[Fragment]:
    """Who is here: one line about a single person; in a group a list, which is the same for everybody.

    In a group, what is known about the one who is answered comes after the history: it changes with every
    message, and would spoil the prompt's beginning.
    """
    speakers, message = speakers_of(turn), message_line(turn)
    known = _described(turn.persona, speakers.label(message), config)
    if not speakers.group:
        if message.character is not None:
            return [Fragment("present", _list([message], speakers, shelf, config), Slot.SCENE)]
        return [Fragment("present", f"You are talking with {known}", Slot.SCENE, priority=60)]
    lines = list(_latest_lines((*turn.history, message), speakers, config.people))
    fragments = []
    if lines:
        text = _list(lines, speakers, shelf, config)
        fragments.append(Fragment("present", text, Slot.SCENE, priority=60))
    if message.character is None and (turn.persona.about or turn.persona.pronouns):
        fragments.append(Fragment("answered", f"You are answering {known}", Slot.VOLATILE, priority=60))
    return fragments


def _latest_lines(lines: tuple[Utterance, ...], speakers: Speakers, most: int) -> Iterator[Utterance]:
    """The newest line of each of those who spoke last."""
    seen: set[str] = set()
    for line in reversed(lines):
        who = speakers.who(line)
        if len(seen) >= most:
            return
        if who not in seen and not speakers.own_line(line):
            seen.add(who)
            yield line


def _list(lines: list[Utterance], speakers: Speakers, shelf: Shelf, config: ParticipantsConfig) -> str:
    people = sorted(speakers.label(line) for line in lines if line.character is None)
    others = sorted(
        speakers.label(line) + _blurb(line.character, shelf, config.blurb_length)
        for line in lines
        if line.character is not None
    )
    parts = []
    if speakers.group:
        parts.append("Several talk here; each message begins with the name of whoever wrote it.")
    # One to a line: a name may hold a comma and look like two.
    if people:
        parts += ["People here:", *(f"- {each}" for each in people)]
    if others:
        parts += ["Other characters here:", *(f"- {each}" for each in others)]
    return "\n".join(parts)


def _blurb(key: str, shelf: Shelf, length: int) -> str:
    character = shelf.character(key)
    text = _one_line(character.description if character else "", length)
    if not text:
        return ""
    end = min((text.find(mark) for mark in _SENTENCE_ENDS if mark in text), default=len(text) - 1)
    return f": {text[: end + 1]}"


def _described(persona: Persona, label: str, config: ParticipantsConfig) -> str:
    """``Ana (she/her). What she says about herself: "…"``, on one line that nothing in it can end."""
    pronouns = clean_name(persona.pronouns)[:_LONGEST_PRONOUNS].strip()
    about = _one_line(persona.about, config.about_length).replace('"', "'")
    text = label + (f" ({pronouns})." if pronouns else ".")
    return f'{text} What {label} says about themselves: "{about}"' if about else text


def _one_line(text: str, length: int) -> str:
    """``text`` without line breaks and control tokens, cut after a word."""
    line = " ".join(tame(text).split())
    if len(line) <= length:
        return line
    return line[:length].rsplit(" ", 1)[0] + "…" if length else ""
