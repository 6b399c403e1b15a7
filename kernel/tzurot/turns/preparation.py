"""What a turn is prepared from: the active set of its place, its settings, and the assembly of its request."""

from __future__ import annotations

from collections.abc import Sequence

from tzurot.hooks.dispatch import From
from tzurot.hooks.registry import ActiveSet, Registry
from tzurot.packs.compiled import Character
from tzurot.payloads.context import Fragment
from tzurot.payloads.generation import Request
from tzurot.payloads.message import Message, Place
