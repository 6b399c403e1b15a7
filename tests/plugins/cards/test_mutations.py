"""Thousands of damaged cards: each is read or refused with a reason, soon, and never crashes anything."""

from __future__ import annotations

import random
import time

import pytest
from tests.plugins.cards.made import card_png, charx, encoded, png, text_chunk, v2, v3

from tzurot_plugins.cards.facets import of_card
from tzurot_plugins.cards.faults import CardError
from tzurot_plugins.cards.json_text import written
from tzurot_plugins.cards.pack_files import pack_files
from tzurot_plugins.cards.reading import read_card
from tzurot_plugins.cards.report import notes_of

RICH = v3(
    nickname="Cap",
    description="A captain.",
    mes_example="<START>\n{{user}}: Hi\n{{char}}: Ho",
    tags=["a"],
    extensions={"talkativeness": "0.5", "depth_prompt": {"prompt": "p", "depth": 4, "role": "system"}},
    character_book={"entries": [{"keys": ["k"], "content": "@@depth 3\nx"}]},
    assets=[{"type": "icon", "uri": "embeded://a/b.png", "name": "main", "ext": "png"}],
)
SEEDS = (
    written(RICH),
    written(v2(first_mes="Hi.")),
    card_png(RICH, "ccv3"),
    png(text_chunk("chara", encoded(RICH), b"zTXt"), text_chunk("ccv3", encoded(RICH), b"iTXt", packed=True)),
    charx(RICH, {"a/b.png": png(), "module.risum": b"risu" * 50}),
    b"\xff\xd8\xff\xe0" + charx(RICH, {"a/b.png": png()}),
    b"name: Nova\ncontext: |\n  A captain.\ngreeting: Hi.\n",
)
_TOKENS = (
    b"null",
    b"[]",
    b"{}",
    b'"',
    b"\xff\xff\xff\xff",
    b"PK\x05\x06",
    b"IEND",
    b"chara\0",
    b"-1",
    b"\0" * 8,
)


def mutated(seed: bytes, dice: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(dice.choice((1, 1, 2, 5, 20))):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(6):
            case 0 if data:
                data[min(at, len(data) - 1)] = dice.randrange(256)
            case 1:
                del data[at : at + dice.choice((1, 4, 40))]
            case 2:
                data[at:at] = dice.choice(_TOKENS)
            case 3:
                data[at:at] = data[at : at + dice.choice((4, 30, 300))]
            case 4:
                data[at : at + 4] = dice.randbytes(4)
            case _:
                if dice.random() < 0.1:
                    del data[at:]
    return bytes(data)


def judge(source: bytes) -> bool:
    """Whether ``source`` is read; all the way to the files of its pack."""
    started = time.process_time()
    try:
        card = read_card(source)
    except CardError as error:
        assert str(error).endswith((".", "?")), error
        return False
    finally:
        assert time.process_time() - started < 2
    facets = of_card(card, "spare")
    assert "pack.yaml" in pack_files(card, facets)
    for note in notes_of(card, facets):
        assert note.text
    return True


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_damaged_cards_are_read_or_refused(seed):
    dice = random.Random(seed)
    assert judge(SEEDS[seed])
    outcomes = [judge(mutated(SEEDS[seed], dice)) for _ in range(150)]
    assert len(set(outcomes)) == 2  # some survive, some don't: else this would test nothing


@pytest.mark.slow
def test_ten_thousand_damaged_cards_are_read_or_refused(shared_data):
    real = [path.read_bytes() for path in shared_data("cards").iterdir() if path.stat().st_size < 60_000]
    dice = random.Random(4)
    for _ in range(10_000):
        judge(mutated(dice.choice((*SEEDS, *real)), dice))
