"""How an instance is configured: the environment over ``tzurot.yaml`` over the defaults, declared once."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr, ValidationError

from tzurot.errors import TzurotError
from tzurot.packs.locate import Document, parse
from tzurot.paths import data

FILE = "tzurot.yaml"


class ConfigError(TzurotError):
    """The configuration can't be used; the message names the place, the fault and the remedy."""


def _default_home() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "tzurot"


class Config(BaseModel):
    """The settings of an instance.

    Every field can be set in ``tzurot.yaml`` under its own name, and by the environment variable that it
    names; the environment wins. What plugins take stands under ``plugins.<name>``, by their own models.
    """

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True, frozen=True)

    home: Path = Field(default_factory=_default_home, json_schema_extra={"env": "TZUROT_HOME"})
    """Where the instance keeps its database, packs and histories."""
    packs: tuple[Path, ...] = Field(default=(), json_schema_extra={"env": "TZUROT_PACKS"})
    """Folders with packs (in the environment separated like PATH). Default: ``packs`` under the home
    folder, and the example packs that come with tzurot."""
    database_url: SecretStr | None = Field(default=None, json_schema_extra={"env": "DATABASE_URL"})
    """A PostgreSQL address. Default: a SQLite file under the home folder."""
    enabled_plugins: tuple[str, ...] | None = Field(default=None, json_schema_extra={"env": "TZUROT_PLUGINS"})
    """Load these plugins only (in the environment separated by commas). Default: all that are installed."""
    log_level: str = Field(default="INFO", json_schema_extra={"env": "TZUROT_LOG"})
    """How much the log says: DEBUG, INFO, WARNING or ERROR."""
    turn_seconds: float = Field(default=300.0, gt=0, json_schema_extra={"env": "TZUROT_TURN_SECONDS"})
    """How long one answer may take, in seconds."""
    shutdown_seconds: float = Field(default=20.0, ge=0, json_schema_extra={"env": "TZUROT_SHUTDOWN_SECONDS"})
    """How long running turns may take to finish when the bot stops, in seconds."""
    concurrency: int = Field(default=64, ge=1, le=1000, json_schema_extra={"env": "TZUROT_CONCURRENCY"})
    """How many conversations are answered side by side."""
    waiting: str = Field(
        default="order", pattern="^(order|coalesce|replace)$", json_schema_extra={"env": "TZUROT_WAITING"}
    )
    """What a newer message does to one of its author that still waits: ``order`` (both are answered),
    ``coalesce`` (answered as one) or ``replace``."""
    settings: dict[str, JsonValue] = {}
    """Model and behaviour settings for the whole instance, such as ``model`` or ``temperature``."""
    plugins: dict[str, dict[str, JsonValue]] = {}
    """Instance-wide settings of plugins, by plugin name."""

    @property
    def pack_folders(self) -> tuple[Path, ...]:
        """Where packs are looked for, the operator's own first."""
        return self.packs or (self.home / "packs", data("packs"))

    @property
    def database_address(self) -> str:
        """The address of the database; a secret, when it holds a password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite://{self.home / 'tzurot.db'}"


def load(environ: Mapping[str, str] | None = None, file: Path | None = None) -> Config:
    """Read ``tzurot.yaml`` (of the working directory, else of the home folder) and the environment.

    Raises:
        ConfigError: naming file, line and field, or the environment variable.
    """
    environ = os.environ if environ is None else environ
    path = file or _find(environ)
    document = None if path is None else _read(path)
    merged = {**(document.value if document else {}), **_from_environment(Config, environ)}
    try:
        return Config.model_validate(merged)
    except ValidationError as error:
        raise ConfigError(_say(error, Config, document)) from None


def _read(path: Path) -> Document:
    """A configuration file's document, which is a mapping.

    Raises:
        ConfigError: it can't be read, or is no YAML mapping; every fault with line and column.
    """
    try:
        document = parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be read: {error}. Mend or remove it.") from None
    if document.problems:
        raise ConfigError("\n".join(str(problem) for problem in document.problems))
    if document.value is None:
        document.value = {}
    if not isinstance(document.value, dict):
        raise ConfigError(f"{path}:1:1: expected settings such as `packs: [./packs]`, found something else.")
    return document


def operator_config(
    config: Config, plugin: str, model: type[BaseModel], environ: Mapping[str, str] | None = None
) -> BaseModel:
    """A plugin's instance-wide settings: ``plugins.<plugin>`` of the file, and its environment variables.

    A field's variable is the ``env`` of its ``json_schema_extra``, or ``TZUROT_<PLUGIN>_<FIELD>``.

    Raises:
        ConfigError: naming the field or the variable. Values never appear: they may be secrets.
    """
    environ = os.environ if environ is None else environ
    merged = {**config.plugins.get(plugin, {}), **_from_environment(model, environ, plugin)}
    try:
        return model.model_validate(merged)
    except ValidationError as error:
        raise ConfigError(_say(error, model, None, plugin)) from None


def variable(model: type[BaseModel], field: str, plugin: str = "") -> str:
    """The environment variable that sets ``field``."""
    extra = model.model_fields[field].json_schema_extra
    if isinstance(extra, dict) and isinstance(name := extra.get("env"), str):
        return name
    return "_".join(part.upper() for part in ("tzurot", plugin, field) if part)


def _from_environment(model: type[BaseModel], environ: Mapping[str, str], plugin: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, info in model.model_fields.items():
        value = environ.get(variable(model, field, plugin), "")
        if not value:
            continue
        kind = str(info.annotation)
        if "tuple[" in kind or "list[" in kind:
            separator = os.pathsep if "Path" in kind else ","
            found[field] = tuple(part.strip() for part in value.split(separator) if part.strip())
        elif "dict[" not in kind:
            found[field] = value
    return found


def _find(environ: Mapping[str, str]) -> Path | None:
    home = Path(environ["TZUROT_HOME"]) if environ.get("TZUROT_HOME") else _default_home()
    return next((p for p in (Path.cwd() / FILE, home / FILE) if p.is_file()), None)


def _say(error: ValidationError, model: type[BaseModel], document: Document | None, plugin: str = "") -> str:
    """Every fault with its place and its remedy; never with the value, which may be a secret."""
    lines = []
    for fault in error.errors(include_input=False, include_url=False, include_context=False):
        trail = ("plugins", plugin, *fault["loc"]) if plugin else fault["loc"]
        spot = document.spot(trail) if document else None
        source = f"{spot.file}:{spot.line}:{spot.column}: " if spot else ""
        steps = [str(step) for step in fault["loc"]]
        hint = _remedy(steps[0] if steps else "", model, plugin)
        where = ".".join(str(step) for step in trail)
        lines.append(f"{source}{where}: {fault['msg'][:1].lower()}{fault['msg'][1:]}. {hint}")
    return "\n".join(lines)


def _remedy(field: str, model: type[BaseModel], plugin: str) -> str:
    if field in model.model_fields:
        return f"Set it in {FILE}, or by {variable(model, field, plugin)}."
    close = difflib.get_close_matches(field, model.model_fields, 1)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(model.model_fields)}."
