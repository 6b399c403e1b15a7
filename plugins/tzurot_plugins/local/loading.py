"""Tells whoever watches how far the model is loaded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeAlias

from tzurot import ServiceKey

Listener: TypeAlias = Callable[[str, float | None], None]
"""Called with the model's name and the part that is done (0 to 1), and with ``None`` when it is over."""

Watch: TypeAlias = Callable[[Listener], Callable[[], None]]
"""Takes a listener, gives the function that ends its watch."""

# The key has only types that everybody has, so that platforms can ask for it without importing this plugin.
MODEL_LOADING: ServiceKey[Watch] = ServiceKey("model_loading")

log = logging.getLogger("tzurot.plugin.local")


class Loading:
    """The listeners to the loading of one model."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Have ``listener`` told; the answer ends it."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def tell(self, name: str, done: float | None) -> None:
        """Tell all listeners; a failing one is the listener's own fault."""
        for listener in list(self._listeners):
            try:
                listener(name, done)
            except Exception:
                log.exception("A listener to the loading of %s failed; the model loads on.", name)
