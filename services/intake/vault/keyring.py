"""The master keys of petitioners' data as files: the one in force, older ones until no row needs them, and what never changes.

    master.key           wraps every new data key
    master-<id>.old      opens what it wrapped, until `zhida intake keys retire`
    derived.json         the keys of blind indexes, fingerprints and labels, written at the first rotation: those must not change

A rotation makes a new master key; every data key is then wrapped anew, and no petition is encrypted again. When an old
master key is destroyed, the data keys in old backups of the database are, too.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.errors import Unavailable
from shared.keys import MASTER

OLD, FIXED = "master-{}.old", "derived.json"
LASTING = ("index", "print", "like")  # derived once, and the same under every master key


@dataclass(frozen=True, kw_only=True, repr=False)
class Ring:
    """The master key in force, the older ones, and the lasting keys by name."""

    master: bytes
    older: tuple[bytes, ...] = ()
    lasting: Mapping[str, bytes]


def derived(master: bytes, name: str) -> bytes:
    """A key for one use."""
    return hmac.digest(master, b"zhida " + name.encode(), "sha256")


def key_id(master: bytes) -> str:
    """Eight hex digits that name a master key and tell nothing of it."""
    return derived(master, "id").hex()[:8]


def ring_of(master: bytes) -> Ring:
    """The ring of an instance that never rotated."""
    return Ring(master=master, lasting={name: derived(master, name) for name in LASTING})


def read_ring(folder: Path) -> Ring:
    """The keys in a folder. Raises Unavailable when the master key is not there, or a file is not what it should be."""
    ring = ring_of(_key(folder / MASTER))
    older = tuple(_key(path) for path in sorted(folder.glob(OLD.format("*"))))
    path = folder / FIXED
    if not path.exists():
        return Ring(master=ring.master, older=older, lasting=ring.lasting)
    try:
        kept = {name: base64.b64decode(text, validate=True) for name, text in json.loads(path.read_text()).items()}
    except (OSError, ValueError, AttributeError, TypeError) as fault:
        raise Unavailable(f"{FIXED}: {type(fault).__name__}") from fault
    return Ring(master=ring.master, older=older, lasting={**ring.lasting, **kept})


def stamp(master: Path) -> tuple[int, int]:
    """Changes when the master key's file is another; costs one look at it. Raises Unavailable."""
    try:
        found = master.stat()
    except OSError as fault:
        raise Unavailable(f"master key: {type(fault).__name__}") from fault
    return found.st_mtime_ns, found.st_ino


def rotate(folder: Path) -> tuple[str, str]:
    """A new master key comes into force; the ids of the old and the new one. A crash in between leaves every key in the folder."""
    ring = read_ring(folder)
    new = os.urandom(32)
    lasting = {name: base64.b64encode(key).decode() for name, key in sorted(ring.lasting.items())}
    _write(folder / FIXED, json.dumps(lasting).encode())
    _write(folder / OLD.format(key_id(ring.master)), base64.b64encode(ring.master))
    _write(folder / MASTER, base64.b64encode(new))
    return key_id(ring.master), key_id(new)


def retire(folder: Path, old_id: str) -> None:
    """Destroy an old master key. What is still wrapped by it never opens again: the caller has looked."""
    (folder / OLD.format(old_id)).unlink()


def _key(path: Path) -> bytes:
    try:
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except (OSError, ValueError) as fault:
        raise Unavailable(f"master key: {type(fault).__name__}") from fault
    if len(key) != 32:
        raise Unavailable("master key: not 32 bytes")
    return key


def _write(path: Path, content: bytes) -> None:
    """Put a file in place whole, on the disk before it has its name."""
    fresh = path.with_suffix(".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:  # noqa: PTH123 - with a mode
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
