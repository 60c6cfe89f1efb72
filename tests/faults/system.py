"""A county on private servers, to be broken: its processes, its load, and the wait until it has come to rest."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import SERVICES, Instance
from deploy.dev.processes import Process
from deploy.dev.waiting import until
from tests.faults import invariants
from tests.faults.invariants import Ledger, Observed

PATIENCE = 60.0  # I10


class System:
    """One county with its worker and web processes, and the ledger of its driver."""

    def __init__(self, folder: Path, broker: Broker, database: Database, *, services: tuple[str, ...] = SERVICES, label: str = "",
                 env: Mapping[str, str] | None = None) -> None:  # fmt: skip
        extra = {"ZHIDA_RATE_LIMIT": "1000000 per minute", **(env or {})}
        self.broker, self.server = broker, database
        self.county = Instance("431023", folder, broker=broker, database=database, services=services, label=label or uuid.uuid4().hex[:6],
                               extra=extra, die_with_parent=True)  # fmt: skip
        self.ledger = Ledger()
        self._processes: list[Process] = []
        self.county.prepare()

    # -- processes --------------------------------------------------------------------------------------------------
    def worker(self, *services: str, name: str = "worker", broken: str = "", env: Mapping[str, str] | None = None, wait: bool = True) -> Process:
        """A started worker; `broken` is a specification of tests.faults.sabotage."""
        command = ("-m", "tests.faults.sabotage", broken, "worker") if broken else ()
        process = self.county.worker(*services, name=name, command=command, env=env)
        process.start()
        self._processes.append(process)
        if wait and not broken:
            process.wait_http(f"{self.county.address(name)}/livez", timeout=30)
        return process

    def web(self, *, name: str = "web", broken: str = "", wait: bool = True) -> Process:
        """A started web process."""
        command = ("-m", "tests.faults.sabotage", broken, "web") if broken else ()
        process = self.county.web(name=name, command=command)
        process.start()
        self._processes.append(process)
        if wait:
            process.wait_http(f"{self.county.address(name)}/livez", timeout=30)
        return process

    def stop(self) -> None:
        """End every process of this system."""
        for process in self._processes:
            process.kill()

    # -- load -------------------------------------------------------------------------------------------------------
    def register(self, key: str | None = None, *, timeout: float = 10, text: str = "村民希望喝上健康的水") -> int:
        """Try to register a petition by HTTP; the ledger notes the try and the answer. Returns the status, 0 for none."""
        key = key or str(uuid.uuid4())
        self.ledger.attempted.add(key)
        body = {"channel": "post", "matter_type": "appeal", "identity": "anonymous", "title": "十里洞村饮水", "text": text}
        try:
            answer = requests.post(f"{self.county.address()}/api/intake/petitions", json=body, headers={"Idempotency-Key": key}, timeout=timeout)
        except requests.RequestException:
            return 0
        if answer.status_code in (200, 201):
            number = answer.json()["number"]
            assert self.ledger.acknowledged.setdefault(key, number) == number, "a retry got another number"
        return answer.status_code

    def insist(self, keys: list[str], *, timeout: float = PATIENCE) -> None:
        """Try the keys again until each is acknowledged, as a person would."""
        for key in keys:
            until(lambda key=key: self.register(key) in (200, 201), timeout=timeout, what=f"{key} to be registered")

    @contextmanager
    def load(self, connections: int = 4) -> Iterator[list[int]]:
        """Registrations without a pause from several connections while the block runs; the statuses answered so far."""
        running = threading.Event()
        running.set()
        statuses: list[int] = []

        def drive() -> None:
            while running.is_set():
                statuses.append(self.register())

        threads = [threading.Thread(target=drive, daemon=True) for _ in range(connections)]
        for thread in threads:
            thread.start()
        try:
            yield statuses
        finally:
            running.clear()
            for thread in threads:
                thread.join(timeout=20)

    # -- rest and judgement -----------------------------------------------------------------------------------------
    @property
    def seen(self) -> Observed:
        """The instance as the invariants see it."""
        return Observed(self.county.org, self.county.services, self.county.query)

    def at_rest(self) -> bool:
        """Everything told has left and has arrived."""
        try:
            return not invariants.nothing_in_the_outbox(self.seen) and not invariants.undelivered(self.seen)
        except Exception:
            return False

    def rest(self, timeout: float = PATIENCE) -> None:
        """Wait until everything has come to rest; TimeoutError says that something is stuck (I10)."""
        until(self.at_rest, timeout=timeout, what=f"rest: {self.stuck()[:3]}")

    def stuck(self) -> list[str]:
        """What keeps the system from rest."""
        try:
            return invariants.nothing_in_the_outbox(self.seen) + invariants.undelivered(self.seen)
        except Exception as fault:
            return [repr(fault)]

    def violations(self, heads: Any = None) -> list[str]:
        """What is broken now."""
        return invariants.violations(self.seen, self.ledger, heads)
