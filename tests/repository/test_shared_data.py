"""Tests that want real data say so when it is missing, and find it when it is there."""

from __future__ import annotations

import pytest


def test_missing_real_data_skips_with_what_to_do(shared_data, monkeypatch, tmp_path):
    monkeypatch.setenv("TZUROT_SHARED", str(tmp_path))
    with pytest.raises(pytest.skip.Exception, match="'cards' is not here; set TZUROT_SHARED"):
        shared_data("cards")


def test_real_data_is_found_where_the_environment_says(shared_data, monkeypatch, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models.json").write_text("[]")
    monkeypatch.setenv("TZUROT_SHARED", str(tmp_path))
    assert shared_data("models.json").read_text() == "[]"
