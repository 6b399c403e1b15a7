"""The number by which SillyTavern knows an entry again: a hash of its JSON, exactly as it writes it."""

from __future__ import annotations

import json
from typing import Any

from tzurot_plugins.lorebook.decorators import read_decorators
from tzurot_plugins.lorebook.fields import JsonObject, as_text

# Every field of a new entry, in the order in which SillyTavern 1.19 lays them down: the hash depends on it.
_NEW_ENTRY: dict[str, Any] = {
    "key": [],
    "keysecondary": [],
    "comment": "",
    "content": "",
    "constant": False,
    "vectorized": False,
    "selective": True,
    "selectiveLogic": 0,
    "addMemo": False,
    "order": 100,
    "position": 0,
    "disable": False,
    "ignoreBudget": False,
    "excludeRecursion": False,
    "preventRecursion": False,
    "matchPersonaDescription": False,
    "matchCharacterDescription": False,
    "matchCharacterPersonality": False,
    "matchCharacterDepthPrompt": False,
    "matchScenario": False,
    "matchCreatorNotes": False,
    "delayUntilRecursion": 0,
    "probability": 100,
    "useProbability": True,
    "depth": 4,
    "outletName": "",
    "group": "",
    "groupOverride": False,
    "groupWeight": 100,
    "scanDepth": None,
    "caseSensitive": None,
    "matchWholeWords": None,
    "useGroupScoring": None,
    "automationId": "",
    "role": 0,
    "sticky": None,
    "cooldown": None,
    "delay": None,
    "triggers": [],
}
_BITS = 0xFFFFFFFF


def fingerprint(raw: JsonObject, world: str) -> int:
    """SillyTavern's hash of an entry of its own format, in the book ``world``."""
    decorators, content = read_decorators(as_text(raw.get("content")))
    written = {"uid": raw.get("uid"), "world": world, **_NEW_ENTRY}
    written.update(raw)
    written.update(content=content, decorators=list(decorators))
    return cyrb53(json.dumps(written, separators=(",", ":"), ensure_ascii=False))


def cyrb53(text: str) -> int:
    """The 53-bit string hash of that name, by bryc, in the public domain; it works on UTF-16 units."""
    high, low = 0xDEADBEEF, 0x41C6CE57
    for unit in memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"):
        high = _times(high ^ unit, 2654435761)
        low = _times(low ^ unit, 1597334677)
    high = _times(high ^ high >> 16, 2246822507) ^ _times(low ^ low >> 13, 3266489909)
    low = _times(low ^ low >> 16, 2246822507) ^ _times(high ^ high >> 13, 3266489909)
    return ((low & 0x1FFFFF) << 32) + high


def _times(one: int, other: int) -> int:
    return one * other & _BITS
