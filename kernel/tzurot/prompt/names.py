"""Names as they may stand in a prompt: cleaned of everything hidden, and compared by how they look."""

from __future__ import annotations

import hashlib
import unicodedata
from functools import lru_cache

NOBODY = "Someone"
"""Stands in for a name of which nothing is left."""
LONGEST_NAME = 40
COLONS = ":\uff1a\ufe55\u2236\u02d0\ua789\u0589\u05c3\ufe13"
"""The colon, and what looks like one."""

_FORBIDDEN = frozenset(COLONS + '#[]<>{}|`"\\*~^=@\uff5c\u2028\u2029')
# Drawn as nothing, though Unicode counts them as letters, symbols or marks.
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\U000e0001")
# Letters of other alphabets (and digits) that pass for Latin ones once the case is folded.
_LOOKALIKES = str.maketrans(
    {
        twin: letter
        for letter, twins in {
            "a": "аαɑ",
            "b": "вьβ",
            "c": "сϲ",
            "d": "ԁ",
            "e": "еεҽ",
            "g": "ɡց",
            "h": "һнհ",
            "j": "јϳ",
            "k": "кκ",
            "l": "iіıӏι1|!ǀ",
            "m": "м",
            "n": "ոռη",
            "o": "оοσօ0",
            "p": "рρ",
            "q": "ԛզ",
            "s": "ѕ5ꜱ",
            "t": "тτ",
            "u": "υսʋ",
            "v": "νѵ",
            "w": "ԝωш",
            "x": "хχ",
            "y": "уγү",
        }.items()
        for twin in twins
    }
)


@lru_cache(maxsize=4096)
def clean_name(name: str) -> str:
    """``name`` on one line, without hidden, direction-changing or label-ending characters; may be empty.

    Compatibility forms become plain letters (NFKC), so that fancy alphabets can be read; accents stay,
    two on a letter at most.
    """
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFKC", name[:400]):
        category = unicodedata.category(character)
        if category in ("Mn", "Me"):
            marks += 1
            if marks > 2 or character in _INVISIBLE or not kept or kept[-1] == " ":
                continue
        else:
            marks = 0
        if character in _FORBIDDEN or category[0] == "Z" or character in "\t\n\r\v\f\x85":
            kept.append(" ")
        elif category[0] != "C" and character not in _INVISIBLE:
            kept.append(character)
    # What was removed may have kept letters and their accents apart.
    composed = unicodedata.normalize("NFKC", "".join(kept))
    return " ".join(composed.split())[:LONGEST_NAME].strip()


@lru_cache(maxsize=4096)
def looks(name: str) -> str:
    """What ``name`` looks like: two names that a reader could take for one another look the same."""
    cleaned = clean_name(name).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFKD", cleaned) if unicodedata.category(c)[0] != "M")
    letters = "".join(c for c in bare.translate(_LOOKALIKES) if c.isalnum())
    return letters or cleaned


def mark_of(identity: str, length: int = 4) -> str:
    """The first ``length`` hexadecimal digits of a fingerprint of ``identity``."""
    return hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()[:length]
