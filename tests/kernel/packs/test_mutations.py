"""The law of bad input: whatever is done to a good pack, it ends in a pack or in located errors."""

from __future__ import annotations

import random
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tzurot.packs.grammar import Grammar
from tzurot.packs.load import load
from tzurot.packs.locate import parse

GOOD = ("small", "split", "large_cast")
LOCATED = re.compile(r"^.+:\d+:\d+: .+")
PIECES = (
    *(
        "\t",
        "'",
        '"',
        ":",
        ": ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "&a",
        "*a",
        "!x ",
        "---\n",
        "\n",
        "\x00",
        "\ufeff",
    ),
    *("|", ">", "#", "%", "@", "<<: ", "? ", "null", "1e999", "9" * 50, "ü", "\u2028", "  ", "include: "),
)
WORDS = ["off", "pack.yaml", "../x.md", "lore/*.yaml", "keyword", "12", "\n", "https://[", "a.png"]
KEYS = ["file", "include", "name", "id", "kind", "user", ""]
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(max_size=8)
    | st.sampled_from(
        ["off", "pack.yaml", "../x.md", "lore/*.yaml", "keyword", "12", "\n", "https://[", "a.png"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS) | st.text(max_size=4),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def mangled(text: str, seed: random.Random) -> str:
    """The text with pieces cut out, doubled, moved or put in."""
    for _ in range(seed.randint(1, 4)):
        at = seed.randint(0, len(text))
        to = min(len(text), at + seed.randint(0, 30))
        change = seed.choice(["cut", "double", "insert", "swap", "truncate"])
        if change == "cut":
            text = text[:at] + text[to:]
        elif change == "double":
            text = text[:to] + text[at:to] + text[to:]
        elif change == "insert":
            text = text[:at] + seed.choice(PIECES) + text[at:]
        elif change == "swap":
            text = text[:at] + text[at:to][::-1] + text[to:]
        elif at > 20:
            text = text[:at]
    return text


def replaced(value: Any, new: Any, seed: random.Random) -> Any:
    """The value with something in it replaced, added or taken away."""
    if isinstance(value, dict) and value and seed.random() < 0.85:
        key = seed.choice(sorted(value))
        change = seed.random()
        if change < 0.1:
            return {each: part for each, part in value.items() if each != key}
        if change < 0.2:
            return {**value, f"{key}x": value[key]}
        return {**value, key: replaced(value[key], new, seed)}
    if isinstance(value, list) and value and seed.random() < 0.85:
        at = seed.randrange(len(value))
        return [*value[:at], replaced(value[at], new, seed), *value[at + 1 :]]
    return new


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def holds(folder: Path, grammar: Grammar) -> None:
    loaded = load(folder, grammar)
    errors = [problem for problem in loaded.problems if problem.is_error]
    assert (loaded.pack is None) == bool(errors)
    for problem in loaded.problems:
        assert LOCATED.match(str(problem)), problem
        lines = Path(problem.spot.file).read_text(encoding="utf-8-sig", errors="replace").split("\n")
        assert 1 <= problem.spot.line <= len(lines) + 1
        assert problem.text and "Traceback" not in problem.text


def mutate_and_check(data: Path, grammar: Grammar, name: str, seed: random.Random, new: Any) -> None:
    files = files_of(data / name)
    victim = seed.choice(sorted(each for each in files if each.endswith((".yaml", ".md"))))
    text = files[victim].decode()
    if seed.random() < 0.5:
        text = mangled(text, seed)
    else:
        text = yaml.safe_dump(
            replaced(parse(text, victim).value, new, seed), allow_unicode=seed.random() < 0.5
        )
    files[victim] = text.encode("utf-8", "surrogatepass")
    with tempfile.TemporaryDirectory() as home:
        for file, content in files.items():
            path = Path(home) / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        holds(Path(home) / name, grammar)


LAW = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}


@settings(max_examples=200, **LAW)
@given(name=st.sampled_from(GOOD), seed=st.randoms(use_true_random=False), new=VALUES)
def test_a_mutated_pack_ends_in_a_pack_or_in_located_errors(data, grammar, name, seed, new):
    mutate_and_check(data, grammar, name, seed, new)


@pytest.mark.slow
@settings(max_examples=2000, **LAW)
@given(name=st.sampled_from(GOOD), seed=st.randoms(use_true_random=False), new=VALUES)
def test_2000_mutated_packs_end_in_a_pack_or_in_located_errors(data, grammar, name, seed, new):
    mutate_and_check(data, grammar, name, seed, new)


@settings(max_examples=300, **LAW)
@given(text=st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_any_text_at_all_is_read_without_an_exception(text):
    document = parse(text, "f.yaml")
    for problem in document.problems:
        assert LOCATED.match(str(problem))
    document.spot(("a", 0, "b"))


def agree(grammar: Grammar, value: dict[str, Any]) -> None:
    """What one of the two checks refuses ends in an error, and the schema speaks for people where it can."""
    faults = grammar.faults(value)
    typed, findings = grammar.typed({**value, "plugins": {}})
    if not faults:
        assert typed is not None, findings


@settings(max_examples=200, **LAW)
@given(name=st.sampled_from(("small", "large_cast")), seed=st.randoms(use_true_random=False), new=VALUES)
def test_what_the_schema_lets_through_the_models_take(data, grammar, name, seed, new):
    whole = parse((data / name / "pack.yaml").read_text(encoding="utf-8"), "f").value
    value = replaced(whole, new, seed)
    # .inf and .nan never come out of our reader
    if isinstance(value, dict) and "inf" not in repr(value) and "nan" not in repr(value):
        agree(grammar, value)
