"""What of a petition is secret, and how it is kept so.

Each case has a data key (AES-256), wrapped by a key derived from the master key, which lies outside the database. What is
sealed under it is bound to the case and to one purpose: an identity does not open as a text, nor in another case's row. Each
ciphertext begins with a line that names its algorithm, and the wrapped key with one that names the master key too, so that
either can be changed while old rows still open. SM4 is not built; it would be one more name in that line.

    data key   "AES-256-GCM <key id>\\n" nonce(12) ciphertext+tag      purpose "key"
    sealed     "AES-256-GCM\\n"          nonce(12) ciphertext+tag      purpose "text", "identity", "mail", ...
"""

from __future__ import annotations

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

from services.intake.vault.keyring import MASTER, Ring, derived, key_id, read_ring, ring_of, stamp
from services.intake.vault.shingles import Shingler
from shared.errors import NotFound, ZhidaError

ALGORITHM = b"AES-256-GCM"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O, U to be misread
_AS_READ = str.maketrans("ILO", "110")
CODE_LENGTH = 26  # 128 bits


class Erased(NotFound):
    """Tell the person: what was sealed is gone for good, because the time for which it had to be kept is over."""


class Broken(ZhidaError):
    """Call the administrator: a ciphertext was altered, moved to another row, or sealed under another master key."""


class Lacking(Broken):
    """Give this process the keys: a data key was wrapped by a master key that it does not have, as after a rotation elsewhere."""


def open_vault(folder: Path) -> Vault:
    """The vault of the keys in a folder; a master key that is changed there is taken up without a restart.

    Raises Unavailable when there is none, or it is not 32 bytes of base64.
    """
    return Vault(folder)


class Vault:
    """Opens and seals; made once for each process, safe in threads."""

    def __init__(self, keys: bytes | Path) -> None:
        """`keys`: one master key for good, or the folder that holds the keys. Raises Unavailable."""
        self._master = keys / MASTER if isinstance(keys, Path) else None
        self._stamp = stamp(self._master) if self._master else None
        self._take(read_ring(keys) if isinstance(keys, Path) else ring_of(keys))

    def _take(self, ring: Ring) -> None:
        wraps = {_head(master): AESGCM(derived(master, "wrap")) for master in (*ring.older, ring.master)}
        self._keys = _head(ring.master), wraps  # one assignment: another thread sees both or neither
        self._index, self._print = ring.lasting["index"], ring.lasting["print"]
        self.shingler = Shingler(ring.lasting["like"])

    def _look_again(self) -> None:
        if self._master and (now := stamp(self._master)) != self._stamp:
            self._take(read_ring(self._master.parent))
            self._stamp = now

    def new_key(self, case_id: UUID) -> DataKey:
        """A fresh data key for a case."""
        return self._wrapped(case_id, os.urandom(32))

    def open_key(self, case_id: UUID, wrapped: bytes) -> DataKey:
        """The case's data key. Raises Broken; Erased when it was destroyed after the time for which it had to be kept."""
        if not wrapped:
            raise Erased("case", "保管期限已满，原文和身份信息已经销毁。", "信访件的编号、摘要、答复和办理过程仍可查阅。")
        head = wrapped.partition(b"\n")[0]
        if head not in self._keys[1]:
            self._look_again()
        wrap = self._keys[1].get(head)
        if wrap is None:
            raise Lacking(f"wrapped by {head[:40]!r}, which is not among the keys")
        return DataKey(case_id, _open(wrap, head, case_id, b"key", wrapped), wrapped)

    def wrap_again(self, case_id: UUID, wrapped: bytes) -> bytes:
        """The same data key, wrapped by the master key that is in force."""
        return self._wrapped(case_id, self.open_key(case_id, wrapped)._key).wrapped

    def _wrapped(self, case_id: UUID, key: bytes) -> DataKey:
        self._look_again()
        head, wraps = self._keys
        return DataKey(case_id, key, _seal(wraps[head], head, case_id, b"key", key))

    @property
    def head(self) -> bytes:
        """How a data key begins that the master key in force has wrapped."""
        self._look_again()
        return self._keys[0]

    def blind_index(self, kind: str, value: str) -> bytes | None:
        """What finds the same telephone number or address again without telling it; None for an empty value."""
        plain = re.sub(r"\D", "", value)[-11:] if kind == "phone" else value.strip().lower()
        return hmac.digest(self._index, f"{kind}\n{plain}".encode(), "sha256") if plain else None

    def fingerprint(self, content: bytes) -> bytes:
        """Equal for equal content; without the master key nobody can try guesses against it."""
        return hmac.digest(self._print, content, "sha256")

    def tag(self, kind: str, subject: UUID) -> str:
        """What stands in an address to name a case or a message: 128 bits that nobody else can make. Small letters."""
        return _base32(hmac.digest(self._print, b"tag " + kind.encode() + b"\n" + subject.bytes, "sha256")[:16]).lower()


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """The data key of one case, visit, call, post or list, opened; `wrapped` is what the row holds."""

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


def _head(master: bytes) -> bytes:
    return ALGORITHM + b" " + key_id(master).encode()


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
    text = _base32(os.urandom(16))
    return "-".join(text[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def _base32(bits: bytes) -> str:
    number = int.from_bytes(bits, "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))


def code_hash(code: str) -> str:
    """SHA-256 of a code as hex, however it was typed: small letters, no dashes, O for 0. 128 bits need no slow hash."""
    typed = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", code).upper()).translate(_AS_READ)
    return hashlib.sha256(typed.encode()).hexdigest()
