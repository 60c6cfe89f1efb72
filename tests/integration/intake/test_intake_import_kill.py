"""Killed with -9 at any moment and begun anew, an import registers every row once, and its figures are exact."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from deploy.dev.waiting import until
from services.intake.channels import importer
from services.intake.domain.imports import MOST_ATTEMPTS, ImportJob
from services.intake.store import read_import
from services.intake.workflow import ImportStage
from shared.config import Settings
from shared.database import Database
from shared.errors import Unavailable
from tests.integration.intake.import_lists import a_csv, handed_in, rows_of, started, worked_on
from tests.integration.intake.intake_bus import ORG

ZHIDA = [sys.executable, "-c", "from shared.cli import main; main()", "intake", "imports"]
COUNT = 2_300  # five batches, the last one not full


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    return os.environ | {
        "ZHIDA_ORG": ORG, "ZHIDA_KEYS": str(settings.keys), "DATABASE_URL": settings.database_url,
        "DATABASE_URL_INTAKE": settings.service_url("intake"),
    }  # fmt: skip


@pytest.fixture
def begun(intake, vault) -> Callable[[int], UUID]:
    """A list of so many rows, checked and started."""

    def begun(count: int) -> UUID:
        job_id = handed_in(intake, vault, a_csv(rows_of(count)))
        assert worked_on(intake, vault, job_id).stage is ImportStage.CHECKED
        started(intake, job_id)
        return job_id

    return begun


def process(environment: dict[str, str], job_id: UUID, breaks: str) -> int:
    command = [sys.executable, "-m", "tests.integration.intake.import_process", str(job_id), breaks]
    return subprocess.run(command, env=environment, timeout=120).returncode


def job_of(intake: Database, job_id: UUID) -> ImportJob:
    with intake.unit_of_work() as uow:
        job = read_import(uow, job_id)
    assert job is not None
    return job


def stored(intake: Database) -> dict[str, Any]:
    with intake.unit_of_work() as uow:
        found = uow.one(
            "SELECT (SELECT count(*) FROM petition) AS petitions, (SELECT count(DISTINCT idempotency_key) FROM petition) AS keys,"
            " (SELECT count(*) FROM sealed) AS sealed, (SELECT count(DISTINCT subject) FROM event_log) AS told,"
            " (SELECT count(*) FROM event_log) AS events"
        )
    assert found is not None
    return found


def exactly(intake: Database, job_id: UUID, count: int) -> list[str]:
    """What is wrong, if not every row is there once and counted once."""
    job = job_of(intake, job_id)
    wrong = [f"{name}: {number}" for name, number in stored(intake).items() if number != count]
    expected = {"open": count // 10, "finished": count - count // 10, "again": 0, "failed": 0, "warned": 0}
    return (
        wrong
        + ([f"counts: {job.counts}"] if job.counts != expected else [])
        + ([job.stage] if job.stage is not ImportStage.DONE else [])
    )


def test_killed_before_and_after_commits_it_goes_on_and_counts_exactly(intake, environment, begun):
    job_id = begun(COUNT)
    for breaks in ("before@1", "after@1", "before@2", "after@2"):
        assert process(environment, job_id, breaks) == -signal.SIGKILL, breaks
    assert job_of(intake, job_id).handled == 2000
    assert process(environment, job_id, "-") == 0
    assert exactly(intake, job_id, COUNT) == []


def test_twin_that_commits_the_place_by_itself_loses_rows_and_is_seen(intake, environment, begun):
    job_id = begun(COUNT)
    assert process(environment, job_id, "cursor_first,before@2") == -signal.SIGKILL
    assert process(environment, job_id, "-") == 0
    assert any("petitions: 1800" in wrong for wrong in exactly(intake, job_id, COUNT))


def test_a_check_that_was_killed_is_begun_anew(intake, vault, environment):
    job_id = handed_in(intake, vault, a_csv(rows_of(1200)))
    assert process(environment, job_id, "after@1") == -signal.SIGKILL
    assert (job_of(intake, job_id).stage, job_of(intake, job_id).handled) == (ImportStage.CHECKING, 500)
    assert process(environment, job_id, "-") == 0
    assert (job_of(intake, job_id).stage, job_of(intake, job_id).total) == (ImportStage.CHECKED, 1200)


def test_a_list_that_kills_its_process_each_time_is_given_up_and_holds_up_no_other(intake, vault, environment):
    job_id = handed_in(intake, vault, a_csv(rows_of(20)))
    for _ in range(MOST_ATTEMPTS):
        assert process(environment, job_id, "before@1") == -signal.SIGKILL
    assert process(environment, job_id, "before@1") == 0
    assert (job_of(intake, job_id).stage, job_of(intake, job_id).fault) == (ImportStage.UNREADABLE, "crashed")


def test_a_database_that_goes_away_time_and_again_gives_no_list_up(intake, vault):
    job_id = handed_in(intake, vault, a_csv(rows_of(20)))

    def away(job: ImportJob) -> None:
        raise Unavailable("the database went away")

    for _ in range(MOST_ATTEMPTS + 2):
        with pytest.raises(Unavailable):
            importer.work_on(intake, vault, job_id, threading.Event(), away)
    assert worked_on(intake, vault, job_id).stage is ImportStage.CHECKED


def test_two_processes_at_one_list_do_it_once(intake, environment, begun):
    job_id = begun(COUNT)
    workers = [subprocess.Popen(ZHIDA, env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    try:
        assert all(b"working" in worker.stderr.readline() for worker in workers if worker.stderr)
        until(lambda: job_of(intake, job_id).stage is ImportStage.DONE, timeout=60, what="the import")
    finally:
        for worker in workers:
            worker.terminate()
        assert [worker.wait(30) for worker in workers] == [0, 0]
    assert exactly(intake, job_id, COUNT) == []


def test_without_the_lock_the_place_in_the_file_still_lets_only_one_in(intake, vault, begun):
    job_id = begun(COUNT)
    threads = [
        threading.Thread(target=importer.work_alone, args=(intake, vault, job_id, threading.Event(), lambda job: None))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worked_on(intake, vault, job_id)
    assert exactly(intake, job_id, COUNT) == []


def reached(intake: Database, job_id: UUID, rows: float) -> bool:
    job = job_of(intake, job_id)
    return job.handled >= rows or job.stage is ImportStage.DONE


@pytest.mark.full
def test_a_hundred_thousand_rows_killed_half_way_are_all_there_once(intake, environment, begun):
    """Figures for docs/performance.md come from bench/imports.py; this is the promise alone."""
    count = 100_000
    job_id = begun(count)
    for share in (0.25, 0.5, 0.75, 2):
        worker = subprocess.Popen(ZHIDA, env=environment, stderr=subprocess.DEVNULL)
        begin = time.monotonic()
        until(partial(reached, intake, job_id, share * count), timeout=300, what=f"{share:.0%} of the rows")
        worker.send_signal(signal.SIGKILL)
        worker.wait(30)
        print(f"{job_of(intake, job_id).handled} rows after {time.monotonic() - begin:.1f} s, then kill -9")
    assert exactly(intake, job_id, count) == []
