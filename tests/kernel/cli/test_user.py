"""``tzurot user``: what is kept about a person is handed over, and erased for good when somebody means it."""

from __future__ import annotations

import asyncio
import json
import stat

import pytest

from tzurot.cli.opened import opened
from tzurot.settings.scopes import Scope


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch, database_url: str, home) -> None:
    """Ana and Bob have set something."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("TZUROT_PLUGINS", "history")

    async def fill() -> None:
        async with opened() as app:
            for name in ("ana", "bob"):
                await app.preparation.stored.set((Scope.USER, f"stage:{name}"), {"temperature": 1.0})

    asyncio.run(fill())


def rows(tzurot, name: str) -> int:
    return sum(len(each["rows"]) for each in tzurot("user", "export", name).json["kept"])


def test_an_export_has_what_kernel_and_plugins_keep(tzurot):
    told = tzurot("user", "export", "stage:ana").json
    assert told["user"] == "stage:ana"
    assert {"plugin": "kernel", "kind": "settings"}.items() <= told["kept"][0].items()
    assert told["kept"][0]["rows"] == [{"scope": "user", "of": "stage:ana", "values": {"temperature": 1.0}}]
    assert {each["plugin"] for each in told["kept"]} == {"kernel", "history"}


def test_an_export_into_a_file_is_for_its_owner_only(tzurot, home):
    said = tzurot("user", "export", "stage:ana", "--out", "ana.json")
    assert said.out == "ana.json: 1 rows.\n"
    assert json.loads((home / "ana.json").read_text())["user"] == "stage:ana"
    assert stat.S_IMODE((home / "ana.json").stat().st_mode) == 0o600
    assert [path.name for path in home.glob(".*.part")] == []


def test_an_export_that_can_not_be_written_is_one_line(tzurot):
    said = tzurot("user", "export", "stage:ana", "--out", "no/such/folder/ana.json")
    assert (said.code, said.err) == (
        1,
        "Error: no/such/folder/ana.json can't be written: No such file or directory.\n",
    )


def test_forgetting_erases_one_person_and_says_what_it_was(tzurot):
    said = tzurot("user", "forget", "stage:ana", "--yes")
    assert said.out.splitlines() == [
        "kernel: erased 1 of settings",
        "history: erased 0 of history",
        "A bot that runs now may still remember the last lines: restart it.",
    ]
    assert (rows(tzurot, "stage:ana"), rows(tzurot, "stage:bob")) == (0, 1)


def test_forgetting_wants_the_id_typed_again(tzurot):
    refused = tzurot("user", "forget", "stage:ana", typed="yes\n")
    assert (refused.code, refused.err) == (1, "Error: That is another id. Nothing was erased.\n")
    assert rows(tzurot, "stage:ana") == 1
    assert tzurot("user", "forget", "stage:ana", typed="stage:ana\n").code == 0
    assert rows(tzurot, "stage:ana") == 0


def test_forgetting_somebody_unknown_says_so(tzurot):
    said = tzurot("user", "forget", "1234", "--yes")
    assert said.out.splitlines()[-1] == (
        "Nothing was kept about 1234. Was the id written with its platform, discord:1234?"
    )
