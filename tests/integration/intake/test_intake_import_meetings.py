"""Two lists at once, a batch that failed, a lock whose database goes away: every row counts once, and nothing is passed over."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from deploy.dev.waiting import until
from services.intake.channels import alone as locks
from services.intake.channels import importer
from services.intake.channels.alone import alone
from services.intake.domain.imports import ImportJob
from services.intake.handlers.importing import take_batch
from services.intake.handlers.imports import faulty
from services.intake.workflow import ImportStage
from shared.connection import Connection, connect
from shared.errors import Unavailable
from tests.integration.intake.import_lists import a_csv, a_row, handed_in, rows_of, started, worked_on


def counts(job: ImportJob) -> tuple[int, ...]:
    return tuple(job.counts.get(name, 0) for name in ("open", "finished", "again", "failed"))


@pytest.fixture
def begun(intake, vault) -> Any:
    def begun(*rows: list[object]) -> UUID:
        job_id = handed_in(intake, vault, a_csv(rows))
        worked_on(intake, vault, job_id)
        started(intake, job_id)
        return job_id

    return begun


def waiting(intake) -> bool:
    with intake.unit_of_work() as uow:
        return bool(uow.all("SELECT FROM pg_locks WHERE NOT granted"))


def test_of_two_lists_at_once_the_same_row_is_known_and_another_content_is_for_a_person_to_look_at(
    intake, vault, clerk, begun, told, monkeypatch
):
    first, second = begun(a_row("1"), a_row("2")), begun(a_row("1"), a_row("2", 标题="改了标题"), a_row("3"))
    results: list[ImportJob] = []
    behind = threading.Thread(target=lambda: results.append(worked_on(intake, vault, second)))

    def slowly(uow: Any, *given: Any, **named: Any) -> ImportJob:
        job = take_batch(uow, *given, **named)
        if job.id == first:  # its cases are stored and not committed: the other list does not see them, and runs into them
            behind.start()
            until(lambda: waiting(intake), timeout=20, what="the other list to run into this one")
        return job

    monkeypatch.setattr(importer, "take_batch", slowly)
    assert counts(worked_on(intake, vault, first)) == (0, 2, 0, 0)
    behind.join(30)
    assert [counts(job) for job in results] == [(0, 1, 1, 1)]
    with intake.unit_of_work() as uow:
        [row] = faulty(uow, vault, second, clerk)[1]
    assert (row.number, row.wrong[0]["field"]) == (3, "old_number")
    assert len(told()) == 3


def test_a_batch_that_failed_in_the_check_counts_its_rows_once(intake, vault, monkeypatch):
    def whole_batches_fail(uow: Any, vault: Any, work: Any, rows: Any, **named: Any) -> ImportJob:
        job = take_batch(uow, vault, work, rows, **named)
        if len(rows) > 5:
            raise ValueError("the database will not have it")
        return job

    monkeypatch.setattr(importer, "take_batch", whole_batches_fail)
    job_id = handed_in(intake, vault, a_csv([*rows_of(20), a_row("信000001", 标题="另一件")]))
    assert counts(worked_on(intake, vault, job_id)) == (2, 18, 0, 1)


def test_a_process_that_is_told_to_stop_has_made_no_attempt_in_vain(intake, vault):
    job_id, stopping = handed_in(intake, vault, a_csv(rows_of(20))), threading.Event()
    stopping.set()
    for _ in range(10):
        assert importer.work_on(intake, vault, job_id, stopping)
    assert worked_on(intake, vault, job_id).stage is ImportStage.CHECKED


def test_one_is_alone_until_it_ends_and_the_next_is_at_once(intake):
    with alone(intake, "list 1") as lock, alone(intake, "list 1") as second, alone(intake, "list 2") as other:
        assert (lock is None, second is None, other is None) == (False, True, False)
    with alone(intake, "list 1") as lock:
        assert lock is not None


def test_a_lock_is_given_back_where_the_work_failed_however_long_its_connection_lingers(intake, monkeypatch):
    lingering = []

    class Lingering(Connection):
        def close(self) -> None:
            lingering.append(self)  # as the server has it, until it notices

    monkeypatch.setattr(
        locks,
        "connect",
        lambda url, schema: psycopg2.connect(url, connection_factory=Lingering, options=f"-c search_path={schema}"),
    )
    with pytest.raises(Unavailable, match="went away"), alone(intake, "list 1"):
        raise Unavailable("the database went away")
    monkeypatch.undo()
    with alone(intake, "list 1") as lock:
        assert lock is not None
    [connection] = lingering
    Connection.close(connection)


def test_a_database_that_goes_away_while_the_lock_is_asked_for_is_not_the_lists_fault(intake, settings, monkeypatch):
    def dying(url: str, schema: str) -> Connection:
        connection = connect(url, schema)
        with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", (connection.get_backend_pid(),))
        return connection

    monkeypatch.setattr(locks, "connect", dying)
    with pytest.raises(Unavailable), alone(intake, "list 1"):
        raise AssertionError("nobody is alone without a lock")


def test_a_lock_whose_connection_ended_is_held_no_more(intake, settings):
    with alone(intake, "list 1") as lock:
        assert lock is not None
        lock.still_held()
        with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2")
        with pytest.raises(Unavailable):
            lock.still_held()
