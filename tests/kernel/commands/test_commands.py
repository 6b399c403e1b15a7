"""Commands are read, checked and permitted in one place."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzurot import Author, Command, Invocation, Option, OptionKind, Permission, Place
from tzurot.commands import BadCommand, NotAllowed, authorise, parse, usage

P = Permission


async def nothing(_: Invocation) -> str:
    return ""


def command(*options: Option, **more) -> Command:
    return Command("do", "does it", nothing, options=options, **more)


WHERE = Option("where", "where", OptionKind.CHOICE, choices=("server", "channel"))
SET = command(
    Option("name", "which", required=True),
    Option("value", "what", required=True),
    Option("times", "how often", OptionKind.WHOLE),
    Option("share", "how much", OptionKind.NUMBER),
    Option("now", "at once", OptionKind.FLAG),
    WHERE,
)
GROUP = Command(
    "plugins",
    "plugins",
    commands=(
        Command("list", "all", nothing),
        Command("off", "off", nothing, options=(Option("plugin", "which", required=True), WHERE)),
    ),
)

ENOUGH = {
    P.EVERYONE: set(P) | {None},
    P.MANAGE_CHANNEL: {P.MANAGE_CHANNEL, P.MANAGE_GUILD},
    P.MANAGE_GUILD: {P.MANAGE_GUILD},
    P.OWNER: {P.OWNER},
}


@pytest.mark.parametrize(("asked", "has"), [*itertools.product(P, [None, *P])])
def test_who_may_use_what_is_this_table(asked, has):
    given = Invocation(Author("1", "ann"), Place("x", "y"), allowed=frozenset({has} - {None}))
    if has in ENOUGH[asked]:
        authorise(command(permission=asked), given)
    else:
        with pytest.raises(NotAllowed, match="/do is only for who"):
            authorise(command(permission=asked), given)


def test_a_permission_that_nobody_knows_lets_nobody_pass():
    given = Invocation(Author("1", "ann"), Place("x", "y"), allowed=frozenset(P))
    with pytest.raises(NotAllowed):
        authorise(command(permission="friend"), given)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("model big", {"name": "model", "value": "big"}),
        ("model openai:big", {"name": "model", "value": "openai:big"}),
        (
            'model "two words" 3 0.5 yes CHANNEL',
            {
                "name": "model",
                "value": "two words",
                "times": 3,
                "share": 0.5,
                "now": True,
                "where": "channel",
            },
        ),
        (
            "where:server model now=off big",
            {"name": "model", "value": "big", "now": False, "where": "server"},
        ),
        (r'value="say \"hi\"" model', {"name": "model", "value": 'say "hi"'}),
    ],
)
def test_options_are_read_in_order_or_by_name(text, options):
    assert parse(SET, text).options == options


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("model", "value is missing"),
        ("a b c", "times is a whole number, not 'c'"),
        ("a b share=nan", "share is a number"),
        ("a b now=maybe", "now is yes or no"),
        ("a b where=moon", "where is one of server, channel, not 'moon'"),
        ("a b 1 2 on server more", "'more' is too much"),
        ("a b times=1 times=2", "times is given twice"),
    ],
)
def test_a_mistake_is_said_with_the_usage(text, wrong):
    with pytest.raises(BadCommand) as caught:
        parse(SET, text)
    assert wrong in str(caught.value)
    assert str(caught.value).endswith(f"Write {usage(SET)}.")


def test_a_group_leads_to_its_commands():
    parsed = parse(GROUP, "off  lorebook")
    assert parsed.path == ("plugins", "off")
    assert parsed.options == {"plugin": "lorebook"}
    assert usage(parsed.command, parsed.path) == "/plugins off PLUGIN [where=server|channel]"
    for wrong in ("", "of", "list all"):
        with pytest.raises(BadCommand, match="Write /plugins "):
            parse(GROUP, wrong)


def test_free_text_stays_as_it_is():
    assert parse(command(), " a  b=c ").arguments == "a  b=c"
    only = command(Option("text", "what"))
    assert parse(only, 'where is "it"?  There').options == {"text": 'where is "it"?  There'}
    assert parse(only, '"quoted"').options == {"text": "quoted"}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), st.booleans())
def test_what_is_quoted_is_read_as_it_was_written(values, named):
    quoted = ['"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"' for each in values]
    names = ["name=", "value="] if named else ["", ""]
    text = " ".join(name + each for name, each in zip(names, quoted, strict=True))
    assert parse(SET, text).options == {"name": values[0], "value": values[1]}


@given(st.text())
def test_any_text_is_read_or_refused_in_words(text):
    for each in (SET, GROUP, command(Option("text", "what"))):
        try:
            parse(each, text)
        except BadCommand as error:
            assert "Write /" in str(error)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Loud"},
        {"summary": ""},
        {"summary": "x" * 101},
        {"run": None},
        {"options": (Option("a", "a"), Option("b", "b", required=True))},
        {"options": (Option("a", "a"), Option("a", "a"))},
        {"options": tuple(Option(f"o{n}", "o") for n in range(26))},
        {"options": (Option("a", "a", OptionKind.CHOICE),)},
        {"run": None, "commands": (GROUP,)},
    ],
)
def test_what_platforms_would_refuse_is_refused_at_once(wrong):
    with pytest.raises(ValueError, match="the command /"):
        Command(**{"name": "do", "summary": "does it", "run": nothing, **wrong})
