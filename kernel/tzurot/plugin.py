"""The one page that plugin authors read: ``Plugin``, every hook with its contract, and the ``Manifest``.

Each hook says *when* it is called, *what to return*, and *what a failure does*. ``Plugin`` is both the
base class of every plugin and pluggy's namespace of hook specifications, so type checkers check every
implementation as an ordinary override.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar, cast, get_args

import click
from pydantic import BaseModel, ConfigDict

from tzurot.hooks.markers import Mode, OnError, hookspec
from tzurot.kit import Kit
from tzurot.payloads.commands import Command
from tzurot.payloads.context import Fragment, Utterance
from tzurot.payloads.contributions import AnyService, Finding, Lint, Tokenizer
from tzurot.payloads.decisions import Casting, Drop, Persona, Verdict
from tzurot.payloads.delivery import Outbound, Reply, Sent
from tzurot.payloads.generation import Delta, Request
from tzurot.payloads.message import Message
from tzurot.payloads.people import Exported, Forget, Forgotten
from tzurot.turns.result import TurnResult
from tzurot.turns.turn import Turn

if TYPE_CHECKING:
    from tzurot.packs.shelf import ShelfChange

API = 1
"""The version of this contract. It changes only when a hook's meaning or signature does."""


class NoConfig(BaseModel):
    """For plugins that a pack can't configure."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Config = TypeVar("Config", bound=BaseModel)
Operator = TypeVar("Operator", bound=BaseModel)
CallTurn: TypeAlias = Callable[[], Awaitable[TurnResult]]
CallGenerate: TypeAlias = Callable[[Request], AsyncIterator[Delta]]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a plugin says about itself before it is built.

    ``requires`` names plugins it can't work without, ``after`` those that it merely follows.
    ``default_on``: whether a server has it until its owner says otherwise; ``required``: can't be
    switched off per server. ``models`` and ``migrations`` name its modules of tables. ``operator`` is
    the model of its instance-wide settings (environment and ``tzurot.yaml``).
    """

    name: str
    summary: str
    api: int = API
    requires: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    default_on: bool = True
    required: bool = False
    models: str | None = None
    migrations: str | None = None
    operator: type[BaseModel] | None = None


