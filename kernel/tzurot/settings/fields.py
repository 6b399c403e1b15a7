"""The declaration of a setting: everything that is to be known about it, said once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final, Generic, TypeAlias, TypeVar, cast

from tzurot.payloads.generation import JsonValue
from tzurot.settings.kinds import Kind, Unfit
from tzurot.settings.scopes import EVERYWHERE, Scope
from tzurot.settings.wire import Wire

T_co = TypeVar("T_co", covariant=True)


class Off(Enum):
    """The type of ``OFF``."""

    OFF = "off"

    def __repr__(self) -> str:
        return "OFF"


OFF: Final = Off.OFF
"""A setting that is switched off on purpose: a value of its own, unlike an absent key, which inherits.

In JSON and YAML it is written ``"off"``.
"""

Value: TypeAlias = "JsonValue | Off"


class Category(StrEnum):
    """The groups in which settings are shown."""

    MODEL = "model"
    SAMPLING = "sampling"
    ADVANCED = "advanced sampling"
    OUTPUT = "output"
    REASONING = "reasoning"
    ROUTING = "routing"
    CONTEXT = "context"
    MEMORY = "memory"
    DISPLAY = "display"
    VOICE = "voice"


class BadField(ValueError):
    """A declaration contradicts itself."""


@dataclass(frozen=True, slots=True)
class Field(Generic[T_co]):
    """One setting. Its type argument is what code gets: ``T | None`` where it can be off, else ``T``.

    ``off`` says in words what *off* does; without words, off is not legal. ``unit`` names what a number
    counts. ``scopes`` are the levels at which it may be set. ``api`` maps a model parameter to the body
    of a provider's request; a behaviour setting has none.
    """

    name: str
    kind: Kind[T_co]
    default: T_co | Off
    category: Category
    description: str
    off: str = ""
    unit: str = ""
    scopes: frozenset[Scope] = EVERYWHERE
    api: Wire | None = None

    def __post_init__(self) -> None:
        if self.nullable_off and self._accepts_off():
            raise BadField(f'{self.name}: its kind takes the text "off", so off can\'t be told apart.')
        if self.default is OFF and not self.nullable_off:
            raise BadField(f"{self.name}: its default is off, but `off` doesn't say what that does.")

    @property
    def nullable_off(self) -> bool:
        """Whether *off* is a legal value."""
        return bool(self.off)

    def parse(self, value: JsonValue) -> Value:
        """A JSON value as the setting's value.

        Raises:
            Unfit: it is none; the text says what would be.
        """
        if self.nullable_off and value == OFF.value:
            return OFF
        if value is None:
            ways = "to inherit" + (', or write "off" to switch it off' if self.nullable_off else "")
            raise Unfit(f"expected {self.expects}, got nothing (null)", remedy=f"Leave the key out {ways}.")
        try:
            return cast(JsonValue, self.kind.parse(value))
        except Unfit as error:
            if self.nullable_off and value is False:
                raise Unfit(error.text, error.path, 'Write "off", in quotes, to switch it off.') from error
            raise

    @property
    def expects(self) -> str:
        """What may be written, in words."""
        counted = f" ({self.unit})" if self.unit else ""
        return f"{self.kind.expects}{counted}" + (', or "off"' if self.nullable_off else "")

    def _accepts_off(self) -> bool:
        try:
            self.kind.parse(OFF.value)
        except Unfit:
            return False
        return True


def to_json(value: Value) -> JsonValue:
    """A value as it is stored: the opposite of ``Field.parse``."""
    return OFF.value if isinstance(value, Off) else value
