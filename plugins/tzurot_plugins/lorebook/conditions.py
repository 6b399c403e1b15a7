"""Whether an entry may come in: the checks in their order, the first that decides wins."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tzurot_plugins.lorebook.book import Entry, Logic
from tzurot_plugins.lorebook.bookcase import Lore
from tzurot_plugins.lorebook.keys import Key
from tzurot_plugins.lorebook.reading import Reading, View
from tzurot_plugins.lorebook.scene import KINDS_OF_TURN, Scene
from tzurot_plugins.lorebook.story import Found, Round, Verdict


@dataclass(frozen=True, slots=True)
class Moment:
    """What the checks have to know about the pass: its round, the current level, who is held by time."""

    scene: Scene
    reading: Reading
    round: Round
    level: int
    recursive: bool
    stuck: AbstractSet[str]
    waiting: AbstractSet[str]

    @property
    def with_lore(self) -> bool:
        """Whether the texts of entries are read in this pass."""
        return self.round is not Round.FURTHER_BACK


def judge(lore: Lore, moment: Moment) -> Verdict:
    """What is to become of ``lore`` in this pass; its keys are looked for last."""
    refused = _refused(lore.entry, moment.scene) or _held_back(lore, moment)
    if refused is not None:
        return refused
    if lore.wanted:
        return Verdict.WANTED
    if lore.unwanted:
        return Verdict.UNWANTED
    if lore.ref in moment.scene.forced:
        return Verdict.FORCED
    if lore.entry.always:
        return Verdict.ALWAYS
    if lore.ref in moment.stuck:
        return Verdict.STUCK
    return _by_keys(lore, moment)


def _refused(entry: Entry, scene: Scene) -> Verdict | None:
    """What holds for the whole scan."""
    if not entry.enabled:
        return Verdict.OFF
    kind = scene.kind if scene.kind in KINDS_OF_TURN else "normal"
    if entry.triggers and kind not in entry.triggers:
        return Verdict.WRONG_TURN
    wanted = entry.characters
    if wanted.names and (scene.character in wanted.names) is wanted.exclude:
        return Verdict.WRONG_CHARACTER
    if wanted.tags and scene.tags is not None and bool(scene.tags & set(wanted.tags)) is wanted.exclude:
        return Verdict.WRONG_CHARACTER
    return Verdict.TOO_EARLY if scene.messages_so_far < entry.delay else None


def _held_back(lore: Lore, moment: Moment) -> Verdict | None:
    """What time and recursion say; an entry that is still in from before does not care."""
    if lore.ref in moment.stuck:
        return None
    if lore.ref in moment.waiting:
        return Verdict.COOLING
    level = lore.entry.delay_until_recursion
    if level and (moment.round is not Round.LORE or level > moment.level):
        return Verdict.WAITS_FOR_LORE
    if lore.entry.exclude_recursion and moment.recursive and moment.round is Round.LORE:
        return Verdict.NOT_BY_LORE
    return None


def _by_keys(lore: Lore, moment: Moment) -> Verdict:
    reading = moment.reading
    view = reading.view(lore, with_lore=moment.with_lore)
    if lore.numbers.isdisjoint(view.numbers) and not any(reading.holds(view, key) for key in lore.odd_keys):
        return Verdict.NO_KEY
    if not lore.also or not lore.entry.use_also:
        return Verdict.KEYS
    return Verdict.KEYS if _agree(lore, view, reading) else Verdict.ALSO_FAILED


def _agree(lore: Lore, view: View, reading: Reading) -> bool:
    """Whether the further keys do what they must."""
    hits = (reading.holds(view, key) for key in lore.also)
    logic = lore.entry.also_logic
    if logic is Logic.ANY:
        return any(hits)
    if logic is Logic.ALL:
        return all(hits)
    return not any(hits) if logic is Logic.NONE else not all(hits)


def score(lore: Lore, moment: Moment) -> int:
    """How many keys of ``lore`` are found, for groups in which the best wins."""
    view = moment.reading.view(lore, with_lore=moment.with_lore)
    found = sum(moment.reading.holds(view, key) for key in lore.keys)
    if not lore.keys or not lore.also:
        return found
    also = sum(moment.reading.holds(view, key) for key in lore.also)
    if lore.entry.also_logic is Logic.ANY:
        return found + also
    if lore.entry.also_logic is Logic.ALL and also == len(lore.also):
        return found + also
    return found


def found_keys(lore: Lore, view: View, reading: Reading) -> tuple[Found, ...]:
    """Which keys of ``lore`` were found in what it could read, and where."""
    keys: tuple[Key, ...] = (*lore.keys, *(lore.also if lore.entry.use_also else ()))
    return tuple(Found(key.written, reading.where(view, key)) for key in keys if reading.holds(view, key))
