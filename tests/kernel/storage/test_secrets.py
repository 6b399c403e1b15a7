"""Secrets at rest: sealed, bound to their row, rotated, and never shown."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzurot.errors import TzurotError
from tzurot.storage.secrets import SecretError, Vault

OLD, NEW = (base64.b64encode(bytes([n] * 32)).decode() for n in (1, 2))


def _vault(*keys: str) -> Vault:
    return Vault.from_environment({"TZUROT_SECRET_KEY": ",".join(keys)})


@given(st.text(), st.text())
def test_what_was_sealed_opens_and_never_looks_the_same_twice(secret: str, about: str) -> None:
    vault = _vault(NEW)
    one, other = vault.seal(secret, about=about), vault.seal(secret, about=about)
    assert one != other
    assert vault.open(one, about=about) == vault.open(other, about=about) == secret
    assert len(secret) < 8 or secret not in one


def test_a_rotated_key_still_opens_what_it_sealed_and_says_that_it_is_old() -> None:
    sealed = _vault(OLD).seal("sk-1", about="key:1")
    both = _vault(NEW, OLD)
    assert both.is_stale(sealed)
    again = both.seal(both.open(sealed, about="key:1"), about="key:1")
    assert not both.is_stale(again)
    assert _vault(NEW).open(again, about="key:1") == "sk-1", "the old key can go now"


def test_a_key_that_is_gone_is_named_with_the_remedy() -> None:
    sealed = _vault(OLD).seal("sk-1", about="the key of user 1")
    with pytest.raises(
        SecretError, match=r"the key of user 1 was encrypted with key [0-9a-f]{8}.*Add the old key"
    ):
        _vault(NEW).open(sealed, about="the key of user 1")


def test_a_secret_that_was_copied_to_another_row_does_not_open() -> None:
    vault = _vault(NEW)
    with pytest.raises(SecretError, match="copied from elsewhere"):
        vault.open(vault.seal("sk-1", about="user 1"), about="user 2")


@given(st.integers(min_value=0, max_value=60), st.characters(codec="utf-8"))
def test_a_changed_secret_is_refused_and_nothing_else_happens(position: int, other: str) -> None:
    vault = _vault(NEW)
    sealed = vault.seal("sk-12345678", about="x")
    position %= len(sealed)
    changed = sealed[:position] + other + sealed[position + 1 :]
    try:
        assert vault.open(changed, about="x") == "sk-12345678", "only spare bits of base64 may differ"
    except SecretError as error:
        assert "sk-1" not in str(error)


@pytest.mark.parametrize(
    ("given_key", "says"),
    [("", "is not set"), ("hunter2!", "not base64"), (base64.b64encode(b"short").decode(), "32 bytes")],
)
def test_a_key_that_is_none_is_refused_with_the_way_to_one_and_without_showing_it(
    given_key: str, says: str
) -> None:
    with pytest.raises(SecretError, match=says) as caught:
        _vault(given_key)
    assert "openssl rand -base64 32" in str(caught.value)
    assert not given_key or given_key not in str(caught.value)
    assert isinstance(caught.value, TzurotError)


def test_keys_are_not_shown() -> None:
    assert repr(_vault(NEW, OLD)) == "Vault(2 keys)"
