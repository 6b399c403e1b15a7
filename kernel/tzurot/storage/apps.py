"""What brings tables along: the kernel and every plugin with models, each an app with its own migrations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from tortoise import fields
from tortoise.apps import Apps
from tortoise.models import Model

from tzurot.storage.errors import BadTables
from tzurot.storage.fields import SnowflakeField


@dataclass(frozen=True, slots=True)
class App:
    """The tables of the kernel or of one plugin, whose name is the ``label``: a module and a package.

    An app's tables refer to other apps' rows by id alone, never by foreign key: apps are migrated,
    switched off and removed one by one.
    """

    label: str
    models: str
    migrations: str


class DeclaresTables(Protocol):
    """What a plugin's manifest says of its tables."""

    @property
    def name(self) -> str:
        """The plugin's name."""

    @property
    def models(self) -> str | None:
        """Its module of models, if it has any."""

    @property
    def migrations(self) -> str | None:
        """Its package of migrations."""


def apps_of(manifests: Iterable[DeclaresTables]) -> tuple[App, ...]:
    """The apps of all plugins that have tables.

    Raises:
        BadTables: a manifest names models without migrations.
    """
    apps: list[App] = []
    for manifest in manifests:
        if manifest.models and not manifest.migrations:
            raise BadTables(
                f"{manifest.name}: its manifest names models but no migrations, so its tables would never be "
                "made. Add migrations='<package>.migrations'."
            )
        if manifest.models and manifest.migrations:
            apps.append(App(manifest.name, manifest.models, manifest.migrations))
    return tuple(apps)


KERNEL = App("kernel", "tzurot.storage.models", "tzurot.storage.migrations")


def configuration(apps: Iterable[App], engine: str, connection: dict[str, Any]) -> dict[str, Any]:
    """tortoise's configuration for ``apps`` on one ``connection``.

    The connection is named after its engine, because tortoise remembers the SQL of inserts under the
    connection's name for as long as the process lives, even after another database was opened.
    """
    return {
        "connections": {engine: connection},
        "apps": {
            app.label: {
                "models": [app.models],
                "migrations": app.migrations,
                "default_connection": engine,
            }
            for app in apps
        },
    }


def check_tables(apps: Apps) -> None:
    """Refuse tables that would make migrations unsafe, every fault at once.

    Raises:
        BadTables: naming app, model, field and remedy.
    """
    faults: list[str] = []
    owners: dict[str, str] = {}
    for label, models in sorted(apps.items()):
        for model in models.values():
            name = f"{label}.{model.__name__}"
            table = model._meta.db_table
            if table in owners:
                faults.append(
                    f"{name}: the table {table!r} belongs to {owners[table]}. "
                    f"Name it otherwise (Meta.table = '{label}_...')."
                )
            owners[table] = name
            faults.extend(f"{name}.{fault}" for fault in _field_faults(model, label))
    if faults:
        raise BadTables("\n".join(faults))


def forget_descriptions(apps: Apps) -> None:
    """Keep docstrings out of the schema.

    tortoise makes a model's docstring the comment of its table, so that mending a typo would ask for a
    migration.
    """
    for models in apps.values():
        for model in models.values():
            model._meta.table_description = ""


def _field_faults(model: type[Model], label: str) -> Iterator[str]:
    for field_name, field in model._meta.fields_map.items():
        if isinstance(
            field, (fields.relational.ForeignKeyFieldInstance, fields.relational.ManyToManyFieldInstance)
        ):
            other = field.related_model._meta.app
            if other != label:
                yield (
                    f"{field_name}: refers to a table of {other}. Keep the id in a plain column: apps are "
                    "migrated and removed one by one, which a foreign key between them prevents."
                )
        counts = isinstance(field, fields.BigIntField) and not isinstance(field, SnowflakeField)
        if counts and field.pk and not field.generated:
            yield (
                f"{field_name}: a BigIntField(generated=False) key loses its rows at the next migration. "
                "Use tzurot.storage.fields.SnowflakeField."
            )
