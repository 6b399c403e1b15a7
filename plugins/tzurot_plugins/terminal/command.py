"""The command ``tzurot chat``."""

from __future__ import annotations

import asyncio
import io
import logging
import logging.handlers
import sys
from collections.abc import Callable
from dataclasses import dataclass

import click

from tzurot import ServiceKey, TzurotError
from tzurot.app import App
from tzurot.config import Config, load
from tzurot_plugins.terminal import PLATFORM, Terminal
from tzurot_plugins.terminal.choose import choose, with_pack
from tzurot_plugins.terminal.piped import Script
from tzurot_plugins.terminal.screen import Pipe, Screen, Window
from tzurot_plugins.terminal.seat import Seat
from tzurot_plugins.terminal.talk import Talk

LOG = "chat.log"
_LOG_BYTES = 1_000_000

# Written out here because plugins don't import one another; the types are everybody's.
Watch = Callable[[Callable[[str, float | None], None]], Callable[[], None]]
MODEL_LOADING: ServiceKey[Watch] = ServiceKey("model_loading")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for on the command line."""

    pack: str | None
    message: str | None
    character: str | None
    model: str | None
    tracing: bool
    as_json: bool

    @property
    def in_person(self) -> bool:
        """Whether somebody sits in front of it."""
        return self.message is None and not self.as_json and sys.stdin.isatty() and sys.stdout.isatty()


@click.command()
@click.argument("pack", required=False)
@click.option("-m", "--message", metavar="TEXT", help="Say this one thing and print the answer alone.")
@click.option("-c", "--character", metavar="NAME", help="Talk with this character of the pack.")
@click.option("--model", metavar="MODEL", help="Answer with this model, such as `local`.")
@click.option("--trace", is_flag=True, help="Show after each answer how it came about.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per answer.")
def chat(  # one parameter per option
    pack: str | None,
    message: str | None,
    character: str | None,
    model: str | None,
    trace: bool,
    as_json: bool,
) -> None:
    """Talk with a character, here in the terminal.

    PACK is the folder of a pack, or the name of a loaded pack or character; without it, the example
    character. With -m, the answer alone goes to standard output, for scripts; lines that are piped in are
    answered one by one.
    """
    if message is not None and not message.strip():
        raise click.UsageError("-m needs something to say.")
    wishes = Wishes(pack, message, character, model, trace, as_json)
    if not asyncio.run(_chat(wishes)):
        sys.exit(1)


async def _chat(wishes: Wishes) -> bool:
    """Talk; whether every message was answered."""
    config, wanted = with_pack(_with_model(load(), wishes.model), wishes.pack)
    _log_to_file(config)
    _encode_anything()
    window = Window() if wishes.in_person else None
    pipe = Pipe(quiet=wishes.message is not None, as_json=wishes.as_json)
    screen: Screen = window or pipe
    async with App.open(config, watch=wishes.message is None) as app:
        for why in app.loader.refused.values():
            screen.complaint(why)
        chosen = choose(app.shelf, wanted, wishes.character)
        seat = Seat(screen, chosen.key, wishes.model, lasting=window is not None)
        _sit_down(app, seat)
        talk = Talk(app, seat)
        if window is not None:
            from tzurot_plugins.terminal.window import Conversation  # one message needs no prompt

            _tell_problems(app, window)
            await Conversation(talk, window, config.home, tracing=wishes.tracing).run()
            return True
        script = Script(talk, pipe, as_json=wishes.as_json, tracing=wishes.tracing)
        if wishes.message is None:
            await script.lines()
        else:
            await script.say(wishes.message)
        return script.well


def _with_model(config: Config, model: str | None) -> Config:
    if model is None:
        return config
    return config.model_copy(update={"settings": {**config.settings, "model": model}})


def _sit_down(app: App, seat: Seat) -> None:
    plugin = app.registry.plugins.get(PLATFORM)
    if not isinstance(plugin, Terminal):
        raise TzurotError("The plugin terminal is not loaded. See `tzurot plugins list`.")
    plugin.seat = seat
    watch = app.contributions.services.find(MODEL_LOADING)
    if watch is not None:
        watch(seat.screen.loading)


def _tell_problems(app: App, screen: Screen) -> None:
    for problems in app.shelf.problems.values():
        for problem in problems:
            (screen.complaint if problem.is_error else screen.notice)(str(problem))


def _log_to_file(config: Config) -> None:
    """Keep log lines out of the conversation: they go to a file under the home folder, which stays small."""
    try:
        config.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TzurotError(
            f"The home folder {config.home} can't be made: {error.strerror}. Set TZUROT_HOME to one that can."
        ) from error
    logging.raiseExceptions = False  # a full disk costs the log, and no tracebacks in the conversation
    handler = logging.handlers.RotatingFileHandler(
        config.home / LOG, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("tzurot").setLevel(config.log_level.upper())


def _encode_anything() -> None:
    """A narrow locale shows a sign for what it lacks, where it would raise otherwise."""
    streams: tuple[object, ...] = (sys.stdin, sys.stdout, sys.stderr)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
