"""``/characters``: who is there to talk with."""

from __future__ import annotations

from tzurot import Character, Command, Invocation, Kit, TzurotError

_ABOUT = 100


def characters_command(kit: Kit) -> Command:
    """The command ``/characters``."""

    async def show(_: Invocation) -> str:
        lines = [_line(character) for character in kit.shelf().characters()]
        return "\n".join(lines) or "There is nobody: no pack is loaded. The bot's operator sets TZUROT_PACKS."

    return Command("characters", "who is there to talk with", show)


def names_of(kit: Kit, typed: str) -> list[str]:
    """The characters whose name has ``typed`` in it."""
    return [each.name for each in kit.shelf().characters() if typed.casefold() in each.name.casefold()]


def found(kit: Kit, wanted: str) -> Character:
    """The character of that key, name or alias.

    Raises:
        TzurotError: there is none.
    """
    character = kit.shelf().character(wanted)
    if character is None:
        raise TzurotError(f"There is no character {wanted!r}. /characters lists them.")
    return character


def _line(character: Character) -> str:
    about = " ".join(character.description.split())
    short = about if len(about) <= _ABOUT else f"{about[: _ABOUT - 1].rstrip()}…"
    return f"**{character.name}** ({character.key}): {short}"
