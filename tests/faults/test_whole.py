"""The article's story and 500 further cases in a county with two townships, while everything that faults 9 and 29 to 31 name happens."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.dev.broker import Broker
from deploy.dev.county import County
from deploy.dev.database import Database
from deploy.dev.instance import Instance, broker_password
from deploy.dev.story import Story, at
from deploy.dev.waiting import until
from deploy.dev.wire import Wire
from services.reporting.handlers import rebuilding
from services.routing.handlers import sync
from services.routing.handlers.directory import import_directory
from tests import servers
from tests.faults import invariants
from tests.faults.linked import UNLIMITED, directory
from tests.faults.people import BOLIN, COUNTY, MATIAN, People
from tests.faults.system import PATIENCE

LOADED = 300.0  # seconds for what hundreds of cases cause, beside a whole county on the same two cores


class Whole(County):
    """The demo's county and town with all their processes, and Matian with a broker of its own; both links are wires."""

    def __init__(self, folder: Path, broker: Broker, own: Broker, database: Database) -> None:
        label = f"whole{uuid.uuid4().hex[:6]}-"
        super().__init__(folder, broker, database, begin=at(11, 7, 8, 0), label=label, die_with_parent=True, extra=UNLIMITED)
        self.county.subordinates = (BOLIN, MATIAN)
        self.matian = Instance(
            MATIAN, folder / MATIAN, broker=own, database=database, services=("routing",), superior=self.county, label=label,
            extra=dict(self.town.extra), name="马田镇", name_en="Matian Town", die_with_parent=True,
        )  # fmt: skip
        self.wires = {town.org: Wire(broker.ports["amqp"]) for town in (self.town, self.matian)}
        self.instances = (*self.instances, self.matian)
        for town in (self.town, self.matian):
            address = broker.uri(town.org, broker_password(broker, town.org), self.county.vhost)
            town.extra["LINKS"] = f"{COUNTY}={address.replace(str(broker.ports['amqp']), str(self.wires[town.org].port))}"

    def prepare(self) -> None:
        for instance in self.instances:
            instance.prepare()
            with instance.unit_of_work("routing") as uow:
                import_directory(uow, directory(instance.org), datetime.now(UTC))

    def stop(self) -> None:
        super().stop()
        for wire in self.wires.values():
            wire.close()

    def pass_days(self, days: int) -> None:
        """Move the time of all, whether or not they are at rest."""
        for instance in self.instances:
            instance.query("UPDATE platform.simulated_clock SET instant = instant + %s", timedelta(days=days))


@pytest.fixture
def whole(broker: Broker, own_broker: Broker, database: Database) -> Iterator[Whole]:
    with servers.folder() as folder:
        made = Whole(folder, broker, own_broker, database)
        try:
            made.prepare()
            _ = made.driver
            made.start()
            yield made
        finally:
            made.stop()


def cases(people: People, whole: Whole, count: int) -> None:
    """Hand cases down in three parts: before the links are cut, while they are, while they come and go."""
    people.hand_down(count // 3)
    whole.driver.rest.wait(LOADED)
    for wire in whole.wires.values():
        wire.cut()
    people.work(BOLIN)
    people.work(MATIAN)
    whole.pass_days(3)
    people.hand_down(count // 3)
    for part in range(5):
        for wire in whole.wires.values():
            wire.mend()
        people.hand_down((count - 2 * (count // 3)) // 5 + (part < (count - 2 * (count // 3)) % 5))
        if part in (1, 3):  # in two of them something comes through, and is answered
            until(lambda: people.work(BOLIN) + people.work(MATIAN) > 0, timeout=30, what="something to come through")
        for wire in whole.wires.values():
            wire.cut()
    for wire in whole.wires.values():
        wire.mend()


@pytest.mark.parametrize("count", [40, pytest.param(500, marks=pytest.mark.full)])
def test_the_story_and_further_cases_survive_cut_links_a_killed_broker_and_a_replayed_year(
    whole: Whole, own_broker: Broker, count: int
) -> None:
    Story(whole, lambda line: None).play()
    people = People(whole.county, {BOLIN: whole.town, MATIAN: whole.matian})
    people.driver.ledger.attempted |= {row[0] for row in whole.county.query("SELECT idempotency_key::text FROM intake.petition")}
    cases(people, whole, count)
    own_broker.kill()
    people.work(BOLIN)
    own_broker.start()
    with whole.matian.unit_of_work("routing") as uow:
        sync.send_again(uow, COUNTY, everything=True)
    healed = time.monotonic()
    whole.driver.rest.wait(PATIENCE)
    print(f"at rest {time.monotonic() - healed:.1f} s after everything was healed")
    people.agree(PATIENCE - (time.monotonic() - healed))
    print(f"both digests agree {time.monotonic() - healed:.1f} s after everything was healed")
    while any(map(people.work, (BOLIN, MATIAN))) or people.conclude():
        whole.driver.rest.wait(LOADED)
    print(f"both digests agree {people.agree(PATIENCE):.1f} s after the last case")
    concluded = whole.county.query("SELECT count(*) FROM routing.case_record WHERE stage IN ('concluded', 'archived')")
    assert concluded == [(count + 1,)]
    for instance in whole.instances:
        ledger = people.driver.ledger if instance is whole.county else None
        seen = invariants.Observed(instance.org, tuple(instance.services), instance.query)
        assert invariants.violations(seen, ledger) + invariants.parked(seen) == []
    assert not any(rebuilding.differences(whole.county.database("reporting")).values()), "I9"
    assert whole.county.query("SELECT count(*) FROM platform.difference") == [(0,)]
