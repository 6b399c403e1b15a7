"""The first thing a newcomer does: `tzurot chat`, with the real small model and nothing set up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("needs a POSIX terminal", allow_module_level=True)

from tests.plugins.terminal.typist import TZUROT, Typist, house

from tzurot.payloads.generation import GenerationError
from tzurot_plugins.local.weights import find


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    try:
        find(None)
    except GenerationError as error:
        pytest.skip(error.message)
    made = house(tmp_path)
    pack = Path(made["TZUROT_PACKS"]) / "mara" / "pack.yaml"
    pack.write_text(pack.read_text().replace("greeting:", "settings: {max_tokens: 12}\n    greeting:"))
    return made


def test_the_small_model_answers_in_a_terminal(env: dict[str, str]) -> None:
    person = Typist(["chat", "--trace"], env)
    try:
        person.ready()
        person.sees("(loading|preparing) SmolLM2")
        person.enter("Hello!")
        person.sees(r"Mara \S+", within=120)
        shown = person.ready()
        assert "local" in shown
        person.enter("/quit")
        assert person.leaves() == 0
    finally:
        person.close()


def test_the_small_model_answers_a_script(env: dict[str, str]) -> None:
    done = subprocess.run(
        [*TZUROT, "chat", "mara", "-m", "Say hello."], env=env, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert done.stderr == ""


def test_without_the_weights_the_remedy_is_said(env: dict[str, str]) -> None:
    done = subprocess.run(
        [*TZUROT, "chat", "mara", "-m", "Say hello."],
        env={**env, "TZUROT_LOCAL_MODEL": "/nowhere/model.gguf"},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("tzurot: The local model can't be read: /nowhere/model.gguf")
    assert done.stderr.count("\n") == 1
