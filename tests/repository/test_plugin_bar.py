"""The bar that every first-party plugin clears, so that one can be read after another."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from tests.repository.tree import ROOT, report, tracked

from tzurot.plugin import API, Plugin

HEADINGS = ("## What it does", "## Settings")


@pytest.fixture
def plugin(generator, folder) -> type[Plugin[Any]]:
    """The plugin's class."""
    found: type[Plugin[Any]] = generator.plugin_class(folder)
    return found


def test_the_manifest_is_complete(plugin, folder):
    manifest = plugin.manifest
    assert manifest.name == folder
    assert manifest.api == API
    assert 10 <= len(manifest.summary) <= 100
    assert not manifest.summary.endswith(".")
    assert folder not in (*manifest.requires, *manifest.after)


def test_tables_and_the_manifest_agree(plugin, folder):
    home = ROOT / "plugins" / "tzurot_plugins" / folder
    has_tables = (home / "models.py").is_file() or (home / "models").is_dir()
    assert bool(plugin.manifest.models) == has_tables, "models.py and Manifest.models belong together"
    assert bool(plugin.manifest.migrations) == has_tables, "tables need migrations, and only they do"
    for module in filter(None, (plugin.manifest.models, plugin.manifest.migrations)):
        assert importlib.util.find_spec(module), f"the manifest names {module}, which does not exist"


def test_a_plugin_with_tables_can_forget_and_export_a_person(plugin):
    if plugin.manifest.models:
        assert plugin.forget_user is not Plugin.forget_user
        assert plugin.export_user is not Plugin.export_user


def test_every_setting_is_described(plugin):
    models = [plugin.config_model, *filter(None, [plugin.manifest.operator])]
    silent = [path for model in models for path in _undescribed(model)]
    assert not silent, report("Settings without a description, which editors and docs show:", silent)


def test_unknown_settings_are_refused(plugin):
    for model in filter(None, [plugin.config_model, plugin.manifest.operator]):
        assert model.model_config.get("extra") == "forbid", f"{model.__name__} accepts unknown settings"


def test_the_readme_has_the_headings_that_all_have(folder):
    page = ROOT / "plugins" / "tzurot_plugins" / folder / "README.md"
    assert page.is_file(), f"{page.relative_to(ROOT)} is missing"
    text = page.read_text("utf-8")
    assert text.startswith(f"# {folder}\n")
    missing = [heading for heading in HEADINGS if not re.search(rf"^{heading}$", text, re.MULTILINE)]
    assert not missing, report("Headings that are missing:", missing)
    assert "<!-- settings:begin -->\n" in text, "no marker for the generated settings"


def test_it_has_tests(folder):
    own = [name for name in tracked() if re.match(rf"tests/plugins/{folder}/(.*/)?test_\w+\.py$", name)]
    assert own, f"no test file under tests/plugins/{folder}/"


def _undescribed(model: type[BaseModel]) -> Iterator[str]:
    schema = model.model_json_schema()
    for name, definition in {model.__name__: schema, **schema.get("$defs", {})}.items():
        for field, described in definition.get("properties", {}).items():
            if not described.get("description"):
                yield f"{name}.{field}"
