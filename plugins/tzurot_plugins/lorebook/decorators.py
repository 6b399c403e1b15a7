"""The instructions at the top of an entry's text: lines that begin with @@."""

from __future__ import annotations

ACTIVATE, DONT_ACTIVATE = "@@activate", "@@dont_activate"
_KNOWN = (ACTIVATE, DONT_ACTIVATE)


def read_decorators(content: str) -> tuple[tuple[str, ...], str]:
    """The decorators that are understood, and the text below all of them.

    A line with three @ speaks only for one right above it that wasn't understood. Where nothing follows
    the decorators, the text stays as it was written.
    """
    if not content.startswith("@@"):
        return (), content
    lines = content.split("\n")
    found: list[str] = []
    understood = True
    for number, line in enumerate(lines):
        if not line.startswith("@@"):
            return tuple(found), "\n".join(lines[number:]) or content
        if line.startswith("@@@"):
            if understood:
                continue
            line = line[1:]
        understood = line.startswith(_KNOWN)
        if understood:
            found.append(line)
    return tuple(found), content
