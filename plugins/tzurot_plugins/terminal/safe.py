"""Makes text that others wrote fit for a terminal: nothing in it can command it or turn it round."""

from __future__ import annotations

_KEPT = {"\n", "\t"}
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def _table() -> dict[int, str]:
    table = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in _KEPT}
    table[ord("\r")] = ""
    table[0x7F] = "\N{SYMBOL FOR DELETE}"
    table |= dict.fromkeys(range(128, 160), _REPLACEMENT)
    # What turns the direction of writing round can show a text that isn't there.
    turning = [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0x200E, 0x200F]
    table |= dict.fromkeys(turning, _REPLACEMENT)
    # Tag characters are invisible letters.
    table |= dict.fromkeys(range(0xE0000, 0xE0080), "")
    table |= dict.fromkeys((0x2028, 0x2029), "\n")
    # Lone surrogates can't be encoded at all.
    table |= dict.fromkeys(range(0xD800, 0xE000), _REPLACEMENT)
    return table


_TABLE = _table()


def safe(text: str) -> str:
    """``text`` without control: escapes and their like become visible signs. Works piece by piece."""
    return text.translate(_TABLE)


def safe_line(text: str) -> str:
    """``safe``, on a single line: for names and notices."""
    return " ".join(safe(text).split())
