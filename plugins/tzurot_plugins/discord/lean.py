"""nonebot's Discord adapter, imported without building its 560 pydantic models, of which we need three.

Building them takes more than a second of CPU at every start. Each is still built when it is first used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel


@contextmanager
def deferred_models() -> Iterator[None]:
    """Let models that are defined within the block wait for their first use."""
    rebuild = BaseModel.__dict__["model_rebuild"]

    def later(cls: type[BaseModel], /, **how: Any) -> bool | None:
        """In place of ``model_rebuild``, by which the adapter's modules would build theirs after all.

        Names that it would be given are left where the first use looks for them: in the model's module.
        """
        home = vars(sys.modules[cls.__module__])
        for name, value in (how.get("_types_namespace") or {}).items():
            home.setdefault(name, value)
        return None

    BaseModel.model_config["defer_build"] = True
    BaseModel.model_rebuild = classmethod(later)  # type: ignore[assignment,method-assign]  # put back below
    try:
        yield
    finally:
        BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]  # as it was
        del BaseModel.model_config["defer_build"]


with deferred_models():
    from nonebot.adapters.discord.adapter import Adapter as StockAdapter
    from nonebot.adapters.discord.bot import Bot
    from nonebot.adapters.discord.config import BotInfo, Config

__all__ = ["Bot", "BotInfo", "Config", "StockAdapter"]
