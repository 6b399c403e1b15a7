"""For whom something is set or switched, in the words of commands."""

from __future__ import annotations

from tzurot import Invocation, Option, OptionKind, Permission
from tzurot.commands import require
from tzurot.settings.scopes import Scope

SERVER, CHANNEL, ME = "server", "channel", "me"
_SCOPES = {SERVER: Scope.GUILD, CHANNEL: Scope.CHANNEL, ME: Scope.USER}
_NEEDED = {
    SERVER: Permission.MANAGE_GUILD,
    CHANNEL: Permission.MANAGE_CHANNEL,
    ME: Permission.EVERYONE,
}
WORDS = {SERVER: "this server", CHANNEL: "this channel", ME: "you"}


def whose(summary: str, *choices: str) -> Option:
    """The option that says for whom; the first choice is meant where nothing is said."""
    return Option("for", summary, OptionKind.CHOICE, choices=choices)


def chosen(invocation: Invocation, otherwise: str) -> tuple[Scope, str]:
    """The scope that was chosen, and its words.

    Raises:
        NotAllowed: it is not theirs to set.
    """
    choice = invocation.text("for", otherwise)
    require(_NEEDED[choice], invocation, f"Setting something for {WORDS[choice]}" if choice != ME else "")
    return _SCOPES[choice], WORDS[choice]
