"""The test world: every user, guild, channel and webhook there is, and the stream of what happens."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from tzurot.testing.discord import ids, payloads
from tzurot.testing.discord.events import Event
from tzurot.testing.discord.intents import PRIVILEGED, Intent
from tzurot.testing.discord.interactions import Interactions
from tzurot.testing.discord.message import Message
from tzurot.testing.discord.people import Bot, Member, User
from tzurot.testing.discord.permissions import EVERYONE, Permission
from tzurot.testing.discord.places import Channel, ChannelKind, Guild, Role
from tzurot.testing.discord.webhook import Webhook

GUILDS = Intent.GUILDS
FROM_MESSAGE = 1 << 5
"""The flag of a message that a thread was opened on."""


class World:
    """Holds the state; people and places change it through their own methods, and bots through HTTP."""

    def __init__(self) -> None:
        self.ids = ids.Snowflakes()
        self.users: dict[str, User] = {}
        self.bots: dict[str, Bot] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.webhooks: dict[str, Webhook] = {}
        self._direct: dict[frozenset[str], Channel] = {}
        self.cdn = "https://cdn.discordapp.com"
        """Where addresses of attachments point; a running server points them at itself."""
        self.interactions = Interactions(self)
        self.listeners: list[Callable[[Event], None]] = []
        self.on_token_revoked: Callable[[Bot], None] = lambda bot: None

    def emit(self, event: Event) -> None:
        """Tell everybody who listens (gateway sessions and waiting tests) about ``event``."""
        for listener in self.listeners:
            listener(event)

    # People

    def create_user(self, name: str, *, display: str | None = None) -> User:
        """Somebody with an account, in no guild yet."""
        user = User(self.ids.next(), name, self, display)
        self.users[user.id] = user
        return user

    def create_bot(
        self,
        name: str,
        *,
        allowed_intents: Intent = PRIVILEGED,
        token: str | None = None,
        owner: User | None = None,
    ) -> Bot:
        """An application with its bot user; ``token`` and the developer are made up when not given."""
        developer = owner or self.create_user(f"{name}-developer")
        secret = token or f"test.{secrets.token_urlsafe(24)}"
        bot = Bot(self.ids.next(), name, self, owner=developer, token=secret, allowed_intents=allowed_intents)
        self.users[bot.id] = bot
        self.bots[bot.id] = bot
        return bot

    def bot_of(self, token: str) -> Bot | None:
        """The bot whose valid token this is."""
        return next((bot for bot in self.bots.values() if bot.token == token and not bot.revoked), None)

    def token_revoked(self, bot: Bot) -> None:
        """Carry the news to the gateway."""
        self.on_token_revoked(bot)

    # Guilds

    def create_guild(self, name: str, owner: User | None = None, *, features: Sequence[str] = ()) -> Guild:
        """A guild with @everyone and its owner, and no channel."""
        founder = owner or self.create_user(f"{name}-owner")
        guild = Guild(self.ids.next(), name, founder.id, self, features=list(features))
        guild.roles[guild.id] = Role(guild.id, "@everyone", int(EVERYONE), guild, position=0)
        guild.members[founder.id] = Member(founder)
        self.guilds[guild.id] = guild
        return guild

    def add_member(self, guild: Guild, user: User, roles: Sequence[Role], nick: str | None) -> Member:
        """Let ``user`` join; a bot receives the whole guild."""
        member = guild.members[user.id] = Member(user, nick=nick, role_ids=[role.id for role in roles])
        if isinstance(user, Bot):
            self.emit(Event("GUILD_CREATE", payloads.guild_create(guild, user), only=user, in_guild=GUILDS))
        self._member_event("GUILD_MEMBER_ADD", guild, payloads.member(member))
        return member

    def guild_available(self, guild: Guild, available: bool) -> None:
        """Tell the guild's bots that it went down or came back."""
        for member in guild.members.values():
            if isinstance(member.user, Bot):
                gone = {"id": guild.id, "unavailable": True}
                data = payloads.guild_create(guild, member.user) if available else gone
                name = "GUILD_CREATE" if available else "GUILD_DELETE"
                self.emit(Event(name, data, only=member.user, in_guild=GUILDS))

    def remove_member(self, guild: Guild, user: User) -> None:
        """Let ``user`` go; a bot loses the guild."""
        del guild.members[user.id]
        if isinstance(user, Bot):
            self.emit(Event("GUILD_DELETE", {"id": guild.id}, only=user, in_guild=GUILDS))
        self._member_event("GUILD_MEMBER_REMOVE", guild, {"user": payloads.user(user)})

    def member_changed(self, guild: Guild, member: Member) -> None:
        """Tell of other roles or another nickname."""
        self._member_event("GUILD_MEMBER_UPDATE", guild, payloads.member(member))

    def _member_event(self, name: str, guild: Guild, data: dict[str, Any]) -> None:
        data["guild_id"] = guild.id
        self.emit(Event(name, data, guild=guild, in_guild=Intent.GUILD_MEMBERS))

    def add_role(
        self, guild: Guild, name: str, permissions: int, *, mentionable: bool = False, bot: Bot | None = None
    ) -> Role:
        """Add a role above the others."""
        role = Role(self.ids.next(), name, permissions, guild, len(guild.roles), mentionable)
        role.bot_id = bot.id if bot else None
        guild.roles[role.id] = role
        self._role_event("GUILD_ROLE_CREATE", role)
        return role

    def role_changed(self, role: Role) -> None:
        """Tell of a role's new permissions."""
        self._role_event("GUILD_ROLE_UPDATE", role)

    def _role_event(self, name: str, role: Role) -> None:
        data = {"guild_id": role.guild.id, "role": payloads.role(role)}
        self.emit(Event(name, data, guild=role.guild, in_guild=GUILDS))

    def invite(self, guild: Guild, bot: Bot, permissions: Permission | int = 0) -> Role:
        """Add ``bot`` the way an invite link does: with a managed role that has ``permissions``."""
        role = self.add_role(guild, bot.name, int(permissions), bot=bot)
        self.add_member(guild, bot, (role,), None)
        return role

    # Channels

    def add_channel(
        self, guild: Guild, name: str, kind: ChannelKind, *, age_restricted: bool = False
    ) -> Channel:
        """Add a channel at the end of the guild's list."""
        channel = Channel(self.ids.next(), kind, name, self, guild, age_restricted=age_restricted)
        channel.position = len(guild.channels)
        guild.channels[channel.id] = channel
        self.channels[channel.id] = channel
        self.channel_event("CHANNEL_CREATE", channel)
        return channel

    def channel_changed(self, channel: Channel) -> None:
        """Tell of a channel's or thread's new settings."""
        self.channel_event("THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE", channel)

    def channel_event(self, name: str, channel: Channel, **more: Any) -> None:
        """Send an event that carries the whole channel."""
        data = payloads.channel(channel) | more
        self.emit(Event(name, data, guild=channel.guild, channel=channel, in_guild=GUILDS))

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel or thread, with its webhooks and threads."""
        guild = channel.guild
        if guild is None:
            return
        self.channel_event("THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE", channel)
        for thread in [one for one in guild.threads.values() if one.parent is channel]:
            self.remove_channel(thread)
        for webhook_id in channel.webhooks:
            del self.webhooks[webhook_id]
        channel.webhooks.clear()
        guild.channels.pop(channel.id, None)
        guild.threads.pop(channel.id, None)
        del self.channels[channel.id]

    def open_thread(
        self, parent: Channel, name: str, owner: User, *, on: Message | None = None, private: bool = False
    ) -> Channel:
        """Open a thread; one that is opened on a message has the message's id."""
        kind = ChannelKind.PRIVATE_THREAD if private else ChannelKind.PUBLIC_THREAD
        guild = parent.guild
        if guild is None:
            raise ValueError("A direct conversation can't have threads: open it in a guild's channel.")
        thread = Channel(on.id if on else self.ids.next(), kind, name, self, guild, parent, owner_id=owner.id)
        thread.thread_members[owner.id] = ids.now()
        guild.threads[thread.id] = thread
        self.channels[thread.id] = thread
        if on is not None:
            on.thread = thread
            on.flags |= FROM_MESSAGE
        self.channel_event("THREAD_CREATE", thread, newly_created=True)
        return thread

    def direct_channel(self, one: User, other: User) -> Channel:
        """The direct conversation of two users."""
        pair = {one.id: one, other.id: other}
        channel = self._direct.get(frozenset(pair))
        if channel is None:
            channel = Channel(self.ids.next(), ChannelKind.DIRECT, "", self, recipients=pair)
            self._direct[frozenset(pair)] = self.channels[channel.id] = channel
        return channel

    # Webhooks

    def add_webhook(self, channel: Channel, name: str, owner: User) -> Webhook:
        """Add an incoming webhook; one that a bot makes belongs to its application."""
        hook_id = self.ids.next()
        author = User(hook_id, name, self, bot=True)
        hook = Webhook(hook_id, secrets.token_urlsafe(51), channel, name, owner, author)
        hook.application_id = owner.id if isinstance(owner, Bot) else None
        channel.webhooks[hook.id] = hook
        self.webhooks[hook.id] = hook
        self.webhooks_changed(channel)
        return hook

    def remove_webhook(self, hook: Webhook) -> None:
        """Delete a webhook; its messages stay."""
        self.webhooks.pop(hook.id, None)
        hook.channel.webhooks.pop(hook.id, None)
        self.webhooks_changed(hook.channel)

    def webhooks_changed(self, channel: Channel) -> None:
        """Tell that some webhook of ``channel`` changed; Discord doesn't say which."""
        guild = channel.guild
        if guild is not None:
            data = {"guild_id": guild.id, "channel_id": channel.id}
            event = Event("WEBHOOKS_UPDATE", data, guild=guild, channel=channel)
            event.in_guild = Intent.GUILD_WEBHOOKS
            self.emit(event)
