"""`python -m bench.import_process JOB`: the product's importer at work on one list, with what it took as one line of JSON."""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import threading
import time
from pathlib import Path
from uuid import UUID

from deploy.dev import procfs
from services.intake.channels import importer
from services.intake.cli import imports as cli_imports
from services.intake.domain.imports import ImportJob


def highest(pid: int) -> float:
    """The most memory that a process has held since its program began, in MB (`ru_maxrss` counts what its parent held, too)."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    """Work until the list is checked or registered."""
    office = cli_imports.office()
    reader = [0.0]

    def look(job: ImportJob) -> None:
        reader.append(max((highest(child.pid) for child in procfs.family(os.getpid())), default=0.0))

    begun = time.monotonic()
    assert importer.work_on(office.database, office.vault, UUID(sys.argv[1]), threading.Event(), look)
    found = {"seconds": time.monotonic() - begun, "importer_mb": highest(os.getpid()), "reader_mb": max(reader)}
    for name, who in (("importer", resource.RUSAGE_SELF), ("reader", resource.RUSAGE_CHILDREN)):
        used = resource.getrusage(who)
        found[f"{name}_processor"] = used.ru_utime + used.ru_stime
    print(json.dumps(found))


if __name__ == "__main__":
    main()
