"""Encrypts keys and tokens before they are stored, by keys of the environment that can be rotated."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tzurot.errors import TzurotError

VARIABLE = "TZUROT_SECRET_KEY"
_KEY_BYTES = 32
_NONCE_BYTES = 12  # what AES-GCM is specified for; random ones are safe for 2**32 secrets a key
_FORMAT = "t1"


class SecretError(TzurotError):
    """A secret can't be encrypted or read; the text says what to do and holds no part of key or secret."""


class Vault:
    """Seals and opens secrets. The first key seals; all of them open, so that old ones can be rotated out.

    A sealed secret is text: format, id of the key, and nonce with ciphertext. It is bound to what it is
    ``about`` (such as ``"provider-key:user:1"``): copied to another row it does not open.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise SecretError(f"{VARIABLE}: expected keys of {_KEY_BYTES} bytes. Make one: {_HOW_TO}")
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._current = _key_id(keys[0])

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Vault:
        """The vault of ``TZUROT_SECRET_KEY``: base64 keys, newest first, separated by commas.

        Raises:
            SecretError: the variable is missing, or is not base64 of 32 bytes.
        """
        given = (os.environ if environ is None else environ).get(VARIABLE, "")
        if not given.strip():
            raise SecretError(
                f"{VARIABLE} is not set, so keys and tokens can't be stored. Set it to the output of "
                f"{_HOW_TO} and keep it: without it, what is stored can't be read."
            )
        return cls([_decode(key) for key in given.split(",") if key.strip()])

    def seal(self, secret: str, *, about: str) -> str:
        """Encrypt ``secret`` with the newest key."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, secret.encode(), about.encode())
        return f"{_FORMAT}:{self._current}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *, about: str) -> str:
        """Decrypt what ``seal`` made for the same ``about``.

        Raises:
            SecretError: its key is gone, or it was changed, or belongs elsewhere.
        """
        form, _, rest = sealed.partition(":")
        key_id, _, body = rest.partition(":")
        cipher = self._ciphers.get(key_id)
        if form != _FORMAT:
            raise SecretError(f"The stored secret for {about} is damaged. Enter it again.")
        if cipher is None:
            raise SecretError(
                f"The stored secret for {about} was encrypted with key {key_id}, which {VARIABLE} does not "
                "hold. Add the old key to its end, after a comma, or enter the secret again."
            )
        try:
            raw = base64.b64decode(body.encode(), altchars=b"-_", validate=True)
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SecretError(
                f"The stored secret for {about} is damaged or was copied from elsewhere. Enter it again."
            ) from error

    def is_stale(self, sealed: str) -> bool:
        """Whether an old key sealed it: open it and seal it again, then the old key can go."""
        return not sealed.startswith(f"{_FORMAT}:{self._current}:")

    def __repr__(self) -> str:
        return f"Vault({len(self._ciphers)} keys)"


_HOW_TO = "`openssl rand -base64 32`"


def _decode(text: str) -> bytes:
    try:
        # both alphabets of base64 are in use for keys
        return base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise SecretError(f"{VARIABLE} is not base64. Make a key: {_HOW_TO}") from None


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"tzurot key id" + key).hexdigest()[:8]
