"""The configuration: environment over file over defaults, and faults that say where and never what secret."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tzurot.app import App
from tzurot.config import FILE, Config, ConfigError, load, operator_config, unheard
from tzurot.packs.locate import FILE_BYTES

DOCS = Path(__file__).parents[2] / "docs" / "configuration.md"


class Radio(BaseModel):
    """The instance-wide settings of a plugin ``radio``."""

    model_config = ConfigDict(extra="forbid")

    token: SecretStr | None = Field(default=None, json_schema_extra={"env": "RADIO_TOKEN"})
    volume: int = Field(default=5, ge=0, le=10)
    stations: tuple[str, ...] = ()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / FILE


def refusal(file: Path, text: str = "", **environ: str) -> str:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(environ, file)
    return str(caught.value)


def test_without_file_and_environment_the_defaults_hold(tmp_path: Path):
    config = load({"TZUROT_HOME": str(tmp_path)})
    assert (config.home, config.concurrency, config.log_level) == (tmp_path, 64, "INFO")
    assert config.pack_folders[0] == tmp_path / "packs"
    assert config.database_address == f"sqlite://{tmp_path / 'tzurot.db'}"


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(file: Path):
    file.write_text("concurrency: 8\nturn_seconds: 30\n")
    config = load({"TZUROT_CONCURRENCY": "3"}, file)
    assert (config.concurrency, config.turn_seconds, config.shutdown_seconds) == (3, 30.0, 20.0)


def test_an_empty_variable_counts_as_unset(file: Path):
    file.write_text("concurrency: 8\n")
    assert load({"TZUROT_CONCURRENCY": "", "DATABASE_URL": ""}, file).concurrency == 8


def test_the_file_of_the_home_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / FILE).write_text("concurrency: 7\n")
    assert load({"TZUROT_HOME": str(tmp_path)}).concurrency == 7
    (tmp_path / "here" / FILE).write_text("concurrency: 6\n")
    assert load({"TZUROT_HOME": str(tmp_path)}).concurrency == 6


@given(st.lists(st.text("abc/_", min_size=1, max_size=8), min_size=1, max_size=5))
def test_law_a_list_of_folders_in_the_environment_is_read_as_it_was_written(names: list[str]):
    config = load({"TZUROT_PACKS": os.pathsep.join(names), "TZUROT_HOME": "/nowhere"})
    assert config.packs == tuple(Path(name) for name in names)


def test_plugins_are_listed_with_commas_in_the_environment(tmp_path: Path):
    config = load({"TZUROT_PLUGINS": " terminal, openai ,", "TZUROT_HOME": str(tmp_path)})
    assert config.enabled_plugins == ("terminal", "openai")


def test_paths_of_the_file_start_where_the_file_stands(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/srv/ana")
    file.write_text("home: state\npacks: [mine, ~/theirs, /srv/packs]\n")
    config = load({}, file)
    assert config.home == file.parent / "state"
    assert config.packs == (file.parent / "mine", Path("/srv/ana/theirs"), Path("/srv/packs"))


def test_an_unknown_key_is_named_with_its_place_and_the_nearest(file: Path):
    assert refusal(file, "log_level: INFO\n  \nsetings: {}\n") == (
        f"{file}:3:1: setings: there is no such setting. Did you mean 'settings'?"
    )


def test_every_fault_is_said_at_once_each_with_its_place(file: Path):
    lines = refusal(file, "concurrency: 5000\nlog_level: loud\nwaiting: politely\npacks: 3\n").splitlines()
    assert [line.split(": ")[1] for line in lines] == ["packs", "log_level", "concurrency", "waiting"]
    assert f"{file}:1:14: concurrency: input should be less than or equal to 1000." in lines[2]
    assert "or by TZUROT_LOG" in lines[1]


def test_a_bad_variable_is_named_instead_of_the_file(file: Path):
    told = refusal(file, "concurrency: 4\n", TZUROT_CONCURRENCY="many")
    assert told.startswith("TZUROT_CONCURRENCY: input should be a valid integer")
    assert str(file) not in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("packs: [a\n", ":1:8: packs: this list is not closed."),
        ("- a\n- b\n", ":1:1: expected settings such as `packs: [./packs]`, found something else."),
        ("a: &x 1\n", "anchors (&x) are not used"),
        ("home: a\nhome: b\n", ":2:1: home: 'home' is already set on line 1."),
    ],
)
def test_what_is_no_good_yaml_is_said_with_its_place(file: Path, text: str, said: str):
    assert said in refusal(file, text)


def test_a_file_that_is_not_text_or_far_too_large_is_one_line(file: Path):
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="can't be read"):
        load({}, file)
    file.write_bytes(b"#" * (FILE_BYTES + 1))
    with pytest.raises(ConfigError, match="is larger than"):
        load({}, file)


def test_an_empty_file_is_a_good_one(file: Path):
    file.write_text("# nothing yet\n")
    assert load({}, file).settings == {}


def test_a_plugins_settings_come_from_file_and_environment(file: Path):
    file.write_text("plugins:\n  radio: {volume: 2, stations: [one]}\n")
    environ = {"RADIO_TOKEN": "hush", "TZUROT_RADIO_STATIONS": "two, three"}
    radio = operator_config(load({}, file), "radio", Radio, environ)
    assert isinstance(radio, Radio)
    assert (radio.volume, radio.stations) == (2, ("two", "three"))
    assert radio.token is not None
    assert radio.token.get_secret_value() == "hush"


def test_faults_inside_a_plugins_settings_have_their_place(file: Path):
    file.write_text("plugins:\n  radio:\n    volum: 2\n    volume: loud\n")
    with pytest.raises(ConfigError) as caught:
        operator_config(load({}, file), "radio", Radio, {})
    faults = str(caught.value).splitlines()
    assert faults[0].startswith(f"{file}:4:13: plugins.radio.volume: input should be a valid integer")
    assert "or by TZUROT_RADIO_VOLUME" in faults[0]
    assert faults[1] == (f"{file}:3:5: plugins.radio.volum: there is no such setting. Did you mean 'volume'?")


@pytest.mark.parametrize("bad", ["geheim", "hunter2"])
def test_a_secret_never_shows_wherever_it_was_put(file: Path, bad: str):
    file.write_text(f"database_url: [{bad}]\nplugins:\n  radio: {{token: [{bad}], volume: {bad}}}\n")
    with pytest.raises(ConfigError) as at_top:
        load({}, file)
    file.write_text(file.read_text().partition("\n")[2])
    config = load({"DATABASE_URL": f"postgresql://ana:{bad}@db/x"}, file)
    with pytest.raises(ConfigError) as inside:
        operator_config(config, "radio", Radio, {"TZUROT_RADIO_VOLUME": bad})
    assert "TZUROT_RADIO_VOLUME: " in str(inside.value)
    for told in (str(at_top.value), str(inside.value), repr(config)):
        assert bad not in told


def test_what_is_said_to_nobody_is_a_line_each(file: Path):
    file.write_text("plugins:\n  raido: {}\n  echo: {}\n  radio: {}\n  asleep: {}\n")
    lines = unheard(load({}, file), {"radio": True, "echo": False}, {"radio", "echo", "asleep"})
    assert lines == [
        f"{file}:2:3: plugins.raido: no plugin of this name is installed. Did you mean 'radio'?",
        f"{file}:3:3: plugins.echo: the plugin echo has no instance-wide settings. "
        "Remove this; packs may say more to it.",
    ]


def test_an_apps_complaints_have_their_places(file: Path):
    file.write_text("enabled_plugins: []\nsettings:\n  temprature: 1\n  top_p: 7\nplugins:\n  raido: {}\n")
    told = App(load({}, file)).complaints
    assert told[0].startswith(f"{file}:3:3: settings.temprature: there is no such setting. Did you mean")
    assert told[1].startswith(f"{file}:4:10: settings.top_p: expected a number from 0 to 1")
    assert told[2].startswith(f"{file}:6:3: plugins.raido: no plugin of this name is installed.")


def test_the_example_in_the_documentation_loads_without_a_complaint(file: Path):
    block = re.search(r"```yaml\n(# tzurot\.yaml\n.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert block is not None
    file.write_text(block[1], encoding="utf-8")
    app = App(load({}, file))
    assert app.complaints == []
    assert app.loader.refused == {}
    assert app.config.packs == (file.parent / "packs",)
    assert isinstance(app.config, Config)
