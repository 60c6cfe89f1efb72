"""A county on private servers, to be broken: its processes, and the wait until it has come to rest."""

from __future__ import annotations

import signal
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import amqp
import psycopg2

from deploy.dev import procfs
from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import SERVICES, Instance
from deploy.dev.processes import Process
from deploy.dev.waiting import until
from shared.bus import topology
from shared.bus.broker import connect
from tests.faults import invariants, observe
from tests.faults.driver import Driver
from tests.faults.invariants import Observed

PATIENCE = 60.0  # I10


class System:
    """One county with its worker and web processes, and the driver that loads it and keeps the ledger."""

    def __init__(
        self,
        folder: Path,
        broker: Broker,
        database: Database,
        *,
        services: Sequence[str] = SERVICES,
        subordinates: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
    ) -> None:
        extra = {
            "ZHIDA_RATE_LIMIT": "1000000 per minute",
            "ZHIDA_PUBLIC_RATE_LIMIT": "1000000 per minute",
            "ZHIDA_COSTLY_RATE_LIMIT": "1000000 per minute",
            **(env or {}),
        }
        self.broker, self.server = broker, database
        self.county = Instance(
            "431023", folder, broker=broker, database=database, services=services, subordinates=subordinates,
            label=uuid.uuid4().hex[:6], extra=extra, die_with_parent=True,
        )  # fmt: skip
        self._processes: list[Process] = []
        self.county.prepare()
        for service in services:
            observe.prepare(self.query, service, self.county.role(service))
        self.driver = Driver(self.county)
        self.declare()

    def declare(self) -> None:
        """Make the queues, as a worker at its start: otherwise the first one would ask for a replay and so hide a loss."""
        connection = connect(self.amqp, "tests")
        for service in self.county.services:
            topology.declare_service(connection, self.county.org, service)
        connection.close()

    def query(self, statement: str, *params: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement run as the database's owner; asked again when the server was restarted since the last one."""
        try:
            return self.county.query(statement, *params)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            return self.county.query(statement, *params)

    @property
    def amqp(self) -> str:
        """The administrator's address of the county's virtual host."""
        return self.broker.uri(vhost=self.county.vhost)

    @property
    def management_url(self) -> str:
        """The management API's address with its administrator, as AMQP_MANAGEMENT_URL takes it."""
        user = self.broker.uri().split("//")[1].split("@")[0]
        return self.broker.management_url.replace("//", f"//{user}@")

    # -- processes ----------------------------------------------------------------------------------------------------
    def worker(self, broken: str = "-", *services: str, name: str = "worker", env: Mapping[str, str] | None = None) -> Process:
        """A started worker; `broken` is a specification of tests.faults.sabotage. Returns before it is up."""
        process = self.county.worker(*services, name=name, command=("-m", "tests.faults.sabotage", broken, "worker"), env=env)
        process.start()
        self._processes.append(process)
        return process

    def up(self, process: Process, timeout: float = 30) -> Process:
        """The worker, when all its consumers have signed in."""
        process.wait_http(f"{self.county.address(process.name)}/readyz", timeout=timeout)
        return process

    def web(self, broken: str = "-", *, name: str = "web") -> Process:
        """A web process that answers."""
        process = self.county.web(name=name, command=("-m", "tests.faults.sabotage", broken, "web"))
        process.start()
        self._processes.append(process)
        process.wait_http(f"{self.county.address(name)}/livez", timeout=30)
        return process

    def stop(self) -> None:
        """End every process of this system."""
        for process in self._processes:
            process.kill()
        self.driver.close()

    # -- rest and judgement -------------------------------------------------------------------------------------------
    @property
    def seen(self) -> Observed:
        """The instance as the invariants see it."""
        return Observed(self.county.org, tuple(self.county.services), self.query)

    def stuck(self) -> list[str]:
        """What keeps the system from rest: what was told and has not left, or not arrived."""
        try:
            return invariants.nothing_in_the_outbox(self.seen) + invariants.undelivered(self.seen)
        except psycopg2.OperationalError as fault:
            return [repr(fault)]

    def rest(self, timeout: float = PATIENCE) -> float:
        """Seconds until everything has come to rest; TimeoutError says what is stuck (I10)."""
        left = [""]

        def still() -> bool:
            left[:] = self.stuck()
            return not left

        try:
            return until(still, timeout=timeout, what="rest")
        except TimeoutError:
            raise TimeoutError(f"no rest after {timeout} s: {left[:3]}") from None

    def quiet(self, timeout: float = PATIENCE) -> None:
        """Wait until nothing moves any more: outboxes and queues are empty, and no inbox has grown for a second.

        What has not arrived by then is not late but lost.
        """
        last: list[Any] = [None, time.monotonic()]

        def unmoved() -> bool:
            now = [self._waiting(), invariants.nothing_in_the_outbox(self.seen), self._taken_in()]
            if now != last[0]:
                last[:] = [now, time.monotonic()]
            return not any(now[:2]) and time.monotonic() - last[1] > 1.0

        until(unmoved, timeout=timeout, what="quiet")

    def violations(self, heads: Any = None) -> list[str]:
        """What is broken now."""
        return invariants.violations(self.seen, self.driver.ledger, heads)

    def breaks(self, words: str, timeout: float = PATIENCE) -> None:
        """Wait until a violation of these words is there: what was done twice, or out of turn, stays so. TimeoutError if it never is."""
        until(lambda: any(words in wrong for wrong in self.violations()), timeout=timeout, what=words)

    def parked(self) -> list[str]:
        """What waits in the tables of parked events."""
        return invariants.parked(self.seen)

    def _waiting(self) -> int:
        connection = connect(self.amqp, "tests")
        try:
            channel = connection.channel()
            names = [f"{self.county.org}.{service}" for service in self.county.services]
            return sum(channel.queue_declare(name, passive=True).message_count for name in names)
        except amqp.NotFound:
            return 1  # a queue that is yet to be made again
        finally:
            connection.close()

    def _taken_in(self) -> int:
        counts = (self.query(f"SELECT count(*) FROM {service}.inbox")[0][0] for service in self.county.services)
        return sum(counts)


def died(process: Process, timeout: float = 30) -> bool:
    """Whether the process ended by kill -9, its own included; waits for its end."""
    return ended(process, timeout) == -signal.SIGKILL


def ended(process: Process, timeout: float = 30) -> int | None:
    """The process's exit status when it has ended, negative for a signal. TimeoutError if it goes on."""
    until(lambda: not process.alive(), timeout=timeout, what=f"{process.name} to end; {process.tail(3)}")
    child = process._child
    return child.wait(timeout=5) if child is not None else None


def frozen(process: Process, timeout: float = 30) -> None:
    """Wait until the process has stopped itself."""

    def stopped() -> bool:
        if not process.alive():
            raise RuntimeError(f"{process.name} ended: {process.tail()}")
        stat = procfs.look(process.pid or 0)
        return stat is not None and stat.state == "T"

    until(stopped, timeout=timeout, what=f"{process.name} to stand still; {process.tail(3)}")
