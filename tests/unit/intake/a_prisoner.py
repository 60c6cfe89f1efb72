"""What runs in a sandbox and tries its walls: `WHAT <file`."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from shared import confined
from shared.confined import Sandbox

STAYING: dict[str, Callable[[], None]] = {"sleep": lambda: None, "linger": lambda: os.close(sys.stdout.fileno())}
SANDBOX = Sandbox(module="tests.unit.intake.a_prisoner", memory=256 * 2**20, seconds=10, patience=20)


def peak(sandbox: Sandbox, content: bytes, *words: str) -> int:
    """The most memory, in kB, that a sandbox held. Measured from a small process: a child's peak counts its parent's at the fork."""
    measure = (
        "import resource, subprocess, sys; subprocess.run([sys.executable, '-I', *sys.argv[1:]], stdout=subprocess.PIPE);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [confined.__file__, str(sandbox.memory), str(sandbox.seconds), str(int(sandbox.threads)), sandbox.module, *words]
    with os.fdopen(os.memfd_create("file"), "wb") as file:
        file.write(content)
        file.seek(0)
        done = subprocess.run([sys.executable, "-c", measure, *command], stdin=file, stdout=subprocess.PIPE, check=True)
    return int(done.stdout)


def tries(what: str) -> str:
    if what == "read":
        return sys.stdin.buffer.read().decode()
    if what == "tell":
        limits = [resource.getrlimit(limit) for limit in (resource.RLIMIT_NPROC, resource.RLIMIT_CORE)]
        return f"{Path.cwd()} {sorted(set(os.environ) - {'LC_CTYPE'})} {limits}"
    if what == "write":
        with Path(f"/tmp/prisoner-{os.getpid()}").open("wb", buffering=0) as file:
            Path(file.name).unlink()
            return f"wrote {file.write(b'x')}"
    if what == "take":
        return str(len(b"x" * 2**29))
    if what == "work":
        while True:
            pass
    if what == "talk":
        while True:
            sys.stdout.write("x" * 2**16)
    if what in STAYING:
        STAYING[what]()
        time.sleep(60)
    raise ValueError(what)


if __name__ == "__main__":
    sys.stdout.write(tries(sys.argv[1]))