class Plugin(Generic[Config]):
    """A plugin: subclass it, give it a ``manifest``, and mark the hooks you implement with ``@hookimpl``.

    The type argument is the pydantic model of what packs may say under ``plugins.<name>``
    (``NoConfig`` for nothing). One instance lives per process; per-turn state goes into ``turn.stash``.
    """

    manifest: ClassVar[Manifest]
    config_model: ClassVar[type[BaseModel]] = NoConfig

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self._defaults: BaseModel | None = None

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        for parent in getattr(cls, "__orig_bases__", ()):
            models = [a for a in get_args(parent) if isinstance(a, type) and issubclass(a, BaseModel)]
            if models:
                cls.config_model = models[0]

    def config(self, turn: Turn) -> Config:
        """What the character's pack says under ``plugins.<this plugin>``, with the defaults filled in."""
        return self.config_for(turn.character.plugin_settings.get(self.manifest.name))

    def config_for(self, given: BaseModel | None) -> Config:
        """``given`` as this plugin's settings; the defaults when a pack says nothing."""
        if not isinstance(given, self.config_model):
            given = self._defaults = self._defaults or self.config_model()
        return cast(Config, given)

    def operator(self, model: type[Operator]) -> Operator:
        """The instance-wide settings of this plugin, as the ``operator`` model of its manifest."""
        given = self.kit.operator
        return given if isinstance(given, model) else model()

    # --- set-up: plain functions, called once after the plugin is built -------------------------------

    @hookspec(Mode.SETUP, gives=Command)
    def commands(self) -> Iterable[Command]:
        """Contribute commands, which every platform offers in its own way.

        Called once at load. A failure keeps the plugin from loading.
        """
        return ()

    @hookspec(Mode.SETUP, gives=click.Command)
    def cli(self) -> Iterable[click.Command]:
        """Contribute subcommands of the ``tzurot`` command line.

        Called when the command line is read, before anything is started: ``kit`` has no database and no
        network yet, and the command opens an ``App`` itself. A failure leaves out the subcommands.
        """
        return ()

    @hookspec(Mode.SETUP, gives=Lint)
    def lints(self) -> Iterable[Lint]:
        """Contribute checks of packs that a schema can't express; they warn, and never refuse a pack.

        Called once at load. A failure keeps the plugin from loading.
        """
        return ()

    @hookspec(Mode.SETUP)
    def services(self) -> Iterable[AnyService]:
        """Offer services to other plugins, each under a typed key.

        Called once at load, before any ``start``. A failure, or a key that is taken, keeps the plugin
        from loading.
        """
        return ()

    @hookspec(Mode.SETUP, gives=Tokenizer)
    def tokenizers(self) -> Iterable[Tokenizer]:
        """Contribute token counters for families of models; the first that fits a model is used.

        Called once at load. A failure keeps the plugin from loading; models that none fits are estimated.
        """
        return ()

    # --- life ------------------------------------------------------------------------------------------

    @hookspec(Mode.LIFE, timeout=60.0)
    async def start(self) -> None:
        """Open what the plugin needs. Called once, in order of load, when the database is ready.

        A failing or late plugin is cut out, with those that require it; the others start.
        """

    @hookspec(Mode.LIFE, timeout=30.0)
    async def stop(self) -> None:
        """Close what ``start`` opened. Called once, in reverse order, after all turns have ended."""

    @hookspec(Mode.LIFE, timeout=0.0)
    async def serve(self) -> None:
        """Run a platform until cancelled. Called by ``tzurot run`` only, after every ``start``.

        No time-out. If it returns or fails, the process goes on with the other platforms, and ends when
        none is left.
        """

    @hookspec(Mode.NOTIFY, timeout=30.0)
    async def packs_changed(self, change: ShelfChange) -> None:
        """Packs were added, changed or removed, or an edit has problems. Called after the swap."""

    @hookspec(Mode.COLLECT, timeout=20.0, gives=Finding)
    async def doctor(self) -> Iterable[Finding] | None:
        """Say what is configured, reachable and missing. Called by ``tzurot doctor``, without ``start``."""
        return None

    @hookspec(Mode.COLLECT, timeout=60.0, on_error=OnError.RAISE, gives=Forgotten)
    async def forget_user(self, forget: Forget) -> Iterable[Forgotten] | None:
        """Erase what is kept about a person. Called for every loaded plugin, switched on or not.

        A failure fails the whole request: half-forgotten must not look like forgotten.
        """
        return None

    @hookspec(Mode.COLLECT, timeout=60.0, on_error=OnError.RAISE, gives=Exported)
    async def export_user(self, user_id: str) -> Iterable[Exported] | None:
        """Give a person everything that is kept about them. Called like ``forget_user``."""
        return None

    # --- ingress -----------------------------------------------------------------------------------------

    @hookspec(Mode.FOLD, timeout=3.0, gives=(Message, Drop))
    async def ingress(self, message: Message) -> Message | Drop | None:
        """See every message first; replace it, drop it, or leave it (``None``).

        Called in order, once per message. A late or failing plugin changes nothing.
        """
        return None

    @hookspec(Mode.FIRST, timeout=2.0, on_error=OnError.RAISE, gives=Verdict)
    async def gate(self, message: Message) -> Verdict | None:
        """Refuse a message with a ``Verdict``, or let it pass (``None``).

        Called in order until one refuses. Fails closed: when a gate fails or is late, the message is
        refused with that as the reason.
        """
        return None

    @hookspec(Mode.FIRST, timeout=2.0, gives=Casting, many=True)
    async def cast(self, message: Message) -> Sequence[Casting] | None:
        """Choose who answers: one ``Casting`` per speaker, in the order of their answers.

        Called in order until one answers; ``None`` asks the next, an empty sequence means that nobody
        shall speak. A late or failing plugin is passed over.
        """
        return None

    # --- the turn: context ---------------------------------------------------------------------------------

    @hookspec(Mode.FIRST, timeout=2.0, gives=Persona)
    async def persona(self, turn: Turn) -> Persona | None:
        """Say who the author of the message is to the characters.

        Called in order until one answers; without an answer the platform's own display name serves.
        """
        return None

    @hookspec(Mode.FIRST, timeout=5.0, gives=Utterance, many=True)
    async def history(self, turn: Turn) -> Sequence[Utterance] | None:
        """Give the conversation so far, oldest first, without the message that is being answered.

        Called in order until one answers. A late or failing plugin leaves the character without history.
        """
        return None

    @hookspec(Mode.COLLECT, timeout=2.0, gives=Fragment)
    async def build_context(self, turn: Turn) -> Iterable[Fragment] | None:
        """Contribute prompt text to ``turn``: the only door through which text enters the prompt.

        Called once per turn, side by side with other plugins, before the prompt is assembled. A late
        or failing plugin contributes nothing; the turn goes on.
        """
        return None

    @hookspec(Mode.FOLD, timeout=1.0, gives=Request)
    async def edit_request(self, turn: Turn, request: Request) -> Request | None:
        """Replace the assembled request, or leave it (``None``).

        Called in order, after assembly and before generation. A late or failing plugin changes nothing.
        """
        return None

    # --- the turn: generation ------------------------------------------------------------------------------

    @hookspec(Mode.AROUND)
    async def around_turn(self, turn: Turn, call_next: CallTurn) -> TurnResult:
        """Wrap a whole turn: call ``call_next()`` once, and return its result.

        The first loaded is the outermost. A plugin that fails before it calls ``call_next`` is passed
        over; after that its failure is logged and the result of the turn stands.
        """
        return await call_next()

    @hookspec(Mode.AROUND)
    def around_generate(self, turn: Turn, request: Request, call_next: CallGenerate) -> AsyncIterator[Delta]:
        """Wrap a generation, as an async generator: iterate ``call_next(request)`` and yield deltas.

        Calling it again retries; do so only before the first delta was yielded. The first loaded is the
        outermost. A plugin that fails before it calls ``call_next`` is passed over; later failures end
        the generation.
        """
        return call_next(request)

    @hookspec(Mode.STREAM)
    def generate(self, turn: Turn, request: Request) -> AsyncIterator[Delta] | None:
        """Answer a request as an async iterator of deltas, or decline it (``None``).

        A plain function, which must not block: it looks at ``request.model``, and returns the iterator
        that does the work. Called in order; the next backend is tried only if this one failed before
        its first delta. Failures are ``GenerationError``.
        """
        return None

    # --- the turn: after the model -------------------------------------------------------------------------

    @hookspec(Mode.FOLD, timeout=5.0, gives=(Reply, Drop))
    async def edit_reply(self, turn: Turn, reply: Reply) -> Reply | Drop | None:
        """Replace the reply, drop it, or leave it (``None``).

        Called in order, when the model has finished. A late or failing plugin changes nothing.
        """
        return None

    @hookspec(Mode.FIRST, timeout=1.0, gives=Outbound, many=True)
    async def chunk(self, turn: Turn, reply: Reply) -> Sequence[Outbound] | None:
        """Cut a reply into what the platform can carry.

        Called in order until one answers: answer only for your own ``turn.place.platform``. Without an
        answer the reply goes out whole.
        """
        return None

    @hookspec(Mode.FIRST, timeout=300.0, on_error=OnError.RAISE, gives=Sent)
    async def deliver(self, turn: Turn, outbound: Outbound) -> Sent | None:
        """Send one chunk; answer only for your own ``outbound.place.platform``.

        Called in order until one answers. A failure ends the delivery of this reply. The time is long,
        because platforms may ask to wait for more than a minute.
        """
        return None

    @hookspec(Mode.NOTIFY, timeout=60.0)
    async def after_turn(self, result: TurnResult) -> None:
        """A turn has ended, well or not. Called in the background; nobody waits for it."""

    @hookspec(Mode.FIRST, timeout=2.0, gives=Reply)
    async def turn_failed(self, turn: Turn, error: Exception) -> Reply | None:
        """Say in the character's own words that it can't answer.

        Called in order until one answers, when a turn failed before anything was sent. Without an
        answer nothing is said; log and trace have the error either way.
        """
        return None
