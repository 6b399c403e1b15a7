"""What an edit of the packs means to somebody who is talking."""

from __future__ import annotations

from collections.abc import Iterator

from tzurot import ShelfChange


def news(change: ShelfChange, selected: str) -> Iterator[tuple[bool, str]]:
    """Lines to show, each with whether it is good news; ``selected`` is the key of the character."""
    own = selected.partition("/")[0]
    for problems in change.problems.values():
        for problem in problems:
            yield not problem.is_error, str(problem)
    if own in change.changed or own in change.mended:
        yield True, f"{own} was edited: it counts from your next message on."
    if own in change.removed:
        yield False, f"{own} is gone. Pick somebody else: /characters, /switch NAME."
    others = {"new": change.added, "edited": change.changed, "gone": change.removed}
    for word, packs in others.items():
        if listed := ", ".join(sorted(pack for pack in packs if pack != own)):
            yield True, f"{word}: {listed}"
