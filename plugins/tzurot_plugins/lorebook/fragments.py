"""What of a turn is scanned, and what of a scan goes into the prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tzurot import Fragment, Role, Slot, Turn
from tzurot.prompt.attribution import message_line, speakers_of
from tzurot.prompt.tokens import estimate
from tzurot.settings.model_parameters import CONTEXT_WINDOW_TOKENS, MAX_TOKENS
from tzurot_plugins.lorebook.book import Position, Source
from tzurot_plugins.lorebook.keeping import Kept
from tzurot_plugins.lorebook.macros import filler
from tzurot_plugins.lorebook.placing import Placed
from tzurot_plugins.lorebook.scene import Scene, Spoken

NOTE_DEPTH = 4
"""Where an author's note stands as SillyTavern comes: so far the place of lore that belongs to one."""

_UNKNOWN_WINDOW, _UNKNOWN_ANSWER = 8192, 1024
# At one depth, what the character says stands above what people say, and instructions come last.
_VOICES = {Role.ASSISTANT: 0, Role.USER: 1, Role.SYSTEM: 2}


def scene_of(turn: Turn, kept: Kept, draw: Callable[[], float]) -> Scene:
    """The conversation of a turn, the message that is answered included."""
    speakers, asked = speakers_of(turn), message_line(turn)
    character, profile = turn.character, turn.character.profile
    lines = (*turn.history, asked)
    window = turn.settings.value(CONTEXT_WINDOW_TOKENS) or _UNKNOWN_WINDOW
    answer = turn.settings.value(MAX_TOKENS) or _UNKNOWN_ANSWER
    return Scene(
        messages=[Spoken(line.name, line.text) for line in lines],
        fill=filler({"char": character.name, "user": speakers.label(asked)}),
        count=estimate,
        additive=True,
        draw=draw,
        window=max(window - answer, 0),
        character=character.name,
        tags=frozenset(character.tags),
        sources={
            Source.PERSONA: turn.persona.about,
            Source.DESCRIPTION: character.description,
            Source.PERSONALITY: profile.get("personality", ""),
            Source.SCENARIO: profile.get("scenario", ""),
        },
        lasting=kept.lasting,
        length=kept.length_with(lines),
    )


def fragments_of(placed: Placed) -> Iterator[Fragment]:
    """The lore as prompt text, one fragment for each place."""
    if placed.before:
        yield Fragment("before the character", "\n".join(placed.before), Slot.BEFORE_CHARACTER)
    if placed.after:
        yield Fragment("after the character", "\n".join(placed.after), Slot.AFTER_CHARACTER)
    for number, (where, text) in enumerate(placed.examples):
        order = number if where is Position.EXAMPLES_BOTTOM else number - 1000
        yield Fragment(f"example {number + 1}", text, Slot.EXAMPLES, order=order + 500)
    note = "\n".join([*placed.note_top, *placed.note_bottom])
    if note:
        yield Fragment("note", note, Slot.HISTORY, depth=NOTE_DEPTH, order=90)
    for one in placed.depths:
        yield Fragment(
            f"depth {one.depth} {one.role}",
            "\n".join(one.texts),
            Slot.HISTORY,
            one.role,
            depth=one.depth,
            order=100 + _VOICES[one.role],
        )
