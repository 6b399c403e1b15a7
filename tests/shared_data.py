"""Real data for tests that want more than what is made up: cards, lorebooks, a model list, Discord's samples.

It is too large, or not ours, to be part of the repository. ``TZUROT_SHARED`` names its folder; otherwise a
folder ``shared`` beside the checkout is taken. Without it the tests that ask for it are skipped, and say so.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

CHECKOUT = Path(__file__).parents[1]
SharedData: TypeAlias = Callable[[str], Path]


def folder() -> Path:
    """Where the real data would be."""
    named = os.environ.get("TZUROT_SHARED")
    return (Path(named) if named else CHECKOUT.parent / "shared") / "data"


@pytest.fixture(scope="session")
def shared_data() -> SharedData:
    """Gives the path of one file or folder of the real data, or skips the test that asks for it."""

    def path_of(name: str) -> Path:
        path = folder() / name
        if not path.exists():
            pytest.skip(
                f"real data {name!r} is not here; set TZUROT_SHARED to the folder that holds data/{name}"
            )
        return path

    return path_of
