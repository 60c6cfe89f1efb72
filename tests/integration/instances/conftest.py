"""A county at work, the command in its environment, and townships run with what the command wrote."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import ROOT, Instance
from deploy.dev.ports import free_port
from deploy.dev.processes import Process
from deploy.dev.waiting import until
from services.routing import joining as making
from services.routing.domain.agreement import Verdict
from services.routing.handlers import instruct, receive, review, sync
from services.routing.handlers.directory import import_directory
from shared.database import Database as Schema
from tests import servers
from tests.faults.driver import SECRETARY, Driver
from tests.faults.linked import BOLIN, COUNTY, MATIAN, directory

Zhida = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def own_broker() -> Iterator[Broker]:
    """A broker that is the township's alone."""
    with servers.folder() as folder, servers.running_broker(folder / "broker") as running:
        yield running


@pytest.fixture
def folder() -> Iterator[Path]:
    with servers.folder() as path:
        yield path


@pytest.fixture
def county(broker: Broker, database: Database, folder: Path) -> Iterator[Instance]:
    """The county's intake and routing at work; nobody is subordinate to it yet."""
    made = Instance(
        COUNTY, folder / COUNTY, broker=broker, database=database, services=("intake", "routing"), label=uuid.uuid4().hex[:6],
        extra={"ZHIDA_BINDING_CHECK": "0.5", "AMQP_MANAGEMENT_URL": admin(broker)}, die_with_parent=True,
    )  # fmt: skip
    made.prepare()
    with made.unit_of_work("routing") as uow:
        import_directory(uow, directory(COUNTY), datetime.now(UTC))
    worker = made.worker()
    worker.start()
    worker.wait_http(f"{made.address('worker')}/readyz", timeout=60)
    yield made
    worker.kill()
    made.disconnect()


def admin(broker: Broker) -> str:
    """The administrator's address of a broker's management API."""
    return broker.management_url.replace("//", f"//{broker.uri().split('//')[1].split('@')[0]}@")


@pytest.fixture
def zhida(county: Instance, folder: Path) -> Iterator[Zhida]:
    """The command in the county's environment."""
    env = {**os.environ, **county.environment(), "COLUMNS": "300"}

    def run(*arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "shared.cli", *arguments]
        return subprocess.run(command, env=env | changed, cwd=folder, capture_output=True, text=True, check=False, timeout=120)

    yield run
    assert isinstance(county.server, Database)
    for town in (BOLIN, MATIAN):
        county.server.drop(f"zhida_{town}")


def create(zhida: Zhida, town: str, database: Database, *more: str) -> subprocess.CompletedProcess[str]:
    return zhida("instance", "create", town, "--superior", COUNTY, "--database", database.url(), *more)


def settings_of(folder: Path, town: str) -> dict[str, str]:
    return making.read_environment(folder / "instances" / town)


class Town:
    """The township's worker, run with nothing but the settings that the command wrote."""

    def __init__(self, folder: Path, town: str) -> None:
        self.org, self.env = town, settings_of(folder, town)
        self.database = Schema(self.env["DATABASE_URL_ROUTING"], service="routing", org=town)
        with self.database.unit_of_work() as uow:
            import_directory(uow, directory(town), datetime.now(UTC))
        port = free_port()
        env = {**self.env, "ZHIDA_HEALTH_PORT": str(port), "PYTHONPATH": str(ROOT)}
        self.worker = Process(f"worker-{town}", [sys.executable, "-m", "shared.bus.worker", "routing"], folder=folder, env=env, cwd=ROOT,
        die_with_parent=True)  # fmt: skip
        self.worker.start()
        self.worker.wait_http(f"http://127.0.0.1:{port}/readyz", timeout=60)

    def receive(self) -> bool:
        """Whether an assignment has arrived, which its head then receives."""
        with self.database.unit_of_work() as uow:
            found = uow.all("SELECT id FROM assignment WHERE stage = 'issued'")
            for row in found:
                receive(uow, row["id"], f"o-{self.org}-secretary")
        return bool(found)

    def stages(self) -> list[str]:
        with self.database.unit_of_work() as uow:
            return [row["stage"] for row in uow.all("SELECT stage FROM assignment")]

    def stop(self) -> None:
        self.worker.kill()
        self.database.close()


def hand_down(county: Instance, town: str) -> str:
    driver = Driver(county)
    [case] = driver.submit(1)
    driver.supplement(case)
    briefed = "SELECT count(*) FROM routing.case_record WHERE id = %s AND brief <> ''"
    until(lambda: county.query(briefed, case) == [(1,)], timeout=30, what="the brief")
    with county.unit_of_work("routing") as uow:
        review(uow, UUID(case), SECRETARY)
        instruct(uow, UUID(case), SECRETARY, "请办理。", [(f"o-{town}-secretary", "handling")], "ordinary")
    return case


def verdicts(county: Instance) -> Mapping[str, Verdict]:
    with county.unit_of_work("routing") as uow:
        return {one.org: one.verdict for one in sync.neighbours(uow)}


def stage(county: Instance, case: str) -> str:
    return str(county.query("SELECT stage FROM routing.assignment WHERE case_id = %s", case)[0][0])
