"""The driver: loads a county through its use cases and its pages, and keeps the ledger outside the system."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import requests

from deploy.dev.instance import Instance
from deploy.dev.waiting import until
from services.intake.domain.submission import Channel, Identity, MatterType, Submission
from services.intake.domain.viewing import Viewer
from services.intake.handlers import casework, registration
from services.intake.vault.crypto import Vault, open_vault
from services.routing.handlers.directory import import_directory
from services.routing.handlers.review import instruct, review
from shared.contract.person import Person
from tests import canaries
from tests.faults.invariants import Ledger

DIRECTORY = Path(__file__).parents[2] / "deploy/dev/data/directory-431023.yaml"
SECRETARY, DIRECTOR = "o-431023-secretary", "o-431023-epb-director"
CLERK = Viewer(
    person=Person(official="o-431023-clerk", name="何文", post="登记员", organisation="431023-xf"), roles=frozenset({"clerk"}),
    of_instance=True, codes=frozenset({"o-431023-clerk", "431023-xf"}),
)  # fmt: skip
PETITION = {
    "matter_type": "appeal", "identity": "confidential", "title": "十里洞村饮水", "text": canaries.TEXT, "name": canaries.NAME,
    "phone": canaries.PHONE, "id_number": canaries.ID_NUMBER, "address": canaries.ADDRESS,
}  # fmt: skip


class Driver:
    """Everybody outside the system: petitioners, the clerk, the secretary."""

    def __init__(self, county: Instance) -> None:
        self.county = county
        self.ledger = Ledger()
        self._vault: Vault = open_vault(county.settings.keys)

    def close(self) -> None:
        """Give the connections back."""
        self.county.disconnect()

    # -- by the use cases ---------------------------------------------------------------------------------------------
    def submit(self, count: int = 1) -> list[str]:
        """Register petitions, each in a transaction of its own. Gives the ids of their cases."""
        cases = []
        for _ in range(count):
            with self.county.unit_of_work("intake") as uow:
                cases.append(self.submit_in(uow))
        return cases

    def submit_in(self, uow: Any) -> str:
        """Register one petition in a unit of work of the caller's. Gives the id of its case."""
        key = uuid.uuid4()
        given = Submission(
            channel=Channel.POST,
            matter_type=MatterType.APPEAL,
            identity=Identity.CONFIDENTIAL,
            title=PETITION["title"],
            text=PETITION["text"],
            petitioner=canaries.PETITIONER,
        )
        receipt = registration.register(uow, self._vault, given, key=key)
        self.ledger.attempted.add(str(key))
        self.ledger.acknowledged[str(key)] = receipt.number
        return str(receipt.case_id)

    def supplement(self, case: str, count: int = 1) -> None:
        """The clerk writes the brief of a case, again and again."""
        for _ in range(count):
            with self.county.unit_of_work("intake") as uow:
                casework.supplement(
                    uow,
                    UUID(case),
                    CLERK,
                    title="饮水",
                    brief=f"饮水安全 {uuid.uuid4()}",
                    category="environment",
                    place="431023104",
                )

    def found(self) -> None:
        """The directory of the county, which the instructions need."""
        with self.county.unit_of_work("routing") as uow:
            import_directory(uow, DIRECTORY.read_text(encoding="utf-8"), datetime.now(UTC))

    def instruct(self, cases: Sequence[str], to: str = DIRECTOR) -> None:
        """The secretary instructs on cases that routing knows, each in a transaction of its own."""
        for case in cases:
            with self.county.unit_of_work("routing") as uow:
                review(uow, UUID(case), SECRETARY)
                instruct(uow, UUID(case), SECRETARY, "请核查，让村民喝上健康的水", [(to, "handling")], "ordinary")

    # -- by HTTP ------------------------------------------------------------------------------------------------------
    def register(self, key: str | None = None, *, timeout: float = 15) -> int:
        """Try to register a petition; the ledger notes the try and the answer. Gives the status, 0 for none."""
        answer = self.post(key or str(uuid.uuid4()), timeout=timeout)
        return answer.status_code if answer is not None else 0

    def post(self, key: str, *, timeout: float = 15) -> requests.Response | None:
        """The same, with the whole answer."""
        self.ledger.attempted.add(key)
        try:
            answer = requests.post(
                f"{self.county.address()}/api/intake/petitions", json=PETITION, headers={"Idempotency-Key": key}, timeout=timeout
            )
        except requests.RequestException:
            return None
        assert not 400 <= answer.status_code < 500, answer.text  # the driver's own mistake
        if answer.status_code in (200, 201):
            number = answer.json()["number"]
            assert self.ledger.acknowledged.setdefault(key, number) == number, "a retry got another number"
        return answer

    def insist(self, timeout: float = 60) -> None:
        """Try every key again that has not been acknowledged, as a person would."""
        for key in sorted(self.ledger.attempted - set(self.ledger.acknowledged)):
            until(lambda key=key: self.register(key) in (200, 201), timeout=timeout, what=f"{key} to be registered")  # type: ignore[misc]

    @contextmanager
    def load(self, connections: int = 4) -> Iterator[list[int]]:
        """Registrations without a pause from several connections while the block runs; the statuses answered so far."""
        running = threading.Event()
        running.set()
        statuses: list[int] = []

        def drive() -> None:
            while running.is_set():
                statuses.append(self.register())
                if statuses[-1] != 201:
                    time.sleep(0.1)  # a person takes a breath before the next try

        threads = [threading.Thread(target=drive, daemon=True) for _ in range(connections)]
        for thread in threads:
            thread.start()
        try:
            yield statuses
        finally:
            running.clear()
            for thread in threads:
                thread.join(timeout=30)
