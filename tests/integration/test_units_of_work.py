"""A unit of work on the real server: all of it is stored or nothing, and whoever comes next finds a clean connection."""
# ruff: noqa: PT012 - what breaks off is a whole unit of work

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import psycopg2
import pytest
from prometheus_client import REGISTRY

from deploy.dev import database as servers
from deploy.dev.broker import Broker
from deploy.dev.instance import Instance
from deploy.dev.waiting import until
from shared.database import Database, UnitOfWork
from shared.errors import Unavailable
from tests import pools

WRITE = "INSERT INTO attempt VALUES (%(id)s, 1)"


@pytest.fixture(scope="module")
def made(server_folder: Path, broker: Broker, database: servers.Database) -> Instance:
    instance = Instance("431023", server_folder / "units", broker=broker, database=database, services=("intake",), label="units-")
    instance.prepare()
    return instance


@pytest.fixture
def intake(made: Instance) -> Database:
    """A pool that nobody has used."""
    return Database(made.settings.service_url("intake"), service="intake", org="431023")


def stored(made: Instance, key: UUID) -> bool:
    return made.query("SELECT count(*) FROM intake.attempt WHERE event_id = %s", str(key)) == [(1,)]


def fail(uow: UnitOfWork) -> None:
    """A statement fails, and somebody takes no notice."""
    with pytest.raises(psycopg2.errors.DivisionByZero):
        uow.one("SELECT 1 / 0")


def test_what_was_written_is_there_and_what_broke_off_is_not(made: Instance, intake: Database) -> None:
    kept, lost = uuid4(), uuid4()
    with intake.unit_of_work() as uow:
        uow.all(WRITE, id=kept)
    with pytest.raises(RuntimeError), intake.unit_of_work() as uow:
        uow.all(WRITE, id=lost)
        raise RuntimeError("broken off")
    assert (stored(made, kept), stored(made, lost)) == (True, False)
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT count(*) AS n FROM attempt WHERE event_id = %(id)s", id=lost) == {"n": 0}


def test_a_failed_statement_that_somebody_caught_does_not_end_in_silence(made: Instance, intake: Database) -> None:
    key = uuid4()
    with pytest.raises(psycopg2.errors.InFailedSqlTransaction), intake.unit_of_work() as uow:
        uow.all(WRITE, id=key)
        fail(uow)
    assert not stored(made, key)
    with intake.unit_of_work() as uow:
        uow.all(WRITE, id=key)
    assert stored(made, key)


def test_a_statement_that_never_reached_the_server_begins_nothing(made: Instance, intake: Database) -> None:
    key = uuid4()
    with pytest.raises(RuntimeError), intake.unit_of_work() as uow:
        with pytest.raises(ValueError, match="NUL"):
            uow.one("SELECT %(text)s", text="\0")
        uow.all(WRITE, id=key)
        raise RuntimeError("broken off")
    assert not stored(made, key)


def test_what_fails_among_what_is_written_together_stores_nothing(made: Instance, intake: Database) -> None:
    first, twice = uuid4(), uuid4()
    with pytest.raises(psycopg2.errors.UniqueViolation), intake.unit_of_work() as uow:
        uow.later("INSERT INTO attempt VALUES %s", [(first, 1)])
        uow.later("INSERT INTO attempt VALUES %s", [(twice, 1), (twice, 2)])
    assert (stored(made, first), stored(made, twice)) == (False, False)


def test_a_connection_that_is_lost_before_the_commit_is_unavailable_and_replaced(made: Instance, intake: Database) -> None:
    key = uuid4()
    with pytest.raises(Unavailable), intake.unit_of_work() as uow:
        uow.all(WRITE, id=key)
        backend = uow.one("SELECT pg_backend_pid() AS pid")
        assert backend is not None
        made.query("SELECT pg_terminate_backend(%s)", backend["pid"])
    assert not stored(made, key)
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT 1 AS one") == {"one": 1}


def test_what_is_asked_often_is_planned_once_for_each_connection(intake: Database) -> None:
    for number in range(3):
        with intake.unit_of_work() as uow:
            assert uow.often("SELECT %(number)s::int + %(number)s::int AS sum", number=number) == {"sum": 2 * number}
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT count(*) AS n FROM pg_prepared_statements") == {"n": 1}


def test_a_quiet_service_keeps_one_connection_and_a_busy_one_at_most_four(intake: Database) -> None:
    for _ in range(3):
        with intake.unit_of_work() as uow:
            uow.one("SELECT 1")
    assert len(intake._idle) == 1
    opened = [intake.unit_of_work() for _ in range(4)]
    for each in opened:
        each.__enter__().one("SELECT 1")
    assert intake._permits.empty()
    for each in opened:
        each.__exit__(None, None, None)
    assert len(intake._idle) == 4
    intake.close()
    assert len(intake._idle) == 0


def test_a_pool_that_is_closed_leaves_no_connection_and_the_next_use_opens_others(made: Instance) -> None:
    pools.give_back()
    until(lambda: connections(made) == 0, timeout=20, what="the others' to be gone")
    intake = made.database("intake")
    for _ in range(2):
        with intake.unit_of_work() as uow:
            uow.one("SELECT 1")
        intake.on_told()
        until(lambda: connections(made) == 2, timeout=20, what="the pool's and the poke's")
        intake.close()
        until(lambda: connections(made) == 0, timeout=20, what="both to be gone")


def connections(made: Instance) -> int:
    [(count,)] = made.query(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'zhida-intake'"
    )
    return int(count)


def pool(figure: str) -> float:
    return REGISTRY.get_sample_value(f"zhida_pool_{figure}", {"service": "intake"}) or 0.0


@contextmanager
def all_taken(intake: Database) -> Iterator[ExitStack]:
    """Every connection is in use; closing the stack gives them back."""
    with ExitStack() as held:
        while pool("connections_busy") < pool("connections"):
            held.enter_context(intake.connection())
        yield held


def test_how_many_connections_are_in_use_and_what_was_waited_for_one_is_stated(intake: Database) -> None:
    before, vain = pool("wait_seconds_total"), pool("exhausted_total")
    with intake.connection():
        assert (pool("connections_busy"), pool("connections")) == (1, 4)
    assert (pool("connections_busy"), pool("wait_seconds_total")) == (0, before)
    with all_taken(intake) as held:
        waiter = threading.Thread(target=lambda: intake.unit_of_work().__enter__())
        waiter.start()
        waiter.join(0.2)
        assert waiter.is_alive()
        held.close()
        waiter.join(10)
    assert pool("wait_seconds_total") >= before + 0.2
    assert pool("exhausted_total") == vain


def test_a_caller_who_waits_in_vain_is_counted(intake: Database) -> None:
    vain = pool("exhausted_total")
    with all_taken(intake), pytest.raises(Unavailable, match="all 4 connections of intake are busy"), intake.connection():
        pass
    assert pool("exhausted_total") == vain + 1
