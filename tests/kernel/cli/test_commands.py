"""The kernel's commands as people and scripts use them: help, JSON, exit codes, errors of one line."""

from __future__ import annotations

import json

import pytest

from tzurot.cli import KERNEL_COMMANDS, root
from tzurot.hooks.registry import hook_names


def commands() -> list[tuple[str, ...]]:
    """Every command and subcommand of the kernel."""
    found: list[tuple[str, ...]] = []
    for name in KERNEL_COMMANDS:
        command = root.get_command(None, name)
        found += [(name, sub) for sub in getattr(command, "commands", ())] or [(name,)]
    return found


@pytest.mark.parametrize("path", [(), *commands()], ids=" ".join)
def test_every_command_has_help_that_says_what_it_does(tzurot, path: tuple[str, ...]):
    answer = tzurot(*path, "--help")
    assert answer.code == 0
    assert answer.out.startswith("Usage: ")
    description = answer.out.split("\n\n")[1].strip()
    assert len(description.split()) >= 4, answer.out


def test_the_help_lists_the_kernels_commands_and_the_plugins(tzurot, monkeypatch):
    monkeypatch.setenv("TZUROT_PLUGINS", "terminal")
    listed = tzurot("--help").out
    for name in (*KERNEL_COMMANDS, "chat"):
        assert f"\n  {name} " in listed


def test_an_unknown_command_is_one_line(tzurot):
    answer = tzurot("chek")
    assert answer.code == 2
    assert "No such command 'chek'" in answer.err


# --- check and schema ------------------------------------------------------------------------------------


def test_check_finds_the_configured_packs_good(tzurot):
    assert tzurot("check").code == 0


def test_check_says_every_error_with_its_place_in_three_formats(tzurot, home):
    pack = home / "packs" / "harbour" / "pack.yaml"
    pack.write_text(pack.read_text().replace("name: Mara", "nam: Mara").replace("0.3", "warm"))
    text = tzurot("check")
    assert text.code == 1
    assert "\npacks/harbour/pack.yaml:5:5: " in text.out
    assert "Did you mean 'name'?" in text.out
    assert "\npacks/harbour/pack.yaml:8:20: characters.0.settings.temperature: " in text.out
    told = tzurot("check", "--format", "json")
    assert told.code == 1
    assert len(json.dumps(told.json)) > 100
    assert "::error file=" in tzurot("check", "--format", "github").out


def test_check_of_nothing_is_an_error(tzurot):
    answer = tzurot("check", "nowhere")
    assert answer.code == 1
    assert answer.out.startswith("nowhere:1:1: nothing is there, so no pack either.")


def test_the_schema_has_the_settings_of_the_loaded_plugins(tzurot):
    schema = tzurot("schema").json
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "character" in json.dumps(schema)


# --- new -------------------------------------------------------------------------------------------------


def test_a_new_pack_is_good_and_talks(tzurot, home):
    said = tzurot("new", "pack", "rainy_day")
    assert said.out.startswith("packs/rainy_day/pack.yaml: edit it, and talk to it: tzurot chat")
    assert tzurot("check", "packs/rainy_day").code == 0
    assert "Rainy Day" in tzurot("prompt", "rainy_day", "-m", "hello").out


def test_a_new_plugin_is_a_package_whose_plugin_loads(tzurot, home):
    assert tzurot("new", "plugin", "rainy_day").code == 0
    source = (home / "tzurot-rainy-day" / "tzurot_rainy_day" / "__init__.py").read_text()
    names: dict[str, object] = {"__name__": "tzurot_rainy_day"}
    exec(compile(source.replace("from __future__ import annotations", ""), "plugin", "exec"), names)
    assert names["RainyDay"].manifest.name == "rainy_day"
    project = (home / "tzurot-rainy-day" / "pyproject.toml").read_text()
    assert 'rainy_day = "tzurot_rainy_day:RainyDay"' in project


@pytest.mark.parametrize("kind", ["pack", "plugin"])
def test_what_is_there_already_stays_and_bad_names_are_refused(tzurot, home, kind: str):
    assert tzurot("new", kind, "twice").code == 0
    again = tzurot("new", kind, "twice")
    assert (again.code, "is there already. Choose another name" in again.err) == (1, True)
    bad = tzurot("new", kind, "../Up")
    assert bad.code == 2
    assert "is no name. Use small letters, digits and _" in bad.err


# --- prompt ----------------------------------------------------------------------------------------------


