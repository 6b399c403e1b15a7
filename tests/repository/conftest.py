"""What the tests about the documentation and the plugins share: the generator, and a case per plugin."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest
from tests.repository.tree import ROOT, plugin_folders


@pytest.fixture(scope="session")
def generator() -> ModuleType:
    """``docs/generate.py``, which is a script and not part of any package."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes ``folder`` runs once per first-party plugin."""
    if "folder" in metafunc.fixturenames:
        metafunc.parametrize("folder", plugin_folders())
