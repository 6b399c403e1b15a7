"""The child process: one llama.cpp server on a loopback port, which ends with its parent.

It is run as a file, not as a module of the package, so that it imports nothing but the runtime. Its orders
come as one JSON line on standard input; it answers with JSON lines on standard output (``progress``, then
``address`` or ``error``). When standard input closes, the parent is gone, however it ended, and so is this.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import IO, Any

_BLOCK = 4 << 20


def main() -> None:
    """Read the orders, load, serve until the parent is gone."""
    # The runtime logs to standard output: it shall not get between our lines.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    orders = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _read_ahead(Path(orders["model"]), answers)
        server = _serve(orders)
    except Exception as error:  # noqa: BLE001  # whatever it is, the parent must hear of it
        _say(answers, error=f"{type(error).__name__}: {error}")
        os._exit(1)
    _say(answers, address=server.listening_address)
    threading.Event().wait()


def _end_with_parent() -> None:
    while sys.stdin.read(4096):
        pass
    os._exit(0)


def _read_ahead(model: Path, answers: IO[str]) -> None:
    """Read the file through: on a cold disk this is what takes long, and here it can be measured."""
    size, done, told = max(1, model.stat().st_size), 0, -1
    with model.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            done += len(block)
            percent = done * 100 // size
            if percent != told:
                told = percent
                _say(answers, progress=percent / 100)


def _serve(orders: dict[str, Any]) -> Any:
    # By name: type checkers have no stubs for it, and it may not be installed.
    xllamacpp = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = orders["model"]
    params.model_alias = {"local"}
    params.n_ctx = orders["context_size"] * orders["slots"]
    params.n_parallel = orders["slots"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = orders["threads"]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [orders["key"]]
    params.n_threads_http = orders["slots"] + 3
    params.use_jinja = True
    params.ui = params.endpoint_slots = params.warmup = False
    # The default keeps up to 8 GiB of old prompts in memory.
    params.cache_ram_mib = 256
    params.verbosity = 1
    return xllamacpp.Server(params)


def _say(answers: IO[str], **line: object) -> None:
    answers.write(json.dumps(line) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
