"""The kernel's own findings for the doctor: each says how it stands, and what to do where it doesn't."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from tzurot import Delta, Finding, Manifest, NoConfig, Plugin, Request, State, Turn, hookimpl
from tzurot.app import App
from tzurot.config import Config
from tzurot.examination import of_database
from tzurot.hooks.discover import Found
from tzurot.storage.database import Database
from tzurot.testing.stage import PACK, Stage


class Parrot(Plugin[NoConfig]):
    """A backend whose doctor says ``says``."""

    manifest = Manifest(name="parrot", summary="answers")
    says: tuple[Finding, ...] = ()

    @hookimpl
    def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta] | None:
        return None

    @hookimpl
    async def doctor(self) -> Iterable[Finding]:
        return self.says


def config_of(home: Path, **more: object) -> Config:
    return Config.model_validate({"home": home, "packs": (home / "packs",), "enabled_plugins": (), **more})


async def findings_of(config: Config, *plugins: type[Plugin[NoConfig]]) -> dict[str, Finding]:
    app = App(config, [Found(plugin, "tests", "0") for plugin in plugins])
    return {each.value.subject: each.value for each in await app.examine()}


async def test_a_database_is_found_empty_then_up_to_date(database_url: str):
    before = await of_database(database_url, (), None)
    if database_url.startswith("sqlite"):
        assert before.state is State.OK
        assert before.text.endswith("tzurot.db will be made at the first start")
        assert not Path(database_url.removeprefix("sqlite://")).parent.exists()
    else:
        assert before.state is State.WARNING
        assert "lacks 1 migrations" in before.text
        assert before.remedy == "Run `tzurot db upgrade`; `tzurot run` does it by itself."
    async with await Database.open(database_url) as database:
        await database.upgrade()
        assert (await of_database(database_url, (), database)).text.endswith("is up to date")
    after = await of_database(database_url, (), None)
    assert (after.state, after.text.endswith("is up to date")) == (State.OK, True)


async def test_a_database_of_a_newer_version_is_said(database_url: str):
    async with await Database.open(database_url) as database:
        await database.upgrade()
        await database.client.execute_query(
            "INSERT INTO tortoise_migrations (app, name, applied_at) "
            "VALUES ('kernel', '9999_tomorrow', CURRENT_TIMESTAMP)"
        )
    found = await of_database(database_url, (), None)
    assert found.state is State.FAILED
    assert "9999_tomorrow" in found.text


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://ana:hunter2@127.0.0.1:1/none", "can't be reached"),
        ("mysql://ana:hunter2@db/none", "expected sqlite://PATH or postgresql://"),
        ("sqlite:///dev/null/home/tzurot.db", "can't be made in"),
    ],
)
async def test_a_database_that_can_not_be_had_is_a_clear_failure_without_its_password(url: str, said: str):
    found = await of_database(url, (), None)
    assert found.state is State.FAILED
    assert said in found.text
    assert "hunter2" not in found.text


async def test_a_file_that_is_no_database_is_said(tmp_path: Path):
    (tmp_path / "tzurot.db").write_text("no database at all, but long enough to be looked at" * 40)
    found = (await findings_of(config_of(tmp_path)))["database"]
    assert found.state is State.FAILED
    assert "is no SQLite database, or is damaged" in found.text


async def test_the_doctor_leaves_nothing_behind(tmp_path: Path):
    findings = await findings_of(config_of(tmp_path / "home"))
    assert findings["database"].state is State.OK
    assert not (tmp_path / "home").exists()


async def test_a_running_instance_can_be_examined_and_goes_on():
    async with Stage.of(watch=True) as stage:
        findings = {each.value.subject: each.value for each in await stage.app.examine()}
        assert findings["database"].text.endswith("is up to date")
        assert await stage.say("hello") == ["I hear you."]


async def test_packs_and_their_errors_are_findings(tmp_path: Path):
    empty = await findings_of(config_of(tmp_path))
    assert (empty["packs"].state, empty["packs"].remedy) == (
        State.FAILED,
        "Set TZUROT_PACKS, or `tzurot new pack`.",
    )
    for name, text in (("good", PACK), ("bad", PACK.replace("name: Mara", "nam: Mara"))):
        (tmp_path / "packs" / name).mkdir(parents=True)
        (tmp_path / "packs" / name / "pack.yaml").write_text(text)
    found = await findings_of(config_of(tmp_path))
    assert found["packs"].text == f"1 from {tmp_path / 'packs'}"
    assert "bad/pack.yaml:5:5" in found["pack"].text


async def test_what_the_configuration_says_in_vain_is_a_warning(tmp_path: Path):
    found = await findings_of(config_of(tmp_path, settings={"temprature": 1}))
    assert found["configuration"].state is State.WARNING
    assert "Did you mean temperature?" in found["configuration"].text


@pytest.mark.parametrize(
    ("says", "hint"),
    [
        ((), False),
        ((Finding("model", State.OK, "there"),), False),
        ((Finding("server", State.FAILED, "down"), Finding("model", State.WARNING, "unsure")), False),
        ((Finding("model", State.OFF, "not configured"),), True),
        ((Finding("model", State.FAILED, "the key is wrong"),), True),
    ],
)
async def test_without_any_model_the_doctor_says_how_to_get_one(
    tmp_path: Path, says: tuple[Finding, ...], hint: bool
):
    backend = type("Backend", (Parrot,), {"says": says})
    found = await findings_of(config_of(tmp_path), backend)
    assert ("models" in found) is hint
    if hint:
        assert "pip install 'tzurot[local]'" in found["models"].remedy


async def test_an_instance_without_any_backend_has_no_model(tmp_path: Path):
    assert (await findings_of(config_of(tmp_path)))["models"].state is State.FAILED
