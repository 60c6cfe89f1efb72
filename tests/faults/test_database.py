"""Faults of the database: it is killed under load, restarted in mid-relay, and its disk is full."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.dev.database import Database
from deploy.dev.processes import Process
from deploy.dev.waiting import until
from tests import servers
from tests.faults.conftest import Make
from tests.faults.disks import SmallDatabase, small_disk
from tests.faults.system import System, frozen

SERVICES = ("intake", "routing")


def test_15_a_database_killed_under_load_means_503_and_never_a_false_2xx(make: Make, own_database: Database) -> None:
    system = make(at=own_database, services=SERVICES)
    system.web()
    system.worker()
    with system.driver.load() as statuses:
        until(lambda: statuses.count(201) > 20, timeout=30, what="registrations")
        own_database.kill()
        until(lambda: 503 in statuses, timeout=30, what="a petitioner to be told")
        own_database.start()
        before = statuses.count(201)
        until(lambda: statuses.count(201) > before + 20, timeout=30, what="registrations again")
    assert set(statuses) <= {0, 201, 503}
    system.driver.insist()
    system.rest()
    assert system.violations() == []


def test_15_twin_an_answer_before_the_commit_is_a_lie_when_the_database_dies(make: Make, own_database: Database) -> None:
    system = make(at=own_database, services=SERVICES)
    system.web("answer_first")
    assert system.driver.register() == 201
    own_database.kill()
    own_database.start()
    assert any(wrong.startswith("I1") and wrong.endswith("is stored as None") for wrong in system.violations())


def test_16_a_database_restarted_in_mid_relay_is_found_again(make: Make, own_database: Database) -> None:
    system = make(at=own_database, services=SERVICES)
    system.driver.submit(20)
    worker = system.worker("stop@relay_after_publish")
    frozen(worker)
    own_database.restart()
    worker.resume()
    system.rest()
    assert system.violations() == []


def test_16_twin_a_relay_that_ends_with_its_connection_leaves_events_behind(make: Make, own_database: Database) -> None:
    system = make(at=own_database, services=SERVICES)
    system.driver.submit(20)
    worker = system.worker("stop@relay_after_publish,no_reconnect")
    frozen(worker)
    own_database.restart()
    worker.resume()
    with pytest.raises(TimeoutError):
        system.rest(timeout=8)
    assert any("behind at local" in wrong for wrong in system.violations())


@pytest.fixture
def small(request: pytest.FixtureRequest) -> Iterator[SmallDatabase]:
    """A database on a disk of its own that can be filled."""
    with servers.folder() as folder, small_disk(folder / "disk", 200) as disk:
        database = SmallDatabase(folder / "database", disk, die_with_parent=True)
        database.start()
        yield database
        database.kill()


def test_17_on_a_full_disk_nobody_is_told_registered_and_with_room_all_goes_on(make: Make, small: SmallDatabase) -> None:
    system = make(at=small, services=SERVICES)
    system.web()
    system.worker()
    assert system.driver.register() == 201
    small.fill()
    until(lambda: system.driver.register() == 503, timeout=60, what="the disk to be full")
    refused = [system.driver.register() for _ in range(5)]
    assert 503 in refused or 0 in refused
    small.free()
    system.driver.insist()
    system.rest()
    assert system.violations() == []


def test_17_twin_a_registration_kept_in_memory_for_later_is_lost(make: Make, small: SmallDatabase) -> None:
    system = make(at=small, services=SERVICES)
    web = system.web("keep_in_memory")
    small.fill()
    until(lambda: told_to_wait(system, web), timeout=60, what="the disk to be full")
    small.free()
    assert any(wrong.startswith("I1") and wrong.endswith("is stored as None") for wrong in system.violations())


def told_to_wait(system: System, web: Process) -> bool:
    """Register once more; whether a petitioner was told that it is kept for later."""
    system.driver.register()
    return "kept for later" in web.log.read_text()
