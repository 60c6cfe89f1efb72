"""The sandbox in which files of strangers are read, and pages that hold their words are set: decoders are where such files bite.

A process of its own reads one file and is gone: without our environment, which holds the database's address; with little memory and
little time; without the right to write a file or to start a process; and of what it says no more is listened to than was agreed.

    python -I confined.py MEMORY SECONDS THREADS MODULE WORD...  <file  >what it says
"""

from __future__ import annotations

import os
import resource
import runpy
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PIECE = 2**16
HOME = Path(__file__).resolve().parents[1]  # whence modules are imported


class Died(Exception):
    """It was killed by its limits, or by the file, or said too much, or nothing for too long: nothing is known of the file."""


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """`memory`: bytes of address space, of which Python takes some; `seconds` of the processor's; `patience`: seconds on the clock.

    `threads`: whether it may start any, and so processes too, for the system counts them as one.
    """

    module: str
    memory: int
    seconds: int
    patience: float
    threads: bool = False

    def run(self, content: bytes, *words: str, most: int) -> bytes:
        """What the module says of a file, all of it within `patience` and at most `most` bytes. Raises Died."""
        with self.at_work([content], *words) as child:
            said, ends = bytearray(), time.monotonic() + self.patience
            while piece := heard(child, ends - time.monotonic()):
                said += piece
                if len(said) > most:
                    raise Died("said too much")
            try:
                ended = child.wait(max(ends - time.monotonic(), 1))
            except subprocess.TimeoutExpired:
                raise Died("took too long") from None
            if ended:
                raise Died(f"ended with {ended}")
            return bytes(said)

    @contextmanager
    def at_work(self, content: Iterable[bytes], *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """The module at work on the file that consists of these pieces. The file lies in memory only, never on the disk."""
        limits = (str(self.memory), str(self.seconds), str(int(self.threads)))
        command = [sys.executable, "-I", "-B", "-X", "utf8", __file__, *limits, self.module, *words]
        descriptor = os.memfd_create("file")
        try:
            with os.fdopen(descriptor, "wb", closefd=False) as file:
                file.writelines(content)
                file.seek(0)
            child = subprocess.Popen(  # noqa: S603 - our own module
                command, stdin=descriptor, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"LANG": "C.UTF-8"}, cwd="/", bufsize=0
            )  # fmt: skip
        finally:
            os.close(descriptor)
        try:
            yield child
        finally:
            child.kill()
            with suppress(OSError):
                child.communicate()


def heard(child: subprocess.Popen[bytes], patience: float) -> bytes:
    """The next piece of what a child says, empty at its end. Raises Died when it says nothing for so many seconds."""
    assert child.stdout is not None  # noqa: S101 - asked for above
    if not select.select([child.stdout], [], [], max(patience, 0))[0]:
        raise Died("took too long")
    return os.read(child.stdout.fileno(), PIECE)


def main() -> None:
    """Shut the door, and run the module."""
    memory, seconds, threads, module, *words = sys.argv[1:]
    for what, most in (
        (resource.RLIMIT_AS, int(memory)), (resource.RLIMIT_CPU, int(seconds)), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0),
        *(() if int(threads) else ((resource.RLIMIT_NPROC, 0),)),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))
    sys.path.insert(0, str(HOME))
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
