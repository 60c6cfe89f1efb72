"""`python -m tests.integration.intake.import_process JOB BREAK`: a process at work on an import, until it has nothing to do or dies.

BREAK: `-`; `before@N` dies in the N-th batch, before its commit; `after@N` right after it; with `cursor_first,` in front the place in
the file is committed before the rows are, on purpose.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.intake.channels import importer
from services.intake.cli import imports as cli_imports
from services.intake.domain.imports import ImportJob
from services.intake.handlers.importing import SheetRow, Work, take_batch
from services.intake.store import IMPORT_JOBS
from shared.database import Database, UnitOfWork


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def broken(database: Database, breaks: str) -> importer.Say:
    """Break the importer; what it has to say is the moment after a commit."""
    twin, _, point = breaks.rpartition(",")
    moment, _, number = point.partition("@")
    batch = 0

    def take(uow: UnitOfWork, vault: Any, work: Work, rows: Sequence[SheetRow], *, position: int, rate: int) -> ImportJob:
        nonlocal batch
        batch += 1
        if twin == "cursor_first":
            with database.unit_of_work() as other:
                job = other.rows(IMPORT_JOBS).get(work.job_id)
                assert job is not None
                other.rows(IMPORT_JOBS).put(replace(job, position=rows[-1][0]))
            position = rows[-1][0]
        job = take_batch(uow, vault, work, rows, position=position, rate=rate)
        if moment == "before" and batch == int(number):
            die()
        return job

    def say(job: ImportJob) -> None:
        if moment == "after" and batch == int(number):
            die()

    importer.take_batch = take
    return say


if __name__ == "__main__":
    office = cli_imports.office()
    say = broken(office.database, sys.argv[2])
    importer.work_on(office.database, office.vault, UUID(sys.argv[1]), threading.Event(), say)
