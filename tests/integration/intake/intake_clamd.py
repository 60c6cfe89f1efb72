"""A real virus scanner, with the one signature that the tests need."""

from __future__ import annotations

import hashlib
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.dev.processes import Process
from tests.unit.intake.intake_files import EICAR


class Clamd:
    """ClamAV's daemon on a socket of its own; it may be ended and started anew."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "clamd.ctl")
        (folder / "signatures").mkdir()
        signature = f"{hashlib.md5(EICAR, usedforsecurity=False).hexdigest()}:{len(EICAR)}:Test.Eicar\n"
        (folder / "signatures" / "test.hdb").write_text(signature)
        (folder / "clamd.conf").write_text(
            f"Foreground yes\nLocalSocket {self.address}\nDatabaseDirectory {folder}/signatures\nStreamMaxLength 2M\nMaxThreads 2\n"
            "MaxFileSize 1M\nAlertExceedsMax yes\n"
        )
        command = [shutil.which("clamd") or "/usr/sbin/clamd", "-c", str(folder / "clamd.conf")]
        self._process = Process("clamd", command, folder=folder, die_with_parent=True)

    def start(self) -> None:
        self._process.start()
        self._process.wait(self._answers, timeout=60, what="clamd to answer")

    def stop(self) -> None:
        self._process.stop(by=signal.SIGKILL)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
            probe.connect(self.address)
            probe.sendall(b"zPING\x00")
            return probe.recv(5) == b"PONG\x00"
        return False


@contextmanager
def running() -> Iterator[Clamd]:
    """The folder is short: a socket's address has room for a hundred characters."""
    folder = Path(tempfile.mkdtemp(prefix="zhida-clamd-"))
    made = Clamd(folder)
    made.start()
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
