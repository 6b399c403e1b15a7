"""Users, members and bots of the test world, and what they do in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tzurot.testing.discord import ids, posting
from tzurot.testing.discord.intents import PRIVILEGED, Intent
from tzurot.testing.discord.message import Attachment, Message

if TYPE_CHECKING:
    from tzurot.testing.discord.interaction import Interaction
    from tzurot.testing.discord.places import Channel, Guild
    from tzurot.testing.discord.world import World


@dataclass(slots=True, eq=False)
class User:
    """Somebody with an account. The methods act at once, and bots hear of it through the gateway."""

    id: str
    name: str
    world: World = field(repr=False)
    display: str | None = None
    avatar: str | None = None
    bot: bool = False
    blocks_direct_messages: bool = False

    @property
    def mention(self) -> str:
        """The text that mentions the user."""
        return f"<@{self.id}>"

    def say(
        self,
        channel: Channel | User,
        text: str,
        *,
        reply_to: Message | None = None,
        ping: bool = True,
        attachments: Sequence[Attachment] = (),
    ) -> Message:
        """Write ``text`` in a channel, a thread, or to a user directly.

        ``ping`` says whether a reply mentions the author it answers, as the client's switch does.
        """
        place = self.direct(channel) if isinstance(channel, User) else channel
        return posting.say(self, place, text, reply_to=reply_to, ping=ping, attachments=attachments)

    def direct(self, other: User) -> Channel:
        """The direct conversation with ``other``, opened on first use."""
        return self.world.direct_channel(self, other)

    def forward(self, message: Message, channel: Channel) -> Message:
        """Pass a message on to another channel."""
        return posting.forward(self, message, channel)

    def edit(self, message: Message, text: str) -> None:
        """Change what one of the user's own messages says."""
        if message.author is not self:
            raise ValueError(f"{self.name} can't edit what {message.name} wrote; nobody can edit for others.")
        posting.edit(message, {"content": text})

    def delete(self, message: Message) -> None:
        """Delete a message."""
        posting.delete(message)

    def react(self, message: Message, emoji: str) -> None:
        """Add a reaction: an emoji itself, or ``name:id`` for a guild's own."""
        posting.react(self, message, emoji)

    def unreact(self, message: Message, emoji: str) -> None:
        """Take a reaction back."""
        posting.unreact(self, message, emoji)

    def type(self, channel: Channel) -> None:
        """Start typing."""
        posting.start_typing(self, channel)

    def slash(self, channel: Channel, command: str, *, bot: Bot, **options: Any) -> Interaction:
        """Use a slash command: ``"name"`` or ``"name group sub"``. It has to be registered by the bot."""
        return self.world.interactions.slash(self, channel, bot, command, options)

    def autocomplete(
        self, channel: Channel, command: str, *, bot: Bot, focused: str, **options: Any
    ) -> Interaction:
        """Type in an option with autocompletion; ``focused`` names the option."""
        return self.world.interactions.slash(self, channel, bot, command, options, focused=focused)

    def use_on(self, target: Message | User, command: str, *, bot: Bot, channel: Channel) -> Interaction:
        """Use a command of the context menu on a message or on a user."""
        return self.world.interactions.context_menu(self, channel, bot, command, target)

    def click(self, message: Message, custom_id: str, *values: str) -> Interaction:
        """Press a button of a message, or choose ``values`` in its select menu."""
        return self.world.interactions.component(self, message, custom_id, values)

    def submit(self, shown: Interaction, **fields: str) -> Interaction:
        """Send the modal that the bot answered ``shown`` with; ``fields`` by custom id."""
        return self.world.interactions.modal(self, shown, fields)


@dataclass(slots=True, eq=False)
class Member:
    """A user in a guild."""

    user: User
    joined: datetime = field(default_factory=ids.now)
    nick: str | None = None
    role_ids: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Bot(User):
    """An application and its bot user; both share one id, as with every application made since 2016."""

    owner: User = field(kw_only=True, repr=False)
    """The developer."""
    token: str = field(kw_only=True, repr=False)
    bot: bool = True
    allowed_intents: Intent = PRIVILEGED
    """Privileged intents that are switched on for the application."""
    commands: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    """Registered application commands by id."""
    identifies_left: int = 1000
    identifies: int = 0
    """How often the bot has identified since it exists; resumes don't count."""
    revoked: bool = False

    @property
    def reads_content(self) -> bool:
        """Whether the application may read messages that don't concern it."""
        return bool(self.allowed_intents & Intent.MESSAGE_CONTENT)

    def revoke_token(self) -> None:
        """Reset the token: requests get 401, and the gateway refuses with 4004."""
        self.revoked = True
        self.world.token_revoked(self)

    def guilds(self) -> list[Guild]:
        """The guilds that the bot is in."""
        return [guild for guild in self.world.guilds.values() if self.id in guild.members]
