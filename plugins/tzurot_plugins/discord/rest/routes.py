"""A request's route as Discord's rate limits see it: method, path with the ids blanked, major parameter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

_MAJOR = frozenset({"channels", "guilds", "webhooks", "interactions"})


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint with its ids.

    ``template`` names it in logs (tokens and ids are blanked), ``major`` is the id that limits are kept
    apart by: a channel, a guild, a webhook with its token. ``interaction`` routes are outside the bot's
    global limit.
    """

    method: str
    path: str
    template: str
    major: str
    interaction: bool

    @property
    def label(self) -> str:
        """The route for people: without ids, without secrets."""
        return f"{self.method} {self.template}"

    @property
    def lane(self) -> tuple[str, str]:
        """Requests of one lane go out one after the other, in order."""
        return (self.label, self.major)

    @classmethod
    def of(cls, method: str, path: str) -> Route:
        """The route of a request; ``path`` is what follows the base address, such as ``/users/@me``."""
        template, major, interaction = _dissect(path)
        return cls(method.upper(), path, template, major, interaction)


@lru_cache(maxsize=4096)
def _dissect(path: str) -> tuple[str, str, bool]:
    parts = path.strip("/").split("/")
    root, major = parts[0], ""
    blanked = [root]
    for index, part in enumerate(parts[1:], 1):
        if index == 1 and root in _MAJOR and part.isdigit():
            major = part
            blanked.append(":major")
        elif index == 2 and root in ("webhooks", "interactions"):
            # The token belongs to the major parameter, and must never be seen.
            major = f"{major}/{part}"
            blanked.append(":token")
        elif part.isdigit():
            blanked.append(":id")
        elif index > 1 and parts[index - 1] == "reactions":
            blanked.append(":emoji")
        else:
            blanked.append(part)
    interaction = root == "interactions" or (root == "webhooks" and "messages/@original" in path)
    return "/" + "/".join(blanked), major, interaction
