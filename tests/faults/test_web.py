"""Faults of the web process: it dies around the commit, or is asked to stop with answers owed."""

from __future__ import annotations

import signal
import uuid

from deploy.dev.waiting import until
from tests.faults.conftest import Make
from tests.faults.system import System, died, ended

SERVICES = ("intake", "routing")


def stored(system: System) -> int:
    return int(system.query("SELECT count(*) FROM intake.petition")[0][0])


def web_dies(system: System, point: str, twin: str = "-") -> str:
    """The web process dies at the point while it registers a petition; the key of that petition."""
    key = str(uuid.uuid4())
    web = system.web(f"kill@{point},{twin}")
    assert system.driver.register(key) == 0
    assert died(web)
    return key


def test_1_a_web_process_killed_before_its_commit_has_stored_nothing(make: Make) -> None:
    system = make(services=SERVICES)
    web_dies(system, "web_before_commit")
    assert stored(system) == 0
    system.web()
    system.driver.insist()
    system.worker()
    system.rest()
    assert system.violations() == []
    assert stored(system) == 1


def test_1_twin_statement_by_statement_a_petition_is_stored_and_never_told(make: Make) -> None:
    system = make(services=SERVICES)
    web_dies(system, "web_before_events", twin="autocommit")
    system.web()
    system.driver.insist()
    assert any("is told 0 times" in wrong for wrong in system.violations())


def test_2_a_retry_after_a_lost_answer_gives_the_same_receipt(make: Make) -> None:
    system = make(services=SERVICES)
    key = web_dies(system, "web_after_commit")
    assert stored(system) == 1
    system.web()
    receipts = [answer.json() for _ in range(2) if (answer := system.driver.post(key)) is not None]
    assert len(receipts) == 2
    assert receipts[0] == receipts[1]
    assert system.query("SELECT number FROM intake.petition") == [(receipts[0]["number"],)]
    system.worker()
    system.rest()
    assert system.violations() == []


def test_2_twin_without_a_look_at_the_key_a_retry_registers_a_second_petition(make: Make) -> None:
    system = make(services=SERVICES)
    key = web_dies(system, "web_after_commit")
    system.web("no_key")
    assert system.driver.register(key) == 201
    assert any("nobody tried it" in wrong for wrong in system.violations())


def web_is_asked_to_stop(system: System, by: signal.Signals) -> tuple[int | None, list[int]]:
    """A signal to a web process under load; its exit status, and what was answered up to then."""
    web = system.web()
    with system.driver.load() as statuses:
        until(lambda: statuses.count(201) > 20, timeout=30, what="registrations")
        web.stop(by=by, timeout=30)
    return ended(web), statuses


def test_37_a_web_process_asked_to_stop_answers_what_it_has_taken(make: Make) -> None:
    system = make(services=SERVICES)
    status, _ = web_is_asked_to_stop(system, signal.SIGTERM)
    assert status == 0
    assert stored(system) == len(system.driver.ledger.acknowledged)  # nobody whose petition was stored goes without an answer
    system.web()
    system.driver.insist()
    system.worker()
    system.rest()
    assert system.violations() == []


def test_37_twin_a_web_process_that_goes_at_once_leaves_petitioners_without_an_answer(make: Make) -> None:
    system = make(services=SERVICES)
    status, statuses = web_is_asked_to_stop(system, signal.SIGKILL)
    assert status != 0
    assert 0 in statuses
