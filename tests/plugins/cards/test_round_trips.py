"""A card goes into a pack and comes out again with everything it had, whatever file it is in."""

from __future__ import annotations

import itertools
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.plugins.cards.made import (
    GRAMMAR,
    SLOPPY_CARDS,
    card_png,
    cards,
    charx,
    chunk,
    encoded,
    exported,
    imported,
    png,
    same,
    text_chunk,
    through_a_pack,
    v2,
    v3,
)

from tzurot.packs.load import load
from tzurot_plugins.cards.archive import read_archive
from tzurot_plugins.cards.json_text import written
from tzurot_plugins.cards.png import read_png
from tzurot_plugins.cards.reading import read_card
from tzurot_plugins.cards.specs import as_v2, as_v3

DATA = Path(__file__).parents[2] / "data" / "cards"
SHIPPED = sorted(path for path in DATA.iterdir() if path.name != "README.md")
_numbers = itertools.count()
thrifty = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@pytest.fixture(scope="session")
def desk(tmp_path_factory):
    """Gives a fresh folder whenever it is asked."""
    root = tmp_path_factory.mktemp("cards")
    return lambda: root / str(next(_numbers))


@thrifty
@given(raw=cards())
def test_json_to_pack_to_png_to_pack_to_json_says_the_same(desk, raw):
    first = exported(imported(written(raw), desk()).folder, "png").data
    assert same(through_a_pack(first, desk(), "json"), raw)


@thrifty
@given(raw=cards())
def test_an_untouched_card_is_exported_byte_for_byte(desk, raw):
    for source in (written(raw, indent=1), card_png(raw), charx(raw, {"assets/x.bin": b"x"})):
        assert exported(imported(source, desk()).folder).data == source


@thrifty
@given(raw=SLOPPY_CARDS)
def test_a_card_with_any_nonsense_in_any_field_becomes_a_pack_without_errors(desk, raw):
    folder = imported(written(raw), desk()).folder
    found = load(folder, GRAMMAR)
    assert found.pack is not None, found.problems
    for form in ("v2", "v3", "json", "png", "charx"):
        read_card(exported(folder, form).data)


@thrifty
@given(raw=cards())
def test_a_changed_greeting_changes_nothing_else_of_the_card(desk, raw):
    folder = imported(card_png(raw), desk()).folder
    file = folder / "pack.yaml"
    text = file.read_text("utf-8")
    start, end = text.find("    greeting:"), text.find("    greetings:")
    if start >= 0:
        lines = text[start:].split("\n")[1:]
        kept = list(itertools.dropwhile(lambda line: not line or line.startswith("      "), lines))
        text = text[:start] + "\n".join(["    greeting: Ahoy.", *kept])
    else:
        where = end if end >= 0 else text.index("    plugins:")
        text = text[:where] + "    greeting: Ahoy.\n" + text[where:]
    file.write_text(text, "utf-8")
    after = read_card(exported(folder).data).raw
    assert after["data"]["first_mes"] == "Ahoy."
    rest = {key: value for key, value in after["data"].items() if key != "first_mes"}
    assert same(rest, {key: value for key, value in raw["data"].items() if key != "first_mes"})
    assert same({**after, "data": 0}, {**raw, "data": 0})


KINDS = st.sampled_from([b"tEXt", b"zTXt", b"eXIf", b"acTL", b"prVt", b"iTXt"])


@thrifty
@given(others=st.lists(st.tuples(KINDS, st.binary(max_size=30)), max_size=5), tail=st.binary(max_size=9))
def test_other_chunks_and_pixels_stay_byte_identical(desk, others, tail):
    made = [chunk(kind, b"Title\0" + body) for kind, body in others]
    source = png(*made, text_chunk("Chara", encoded(v2(first_mes="Hi.")))) + tail
    folder = imported(source, desk()).folder
    file = folder / "pack.yaml"
    file.write_text(file.read_text("utf-8").replace("greeting: Hi.", "greeting: Ahoy."), "utf-8")
    data = exported(folder).data
    assert read_card(data).data["first_mes"] == "Ahoy."
    found = read_png(data)
    texts = [each for each in found.chunks if each.keyword == "chara"]
    assert len(texts) == 1
    assert data[: texts[0].start] + data[texts[0].end :] == png(*made) + tail


