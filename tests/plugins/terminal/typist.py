"""Somebody at a terminal, who types, reads and presses Ctrl-C; and a model server that follows a script."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TZUROT = (sys.executable, "-c", "from tzurot.cli import main; main()")
_ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[=>78])")
_PROMPTS = "⟪your turn⟫"
"""Stands for the escape (bracketed paste) that a prompt begins with."""
_ASKS_POSITION = b"\x1b[6n"


class Typist:
    """A process with a terminal of its own, and the person before it."""

    def __init__(
        self,
        arguments: Sequence[str],
        env: Mapping[str, str],
        columns: int = 80,
        command: Sequence[str] = TZUROT,
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**env, "TERM": "xterm-256color"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)
        self._unread = ""

    def type(self, text: str) -> None:
        """Type ``text`` as it is."""
        os.write(self._ours, text.encode())

    def enter(self, text: str) -> None:
        """Type a line."""
        self.type(text + "\r")

    def sees(self, pattern: str, within: float = 60) -> str:
        """Wait until ``pattern`` appears in what was not looked at yet; what stood before it."""
        deadline = time.monotonic() + within
        while True:
            text = plain(self._unread)
            if (found := re.search(pattern, text)) is not None:
                self._unread = text[found.end() :]
                return text[: found.start()]
            if not self._more(deadline - time.monotonic()):
                raise AssertionError(f"waited for {pattern!r}, saw: {text[-2000:]}")

    def ready(self) -> str:
        """Wait for the prompt; what stood before it."""
        return self.sees(_PROMPTS)

    def leaves(self, within: float = 60) -> int:
        """Read to the end; the exit code."""
        deadline = time.monotonic() + within
        while self._more(deadline - time.monotonic()):
            pass
        return self.process.wait(max(1.0, deadline - time.monotonic()))

    @property
    def unread(self) -> str:
        """What appeared since it was last looked."""
        return plain(self._unread)

    def close(self) -> None:
        """Switch the terminal off."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def _more(self, seconds: float) -> bool:
        if seconds <= 0 or not select.select([self._ours], [], [], seconds)[0]:
            return False
        try:
            block = os.read(self._ours, 1 << 16)
        except OSError:  # the other side is closed
            return False
        if _ASKS_POSITION in block:
            self.type("\x1b[1;1R")
        self._unread += block.decode("utf-8", "replace")
        return bool(block)


def plain(text: str) -> str:
    """What is left of terminal output without its escapes."""
    return _ESCAPES.sub("", text.replace("\x1b[?2004h", _PROMPTS)).replace("\r\n", "\n")


class Model:
    """An OpenAI-compatible server: says ``lines`` in order, piece by piece, then "I hear you."."""

    def __init__(self) -> None:
        self.lines: list[list[str] | int] = []
        self.asked: list[dict[str, object]] = []
        self.going_on = threading.Event()
        self.going_on.set()
        self.hung_up = threading.Event()
        self.url = ""

    def script(self, *lines: str | list[str] | int) -> None:
        """Say these next: a text, its pieces, or the number of an HTTP error."""
        self.lines.extend([line] if isinstance(line, str) else line for line in lines)

    def heard(self, index: int = -1) -> list[str]:
        """The texts of the messages of a request."""
        messages = self.asked[index]["messages"]
        assert isinstance(messages, list)
        return [message["content"] for message in messages]


@contextmanager
def model() -> Iterator[Model]:
    """A running scripted model server."""
    made = Model()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._whole(200, {"object": "list", "data": [{"id": "scripted", "object": "model"}]})

        def do_POST(self) -> None:
            made.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            line = made.lines.pop(0) if made.lines else ["I hear ", "you."]
            if isinstance(line, int):
                self._whole(line, {"error": {"message": "no\ncredit", "type": "billing"}})
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                for piece in line:
                    self._event({"delta": {"content": piece}, "index": 0})
                    while not made.going_on.wait(0.05):
                        self.wfile.write(b": still here\n\n")
                self._event({"delta": {}, "index": 0, "finish_reason": "stop"})
                self.wfile.write(b"data: [DONE]\n\n")
            except OSError:
                made.hung_up.set()
            self.close_connection = True

        def _event(self, choice: dict[str, object]) -> None:
            event = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
            self.wfile.write(b"data: " + json.dumps({**event, "choices": [choice]}).encode() + b"\n\n")
            self.wfile.flush()

        def _whole(self, status: int, body: object) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.going_on.set()
        server.shutdown()
        server.server_close()


PACK = """\
schema: 1
name: Lighthouse
characters:
  - id: mara
    name: Mara
    greeting: "*looks up* Good evening."
    profile:
      description: A lighthouse keeper.
  - id: tam
    name: Tam
    greeting: Aye.
    profile:
      description: The harbour master.
"""


def house(folder: Path) -> dict[str, str]:
    """A home with one pack, as environment variables; no setting of this machine counts."""
    pack = folder / "packs" / "mara"
    pack.mkdir(parents=True)
    (pack / "pack.yaml").write_text(PACK, encoding="utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        "TZUROT_HOME": str(folder / "home"),
        "TZUROT_PACKS": str(folder / "packs"),
    }
