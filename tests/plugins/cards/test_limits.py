"""Cards made to harm: each is refused before it is decoded, within moments and within memory."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest
from tests.plugins.cards.made import card_png, charx, exported, imported, loaded, png, text_chunk, v2, v3

from tzurot_plugins.cards.archive import read_archive
from tzurot_plugins.cards.faults import CardError
from tzurot_plugins.cards.json_text import written
from tzurot_plugins.cards.reading import read_card, read_file

GIGABYTE = 1 << 30


def zeros(size):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = b"\0" * (1 << 20)
    return b"".join([*(packer.compress(block) for _ in range(size >> 20)), packer.flush()])


def zipped(entries, *, name=None, link=False):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in entries:
            info = zipfile.ZipInfo(path)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o120777 if link else 0o100644) << 16
            archive.writestr(info, data)
    return stream.getvalue()


def zlib_bomb():
    packed = zlib.compress(b"\0" * (64 << 20), 9)
    return png(b"".join(_raw(b"zTXt", b"chara\0\0" + packed) for _ in range(3)))


def _raw(kind, body):
    return struct.pack(">I", len(body)) + kind + body + b"\0\0\0\0"


def gigabyte_zip():
    packed = zeros(GIGABYTE)
    made = bytearray(zipped([("card.json", b"\0")]))
    # the one entry now says that it unpacks to a gigabyte, and does
    start = made.index(b"card.json") + len("card.json")
    old = made.index(b"PK\x01\x02") - start
    made[start : start + old] = packed
    directory = made.rindex(b"PK\x01\x02")
    struct.pack_into("<2I", made, directory + 20, len(packed), GIGABYTE)
    struct.pack_into("<I", made, made.rindex(b"PK\x05\x06") + 16, directory)
    return bytes(made)


BOMBS = {
    "compressed text": (zlib_bomb, "longer than"),
    "a gigabyte in a zip": (gigabyte_zip, "unpacks to"),
    "a zip that unfolds": (lambda: zipped([("card.json", b"\0" * (4 << 20))]), "archive bomb|unpacks"),
    "many files": (lambda: zipped([(f"{n}", b"") for n in range(5000)]), "more than 4,000 files"),
    "a path upwards": (lambda: zipped([("../x", b"")]), "leads out of it"),
    "a path upwards inside": (lambda: zipped([("a/../../x", b"")]), "leads out of it"),
    "a path upwards for Windows": (lambda: zipped([("a\\..\\x", b"")]), "leads out of it"),
    "an absolute path": (lambda: zipped([("/etc/x", b"")]), "leads out of it"),
    "a drive": (lambda: zipped([("c:/x", b"")]), "leads out of it"),
    "a link": (lambda: zipped([("card.json", b"/etc/passwd")], link=True), "is a link"),
    "a huge picture": (
        lambda: png(header=struct.pack(">IIBBBBB", 50_000, 50_000, 8, 6, 0, 0, 0)),
        "50,000 × 50,000 pixels",
    ),
    "a chunk that claims four gigabytes": (
        lambda: png()[:33] + b"\xff\xff\xff\xf0tEXt",
        "more than the file",
    ),
    "many chunks": (lambda: png(*([text_chunk("a", b"")] * 11_000)), "more than 10,000 chunks"),
    "deep JSON": (lambda: b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested more than"),
    "deeper JSON": (lambda: b"[" * 400_000, "nested more than|no JSON"),
    "much JSON": (lambda: b'{"a":[' + b"[]," * 600_000 + b"[]]}", "more values"),
    "long JSON": (lambda: b'{"a":"' + b"x" * (9 << 20) + b'"}', "bytes; 8,388,608 are the most"),
    "a long number": (lambda: b'{"name":' + b"9" * 100_000 + b"}", "no JSON"),
    "YAML with aliases": (lambda: b"a: &a [x]\nb: [*a, *a]\nname: N\ncontext: c\n", "aliases|anchors"),
}


@pytest.mark.parametrize("made", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_are_refused_at_once(made):
    build, told = made
    source = build()
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(CardError, match=told):
        read_card(source)
    spent = time.process_time() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spent < 2  # a tenth of that, but for tracemalloc and a busy machine
    assert peak < 128 << 20


def test_overlapping_files_of_an_archive_are_refused():
    source = bytearray(zipped([("card.json", b"x" * 9000), ("b", b"y" * 9000)]))
    first, second = (source.index(b"PK\x01\x02"), source.rindex(b"PK\x01\x02"))
    for entry in (first, second):
        struct.pack_into("<I", source, entry + 20, len(source) * 2 // 3)
    with pytest.raises(CardError, match=r"overlap|isn't all there"):
        read_archive(bytes(source))


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    file = tmp_path / "huge.png"
    with file.open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(CardError, match=r"^huge\.png: the file has 1,099,511,627,776 bytes"):
        read_file(file)


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(CardError, match=r"no ordinary file|can't be read"):
        read_file(tmp_path)
    with pytest.raises(CardError, match=r"^gone\.png: can't be read: no such file"):
        read_file(tmp_path / "gone.png")


def test_pictures_on_the_web_are_never_fetched_but_said(tmp_path, monkeypatch):
    monkeypatch.setattr("socket.socket", None)
    raw = v3(assets=[{"type": "icon", "uri": "https://example.com/a.png", "name": "main", "ext": "png"}])
    found = imported(written(raw), tmp_path)
    assert any("was not fetched" in note.text for note in found.notes)
    assert loaded(found.folder).characters[0].avatar is None


def test_a_card_as_large_as_may_be_becomes_a_pack_that_loads(tmp_path):
    raw = v2(
        description="word " * 300_000,
        mes_example="{{user}}: a\n{{char}}: b\n" * 5_000,
        alternate_greetings=["long " * 5_000] * 60,
        tags=[f"tag {n}" for n in range(90)],
        extensions={f"x{n}": n for n in range(1, 90)},
    )
    found = imported(card_png(raw), tmp_path)
    assert len(found.notes) <= 41
    assert {"description", "alternate_greetings", "tags", "mes_example"} <= {note.at for note in found.notes}
    assert exported(found.folder, "json").data
    assert read_card(exported(found.folder, "png").data).raw == raw


def test_the_original_of_a_pack_may_not_lead_out_of_it(tmp_path):
    (tmp_path / "secret.json").write_bytes(written(v2()))
    folder = imported(written(v2()), tmp_path).folder
    file = folder / "pack.yaml"
    file.write_text(file.read_text("utf-8").replace("card/original.json", "../../secret.json"), "utf-8")
    with pytest.raises(CardError, match="leads out of the pack"):
        exported(folder)


def test_an_archive_member_that_says_too_little_is_damaged():
    source = bytearray(charx(v2()))
    struct.pack_into("<I", source, source.index(b"PK\x01\x02") + 24, 10)
    with pytest.raises(CardError, match="is damaged"):
        read_card(bytes(source))
