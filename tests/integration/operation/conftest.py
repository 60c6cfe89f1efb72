"""A county of all five services at work with one case, and the command in its environment, run within this process."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from typer.testing import CliRunner

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import Instance
from deploy.dev.processes import Process
from deploy.dev.waiting import until
from shared import cli
from tests import servers
from tests.faults.driver import Driver
from tests.faults.people import COUNTY
from tests.integration.instances.conftest import admin

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Answer:
    """What a command said, and how it ended."""

    code: int
    out: str
    fault: BaseException | None

    @property
    def rows(self) -> Any:
        """Its JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Site:
    """The county and what its tests share: its worker, those who work there, the number and id of its case."""

    county: Instance
    worker: Process
    driver: Driver
    number: str
    case: str


Zhida = Callable[..., Answer]


@pytest.fixture(scope="session")
def site(broker: Broker, database: Database) -> Iterator[Site]:
    """A county with a worker that looks at its bindings but once, and a case that was handed to a unit."""
    cli.mount()
    with servers.folder() as folder:
        county = Instance(
            COUNTY, folder / COUNTY, broker=broker, database=database, label=f"op{uuid.uuid4().hex[:5]}-",
            extra={"ZHIDA_BINDING_CHECK": "3600", "AMQP_MANAGEMENT_URL": admin(broker)}, die_with_parent=True,
        )  # fmt: skip
        county.prepare()
        county.query("UPDATE supervision.calendar_coverage SET last = '2099-12-31'")  # whatever day it is today
        worker = county.worker()
        worker.start()
        worker.wait_http(f"{county.address('worker')}/readyz", timeout=60)
        driver = Driver(county)
        driver.found()
        [case] = driver.submit()
        driver.supplement(case)
        briefed = "SELECT count(*) FROM routing.case_record WHERE id = %s AND brief <> ''"
        until(lambda: county.query(briefed, case) == [(1,)], timeout=30, what="the brief")
        driver.instruct([case])
        known = "SELECT count(*) FROM reporting.received WHERE subject = %s AND name = 'deadline.set'"
        until(lambda: county.query(known, case)[0][0] >= 2, timeout=30, what=f"the limits; {worker.tail(3)}")
        [(number,)] = county.query("SELECT number FROM reporting.case_row WHERE case_id = %s", case)
        yield Site(county, worker, driver, number, case)
        worker.kill()
        county.disconnect()


@pytest.fixture
def zhida(site: Site) -> Zhida:
    """`zhida("doctor", "--json", ZHIDA_POLICY="x")`: the command, with settings changed."""
    return lambda *arguments, **changed: run(site.county.environment() | changed, *arguments)


def run(environment: Mapping[str, str], *arguments: str) -> Answer:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with mock.patch.dict(os.environ, {**kept, **environment, "COLUMNS": "300"}, clear=True):
        found = CliRunner().invoke(cli.app, arguments)
    fault = None if isinstance(found.exception, SystemExit) else found.exception
    return Answer(found.exit_code, found.stdout, fault)