def test_a_picture_too_large_for_an_avatar_is_still_in_the_exported_card(desk):
    source = png(text_chunk("chara", encoded(v2(first_mes="Hi."))), chunk(b"IDAT", bytes(9 << 20)))
    found = imported(source, desk())
    assert not (found.folder / "avatar.png").exists()
    assert any("avatars have" in note.text for note in found.notes)
    file = found.folder / "pack.yaml"
    file.write_text(file.read_text("utf-8").replace("greeting: Hi.", "greeting: Ahoy."), "utf-8")
    again = read_card(exported(found.folder).data)
    assert again.data["first_mes"] == "Ahoy."
    assert again.picture == read_card(source).picture


def test_v3_to_v2_and_back_loses_nothing():
    raw = v3(
        nickname="N",
        group_only_greetings=["all"],
        source=["here"],
        assets=[{"type": "icon", "uri": "ccdefault:", "name": "main", "ext": "png"}],
        character_book={"entries": [{"content": "@@depth 3\n@@role user\nLore.", "use_regex": True}]},
    )
    older = as_v2(raw, read_card(written(raw)).spec)
    assert older["data"]["character_book"]["entries"][0]["content"] == "Lore."
    assert not {"nickname", "assets", "group_only_greetings"} & set(older["data"])
    again = as_v3(older, read_card(written(older)).spec)["data"]
    assert {key: again[key] for key in raw["data"] if key != "character_book"} == {
        key: value for key, value in raw["data"].items() if key != "character_book"
    }
    assert again["character_book"]["entries"][0]["content"] == "@@depth 3\n@@role user\nLore."


def test_every_other_file_of_a_charx_stays_as_it_is_behind_its_jpeg(desk):
    jpeg = b"\xff\xd8\xff\xe0" + b"picture" * 20
    raw = v3(
        first_mes="Hi.", assets=[{"type": "icon", "uri": "embeded://a/i.png", "name": "main", "ext": "png"}]
    )
    files = {"a/i.png": png(), "module.risum": bytes(range(256)), "x/y.bin": b"\0" * 5000}
    source = jpeg + charx(raw, files)
    folder = imported(source, desk(), "nova.jpg").folder
    assert (folder / "avatar.png").read_bytes() == png()
    file = folder / "pack.yaml"
    file.write_text(file.read_text("utf-8").replace("greeting: Hi.", "greeting: Ahoy."), "utf-8")
    data = exported(folder).data
    assert data.startswith(jpeg)
    before = {each.name: each.packed for each in read_archive(source).members}
    after = {each.name: each.packed for each in read_archive(data).members}
    assert {name: after[name] for name in files} == {name: before[name] for name in files}
    assert zipfile.ZipFile(BytesIO(data)).testzip() is None
    assert read_card(data).data["first_mes"] == "Ahoy."


def test_assets_travel_from_a_charx_into_a_png_and_back(desk):
    raw = v3(assets=[{"type": "emotion", "uri": "embeded://e/happy.png", "name": "happy", "ext": "png"}])
    folder = imported(charx(raw, {"e/happy.png": png()}), desk()).folder
    picture = exported(folder, "png").data
    archive = read_card(exported(imported(picture, desk()).folder, "charx").data)
    entry = next(each for each in archive.data["assets"] if each["name"] == "happy")
    assert archive.archive.get(entry["uri"].removeprefix("embeded://")).data() == png()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_cards_come_back_the_same(path, desk):
    source = path.read_bytes()
    folder = imported(source, desk()).folder
    assert exported(folder).data == source
    assert same(read_card(exported(folder, "png").data).raw, read_card(source).raw)


def test_every_real_card_becomes_a_pack_and_comes_back(shared_data, desk):
    taken = 0
    for path in sorted(shared_data("cards").iterdir()):
        if path.name == "README.md" or path.name.endswith(("world_one.json", ".lorebook")):
            continue  # the notice, and two files with lore and no character
        source = path.read_bytes()
        folder = imported(source, desk(), path.name).folder
        assert exported(folder).data == source, path.name
        taken += 1
    assert taken >= 18
