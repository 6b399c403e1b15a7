"""Tells people what a scan did, as text or as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from tzurot_plugins.lorebook.bookcase import Bookcase
from tzurot_plugins.lorebook.scan import Scan
from tzurot_plugins.lorebook.story import Round, Step, Verdict

_READS = {
    Round.CONVERSATION: "reads the conversation",
    Round.LORE: "reads the texts of entries, too",
    Round.FURTHER_BACK: "reads further back",
}

Told: TypeAlias = tuple[Bookcase, Scan]
_LONGEST = 1800


def told(case: Bookcase, done: Scan) -> Iterator[str]:
    """What a scan did, line by line."""
    titles = {lore.ref: lore.entry.title for lore in case.lores}
    steps = done.steps()
    for one in done.passes:
        over = ", used up" if one.overflowed else ""
        yield f"Pass {one.number} {_READS[one.round]} (budget {one.budget} tokens{over})"
        for step in (step for step in steps if step.turn == one.number):
            yield f"  {_named(step.ref, titles)}: {_said(step)}"
    came_in = ", ".join(_named(lore.ref, titles) for lore in done.active)
    yield f"In the prompt: {came_in or 'nothing'}"


def in_short(case: Bookcase, done: Scan) -> str:
    """What came in and by which keys, and what almost did, as a message to a person."""
    titles = {lore.ref: lore.entry.title for lore in case.lores}
    active = {lore.ref for lore in done.active}
    steps = [step for step in done.steps() if step.verdict not in (Verdict.IN, Verdict.OFF, Verdict.NO_KEY)]
    came = [f"- {_named(step.ref, titles)}: {_said(step)}" for step in steps if step.ref in active]
    stayed = [f"- {_named(step.ref, titles)}: {_said(step)}" for step in steps if step.ref not in active]
    lines = ["In the last reply:", *(came or ["- nothing"])]
    lines += ["Stayed out:", *stayed] if stayed else []
    text = "\n".join(lines)
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit("\n", 1)[0] + "\n…"


def as_json(done: Scan) -> dict[str, Any]:
    """The same for programs."""
    steps = done.steps()
    return {
        "active": [lore.ref for lore in done.active],
        "passes": [
            {
                "number": one.number,
                "reads": one.round.name.lower(),
                "candidates": list(one.candidates),
                "budget": one.budget,
                "overflowed": one.overflowed,
                "steps": [_step(step) for step in steps if step.turn == one.number],
            }
            for one in done.passes
        ],
        "placed": {
            "before_character": done.placed.before,
            "after_character": done.placed.after,
            "note_top": done.placed.note_top,
            "note_bottom": done.placed.note_bottom,
            "examples": [{"position": str(where), "text": text} for where, text in done.placed.examples],
            "depths": [{"depth": d.depth, "role": str(d.role), "texts": d.texts} for d in done.placed.depths],
            "outlets": done.placed.outlets,
        },
    }


def _named(ref: str, titles: dict[str, str]) -> str:
    title = titles.get(ref)
    return f"{ref} ({title})" if title else ref


def _said(step: Step) -> str:
    keys = "; ".join(f"{found.key} in {found.where}" for found in step.found)
    return f"{step.verdict}{f': {keys}' if keys else ''}{f' ({step.detail})' if step.detail else ''}"


def _step(step: Step) -> dict[str, Any]:
    keys = [{"key": found.key, "where": found.where} for found in step.found]
    return {"entry": step.ref, "verdict": step.verdict.name.lower(), "keys": keys, "detail": step.detail}
