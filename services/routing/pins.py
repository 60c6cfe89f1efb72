"""Signing keys under PINs: argon2id makes the key that seals the private half with AES-256-GCM.

Slow on purpose, as passwords are: called in the web process and on the command line, never in a worker. The web's secret goes
into it, so that a copy of the database alone gives nobody six digits to guess; where that secret is changed, PINs are set anew.
"""

from __future__ import annotations

import base64
import hmac
import os
from dataclasses import dataclass
from uuid import UUID

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ALG = "argon2id-t3-m64-p4+aes-256-gcm"
_COSTS = {ALG: {"time_cost": 3, "memory_cost": 64 * 1024, "parallelism": 4}}
_RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


@dataclass(frozen=True, kw_only=True, repr=False)
class Sealed:
    """The private half as it is kept."""

    key_id: UUID
    official: str
    alg: str
    salt: bytes
    nonce: bytes
    sealed: bytes


@dataclass(frozen=True, kw_only=True, repr=False)
class Opened:
    """The private half for as long as one reply is signed."""

    key_id: UUID
    private: Ed25519PrivateKey

    def sign(self, text: bytes) -> bytes:
        """The Ed25519 signature, 64 bytes."""
        return self.private.sign(text)


def make(key_id: UUID, official: str, pin: str, secret: str) -> tuple[str, Sealed]:
    """A new pair: the public half in base64, and the private one sealed."""
    private = Ed25519PrivateKey.generate()
    salt, nonce = os.urandom(16), os.urandom(12)
    aead = AESGCM(_stretched(pin, secret, salt, ALG))
    sealed = aead.encrypt(nonce, private.private_bytes_raw(), _bound_to(key_id, official))
    public = base64.b64encode(private.public_key().public_bytes(*_RAW)).decode()
    return public, Sealed(key_id=key_id, official=official, alg=ALG, salt=salt, nonce=nonce, sealed=sealed)


def unseal(kept: Sealed, pin: str, secret: str) -> Opened | None:
    """The key, if the PIN is the one, and the row is whose it says."""
    aead = AESGCM(_stretched(pin, secret, kept.salt, kept.alg))
    try:
        raw = aead.decrypt(kept.nonce, kept.sealed, _bound_to(kept.key_id, kept.official))
    except InvalidTag:
        return None
    return Opened(key_id=kept.key_id, private=Ed25519PrivateKey.from_private_bytes(raw))


def _stretched(pin: str, secret: str, salt: bytes, alg: str) -> bytes:
    peppered = hmac.digest(secret.encode(), b"signing PIN\0" + pin.encode(), "sha256")
    return hash_secret_raw(peppered, salt, **_COSTS[alg], hash_len=32, type=Type.ID)


def _bound_to(key_id: UUID, official: str) -> bytes:
    return f"{key_id} {official}".encode()
