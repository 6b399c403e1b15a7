"""Card files made on the spot: PNGs chunk by chunk, archives, and random cards."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tzurot.packs.compiled import Pack
from tzurot.packs.grammar import Grammar
from tzurot.packs.load import load
from tzurot_plugins.cards import Cards
from tzurot_plugins.cards.exporting import Exported, export_card
from tzurot_plugins.cards.importing import Imported, import_card
from tzurot_plugins.cards.reading import read_card
from tzurot_plugins.character import CharacterPlugin
from tzurot_plugins.lorebook import Lorebook

GRAMMAR = Grammar({each.manifest.name: each.config_model for each in (CharacterPlugin, Cards, Lorebook)})
SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
PIXELS = zlib.compress(b"\0\x10\x20\0\x30\x40")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def text_chunk(keyword: str, text: bytes, kind: bytes = b"tEXt", *, packed: bool = False) -> bytes:
    body = keyword.encode("latin-1") + b"\0"
    if kind == b"zTXt":
        body += b"\0" + zlib.compress(text)
    elif kind == b"iTXt":
        body += bytes([packed, 0]) + b"en\0\0" + (zlib.compress(text) if packed else text)
    else:
        body += text
    return chunk(kind, body)


def png(*between: bytes, header: bytes = HEADER) -> bytes:
    """A picture of two by two pixels, with other chunks between its header and its pixels."""
    parts = [SIGNATURE, chunk(b"IHDR", header), *between, chunk(b"IDAT", PIXELS), chunk(b"IEND", b"")]
    return b"".join(parts)


def encoded(raw: Any) -> bytes:
    return base64.b64encode(json.dumps(raw).encode())


def card_png(raw: Any, keyword: str = "chara") -> bytes:
    return png(text_chunk(keyword, encoded(raw)))


def charx(raw: Any, files: dict[str, bytes] | None = None) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", json.dumps(raw))
        for name, data in (files or {}).items():
            archive.writestr(name, data)
    return stream.getvalue()


def v2(**fields: Any) -> dict[str, Any]:
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Nova", **fields}}


def v3(**fields: Any) -> dict[str, Any]:
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "Nova", **fields}}


def same(one: Any, other: Any) -> bool:
    """Equal as JSON, where 1 is not 1.0 and not true, and order counts."""
    return json.dumps(one) == json.dumps(other)


def imported(source: bytes, folder: Path, name: str = "nova.card") -> Imported:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(source)
    return import_card(file, folder / "packs")


def loaded(folder: Path) -> Pack:
    """The pack in a folder, which has no errors."""
    found = load(folder, GRAMMAR)
    assert found.pack is not None, found.problems
    return found.pack


def exported(folder: Path, form: str = "") -> Exported:
    pack = loaded(folder)
    return export_card(pack.characters[0], pack, form)


def through_a_pack(source: bytes, folder: Path, form: str = "") -> Any:
    """What a card says after it was imported and exported again."""
    return read_card(exported(imported(source, folder).folder, form).data).raw


TEXTS = st.text(max_size=60) | st.text("ab \n\t:#-{}[]'\"%&*!|>?@`,é文\u2028\x00\x85\ufeff", max_size=40)
_SCALARS = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | TEXTS
ANYTHING = st.recursive(
    _SCALARS.filter(lambda value: value not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
_DIALOGUE = st.lists(
    st.tuples(st.sampled_from(["{{user}}: ", "{{char}}: ", "<START>\n", "Nova: ", ""]), TEXTS), max_size=6
).map(lambda lines: "\n".join(label + text for label, text in lines))
_ENTRY = st.fixed_dictionaries(
    {"keys": st.lists(TEXTS, max_size=3) | ANYTHING, "content": TEXTS},
    optional={
        "enabled": ANYTHING,
        "id": ANYTHING,
        "secondary_keys": st.lists(TEXTS, max_size=2),
        "insertion_order": ANYTHING,
        "use_regex": st.booleans(),
        "position": st.sampled_from(["before_char", "after_char", "x"]),
        "extensions": st.dictionaries(
            st.sampled_from(
                ["position", "depth", "role", "sticky", "probability", "scan_depth", "group", "odd"]
            ),
            ANYTHING | st.integers(-1, 9),
            max_size=4,
        ),
    },
)
_BOOK = st.fixed_dictionaries({"entries": st.lists(_ENTRY | ANYTHING, max_size=3)}, optional={"name": TEXTS})
_FIELDS = {
    "description": TEXTS,
    "personality": TEXTS,
    "scenario": TEXTS,
    "first_mes": TEXTS,
    "mes_example": _DIALOGUE,
    "creator_notes": TEXTS,
    "system_prompt": TEXTS,
    "post_history_instructions": TEXTS,
    "alternate_greetings": st.lists(TEXTS, max_size=4),
    "tags": st.lists(TEXTS, max_size=4),
    "creator": TEXTS,
    "character_version": TEXTS,
    "nickname": TEXTS,
    "extensions": st.fixed_dictionaries(
        {},
        optional={
            "talkativeness": st.floats(-1, 2) | TEXTS,
            "depth_prompt": st.fixed_dictionaries(
                {"prompt": TEXTS}, optional={"depth": ANYTHING, "role": ANYTHING}
            ),
            "unknown/thing": ANYTHING,
        },
    ),
    "character_book": st.none() | _BOOK,
    "assets": st.lists(st.fixed_dictionaries({"type": TEXTS, "uri": TEXTS, "name": TEXTS}), max_size=2),
    "unknown": ANYTHING,
}
_DATA = st.fixed_dictionaries({"name": TEXTS}, optional=_FIELDS)
_SLOPPY = st.fixed_dictionaries({"name": ANYTHING}, optional=dict.fromkeys(_FIELDS, ANYTHING))


def cards(data: st.SearchStrategy[dict[str, Any]] = _DATA) -> st.SearchStrategy[dict[str, Any]]:
    """Random V2 and V3 cards with unknown fields everywhere."""
    return st.builds(
        lambda spec, inner, more: {**more, **spec, "data": inner},
        st.sampled_from(
            [
                {"spec": "chara_card_v2", "spec_version": "2.0"},
                {"spec": "chara_card_v3", "spec_version": "3.0"},
                {"spec": "chara_card_v3", "spec_version": 3.1},
            ]
        ),
        data,
        st.dictionaries(st.sampled_from(["name", "chat", "create_date", "x"]), ANYTHING, max_size=2),
    )


SLOPPY_CARDS = cards(_SLOPPY)
