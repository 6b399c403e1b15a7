"""Groups: of the candidates that share one, a single entry comes in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet

from tzurot_plugins.lorebook.bookcase import Lore
from tzurot_plugins.lorebook.timed import Clockwork

_COMMA = re.compile(r",\s*")


class Contest:
    """The candidates of one pass, from whom the groups take out those who lose."""

    def __init__(self, candidates: Sequence[Lore], *, double_removal: bool) -> None:
        self.left = list(candidates)
        self.lost: list[Lore] = []
        self._double_removal = double_removal

    def remove(self, loser: Lore) -> None:
        """``loser`` does not come in.

        Who has lost before is not there any more; SillyTavern then takes the last candidate instead.
        """
        if loser in self.left:
            self.left.remove(loser)
            self.lost.append(loser)
        elif self._double_removal and self.left:
            self.lost.append(self.left.pop())

    def keep(self, group: Iterable[Lore], winner: Lore | None) -> None:
        """Only ``winner`` stays of ``group``."""
        for lore in group:
            if lore is not winner:
                self.remove(lore)


def settle_groups(
    contest: Contest,
    active: AbstractSet[str],
    clock: Clockwork,
    score: Callable[[Lore], int],
    draw: Callable[[], float],
    *,
    scoring: bool,
) -> None:
    """Leaves one of each group in ``contest``; ``active`` are the groups of entries that came in before."""
    groups = _groups(contest.left)
    open_groups = {name: group for name, group in groups.items() if not _held(contest, group, clock)}
    for group in open_groups.values():
        _by_score(contest, group, score, scoring=scoring)
    for name, group in open_groups.items():
        if name in active:
            contest.keep(group, None)
        elif len(group) > 1:
            contest.keep(group, _winner(group, draw))


def _held(contest: Contest, group: list[Lore], clock: Clockwork) -> bool:
    """Whether entries that are still in from before hold a group, against whoever else wants in."""
    stuck = [lore for lore in group if lore.ref in clock.stuck]
    if not stuck:
        return False
    contest.keep([lore for lore in group if lore not in stuck], None)
    # SillyTavern's own: who stays is taken out all the same while its waiting time runs, too.
    contest.keep([lore for lore in stuck if lore.ref in clock.waiting], None)
    return True


def _groups(candidates: Iterable[Lore]) -> dict[str, list[Lore]]:
    groups: dict[str, list[Lore]] = {}
    for lore in candidates:
        for name in filter(None, _COMMA.split(lore.entry.group)):
            groups.setdefault(name, []).append(lore)
    # As in JavaScript, groups whose names are whole numbers come first, by size.
    numbered = sorted((name for name in groups if _is_index(name)), key=int)
    return {name: groups[name] for name in [*numbered, *(name for name in groups if not _is_index(name))]}


def _is_index(name: str) -> bool:
    return name.isascii() and name.isdigit() and str(int(name)) == name


def _by_score(contest: Contest, group: list[Lore], score: Callable[[Lore], int], *, scoring: bool) -> None:
    """Takes out those who let themselves be compared and have fewer keys found than the best."""
    if not scoring and not any(lore.entry.group_scoring for lore in group):
        return
    scores = {lore: score(lore) for lore in group}
    best = max(scores.values())
    for lore in list(group):
        own = lore.entry.group_scoring
        if (scoring if own is None else own) and scores[lore] < best:
            contest.remove(lore)
            group.remove(lore)


def _winner(group: list[Lore], draw: Callable[[], float]) -> Lore | None:
    first = [lore for lore in group if lore.entry.group_first]
    if first:
        return max(first, key=lambda lore: lore.entry.order)
    aim = draw() * sum(lore.entry.group_weight for lore in group)
    reached = 0.0
    for lore in group:
        reached += lore.entry.group_weight
        if aim <= reached:
            return lore
    return None
