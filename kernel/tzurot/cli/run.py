"""``tzurot run``: the bot, on every platform that is configured."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal

import click

from tzurot.app import App
from tzurot.config import Config, load
from tzurot.observe.logs import to_stderr


@click.command()
def run() -> None:
    """Start the bot on every platform that is configured, until Ctrl-C (twice to wait for no answer).

    Discord needs DISCORD_TOKEN; `tzurot doctor` says what else is missing.
    """
    config = load()
    to_stderr(config.log_level)
    asyncio.run(_run(config))


def _told(stop: asyncio.Event, app: App) -> None:
    """The first time running turns may finish; whoever asks again can't wait."""
    if stop.is_set():
        app.hurry()
    stop.set()


async def _run(config: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no signal handlers here
            loop.add_signal_handler(number, stop.set)
    async with App.open(config, watch=True) as app:
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, _told, stop, app)
        # What is there now stays; full collections would walk all of it again and again.
        gc.collect()
        gc.freeze()
        serving = asyncio.create_task(app.serve(), name="serve")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (serving, stopping):
            task.cancel()
        results = await asyncio.gather(serving, stopping, return_exceptions=True)
    if isinstance(results[0], Exception):
        raise click.ClickException(str(results[0]))
