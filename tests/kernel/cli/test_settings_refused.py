"""What ``tzurot settings`` refuses: one line with a remedy, and nothing changed."""

from __future__ import annotations

import pytest

GUILD = ("--guild", "discord:1")
USER = ("--user", "discord:3")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("set", "temprature", "1", *GUILD),
            "temprature: there is no such setting. Did you mean temperature?",
        ),
        (("set", "temperature", "5", *GUILD), "temperature: expected a number from 0 to 2, got 5."),
        (("set", "temperature", "", *GUILD), "got nothing (null)"),
        (("set", "temperature", "[1", *GUILD), "'[1' can't be read: this list is not closed."),
        (("set", "temperature", "1", "--character", "mara", *GUILD), "--character goes with --user."),
        (("set", "temperature", "1"), "Say for whom: one of --guild, --channel or --user."),
        (("set", "temperature", "1", *GUILD, *USER), "Say for whom: one of --guild, --channel or --user."),
        (("set", "temperature", "1", "--guild", "1234"), "Write platform:id, such as discord:1234."),
        (("set", "temperature", "1", *USER, "--character", "Mora"), "Did you mean 'Mara'?"),
        (("set", "share_ltm_across_personalities", "true", *GUILD), "can't be set for a guild"),
        (("unset", "temperature", *GUILD), "temperature is not set for guild discord:1."),
        (("lock", "temprature", *GUILD), "temprature: there is no such setting. Did you mean temperature?"),
        (("lock", "temperature"), "Say for whom"),
        (("unlock", "temperature", *GUILD), "temperature is not locked for guild discord:1."),
        (("show", "--character", "nobody"), "There is no character 'nobody'."),
    ],
)
def test_what_can_not_be_done_is_one_line_and_changes_nothing(tzurot, arguments: tuple[str, ...], said: str):
    tzurot("settings", "set", "top_p", "0.9", *GUILD)
    answer = tzurot("settings", *arguments)
    assert answer.code in (1, 2)
    assert answer.out == ""
    last = answer.err.strip().splitlines()[-1]
    assert said in last
    changed = tzurot("settings", "show", *GUILD, "--changed", "--json").json
    assert {name: told["value"] for name, told in changed["settings"].items()} == {"top_p": 0.9}
