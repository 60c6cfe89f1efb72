"""Where the bytes of attachments lie: a small interface, and a folder behind it. What comes in is ciphertext already."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from shared.errors import Unavailable

_NAME = re.compile(r"[0-9a-f]{64}")


class FileStore(Protocol):
    """Files by name. Raises Unavailable when the store does not answer or is full."""

    def put(self, name: str, content: bytes) -> None:
        """Keep a file. When this returns it outlives a power cut; a file of that name is replaced whole, never in part."""
        ...

    def get(self, name: str) -> bytes:
        """A file's bytes. Raises FileNotFoundError."""
        ...

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        ...

    def names(self, *, older_than: float = 0) -> Iterator[str]:
        """The files that were last put more than so many seconds ago, in no order."""
        ...

    def remove(self, name: str, *, older_than: float = 0) -> bool:
        """Forget a file that was last put more than so many seconds ago; whether there was such a one."""
        ...

    def tidy(self, *, older_than: float) -> int:
        """Forget what writers left behind that died more than so many seconds ago; no name leads to it. How many there were."""
        ...


class Folder:
    """A folder, fanned out by the names' first four digits, so that no folder grows beyond what tools can list."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, name: str, content: bytes) -> None:
        """Written beside its place and moved there when it is on the disk, as is the folder that names it."""
        place = self._place(name)
        draft = place.with_name(f".{name}.{uuid4().hex}")
        try:
            _make(place.parent, self._root)
            try:
                _write(draft, content)
                draft.replace(place)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
            _sync(place.parent)
        except OSError as fault:
            raise Unavailable(f"file store: {fault.strerror}") from fault

    def get(self, name: str) -> bytes:
        """The file's bytes."""
        try:
            return self._place(name).read_bytes()
        except FileNotFoundError:
            raise
        except OSError as fault:
            raise Unavailable(f"file store: {fault.strerror}") from fault

    def exists(self, name: str) -> bool:
        """Whether the file is there."""
        return self._place(name).is_file()

    def names(self, *, older_than: float = 0) -> Iterator[str]:
        """The files, by the file system's own clock: a simulated instance's business time says nothing about a disk."""
        before = time.time() - older_than
        for place in self._root.glob("??/??/*"):
            if _NAME.fullmatch(place.name) and _touched(place) <= before:
                yield place.name

    def remove(self, name: str, *, older_than: float = 0) -> bool:
        """Forget the file, unless it was put again since somebody thought it old."""
        return _unlink(self._place(name), time.time() - older_than)

    def tidy(self, *, older_than: float) -> int:
        """Forget old drafts."""
        before = time.time() - older_than
        return sum(_unlink(draft, before) for draft in self._root.glob("??/??/.*"))

    def _place(self, name: str) -> Path:
        if not _NAME.fullmatch(name):  # no other name leads anywhere, least of all out of the folder
            raise ValueError("a name in the store is 64 hexadecimal digits")
        return self._root / name[:2] / name[2:4] / name


def _touched(place: Path) -> float:
    try:
        return place.stat().st_mtime
    except FileNotFoundError:  # moved or swept meanwhile: not for this list
        return float("inf")


def _unlink(place: Path, before: float) -> bool:
    if _touched(place) > before:
        return False
    place.unlink(missing_ok=True)
    return True


def _make(folder: Path, root: Path) -> None:
    """The folder, readable to this user alone, and each that was new on the disk, too."""
    if folder.is_dir():
        return
    if folder != root:
        _make(folder.parent, root)
    folder.mkdir(mode=0o700, parents=folder == root, exist_ok=True)
    _sync(folder.parent)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
