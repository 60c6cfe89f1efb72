"""Secrets that the site's file names by their files; two while one takes the other's place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shared.errors import Unavailable

SHORTEST = 32  # characters


@dataclass(frozen=True)
class Secrets:
    """Read at each use, so that what is in a file can be changed without a restart. No value of this kind holds a secret."""

    files: tuple[Path, ...] = ()

    def at(self, folder: Path, whose: str) -> Secrets:
        """The same with paths taken from `folder`. Raises OSError, naming the file, when one is missing or too short now."""
        found = Secrets(tuple(folder / path for path in self.files))
        try:
            found.read()
        except Unavailable as fault:
            raise OSError(f"{whose}: {fault}") from fault
        return found

    def read(self) -> list[bytes]:
        """What is in the files now. Raises Unavailable, naming the file, when one is missing or too short."""
        found = []
        for path in self.files:
            try:
                secret = path.read_bytes().strip()
            except OSError as fault:
                raise Unavailable(f"{path.name}: {fault.strerror}") from fault
            if len(secret) < SHORTEST:
                raise Unavailable(f"{path.name}: shorter than {SHORTEST} characters")
            found.append(secret)
        return found
