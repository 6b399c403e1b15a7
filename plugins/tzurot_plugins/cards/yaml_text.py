"""Writing a pack's YAML as a person would: plain words plain, long texts as blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WIDTH = 100
_WORD, _MARGIN = 30, 30
_PLAIN = re.compile(r"[^\W\d_][^\t:#\x7f-\x9f\u2028\u2029\ufeff]*")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
"""No text to YAML's readers, or to some of them."""
_FOLD = re.compile(r"(?<=\S) (?=\S)")
_ESCAPED = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff]")


def yaml_of(value: Mapping[str, Any]) -> str:
    """A mapping of texts, numbers, lists and mappings as YAML."""
    return "\n".join(_mapping(value, 0)) + "\n"


def yaml_list(items: Sequence[Any]) -> str:
    """A list as YAML, its items at the left edge."""
    return "\n".join(_items(items, 0)) + "\n"


def _mapping(value: Mapping[str, Any], indent: int) -> Iterator[str]:
    for key, each in value.items():
        yield from _entry(f"{' ' * indent}{_key(key)}:", each, indent)


def _entry(head: str, value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, Mapping) and value and not _short(value):
        yield head
        yield from _mapping(value, indent + 2)
    elif isinstance(value, Sequence) and not isinstance(value, str) and value and not _short(value):
        yield head
        for item in value:
            yield from _item(item, indent + 2)
    elif isinstance(value, str) and _long(value):
        yield from _block(head, value, indent + 2)
    else:
        yield f"{head} {_inline(value)}"


def _item(value: Any, indent: int) -> Iterator[str]:
    """A list's item: what it holds begins on the line of its dash."""
    spaces = " " * indent
    if isinstance(value, str) and _long(value):
        yield from _block(f"{spaces}-", value, indent + 2)
    elif _short(value) or isinstance(value, str | int | float):
        yield f"{spaces}- {_inline(value)}"
    else:
        inner = _mapping(value, indent + 2) if isinstance(value, Mapping) else _items(value, indent + 2)
        for number, line in enumerate(inner):
            yield f"{spaces}- {line[indent + 2 :]}" if number == 0 else line


def _items(value: Sequence[Any], indent: int) -> Iterator[str]:
    for item in value:
        yield from _item(item, indent)


def _short(value: Any) -> bool:
    """Whether a value is written in one line: the name of a file, or a few words."""
    if isinstance(value, Mapping):
        return not value or set(value) == {"file"}
    if isinstance(value, Sequence) and not isinstance(value, str):
        words = all(isinstance(each, str) and len(each) <= _WORD for each in value)
        return words and sum(map(len, value)) < WIDTH - _MARGIN
    return False


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{_key(key)}: {_scalar(each, flow=True)}" for key, each in value.items()) + "}"
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_scalar(each, flow=True) for each in value) + "]"
    return _scalar(value)


def _scalar(value: Any, *, flow: bool = False) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    unlike = flow and re.search(r"[][{},]", value)
    return value if _is_plain(value) and not unlike else _quoted(value)


def _is_plain(text: str) -> bool:
    # What starts with a letter is no number, so that only the words are left.
    stripped = _PLAIN.fullmatch(text) and text == text.strip() and "\n" not in text
    return bool(stripped) and text.lower() not in _WORDS


def _quoted(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _key(key: str) -> str:
    return key if _is_plain(key) and len(key) < WIDTH else _quoted(key)


def _long(text: str) -> bool:
    return "\n" in text or len(text) > WIDTH


def _block(head: str, text: str, indent: int) -> Iterator[str]:
    """A text of several lines as it is; one long line folded at spaces."""
    spaces = " " * indent
    if "\n" not in text:
        yield f"{head} >-"
        yield from (spaces + line for line in _folded(text, WIDTH - indent))
        return
    yield f"{head} |-"
    for line in text.split("\n"):
        yield spaces + line if line else ""


def _folded(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in _FOLD.split(text):
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line
