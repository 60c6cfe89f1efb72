"""Small secrets of accounts, sealed under a key drawn from the web's secret: a copy of the database alone opens none."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"  # HKDF-SHA-256, AES-256-GCM
NONCE = 12


def seal(plain: bytes, *, secret: str, purpose: str, owner: str) -> bytes:
    """The sealed bytes, which open for this purpose and owner alone."""
    nonce = os.urandom(NONCE)
    return VERSION + nonce + _cipher(secret, purpose).encrypt(nonce, plain, owner.encode())


def unseal(sealed: bytes, *, secret: str, purpose: str, owner: str) -> bytes | None:
    """What was sealed; None when the web's secret is another one now, or the bytes were altered."""
    try:
        return _cipher(secret, purpose).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], owner.encode())
    except InvalidTag:
        return None


def _cipher(secret: str, purpose: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=f"zhida routing {purpose}".encode()).derive(secret.encode()))
