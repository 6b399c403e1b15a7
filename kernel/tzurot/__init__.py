"""The public API of tzurot: what a plugin may import, complete and small."""

from tzurot.errors import TzurotError
from tzurot.hooks.markers import hookimpl
from tzurot.kit import Clock, Kit, ServiceMissing
from tzurot.observe.trace import Trace
from tzurot.packs.compiled import Character, Line, Pack, Voice
from tzurot.packs.models import Name, PackModel, Prose
from tzurot.packs.shelf import Shelf, ShelfChange
from tzurot.payloads.commands import Command, Invocation, Option, OptionKind, Permission
from tzurot.payloads.context import Fragment, Role, Slot, Utterance
from tzurot.payloads.contributions import (
    AnyService,
    Finding,
    Lint,
    Service,
    ServiceKey,
    State,
    Tokenizer,
)
from tzurot.payloads.decisions import Casting, Drop, Persona, Verdict
from tzurot.payloads.delivery import Outbound, Reply, Sent
from tzurot.payloads.generation import (
    Category,
    Delta,
    Finish,
    GenerationError,
    JsonValue,
    PromptMessage,
    Request,
    ToolCallPart,
    ToolSpec,
    Usage,
)
from tzurot.payloads.message import Attachment, Author, AuthorKind, Message, Place, PlaceKind, Quoted
from tzurot.payloads.people import Exported, Forget, Forgotten
from tzurot.plugin import API, CallGenerate, CallTurn, Manifest, NoConfig, Plugin
from tzurot.settings.cascade import Resolved
from tzurot.turns.result import Outcome, TurnResult
from tzurot.turns.stash import StashKey
from tzurot.turns.turn import Turn

__all__ = [
    "API",
    "AnyService",
    "Attachment",
    "Author",
    "AuthorKind",
    "CallGenerate",
    "CallTurn",
    "Casting",
    "Category",
    "Character",
    "Clock",
    "Command",
    "Delta",
    "Drop",
    "Exported",
    "Finding",
    "Finish",
    "Forget",
    "Forgotten",
    "Fragment",
    "GenerationError",
    "Invocation",
    "JsonValue",
    "Kit",
    "Line",
    "Lint",
    "Manifest",
    "Message",
    "Name",
    "NoConfig",
    "Option",
    "OptionKind",
    "Outbound",
    "Outcome",
    "Pack",
    "PackModel",
    "Permission",
    "Persona",
    "Place",
    "PlaceKind",
    "Plugin",
    "PromptMessage",
    "Prose",
    "Quoted",
    "Reply",
    "Request",
    "Resolved",
    "Role",
    "Sent",
    "Service",
    "ServiceKey",
    "ServiceMissing",
    "Shelf",
    "ShelfChange",
    "Slot",
    "StashKey",
    "State",
    "Tokenizer",
    "ToolCallPart",
    "ToolSpec",
    "Trace",
    "Turn",
    "TurnResult",
    "TzurotError",
    "Usage",
    "Utterance",
    "Verdict",
    "Voice",
    "hookimpl",
]
