"""`tzurot chat` as people and scripts use it: in a terminal and in a pipe; the model server is scripted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("needs a POSIX terminal", allow_module_level=True)

from tests.plugins.terminal.typist import PACK, TZUROT, Model, Typist, house, model


@pytest.fixture
def server() -> Iterator[Model]:
    with model() as running:
        yield running


@pytest.fixture
def env(tmp_path: Path, server: Model) -> dict[str, str]:
    backend = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "key", "TZUROT_PLUGINS": "terminal,openai"}
    return {**house(tmp_path), **backend}


@pytest.fixture
def typist(env: dict[str, str]) -> Iterator[Typist]:
    """Somebody who has just begun to talk with the example character."""
    person = Typist(["chat"], env)
    try:
        yield person
    finally:
        person.close()


def run(env: dict[str, str], *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TZUROT, "chat", *arguments], env=env, input=said, capture_output=True, text=True, timeout=120
    )


def test_a_conversation_in_a_terminal(typist: Typist, server: Model) -> None:
    before = typist.ready()
    assert "You are talking with Mara (mara/mara)" in before
    assert "Mara *looks up* Good evening." in before

    server.going_on.clear()
    server.script(["The lamp ", "is lit."])
    typist.enter("hello")
    typist.sees("Mara The ")  # it streams: the server holds back the rest
    server.going_on.set()
    typist.sees("is lit.")
    typist.ready()
    assert server.heard()[-1].endswith("hello")

    typist.enter("/trace")
    assert "generate" in typist.ready()
    typist.enter("/charcters")
    assert "Did you mean /characters?" in typist.ready()
    typist.enter("/characters")
    assert "The harbour master." in typist.ready()
    typist.enter("/switch nobody")
    assert "There is no character or pack 'nobody'" in typist.ready()
    typist.enter("/switch TAM")
    assert "Tam Aye." in typist.ready()
    typist.enter("//etc is a folder")
    typist.sees("Tam I hear you.")
    assert server.heard()[-1].endswith("/etc is a folder")
    typist.ready()
    typist.enter("/help")
    assert "what happened in the latest turn" in typist.ready()
    typist.enter("/quit")
    assert typist.leaves() == 0


def test_ctrl_c_stops_an_answer_and_twice_leaves(typist: Typist, server: Model) -> None:
    typist.ready()
    server.going_on.clear()
    server.script(["Once ", "upon a time"])
    typist.enter("tell me a story")
    typist.sees("Mara Once")
    typist.type("\x03")
    typist.sees(r"\(stopped\)")
    assert server.hung_up.wait(30), "the model's server was not told to stop"
    server.going_on.set()
    typist.ready()
    typist.enter("and now?")
    typist.sees("I hear you.")
    typist.ready()
    typist.type("\x03")
    typist.sees("Ctrl-C again to leave")
    typist.ready()
    typist.type("\x03")
    assert typist.leaves() == 0


def test_edits_of_the_pack_are_announced_while_you_talk(
    typist: Typist, server: Model, env: dict[str, str]
) -> None:
    typist.ready()
    typist.enter("hello")
    typist.sees("I hear you.")
    typist.ready()
    pack = Path(env["TZUROT_PACKS"]) / "mara" / "pack.yaml"
    pack.write_text(PACK.replace("name: Mara", "nam: Mara"), encoding="utf-8")
    typist.sees(r"pack\.yaml:\d+:\d+: characters")
    pack.write_text(PACK.replace("name: Mara", "name: Marabelle"), encoding="utf-8")
    typist.sees("mara was edited: it counts from your next message on")
    typist.enter("who are you?")
    typist.sees("Marabelle I hear you.")
    typist.ready()
    typist.type("\x04")
    assert typist.leaves() == 0


def test_a_failure_is_one_line_in_the_conversation(typist: Typist, server: Model) -> None:
    typist.ready()
    server.script(402)
    typist.enter("hello")
    said = typist.ready()
    assert "credit" in said
    assert "Traceback" not in said
    assert "WARNING" not in said


def test_what_was_typed_is_remembered_for_its_owner_alone(typist: Typist, env: dict[str, str]) -> None:
    typist.ready()
    typist.enter("a secret thought")
    typist.sees("I hear you.")
    typist.ready()
    typist.type("\x1b[A")
    typist.sees("a secret thought")
    history = Path(env["TZUROT_HOME"]) / "chat_history"
    assert history.stat().st_mode & 0o077 == 0


def test_one_message_prints_the_answer_alone(env: dict[str, str], server: Model) -> None:
    server.script(["The lamp ", "is lit."])
    done = run(env, "mara", "-m", "hello")
    assert (done.stdout, done.stderr, done.returncode) == ("The lamp is lit.\n", "", 0)


def test_without_an_answer_there_is_one_line_on_stderr(env: dict[str, str], server: Model) -> None:
    server.script(402)
    done = run(env, "mara", "-m", "hello")
    assert done.stdout == ""
    assert done.returncode == 1
    assert done.stderr.startswith("tzurot: ")
    assert done.stderr.count("\n") == 1


def test_a_plugin_that_can_not_be_loaded_is_said_beside_the_answer(
    env: dict[str, str], server: Model
) -> None:
    done = run({**env, "TZUROT_PLUGINS": "terminal,openai,weather"}, "mara", "-m", "hello")
    assert (done.stdout, done.returncode) == ("I hear you.\n", 0)
    assert done.stderr == "weather is asked for by TZUROT_PLUGINS but not installed.\n"


def test_an_answer_cannot_command_the_terminal(env: dict[str, str], server: Model) -> None:
    server.script("\x1b]0;owned\x07\x1b[2J\x9b31m\u202egniht\r\nno\b\b")
    done = run(env, "mara", "-m", "hello")
    assert done.stdout == "␛]0;owned␇␛[2J\ufffd31m\ufffdgniht\nno␈␈\n"


def test_lines_that_are_piped_in_are_a_conversation(env: dict[str, str], server: Model) -> None:
    server.script("One.", "Two.")
    done = run(env, "mara", said="first\n\n/switch tam\nsecond\n")
    assert (done.stdout, done.returncode) == ("One.\nTwo.\n", 0)
    assert "Talking with Tam." in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_json_has_an_object_per_message_failures_too(env: dict[str, str], server: Model) -> None:
    server.script("One.", 402)
    done = run(env, "--character", "tam", "--json", "--trace", said="first\nsecond\n")
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["text"], first["character"]) == ("One.", "mara/tam")
    assert {run["plugin"] for run in first["trace"]["hooks"]} >= {"terminal", "openai"}
    assert second["text"] is None
    assert "credit" in second["error"]
    assert done.returncode == 1


def test_a_folder_may_be_named_and_the_model_chosen(
    env: dict[str, str], server: Model, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK.replace("name: Mara", "name: Ada\n    settings: {model: other}"))
    done = run(env, str(folder), "-m", "hello", "--model", "chosen", "--json")
    assert json.loads(done.stdout)["character"] == "elsewhere/mara"
    assert server.asked[-1]["model"] == "chosen"


def test_a_name_that_nobody_has_is_answered_with_a_suggestion(env: dict[str, str]) -> None:
    done = run(env, "marra", "-m", "hello")
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr == "tzurot: There is no character or pack 'marra'. Did you mean 'mara'?\n"
