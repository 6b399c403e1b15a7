"""Puts names in the place of ``{{char}}``, ``{{user}}`` and the like."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_MACRO = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def filler(values: Mapping[str, str]) -> Callable[[str], str]:
    """A function that puts ``values`` into a text, in one pass; what it doesn't know stays as it is."""

    def fill(text: str) -> str:
        if "{{" not in text:
            return text
        return _MACRO.sub(lambda found: values.get(found[1].lower(), found[0]), text)

    return fill
