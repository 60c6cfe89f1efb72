"""The secrets of one instance, as files that only its user may read: made once, never overwritten."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Collection
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MASTER, SECRET, SESSION, SESSION_PUBLIC = "master.key", "secret.key", "session.pem", "session.pub.pem"


def make(folder: Path) -> list[str]:
    """Make what is missing: the master key of petitioners' data, the web's secret, the session pair. Returns what was made."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = []
    for name, maker in {MASTER: _master, SECRET: _secret}.items():
        made += _write(folder / name, maker)
    if not (folder / SESSION).exists():
        pair = Ed25519PrivateKey.generate()
        private = pair.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        public = pair.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        made += _write(folder / SESSION, lambda: private) + _write(folder / SESSION_PUBLIC, lambda: public)
    return made


def wrong(folder: Path, names: Collection[str], mounted: Collection[Path] = ()) -> list[str]:
    """Which of an instance's secrets are not there, and which files of it, or `mounted` ones, others may read.

    A file that is not ours, as one that a cluster mounts, may be open to its group: how else should we read it.
    """
    missing = [f"{name} is not there" for name in names if not (folder / name).is_file()]
    secret = [path for path in (*sorted(folder.glob("*")), *mounted) if path.is_file() and path.name != SESSION_PUBLIC]
    return missing + [
        f"{path.name} may be read by others (mode {path.stat().st_mode & 0o777:o})" for path in secret if _open(path)
    ]


def _open(path: Path) -> bool:
    about = path.stat()
    return bool(about.st_mode & (0o077 if about.st_uid == os.geteuid() else 0o007))


def read(folder: Path, name: str) -> str | None:
    """A key's text, or None when this process has not been given it."""
    path = folder / name
    return path.read_text().strip() if path.exists() else None


def _master() -> bytes:
    return base64.b64encode(secrets.token_bytes(32))


def _secret() -> bytes:
    return secrets.token_urlsafe(32).encode()


def _write(path: Path, maker: Callable[[], bytes]) -> list[str]:
    if path.exists():
        return []
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:  # noqa: PTH123 - with a mode
        out.write(maker())
    return [path.name]
