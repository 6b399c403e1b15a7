"""The scan: pass after pass over the books until nothing new comes in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tzurot_plugins.lorebook.bookcase import Bookcase, Lore
from tzurot_plugins.lorebook.conditions import Moment, found_keys, judge, score
from tzurot_plugins.lorebook.groups import Contest, settle_groups
from tzurot_plugins.lorebook.placing import Placed, place
from tzurot_plugins.lorebook.purse import Purse
from tzurot_plugins.lorebook.reading import Reading, View
from tzurot_plugins.lorebook.scene import Scene
from tzurot_plugins.lorebook.story import CANDIDATES, Pass, Round, Step, Verdict
from tzurot_plugins.lorebook.timed import Clockwork, Lasting

_Told: TypeAlias = tuple[int, Lore, Verdict, str, View | None]


@dataclass(frozen=True, slots=True)
class Scan:
    """What came in, in the order in which it did, where it stands, and how it came to that."""

    active: tuple[Lore, ...]
    placed: Placed
    passes: tuple[Pass, ...]
    draws: tuple[float, ...]
    lasting: Lasting
    _reading: Reading
    _told: tuple[_Told, ...]

    def steps(self) -> list[Step]:
        """What happened to each entry that was looked at; worked out only when somebody asks."""
        return [
            Step(turn, lore.ref, verdict, found_keys(lore, view, self._reading) if view else (), detail)
            for turn, lore, verdict, detail, view in self._told
        ]


def scan(case: Bookcase, scene: Scene) -> Scan:
    """Looks through ``scene`` for what of the books belongs into the prompt now."""
    return _Scanner(case, scene).run()


class _Scanner:
    """One scan. What stands here lasts for all of its passes."""

    def __init__(self, case: Bookcase, scene: Scene) -> None:
        self.case, self.scene, self.scanning = case, scene, case.scanning
        self.reading = Reading(case, scene)
        self.clock = Clockwork(scene.lasting, case.by_digest, scene.messages_so_far)
        self.purse = Purse(case.scanning, scene)
        self.active: dict[str, Lore] = {}
        self.groups: set[str] = set()
        self.unlucky: set[str] = set()
        self.texts: dict[str, str] = {}
        self.levels = list(case.levels)
        self.level = self.levels.pop(0) if self.levels else 0
        self.passes: list[Pass] = []
        self.told: list[_Told] = []
        self.asked = set(case.always_asked)
        self.draws: list[float] = []
        self.moment = self._moment(Round.CONVERSATION)

    def run(self) -> Scan:
        if not self.scene.dry:
            self.clock.start()
        held = (*self.clock.stuck, *self.scene.forced)
        self.asked.update(self.case.place[ref] for ref in held if ref in self.case.place)
        upcoming = Round.CONVERSATION
        while upcoming and not 0 < self.scanning.max_rounds <= len(self.passes):
            upcoming = self._pass(upcoming)
        if not self.scene.dry:
            self.clock.begin(self.active.values())
        active = tuple(self.active.values())
        placed = place(active, self.texts)
        lasting, passes = self.clock.lasting(), tuple(self.passes)
        return Scan(active, placed, passes, tuple(self.draws), lasting, self.reading, tuple(self.told))

    def _pass(self, current: Round) -> Round:
        self.moment = self._moment(current)
        candidates = self._compete(self._candidates())
        passed = self._admit(candidates)
        lore = [one for one in passed if not one.entry.prevent_recursion]
        upcoming = self._upcoming(current, bool(lore))
        if upcoming:
            texts = [self.texts.get(one.ref, one.content) for one in lore]
            text = "\n".join(texts)
            if text:
                self.reading.add_lore(", ".join(one.ref for one in lore), text)
            self.purse.keep(texts)
        self.passes.append(
            Pass(
                len(self.passes) + 1,
                current,
                upcoming,
                tuple(one.ref for one in candidates),
                tuple(one.ref for one in passed),
                self.purse.budget,
                self.purse.empty,
                self.level,
            )
        )
        return upcoming

    def _moment(self, current: Round) -> Moment:
        stuck, waiting = self.clock.stuck, self.clock.waiting
        return Moment(self.scene, self.reading, current, self.level, self.scanning.recursive, stuck, waiting)

    def _candidates(self) -> list[Lore]:
        moment, stuck = self.moment, self.clock.stuck
        self.asked.update(self.case.asked_for(self.reading.new_numbers()))
        chosen = []
        for number in sorted(self.asked):
            lore = self.case.lores[number]
            if lore.ref in self.active or lore.ref in self.unlucky:
                self.asked.discard(number)  # who is in, or out for good, is not asked again
                continue
            verdict = judge(lore, moment)
            self._tell(lore, verdict)
            if verdict in CANDIDATES:
                forced = self.scene.forced.get(lore.ref) if verdict is Verdict.FORCED else None
                chosen.append(lore.as_forced(forced) if forced else lore)
        return sorted(chosen, key=lambda lore: lore.ref not in stuck)

    def _compete(self, candidates: Sequence[Lore]) -> list[Lore]:
        contest = Contest(candidates, double_removal=self.scanning.double_removal)
        settle_groups(
            contest,
            self.groups,
            self.clock,
            lambda lore: score(lore, self.moment),
            self._draw,
            scoring=self.scanning.group_scoring,
        )
        for lore in contest.lost:
            self._tell(lore, Verdict.LOST_GROUP)
        return contest.left

    def _admit(self, candidates: Sequence[Lore]) -> list[Lore]:
        """Rolls and pays for one after the other; gives those whom chance let through."""
        self.purse.open()
        passed = []
        for lore in candidates:
            if self.purse.empty and not lore.entry.ignore_budget:
                passed.append(lore)
                self._tell(lore, Verdict.OVER_BUDGET)
            elif self._lucky(lore):
                passed.append(lore)
                self.texts[lore.ref] = self.scene.fill(lore.content)
                if self.purse.pay(self.texts[lore.ref], anyway=lore.entry.ignore_budget):
                    self.active[lore.ref] = lore
                    self.groups.add(lore.entry.group)
                    self._tell(lore, Verdict.IN)
                else:
                    self._tell(lore, Verdict.OVER_BUDGET)
        return passed

    def _lucky(self, lore: Lore) -> bool:
        chance = lore.entry.probability
        if chance == 100 or lore.ref in self.clock.stuck:
            return True
        rolled = 100 * self._draw()
        if rolled > chance:
            self.unlucky.add(lore.ref)
            self._tell(lore, Verdict.UNLUCKY, f"rolled {rolled:.1f} of {chance:g}")
        return rolled <= chance

    def _upcoming(self, current: Round, new_lore: bool) -> Round:
        """What is read next, if anything."""
        upcoming = Round.END
        if self.scanning.recursive and not self.purse.empty:
            again = current is Round.FURTHER_BACK and self.reading.has_lore
            upcoming = Round.LORE if new_lore or again else Round.END
        if not upcoming and self._too_few():
            self.reading.skew += 1
            upcoming = Round.FURTHER_BACK
        if not upcoming and self.levels:
            self.level = self.levels.pop(0)
            upcoming = Round.LORE
        return upcoming

    def _too_few(self) -> bool:
        if self.purse.empty or len(self.active) >= self.scanning.min_entries:
            return False
        farthest = self.scanning.min_entries_depth or math.inf
        return self.reading.depth <= min(farthest, len(self.scene.messages))

    def _draw(self) -> float:
        drawn = self.scene.draw()
        self.draws.append(drawn)
        return drawn

    def _tell(self, lore: Lore, verdict: Verdict, detail: str = "") -> None:
        by_key = verdict in (Verdict.KEYS, Verdict.ALSO_FAILED)
        view = self.reading.view(lore, with_lore=self.moment.with_lore) if by_key else None
        self.told.append((len(self.passes) + 1, lore, verdict, detail, view))
