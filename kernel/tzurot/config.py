"""How an instance is configured: the environment over ``tzurot.yaml`` over the defaults, declared once."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
)

from tzurot.errors import TzurotError
from tzurot.packs.locate import FILE_BYTES, Document, parse
from tzurot.packs.problems import Trail
from tzurot.paths import data

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

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
    """Folders with packs, in ``tzurot.yaml`` relative to that file (in the environment separated like PATH).
    Default: ``packs`` under the home folder, and the example packs that come with tzurot."""
    database_url: SecretStr | None = Field(default=None, json_schema_extra={"env": "DATABASE_URL"})
    """A PostgreSQL address. Default: a SQLite file under the home folder."""
    enabled_plugins: tuple[str, ...] | None = Field(default=None, json_schema_extra={"env": "TZUROT_PLUGINS"})
    """Load these plugins only (in the environment separated by commas). Default: all that are installed."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", json_schema_extra={"env": "TZUROT_LOG"}
    )
    """How much the log says."""
    turn_seconds: float = Field(default=300.0, gt=0, json_schema_extra={"env": "TZUROT_TURN_SECONDS"})
    """How long one answer may take, in seconds."""
    shutdown_seconds: float = Field(default=20.0, ge=0, json_schema_extra={"env": "TZUROT_SHUTDOWN_SECONDS"})
    """How long running turns may take to finish when the bot stops, in seconds."""
    concurrency: int = Field(default=64, ge=1, le=1000, json_schema_extra={"env": "TZUROT_CONCURRENCY"})
    """How many conversations are answered side by side."""
    waiting: Literal["order", "coalesce", "replace"] = Field(
        default="order", json_schema_extra={"env": "TZUROT_WAITING"}
    )
    """What a newer message does to one of its author that still waits: ``order`` (both are answered),
    ``coalesce`` (answered as one) or ``replace``."""
    settings: dict[str, JsonValue] = {}
    """Model and behaviour settings for the whole instance, such as ``model`` or ``temperature``."""
    plugins: dict[str, dict[str, JsonValue]] = Field(default={}, repr=False)  # tokens may stand here
    """Instance-wide settings of plugins, by plugin name."""

    _document: Document | None = PrivateAttr(default=None)

    @field_validator("log_level", mode="before")
    @classmethod
    def _loud(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("home")
    @classmethod
    def _at_home(cls, value: Path) -> Path:
        return _expanded(value)

    @field_validator("packs")
    @classmethod
    def _all_at_home(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(_expanded(path) for path in value)

    def place(self, trail: Trail, *, on_key: bool = False) -> str:
        """``file:line:column: `` of what stands in ``tzurot.yaml`` at ``trail``; nothing without a file."""
        return _spot(self._document, trail, on_key)

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
    given = {} if path is None or document is None else _anchored(document.value, path.parent)
    overriding = _from_environment(Config, environ)
    try:
        config = Config.model_validate({**given, **overriding})
    except ValidationError as error:
        raise ConfigError(_say(error, _Origin(Config, document, overriding))) from None
    config._document = document
    return config


def _read(path: Path) -> Document:
    """A configuration file's document, which is a mapping.

    Raises:
        ConfigError: it can't be read, or is no YAML mapping; every fault with line and column.
    """
    try:
        if path.stat().st_size > FILE_BYTES:
            raise ConfigError(f"{path} is larger than {FILE_BYTES:,} bytes. Is it the right file?")
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
    overriding = _from_environment(model, environ, plugin)
    try:
        return model.model_validate({**config.plugins.get(plugin, {}), **overriding})
    except ValidationError as error:
        raise ConfigError(_say(error, _Origin(model, config._document, overriding, plugin))) from None


def unheard(config: Config, listeners: Mapping[str, bool], installed: Collection[str]) -> list[str]:
    """What ``plugins:`` says to nobody, a line each.

    ``listeners`` are the loaded plugins, and whether they take instance-wide settings; ``installed`` are
    all plugins that could be loaded.
    """
    lines: list[str] = []
    for name in config.plugins:
        if listeners.get(name) or (name in installed and name not in listeners):
            continue
        place = config.place(("plugins", name), on_key=True)
        if name in listeners:
            text = f"the plugin {name} has no instance-wide settings. Remove this; packs may say more to it."
        else:
            close = difflib.get_close_matches(name, {*listeners, *installed}, 1)
            remedy = f"Did you mean {close[0]!r}?" if close else "`tzurot plugins list` has all that are."
            text = f"no plugin of this name is installed. {remedy}"
        lines.append(f"{place}plugins.{name}: {text}")
    return lines


def variable(model: type[BaseModel], field: str, plugin: str = "") -> str:
    """The environment variable that sets ``field``."""
    extra = model.model_fields[field].json_schema_extra
    if isinstance(extra, dict) and isinstance(name := extra.get("env"), str):
        return name
    return "_".join(part.upper() for part in ("tzurot", plugin, field) if part)


def _from_environment(model: type[BaseModel], environ: Mapping[str, str], plugin: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        value = environ.get(variable(model, name, plugin), "")
        if not value:
            continue
        kind = str(info.annotation)
        if "tuple[" in kind or "list[" in kind:
            separator = os.pathsep if "Path" in kind else ","
            found[name] = tuple(part.strip() for part in value.split(separator) if part.strip())
        elif "dict[" not in kind:
            found[name] = value
    return found


def _find(environ: Mapping[str, str]) -> Path | None:
    home = Path(environ["TZUROT_HOME"]) if environ.get("TZUROT_HOME") else _default_home()
    return next((p for p in (Path.cwd() / FILE, home / FILE) if p.is_file()), None)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where the values of a model came from, to tell whose fault is whose."""

    model: type[BaseModel]
    document: Document | None
    overriding: Collection[str] = field(repr=False)
    """The fields that the environment sets."""
    plugin: str = ""

    def variable(self, name: str) -> str:
        """The environment variable of a field."""
        return variable(self.model, name, self.plugin)


def _say(error: ValidationError, origin: _Origin) -> str:
    """Every fault with its place and its remedy; never with the value, which may be a secret."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    return "\n".join(_fault(fault, origin) for fault in faults)


def _fault(fault: ErrorDetails, origin: _Origin) -> str:
    name = str(fault["loc"][0]) if fault["loc"] else ""
    text = f"{fault['msg'][:1].lower()}{fault['msg'][1:]}".removeprefix("value error, ")
    if name in origin.overriding:
        return f"{origin.variable(name)}: {text}. Correct it, or leave it unset."
    unknown = fault["type"] == "extra_forbidden"
    trail: Trail = ("plugins", origin.plugin, *fault["loc"]) if origin.plugin else fault["loc"]
    where = ".".join(str(step) for step in trail)
    text = "there is no such setting" if unknown else text
    return f"{_spot(origin.document, trail, unknown)}{where}: {text}. {_remedy(name, origin)}"


def _remedy(name: str, origin: _Origin) -> str:
    if name in origin.model.model_fields:
        return f"Set it in {FILE}, or by {origin.variable(name)}."
    close = difflib.get_close_matches(name, origin.model.model_fields, 1)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(origin.model.model_fields)}."


def _spot(document: Document | None, trail: Trail, on_key: bool) -> str:
    if document is None:
        return ""
    spot = document.spot(trail, on_key)
    return f"{spot.file}:{spot.line}:{spot.column}: "


def _anchored(given: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Paths of a configuration file, taken from where the file stands."""

    def anchor(value: Any) -> Any:
        if isinstance(value, list):
            return [anchor(each) for each in value]
        return folder / value if isinstance(value, str) and not value.startswith("~") else value

    return {key: anchor(value) if key in ("home", "packs") else value for key, value in given.items()}


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"{path} names a home folder that nobody has") from error
