"""``tzurot settings``: what holds and who set it, setting, locking; nothing half-written."""

from __future__ import annotations

import pytest

GUILD = ("--guild", "discord:1")
CHANNEL = ("--channel", "discord:2")
USER = ("--user", "discord:3")


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch, database_url: str, home) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)


@pytest.fixture
def shown(tzurot):
    """What is shown of one setting."""

    def shown(name: str, *where: str):
        return tzurot("settings", "show", *where, "--json").json["settings"][name]

    return shown


def test_every_setting_is_listed_with_what_it_takes(tzurot):
    rows = {row["name"]: row for row in tzurot("settings", "list", "--json").json}
    assert rows["temperature"]["expects"] == 'a number from 0 to 2, or "off"'
    assert rows["max_messages"]["default"] == 50
    text = tzurot("settings", "list").out
    assert "temperature = 0.7  (a number from 0 to 2" in text
    assert text.count("sampling:") == 2  # its own, and the advanced


@pytest.mark.parametrize(
    ("written", "meant"),
    [("0.5", 0.5), ("1", 1.0), ("off", "off")],
)
def test_what_is_set_holds_there_and_says_where_it_came_from(tzurot, shown, written: str, meant: object):
    said = tzurot("settings", "set", "temperature", written, *GUILD)
    assert (
        said.out
        == f"temperature is {written} for guild discord:1; a running bot follows within 10 seconds.\n"
    )
    assert shown("temperature", *GUILD) == {
        "value": meant,
        "source": {"scope": "guild", "id": "discord:1"},
        "lock": None,
        "ignored": [],
    }
    assert shown("temperature", "--guild", "discord:9")["source"]["scope"] == "built_in"


def test_lists_maps_and_words_are_written_as_in_yaml(tzurot, shown):
    for name, written, meant in (
        ("fallbacks", "[one, two]", ["one", "two"]),
        ("logit_bias", "{50256: -1}", None),
        ("show_model_footer", "false", False),
        ("model", "some/model:free", "some/model:free"),
    ):
        said = tzurot("settings", "set", name, written, *USER)
        if meant is None:
            assert 'Write "50256"' in said.err
            continue
        assert said.code == 0, said.err
        assert shown(name, *USER)["value"] == meant


def test_a_negative_number_follows_two_dashes(tzurot, shown):
    assert tzurot("settings", "set", *USER, "--", "presence_penalty", "-0.5").code == 0
    assert shown("presence_penalty", *USER)["value"] == -0.5


def test_who_stands_higher_wins_and_the_text_says_who(tzurot):
    for where, value in (
        (GUILD, "0.4"),
        (CHANNEL, "0.5"),
        (USER, "0.6"),
        ((*USER, "--character", "mara"), "0.7"),
    ):
        tzurot("settings", "set", "temperature", value, *where)
    tzurot("settings", "set", "top_p", "0.5", *CHANNEL)
    tzurot("settings", "set", "top_p", "0.6", "--channel", "discord:22")
    everybody = (*GUILD, *CHANNEL, *USER)
    in_thread = tzurot("settings", "show", *CHANNEL, "--thread", "discord:22", "--changed").out
    assert in_thread.splitlines() == [
        "temperature  0.5  (channel discord:2)",
        "top_p        0.6  (channel discord:22)",
    ]
    tzurot("settings", "unset", "top_p", *CHANNEL)
    assert "temperature  0.6  (user discord:3)" in tzurot("settings", "show", *everybody, "--changed").out
    text = tzurot("settings", "show", *everybody, "--character", "Keeper", "--changed").out
    assert text == "temperature  0.7  (user × character discord:3:harbour/mara)\n"
    text = tzurot("settings", "show", "--character", "harbour/mara", "--changed").out
    assert text == "temperature  0.3  (character harbour/mara)\n"


def test_a_lock_shows_with_what_is_ignored_and_can_be_taken_off(tzurot, shown):
    tzurot("settings", "set", "temperature", "0.4", *GUILD)
    tzurot("settings", "set", "temperature", "1.5", *USER)
    assert tzurot("settings", "lock", "temperature", *GUILD).code == 0
    text = tzurot("settings", "show", *GUILD, *USER, "--changed").out
    assert text.splitlines() == [
        "temperature  0.4  (guild discord:1, locked by guild discord:1)",
        "             ignored: 1.5 of user discord:3",
    ]
    told = shown("temperature", *GUILD, *USER)
    assert told["lock"] == {"scope": "guild", "id": "discord:1"}
    assert [each["value"] for each in told["ignored"]] == [1.5]
    assert tzurot("settings", "unlock", "temperature", *GUILD).code == 0
    assert shown("temperature", *GUILD, *USER)["value"] == 1.5


def test_unsetting_lets_what_lies_below_hold_again(tzurot, shown):
    tzurot("settings", "set", "temperature", "0.4", *GUILD)
    tzurot("settings", "set", "temperature", "0.5", *CHANNEL)
    assert tzurot("settings", "unset", "temperature", *CHANNEL).code == 0
    assert shown("temperature", *GUILD, *CHANNEL)["value"] == 0.4
