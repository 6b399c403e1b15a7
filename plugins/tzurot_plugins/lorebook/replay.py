"""Plays reference cases: what SillyTavern was given, through our engine, answered in the same shape."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from tzurot_plugins.lorebook.book import Position, Scanning, Strategy
from tzurot_plugins.lorebook.bookcase import Bookcase, Bound
from tzurot_plugins.lorebook.fields import JsonObject, as_object
from tzurot_plugins.lorebook.fingerprint import fingerprint
from tzurot_plugins.lorebook.macros import filler
from tzurot_plugins.lorebook.placing import Placed
from tzurot_plugins.lorebook.scan import Scan, scan
from tzurot_plugins.lorebook.scene import Scene, Spoken
from tzurot_plugins.lorebook.sillytavern import ROLES, SOURCES, read_entry, read_world
from tzurot_plugins.lorebook.timed import Effect, Lasting

_STRATEGIES: tuple[Strategy, ...] = ("evenly", "character_first", "global_first")
_ONE_BREAK_AT_EITHER_END = re.compile(r"\A\n|\n\Z")
_COUNTERS: dict[str, Callable[[str], int]] = {
    "words": lambda text: len(text.split()),
    "chars": len,
    "chars4": lambda text: math.ceil(len(text) / 4),
    "st": lambda text: math.ceil(len(text.encode()) / 3.35),
}


def replay(case: JsonObject) -> dict[str, Any]:
    """The result of one case: of its only scan, or of each of its turns."""
    bookcase = _bookcase(case)
    lasting = _lasting_from(as_object(case.get("timed")))
    turns = case.get("turns")
    results = []
    for number, turn in enumerate(turns or [{}]):
        scene = _scene({**case, **turn}, lasting, first=number == 0)
        done = scan(bookcase, scene)
        lasting = done.lasting
        results.append(_result(done, as_object(case.get("authorsNote"))))
    if turns:
        return {"id": case.get("id"), "turns": results}
    return {"id": case.get("id"), **results[0]}


def _bookcase(case: JsonObject) -> Bookcase:
    books = {name: read_world(world, name) for name, world in case["books"].items()}
    bind = case.get("bind")
    bound = None
    if bind:
        extra = bind.get("characterExtra") or []
        bound = Bound(
            everywhere=bind.get("global") or (),
            character=[*_names(bind.get("character")), *_names(extra)],
            chat=_names(bind.get("chat")),
            persona=_names(bind.get("persona")),
        )
    digests = {
        f"{name}.{one['uid']}": fingerprint(one, name)
        for name, world in case["books"].items()
        for one in world["entries"]
    }
    return Bookcase(books, _scanning(as_object(case.get("settings"))), bound, digests)


def _names(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _scanning(settings: JsonObject) -> Scanning:
    def setting(name: str, default: Any) -> Any:
        return settings.get(f"world_info_{name}", default)

    return Scanning(
        depth=setting("depth", 2),
        names=setting("include_names", True),
        recursive=setting("recursive", True),
        whole_words=setting("match_whole_words", True),
        case_sensitive=setting("case_sensitive", False),
        group_scoring=setting("use_group_scoring", False),
        max_rounds=setting("max_recursion_steps", 0),
        min_entries=setting("min_activations", 0),
        min_entries_depth=setting("min_activations_depth_max", 0),
        budget_percent=setting("budget", 25),
        budget_cap=setting("budget_cap", 0),
        strategy=_STRATEGIES[int(setting("character_strategy", 1))],
    )


def _scene(case: JsonObject, lasting: Lasting, *, first: bool) -> Scene:
    char, user = case.get("char", "Char"), case.get("user", "User")
    given = as_object(case.get("macros"))
    macros = {"char": char, "user": user, **{name.lower(): str(text) for name, text in given.items()}}
    tags = case.get("charTags")
    note = as_object(case.get("authorsNote"))
    prompts = [(one["key"], one["value"]) for one in case.get("prompts") or () if one.get("scan")]
    # The reference sets its note once. SillyTavern, when it has put lore round a note, puts the note back
    # without leave to look through it; so in later turns only a note that is not due is looked through.
    if note.get("scan") and (first or not note.get("active")):
        prompts.append(("2_floating_prompt", note.get("text") or ""))
    told = as_object(case.get("scanData"))
    forced = {f"{one['world']}.{one['uid']}": read_entry(one) for one in case.get("force") or ()}
    return Scene(
        messages=[Spoken(one["name"], one["mes"]) for one in case["chat"] if not one.get("is_system")],
        fill=filler(macros),
        count=_COUNTERS[case.get("tokenCounter") or "words"],
        draw=_drawer(case),
        window=case.get("maxContext") or 8192,
        character=case.get("charFile", char),
        tags=None if tags is None else frozenset(tags),
        kind=case.get("trigger") or "normal",
        sources={source: told.get(_told_as(name), "") for name, source in SOURCES.items()},
        injected=[text for _, text in sorted(prompts) if text],
        forced=forced,
        lasting=lasting,
        dry=bool(case.get("dryRun")),
    )


def _told_as(field: str) -> str:
    """``matchScenario`` looks through ``scenario``."""
    return field[5].lower() + field[6:]


def _drawer(case: JsonObject) -> Callable[[], float]:
    numbers: Iterator[float] = iter(as_object(case.get("random")).get("sequence") or ())
    return lambda: next(numbers, 0.5)


def _result(done: Scan, note: JsonObject) -> dict[str, Any]:
    placed = done.placed
    return {
        "activated": [lore.ref for lore in done.active],
        "before": "\n".join(placed.before),
        "after": "\n".join(placed.after),
        "depth": [
            {"depth": one.depth, "entries": one.texts, "role": ROLES.index(one.role)} for one in placed.depths
        ],
        "examples": [
            {"position": int(position is Position.EXAMPLES_BOTTOM), "content": text}
            for position, text in placed.examples
        ],
        "anTop": placed.note_top,
        "anBottom": placed.note_bottom,
        "authorsNote": _note(note, placed),
        "outlets": placed.outlets,
        "loops": [
            {
                "n": one.number,
                "state": int(one.round),
                "next": int(one.next),
                "candidates": list(one.candidates),
                "ok": list(one.passed),
                "budget": one.budget,
                "overflowed": one.overflowed,
                "delayLevel": one.level,
            }
            for one in done.passes
        ],
        "draws": list(done.draws),
        "timed": {"sticky": _effects(done.lasting.sticky), "cooldown": _effects(done.lasting.cooldown)},
    }


def _note(note: JsonObject, placed: Placed) -> str:
    text = note.get("text") or ""
    if not note.get("active"):
        return text
    whole = "\n".join(["\n".join(placed.note_top), text, "\n".join(placed.note_bottom)])
    return _ONE_BREAK_AT_EITHER_END.sub("", whole)


def _effects(effects: Any) -> dict[str, Any]:
    return {
        ref: {"hash": one.digest, "start": one.start, "end": one.end, "protected": one.protected}
        for ref, one in effects.items()
    }


def _lasting_from(timed: JsonObject) -> Lasting:
    def effects(kind: str) -> dict[str, Effect]:
        return {
            ref: Effect(one["hash"], one["start"], one["end"], bool(one.get("protected")))
            for ref, one in as_object(timed.get(kind)).items()
        }

    return Lasting(effects("sticky"), effects("cooldown"))
