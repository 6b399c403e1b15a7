"""What tests of packs share: a plugin with settings, the rules with it, packs written on the spot."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from tzurot.packs.grammar import Grammar
from tzurot.packs.models import PackModel, Prose

DATA = Path(__file__).parents[2] / "data" / "packs"


class Keyword(PackModel):
    kind: Literal["keyword"]
    keys: list[str] = Field(min_length=1)
    text: Prose
    sticky: int | None = None


class Constant(PackModel):
    kind: Literal["constant"]
    text: Prose


class Lore(PackModel):
    budget: int = Field(default=100, ge=0)
    entries: list[Annotated[Keyword | Constant, Field(discriminator="kind")]] = Field(default=[])


@pytest.fixture(scope="session")
def plugins() -> dict[str, type[BaseModel]]:
    """The settings of one installed plugin, ``lore``."""
    return {"lore": Lore}


@pytest.fixture(scope="session")
def grammar(plugins: dict[str, type[BaseModel]]) -> Grammar:
    return Grammar(plugins)


@pytest.fixture(scope="session")
def data() -> Path:
    return DATA


GOOD = "schema: 1\nname: A pack\ncharacters:\n  - id: someone\n    name: Someone\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a pack's files and return its folder: ``write("mara", "schema: 1 …", **{"mara.md": "…"})``."""

    def written(name: str = "some", text: str = GOOD, **files: str) -> Path:
        folder = tmp_path / "packs" / name
        for file, content in {"pack.yaml": text, **files}.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return folder

    return written


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of one of the packs in ``tests/data/packs``."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(DATA / name, tmp_path / "packs" / name))

    return copy
