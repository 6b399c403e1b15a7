"""Where the data that ships with tzurot lies: example packs and schemas."""

from __future__ import annotations

from pathlib import Path


def data(name: str) -> Path:
    """The folder ``name`` (``packs`` or ``schemas``): beside the package in a wheel, else the checkout's."""
    package = Path(__file__).resolve().parent
    shipped = package / "_data" / name
    return shipped if shipped.is_dir() else package.parents[1] / name
