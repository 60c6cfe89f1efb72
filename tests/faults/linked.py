"""A county with two townships, to be broken: one on the county's broker, one on a broker of its own; each link is a wire.

People work by the use cases. `agree` waits until both ends hold the same, which is I6 with I10.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg2

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import SERVICES, Instance, broker_password
from deploy.dev.processes import Process
from deploy.dev.rest import Rest
from deploy.dev.waiting import until
from deploy.dev.wire import Wire
from services.routing.handlers.directory import import_directory
from shared.bus import topology
from shared.bus.broker import connect
from tests.faults import invariants, observe
from tests.faults.driver import DIRECTORY
from tests.faults.invariants import Observed
from tests.faults.people import BOLIN, COUNTY, MATIAN, People
from tests.faults.system import PATIENCE

BEGIN = datetime(2016, 11, 7, 1, 0, tzinfo=UTC)
UNLIMITED = {f"ZHIDA_{kind}RATE_LIMIT": "1000000 per minute" for kind in ("", "PUBLIC_", "COSTLY_")}


def directory(org: str) -> str:
    """The directory of an instance; Matian has an instance of its own here, with Bolin's people under other codes."""
    if org == COUNTY:
        text = DIRECTORY.read_text(encoding="utf-8")
        return text.replace('Matian Town, superior: "431023"}', 'Matian Town, superior: "431023", has_instance: true}')
    text = DIRECTORY.with_name(f"directory-{BOLIN}.yaml").read_text(encoding="utf-8")
    return text.replace(BOLIN, org).replace("柏林镇", "马田镇") if org == MATIAN else text


class Linked(People):
    """The three instances with their processes and wires, and those who work in them."""

    def __init__(
        self,
        folder: Path,
        broker: Broker,
        own: Broker,
        database: Database,
        *,
        services: Sequence[str] = SERVICES,
        town_services: Sequence[str] = ("routing",),
    ) -> None:
        label, shared = uuid.uuid4().hex[:6], {"ZHIDA_SIMULATED": "1", "ZHIDA_BINDING_CHECK": "1", **UNLIMITED}
        self.county = Instance(
            COUNTY, folder / COUNTY, broker=broker, database=database, services=services, subordinates=(BOLIN, MATIAN), label=label, extra=shared,
            die_with_parent=True,
        )  # fmt: skip
        self.wires = {town: Wire(broker.ports["amqp"]) for town in (BOLIN, MATIAN)}
        self.towns = {
            town: Instance(
                town, folder / town, broker=at, database=database, services=town_services, superior=self.county, label=label,
                extra={**shared, "LINKS": self._link(broker, town)}, die_with_parent=True,
            )
            for town, at in ((BOLIN, broker), (MATIAN, own))
        }  # fmt: skip
        self.instances = (self.county, *self.towns.values())
        self.processes: dict[str, Process] = {}
        for instance in self.instances:
            self._prepare(instance)
        super().__init__(self.county, self.towns)

    def _link(self, broker: Broker, town: str) -> str:
        address = broker.uri(town, broker_password(broker, town), self.county.vhost)
        return f"{COUNTY}={address.replace(str(broker.ports['amqp']), str(self.wires[town].port))}"

    def _prepare(self, instance: Instance) -> None:
        instance.prepare()
        for service in instance.services:
            observe.prepare(instance.query, service, instance.role(service))
        self.set_clock(instance, BEGIN)
        with instance.unit_of_work("routing") as uow:
            import_directory(uow, directory(instance.org), datetime.now(UTC))
        connection = connect(instance.broker.uri(vhost=instance.vhost), "tests")
        for service in instance.services:
            topology.declare_service(connection, instance.org, service)
        connection.close()

    # -- processes and time ---------------------------------------------------------------------------------------------
    def start(self, *orgs: str, broken: str = "quick", env: Mapping[str, str] | None = None) -> None:
        """Start the workers of these instances (all by default) and wait until they are up."""
        chosen = [instance for instance in self.instances if not orgs or instance.org in orgs]
        for instance in chosen:
            command = ("-m", "tests.faults.sabotage", broken, "worker")
            process = self.processes[instance.org] = instance.worker(command=command, env=env)
            process.start()
        for instance in chosen:
            self.processes[instance.org].wait_http(f"{instance.address('worker')}/readyz", timeout=60)

    def stop(self) -> None:
        """End every process and wire."""
        for process in self.processes.values():
            process.kill()
        for wire in self.wires.values():
            wire.close()
        for instance in self.instances:
            instance.disconnect()

    def halt(self, org: str) -> Instance:
        """End one instance's processes, and let go of its database. Gives the instance."""
        instance = next(one for one in self.instances if one.org == org)
        self.processes[org].stop()
        instance.disconnect()
        connection = psycopg2.connect(instance.server.url())  # this process's own pokes too
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = %s",
                (instance.database_name,),
            )
        connection.close()
        return instance

    def back_up(self, org: str = COUNTY) -> str:
        """A copy of an instance's database as it stands, taken while nothing of it runs. Gives the copy's name."""
        instance = self.halt(org)
        name, server = f"{instance.database_name}_copy", instance.server
        assert isinstance(server, Database)
        server.create(name, template=instance.database_name)
        self.start(org)
        return name

    def restore(self, copy: str, org: str = COUNTY) -> None:
        """Put the copy in the place of the instance's database; nothing of the instance runs afterwards."""
        instance = self.halt(org)
        assert isinstance(instance.server, Database)
        instance.server.drop(instance.database_name)
        instance.server.create(instance.database_name, template=copy)

    def set_clock(self, instance: Instance, moment: datetime) -> None:
        """Move one instance's time."""
        instance.query(
            "INSERT INTO platform.simulated_clock (instant) VALUES (%s) ON CONFLICT (single) DO UPDATE SET instant = excluded.instant",
            moment,
        )

    def pass_time(self, moment: datetime) -> None:
        """Move the time of all."""
        for instance in self.instances:
            self.set_clock(instance, moment)

    # -- judgement ------------------------------------------------------------------------------------------------------
    def seen(self, instance: Instance) -> Observed:
        """An instance as the invariants see it."""
        return Observed(instance.org, tuple(instance.services), instance.query)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something."""
        until(condition, timeout=PATIENCE, what=what)

    def rest(self, timeout: float = PATIENCE) -> float:
        """Seconds until nothing is under way anywhere; TimeoutError says what is."""
        return Rest(self.instances).wait(timeout)

    def violations(self) -> list[str]:
        """What is broken in any of the three, and between them (I1 to I8)."""
        wrong = []
        for instance in self.instances:
            found = invariants.violations(self.seen(instance), self.driver.ledger if instance is self.county else None)
            wrong += [f"{instance.org}: {line}" for line in [*found, *invariants.parked(self.seen(instance))]]
        return wrong + [line for line in self.disagreements() if line.startswith("I6")]
