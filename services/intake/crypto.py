"""What of a petition is secret, and how it is kept so.

Each case has a data key (AES-256), wrapped by a key derived from the master key, which lies outside the database. What is
sealed under it is bound to the case and to one purpose: an identity does not open as a text, nor in another case's row. Each
ciphertext begins with a line that names its algorithm, and the wrapped key with one that names the master key too, so that
either can be changed while old rows still open. SM4 is not built; it would be one more name in that line.

    data key   "AES-256-GCM <key id>\\n" nonce(12) ciphertext+tag      purpose "key"
    sealed     "AES-256-GCM\\n"          nonce(12) ciphertext+tag      purpose "text", "identity", "mail", ...
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import Unavailable, ZhidaError
from shared.keys import MASTER

ALGORITHM = b"AES-256-GCM"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O, U to be misread
_AS_READ = str.maketrans("ILO", "110")
CODE_LENGTH = 26  # 128 bits


class Broken(ZhidaError):
    """Call the administrator: a ciphertext was altered, moved to another row, or sealed under another master key."""


def open_vault(keys: Path) -> Vault:
    """The vault whose master key is `keys`/master.key, which `shared.keys.make` makes.

    Raises Unavailable when there is none, or it is not 32 bytes of base64.
    """
    try:
        key = base64.b64decode((keys / MASTER).read_bytes().strip(), validate=True)
    except (OSError, ValueError) as fault:
        raise Unavailable(f"master key: {type(fault).__name__}") from fault
    if len(key) != 32:
        raise Unavailable("master key: not 32 bytes")
    return Vault(key)


class Vault:
    """Opens and seals; made once for each process, safe in threads."""

    def __init__(self, master: bytes) -> None:
        derived = {name: hmac.digest(master, b"zhida " + name, "sha256") for name in (b"wrap", b"index", b"print", b"id")}
        self._wrap = AESGCM(derived[b"wrap"])
        self._index, self._print = derived[b"index"], derived[b"print"]
        self._head = ALGORITHM + b" " + derived[b"id"].hex()[:8].encode()

    def new_key(self, case_id: UUID) -> CaseKey:
        """A fresh data key for a case."""
        key = os.urandom(32)
        return CaseKey(case_id, key, _seal(self._wrap, self._head, case_id, b"key", key))

    def open_key(self, case_id: UUID, wrapped: bytes) -> CaseKey:
        """The case's data key. Raises Broken."""
        return CaseKey(case_id, _open(self._wrap, self._head, case_id, b"key", wrapped), wrapped)

    def blind_index(self, kind: str, value: str) -> bytes | None:
        """What finds the same telephone number or address again without telling it; None for an empty value."""
        plain = re.sub(r"\D", "", value)[-11:] if kind == "phone" else value.strip().lower()
        return hmac.digest(self._index, f"{kind}\n{plain}".encode(), "sha256") if plain else None

    def fingerprint(self, content: bytes) -> bytes:
        """Equal for equal content; without the master key nobody can try guesses against it."""
        return hmac.digest(self._print, content, "sha256")


@dataclass(frozen=True, slots=True, repr=False)
class CaseKey:
    """One case's data key, opened; `wrapped` is what the row holds."""

    case_id: UUID
    _key: bytes
    wrapped: bytes

    def seal(self, purpose: str, plain: bytes) -> bytes:
        """The ciphertext of some bytes for one purpose."""
        return _seal(AESGCM(self._key), ALGORITHM, self.case_id, purpose.encode(), plain)

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """What was sealed. Raises Broken when it was not sealed for this case and purpose."""
        return _open(AESGCM(self._key), ALGORITHM, self.case_id, purpose.encode(), sealed)

    def seal_json(self, purpose: str, value: Any) -> bytes:
        """The ciphertext of a JSON value."""
        return self.seal(purpose, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def open_json(self, purpose: str, sealed: bytes) -> Any:
        """The JSON value that was sealed. Raises Broken."""
        return json.loads(self.open(purpose, sealed))


def _seal(cipher: AESGCM, head: bytes, case_id: UUID, purpose: bytes, plain: bytes) -> bytes:
    nonce = os.urandom(12)
    return b"".join((head, b"\n", nonce, cipher.encrypt(nonce, plain, _bound(head, case_id, purpose))))


def _open(cipher: AESGCM, head: bytes, case_id: UUID, purpose: bytes, sealed: bytes) -> bytes:
    named, _, rest = sealed.partition(b"\n")
    if named != head:
        raise Broken(f"sealed with {named[:40]!r}, not with {head!r}")
    try:
        return cipher.decrypt(rest[:12], rest[12:], _bound(head, case_id, purpose))
    except (InvalidTag, ValueError) as fault:
        raise Broken(f"does not open as {purpose.decode()} of case {case_id}") from fault


def _bound(head: bytes, case_id: UUID, purpose: bytes) -> bytes:
    return b"\n".join((head, purpose, case_id.bytes))


def new_code() -> str:
    """A petitioner's secret code: 128 random bits as base32 in groups of four, as `7K2M-9QXB-...-3F`."""
    number = int.from_bytes(os.urandom(16), "big")
    text = "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))
    return "-".join(text[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def code_hash(code: str) -> str:
    """SHA-256 of a code as hex, however it was typed: small letters, no dashes, O for 0. 128 bits need no slow hash."""
    typed = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", code).upper()).translate(_AS_READ)
    return hashlib.sha256(typed.encode()).hexdigest()
