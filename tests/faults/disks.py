"""A disk small enough to be filled, really: a tmpfs, mounted by root, or by anybody in a namespace of their own."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.dev.database import Database

_HOLD = 'mount -t tmpfs -o "size=$1,mode=755" tmpfs "$2" && echo mounted && exec sleep infinity'


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """Where an otherwise empty disk of this size can be reached. RuntimeError when none can be made: never a silent skip."""
    place.mkdir(parents=True)
    size = f"{megabytes}m"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", place], capture_output=True)
    if done.returncode == 0:
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", place], check=True)
        return
    with subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _HOLD, "sh", size, place],
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        try:
            if holder.stdout is None or holder.stdout.readline() != "mounted\n":
                raise RuntimeError(f"no disk to fill: neither mount ({done.stderr.decode().strip()}) nor unshare works here")
            yield Path(f"/proc/{holder.pid}/root{place}")
        finally:
            holder.kill()


class SmallDatabase(Database):
    """A PostgreSQL server whose data lie on a given disk."""

    def __init__(self, folder: Path, disk: Path, **options: Any) -> None:
        super().__init__(folder, settings={"max_wal_size": "64MB", "min_wal_size": "32MB"}, **options)
        self._data = disk / "data"
        self.ballast = disk / "ballast"

    def fill(self) -> None:
        """Take all the room that is left."""
        with self.ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError as full:
                if full.errno != errno.ENOSPC:
                    raise
        os.sync()

    def free(self) -> None:
        """Give the room back, and start the server if the want of it has killed it."""
        self.ballast.unlink()
        self.start()
