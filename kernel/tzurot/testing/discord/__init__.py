"""A small Discord for tests: HTTP, gateway and people, in this process, on 127.0.0.1.

Start with :class:`DiscordServer`. Its ``world`` makes users, bots and guilds; those have the methods
that people's clients have (``say``, ``react``, ``slash``); its ``faults`` are Discord's bad days; and
its ``violations`` say what real Discord would have refused.
"""

from tzurot.testing.discord.buckets import Buckets, Limit
from tzurot.testing.discord.faults import Faults
from tzurot.testing.discord.intents import Intent
from tzurot.testing.discord.interaction import Answer, Interaction, InteractionKind
from tzurot.testing.discord.message import Attachment, Message, Pings
from tzurot.testing.discord.people import Bot, Member, User
from tzurot.testing.discord.permissions import Permission
from tzurot.testing.discord.places import Channel, ChannelKind, Guild, Role
from tzurot.testing.discord.records import RequestRecord, Violation
from tzurot.testing.discord.server import DiscordServer
from tzurot.testing.discord.session import Session
from tzurot.testing.discord.webhook import Webhook
from tzurot.testing.discord.world import World

__all__ = [
    "Answer",
    "Attachment",
    "Bot",
    "Buckets",
    "Channel",
    "ChannelKind",
    "DiscordServer",
    "Faults",
    "Guild",
    "Intent",
    "Interaction",
    "InteractionKind",
    "Limit",
    "Member",
    "Message",
    "Permission",
    "Pings",
    "RequestRecord",
    "Role",
    "Session",
    "User",
    "Violation",
    "Webhook",
    "World",
]
