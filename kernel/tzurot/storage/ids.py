"""Deterministic ids: the same thing arriving twice gets the same id, in every process and after a restore."""

from __future__ import annotations

from uuid import UUID, uuid5

NAMESPACE = UUID("6e0e6a3e-5f0c-5d53-9b7d-2f2f3f7d1a10")
"""Our own namespace of UUIDs (version 5). Changing it orphans everything that was ever stored."""


def stable_id(kind: str, *parts: str) -> UUID:
    """The id of the ``kind`` of thing that ``parts`` identify: pure, and different for other parts.

    Parts are told apart even if they hold one another's separators: ``("a:b", "c")`` and ``("a", "b:c")``
    give different ids.
    """
    return uuid5(NAMESPACE, "\x1e".join(f"{len(part)}:{part}" for part in (kind, *parts)))
