"""The public API of tzurot: what a plugin may import, complete and small."""

from tzurot.hooks.markers import hookimpl
from tzurot.kit import Clock, Kit, ServiceMissing
from tzurot.packs.compiled import Character, Pack
from tzurot.packs.models import PackModel
from tzurot.payloads.context import Fragment, Role, Slot, Utterance
from tzurot.payloads.contributions import (
    Command,
    Finding,
    Invocation,
    Lint,
    Service,
    ServiceKey,
    State,
    Tokenizer,
)
from tzurot.payloads.decisions import Casting, Drop, Persona, Verdict
from tzurot.payloads.delivery import Outbound, Outcome, Reply, Sent, TurnResult
from tzurot.payloads.generation import (
    Category,
    Delta,
    Finish,
    GenerationError,
    PromptMessage,
    Request,
    ToolCallPart,
    ToolSpec,
    Usage,
)
from tzurot.payloads.message import Attachment, Author, AuthorKind, Message, Place, PlaceKind, Quoted
from tzurot.payloads.people import Exported, Forget, Forgotten
from tzurot.plugin import API, CallGenerate, CallTurn, Manifest, NoConfig, Plugin
from tzurot.turns.stash import StashKey
from tzurot.turns.turn import Turn

__all__ = [
    "API",
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
    "Kit",
    "Lint",
    "Manifest",
    "Message",
    "NoConfig",
    "Outbound",
    "Outcome",
    "Pack",
    "PackModel",
    "Persona",
    "Place",
    "PlaceKind",
    "Plugin",
    "PromptMessage",
    "Quoted",
    "Reply",
    "Request",
    "Role",
    "Sent",
    "Service",
    "ServiceKey",
    "ServiceMissing",
    "Slot",
    "StashKey",
    "State",
    "Tokenizer",
    "ToolCallPart",
    "ToolSpec",
    "Turn",
    "TurnResult",
    "Usage",
    "Utterance",
    "Verdict",
    "hookimpl",
]
