"""For whom a setting is: the scopes of the cascade, from the lowest to the highest."""

from __future__ import annotations

from enum import IntEnum


class Scope(IntEnum):
    """A level of the cascade; a higher one wins over a lower one."""

    BUILT_IN = 0
    INSTANCE = 10
    CHARACTER = 20
    GUILD = 30
    CHANNEL = 40
    USER = 50
    USER_CHARACTER = 60

    @property
    def words(self) -> str:
        """The scope as people read it."""
        return _WORDS[self]


_WORDS = {
    Scope.BUILT_IN: "built in",
    Scope.INSTANCE: "instance",
    Scope.CHARACTER: "character",
    Scope.GUILD: "guild",
    Scope.CHANNEL: "channel",
    Scope.USER: "user",
    Scope.USER_CHARACTER: "user × character",
}

EVERYWHERE = frozenset(scope for scope in Scope if scope is not Scope.BUILT_IN)
"""Every scope at which somebody can set something."""

NOT_BY_USERS = frozenset({Scope.INSTANCE, Scope.CHARACTER, Scope.GUILD, Scope.CHANNEL})
"""The scopes of the people who run an instance, a pack, a guild or a channel."""

LOCKING = frozenset({Scope.INSTANCE, Scope.GUILD, Scope.CHANNEL})
"""The scopes that may fix a value, so that no higher scope changes it."""
