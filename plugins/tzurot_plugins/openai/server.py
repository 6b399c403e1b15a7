"""A model server: its address, its key, what it is called in messages, and the dialect that it speaks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tzurot.settings.wire import Dialect
from tzurot_plugins.openai.config import OPENAI, Operator

_HOSTS = {
    "openrouter.ai": Dialect.OPENROUTER,
    "api.openai.com": Dialect.OPENAI,
    "api.z.ai": Dialect.ZAI,
    "open.bigmodel.cn": Dialect.ZAI,
}
_KEY_LIKE = re.compile(r"(?i)\b(?:bearer\s+\S+|(?:sk|gsk|xai|key)[-_][\w*.-]{8,})")
_MOST = 300


@dataclass(frozen=True, slots=True)
class Server:
    """Where requests go. The key is in no ``repr``."""

    base_url: str
    key: str = field(default="", repr=False)
    dialect: Dialect = Dialect.GENERIC

    @property
    def name(self) -> str:
        """The server as error messages call it: its host, and the port if it says one."""
        parts = urlsplit(self.base_url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)

    def clean(self, text: str) -> str:
        """What the server said, on one line, shortened, and without anything that looks like a key."""
        if len(self.key) >= 4:
            text = text.replace(self.key, "[key]")
        text = _KEY_LIKE.sub("[key]", " ".join(text.split()))
        return text if len(text) <= _MOST else text[: _MOST - 1] + "…"


def server_of(operator: Operator) -> Server | None:
    """The server that the operator configured, or ``None``."""
    if not operator.configured:
        return None
    base_url = operator.base_url or OPENAI
    host = str(urlsplit(base_url).hostname)
    dialect = operator.dialect or _HOSTS.get(host, Dialect.GENERIC)
    key = operator.api_key.get_secret_value().strip() if operator.api_key else ""
    return Server(base_url, key, dialect)
