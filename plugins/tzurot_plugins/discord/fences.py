"""Code fences as Discord reads them: every run of three or more backticks opens or closes a block."""

from __future__ import annotations

import re

_RUN = re.compile(r"`{3,}")
_LANGUAGE = re.compile(r"`{3}([\w+\-.#]{0,16})\n")


def balanced(text: str) -> bool:
    """Whether every code block in ``text`` is closed."""
    return not len(_RUN.findall(text)) % 2


def left_open(text: str) -> str | None:
    """What reopens the block that ``text`` leaves open: a fence with its language; ``None`` if none is."""
    runs = list(_RUN.finditer(text))
    if not len(runs) % 2:
        return None
    named = _LANGUAGE.match(text, runs[-1].end() - 3)
    return f"```{named.group(1) if named else ''}\n"


def last_opening(text: str) -> int | None:
    """Where the block that ``text`` leaves open begins; ``None`` if none is."""
    runs = list(_RUN.finditer(text))
    return runs[-1].start() if len(runs) % 2 else None
