"""Example dialogues: SillyTavern's one text into lines that somebody says, and back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tzurot_plugins.cards.limits import EXAMPLE_LINES, EXAMPLES
from tzurot_plugins.cards.texts import tidy

Spoken = tuple[str, str]
"""Who says it (``user`` or ``char``), and what."""
Dialogue = tuple[Spoken, ...]

_START = re.compile(r"<START>", re.IGNORECASE)
_LABEL = re.compile(r"[ \t]*(?:\{\{|<)?(user|char|bot)(?:\}\}|>)?[ \t]*:[ \t]*", re.IGNORECASE)


def read_examples(text: str, names: Sequence[str]) -> tuple[Dialogue, ...]:
    """The dialogues of a card's ``mes_example``; ``names`` are what the character is called."""
    dialogues = [_dialogue(block, names) for block in _START.split(tidy(text))]
    return tuple(each for each in dialogues if each)


def limited(dialogues: Sequence[Dialogue]) -> tuple[Dialogue, ...]:
    """As many dialogues, from the first, as a pack may have."""
    kept: list[Dialogue] = []
    lines = 0
    for dialogue in dialogues[:EXAMPLES]:
        lines += len(dialogue)
        if lines > EXAMPLE_LINES:
            break
        kept.append(dialogue)
    return tuple(kept)


def write_examples(dialogues: Sequence[Dialogue]) -> str:
    """Dialogues as a card's ``mes_example``."""
    blocks = (
        "\n".join(["<START>", *("{{%s}}: %s" % (voice, said) for voice, said in dialogue)])  # noqa: UP031
        for dialogue in dialogues
    )
    return "\n".join(blocks)


def _dialogue(block: str, names: Sequence[str]) -> Dialogue:
    spoken: list[tuple[str, list[str]]] = []
    for line in block.strip("\n").split("\n"):
        voice, rest = _voice(line, names)
        if voice:
            spoken.append((voice, [rest]))
        elif spoken:
            spoken[-1][1].append(line)
        elif line.strip():
            # Words without a label are the character's, as everywhere in packs.
            spoken.append(("char", [line]))
    said = ((voice, tidy("\n".join(lines))) for voice, lines in spoken)
    return tuple((voice, text) for voice, text in said if text)


def _voice(line: str, names: Sequence[str]) -> Spoken:
    if (found := _LABEL.match(line)) is not None:
        return ("user" if found[1].lower() == "user" else "char"), line[found.end() :]
    start = line.lstrip()
    for name in names:
        if name and start.startswith(f"{name}:"):
            return "char", start[len(name) + 1 :].lstrip()
    return "", line