def test_the_prompt_is_shown_with_its_budget_and_nothing_is_sent(tzurot):
    answer = tzurot("prompt", "keeper", "-m", "What do you see?")
    assert answer.code == 0
    assert "[system]" in answer.out
    assert "A lighthouse keeper." in answer.out
    assert "What do you see?" in answer.out
    assert "tokens" in answer.err


def test_the_prompt_as_json_has_request_and_report(tzurot):
    told = tzurot("prompt", "mara", "-m", "hello", "--json").json
    assert told["request"]["messages"][-1]["role"] == "user"
    assert told["request"]["parameters"]["temperature"] == 0.3
    report = told["report"]
    assert report["used"] + report["reserved"] <= report["window"]
    assert {"plugin", "key", "fate", "tokens", "reason"} == set(report["items"][0])


def test_a_prompt_for_nobody_says_who_there_is(tzurot):
    answer = tzurot("prompt", "nobody", "-m", "hello")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "Error: There is no character 'nobody'. There are: harbour/mara.\n"


# --- plugins ---------------------------------------------------------------------------------------------


def test_plugins_are_listed_in_order_of_load(tzurot, monkeypatch):
    monkeypatch.setenv("TZUROT_PLUGINS", "character,history,nowhere")
    told = tzurot("plugins", "list", "--json").json
    assert [row["name"] for row in told["plugins"]] == ["character", "history"]
    assert told["plugins"][0]["distribution"] == "tzurot"
    assert told["refused"] == {"nowhere": "nowhere is asked for by TZUROT_PLUGINS but not installed."}
    text = tzurot("plugins", "list").out
    assert "history    characters remember the conversation" in text
    assert "not loaded: nowhere is asked for" in text
    check = tzurot("plugins", "check")
    assert (check.code, check.out) == (1, "2 plugins load.\n")


def test_a_plugins_hooks_and_settings_are_shown(tzurot, monkeypatch):
    monkeypatch.setenv("TZUROT_PLUGINS", "history")
    said = tzurot("plugins", "info", "history").out
    assert "hooks: " in said
    assert "forget_user" in said
    assert set(said.partition("hooks: ")[2].splitlines()[0].split(", ")) <= set(hook_names())
    assert "instance: keep_days = 90" in said


def test_an_unknown_plugin_is_one_line_with_the_nearest(tzurot):
    for arguments in (("info", "charakter"), ("switch", "charakter", "off", "--guild", "discord:1")):
        answer = tzurot("plugins", *arguments)
        assert answer.code == 1
        assert answer.err == "Error: There is no plugin 'charakter'. Did you mean 'character'?\n"


def test_a_switch_says_for_whom_and_wants_to_know(tzurot):
    said = tzurot("plugins", "switch", "character", "off", "--channel", "discord:2")
    assert said.out == "character is off for discord:2; a running bot follows within 10 seconds.\n"
    for where in ((), ("--guild", "1234")):
        answer = tzurot("plugins", "switch", "character", "off", *where)
        assert answer.code == 2


# --- doctor ----------------------------------------------------------------------------------------------


def test_the_doctor_says_what_is_missing_and_what_to_do(tzurot, home):
    (home / "tzurot.yaml").write_text("plugins:\n  charakter: {}\n")
    answer = tzurot("doctor")
    assert answer.code == 1  # there is no model
    assert "✓ plugins: 1 load" in answer.out
    assert "✓ packs: 1 from" in answer.out
    assert "✗ models: no model is available" in answer.out
    assert ":2:3: plugins.charakter: no plugin of this name is installed." in answer.out
    assert "tzurot.db will be made at the first start" in answer.out
    told = {row["subject"]: row for row in tzurot("doctor", "--json").json}
    assert told["models"]["state"] == "failed"
    assert told["database"]["plugin"] == "kernel"
    assert set(told["packs"]) == {"plugin", "subject", "state", "text", "remedy"}
    assert not (home / "tzurot.db").exists()


def test_the_doctor_knows_an_outdated_database_and_a_current_one(tzurot):
    assert tzurot("db", "upgrade").code == 0
    assert "is up to date" in tzurot("doctor").out


# --- a broken configuration --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", [("check",), ("doctor",), ("plugins", "list"), ("db", "status"), ("schema",)]
)
def test_a_broken_configuration_is_said_by_every_command_with_its_place(
    tzurot, home, command: tuple[str, ...]
):
    (home / "tzurot.yaml").write_text("concurrency: many\n")
    answer = tzurot(*command)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(f"{home / 'tzurot.yaml'}:1:14: concurrency: input should be a valid integer")
