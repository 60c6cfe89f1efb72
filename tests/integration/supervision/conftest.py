"""Supervision on a database of its own for each test."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from deploy.dev.database import Database as Server
from services.supervision import handlers
from shared.contract.envelope import Event
from tests.integration.supervision.world import (
    COUNTY,
    SECRETARY,
    TOWNSHIP_SECRETARY,
    World,
    migrated,
    moment,
)


@pytest.fixture(scope="session")
def supervision_database(database: Server) -> str:
    return migrated(database, "supervision")


class Supervision(World):
    """With the events that supervision hears."""

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(server, name, "supervision", handlers.HEARS, handlers.preload)
        self.clock("2016-11-07 00:00")

    def issued(self, case: UUID, when: str, *, assignment: UUID | None = None, round: int = 1, part: str = "handling",
               to: dict | None = None, case_class: str = "ordinary", org: str = COUNTY) -> Event:  # fmt: skip
        data = {
            "assignment_id": str(assignment or uuid4()), "instruction_id": str(uuid4()), "round": round, "part": part,
            "responsible": to or TOWNSHIP_SECRETARY, "issued_by": SECRETARY, "issued_at": moment(when), "text": "请调查办理。",
            "case_class": case_class, "number": "永信〔2016〕17 号", "channel": "email", "category": "environment",
            "title": "十里洞村民希望喝上健康的水", "brief": "反映污水乱排。",
        }  # fmt: skip
        return self.event("assignment.issued", case, data, org=org)

    def replied(self, case: UUID, assignment: UUID, when: str) -> Event:
        data = {
            "assignment_id": str(assignment), "reply_id": str(uuid4()), "round": 1, "outcome": "supported", "findings": "属实",
            "measures": [], "answer": "已处理",
            "signature": {**TOWNSHIP_SECRETARY, "at": moment(when), "alg": "none", "hash": "0" * 64},
            "replied_at": moment(when),
        }  # fmt: skip
        return self.event("assignment.replied", case, data, org="431023104", teller="routing")

    def received(self, case: UUID, assignment: UUID, when: str) -> Event:
        data = {"assignment_id": str(assignment), "by": TOWNSHIP_SECRETARY, "received_at": moment(when)}
        return self.event("assignment.received", case, data, org="431023104", teller="routing")

    def concluded(self, case: UUID, when: str, *, round: int = 1) -> Event:
        data = {
            "round": round, "outcome": "supported", "summary": "已取缔", "answer": "造纸厂已取缔。", "by": SECRETARY,
            "concluded_at": moment(when),
        }  # fmt: skip
        return self.event("case.concluded", case, data, teller="routing")


@pytest.fixture
def world(database: Server, supervision_database: str) -> Iterator[Supervision]:
    made = Supervision(database, supervision_database)
    yield made
    made.close()
