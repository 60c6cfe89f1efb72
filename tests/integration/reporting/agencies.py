"""A county that runs reporting alone, with a real broker, and the agencies that the command line lets subscribe there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import amqp

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import ROOT, Instance
from services.reporting.handlers import projecting
from shared.bus.broker import connect
from shared.contract import Event
from tests.integration.reporting.story import COUNTY

EXAMPLES = ROOT / "docs/examples"
PACKAGES = ROOT / "tests/agencies/node_modules"


class Site:
    """The county, its command line, and events that reach its reporting."""

    def __init__(self, folder: Path, broker: Broker, database: Database) -> None:
        admin = broker.management_url.replace("//", f"//{broker.uri().split('//')[1].split('@')[0]}@")
        self.county = Instance(
            COUNTY, folder / COUNTY, broker=broker, database=database, services=("reporting",), label=uuid.uuid4().hex[:6],
            extra={"AMQP_MANAGEMENT_URL": admin, "ZHIDA_PUBLIC_URL": "https://xf.example"}, die_with_parent=True,
        )  # fmt: skip
        self.folder, self.broker = folder, broker
        self.county.prepare()

    def zhida(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command, in the county's environment."""
        env = {**os.environ, **self.county.environment(), "COLUMNS": "300"}
        command = [sys.executable, "-m", "shared.cli", *arguments]
        return subprocess.run(command, env=env, cwd=self.folder, capture_output=True, text=True, check=False, timeout=120)

    def add(self, name: str, *more: str) -> dict[str, Any]:
        """What the command prints for an agency, as JSON."""
        done = self.zhida("subscriber", "add", name, "--json", *more)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def take(self, events: list[Event]) -> None:
        """Events arrive at reporting, which tells agencies of them."""
        with self.county.unit_of_work("reporting") as uow:
            projecting.preload(events, uow)
            for event in events:
                projecting.HEARS[event.contract.name](event, uow)

    def told(self) -> list[str]:
        """The names of what reporting told agencies, in order."""
        return [name.removeprefix("public.") for (name,) in self.county.query("SELECT name FROM reporting.event_log ORDER BY id")]


@contextmanager
def running(folder: Path, broker: Broker, database: Database) -> Iterator[Site]:
    """The site with its worker, until the end."""
    site = Site(folder, broker, database)
    worker = site.county.worker()
    worker.start()
    worker.wait_http(f"{site.county.address('worker')}/readyz", timeout=60)
    try:
        yield site
    finally:
        worker.kill()
        site.county.disconnect()


def python_example() -> list[str]:
    """The example in Python, as docs/ has it."""
    return [sys.executable, str(EXAMPLES / "subscriber.py")]


def node_example(folder: Path) -> list[str]:
    """The example in Node, as docs/ has it."""
    return node_program(folder, EXAMPLES / "subscriber.mjs")


def node_program(folder: Path, program: Path) -> list[str]:
    """A program beside the packages that it asks for."""
    node = shutil.which("node") or shutil.which("nodejs")
    assert node, "no node here: run `make setup-tests`"
    assert PACKAGES.is_dir(), "no AMQP client here: run `make setup-tests`"
    shutil.copy(program, folder / program.name)
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(PACKAGES)
    return [node, str(folder / program.name)]


def environment(printed: dict[str, Any]) -> dict[str, str]:
    """What an agency's client is given: nothing but what the command printed."""
    return {"PATH": os.environ["PATH"], "AMQP_URL": printed["address"], "QUEUE": printed["queue"]}


class Client:
    """An example at work, with nothing but what the command printed."""

    def __init__(self, command: list[str], printed: dict[str, Any]) -> None:
        self._process = subprocess.Popen(command, env=environment(printed), stdout=subprocess.PIPE, text=True)

    def read(self, count: int) -> list[dict[str, Any]]:
        """The next events that it prints."""
        assert self._process.stdout
        return [json.loads(self._process.stdout.readline()) for _ in range(count)]

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def signed_in(printed: dict[str, Any]) -> amqp.Connection:
    """A connection as the agency, by a client of our own."""
    return connect(printed["address"], "a test")
