"""Supervision on a database of its own for each test."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from deploy.dev.database import Database as Server
from services.supervision import handlers
from shared.contract import signature
from shared.contract.envelope import Event
from shared.database import UnitOfWork
from tests.integration.supervision.world import (
    COUNTY,
    SECRETARY,
    TOWNSHIP,
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
               to: dict | None = None, case_class: str = "ordinary", org: str = COUNTY, **more: Any) -> Event:  # fmt: skip
        data: dict[str, Any] = {
            "assignment_id": str(assignment or uuid4()), "instruction_id": str(uuid4()), "round": round, "part": part,
            "responsible": to or TOWNSHIP_SECRETARY, "issued_by": SECRETARY, "issued_at": moment(when), "text": "请调查办理。",
            "case_class": case_class, "number": "永信〔2016〕17 号", "channel": "email", "category": "environment",
            "title": "十里洞村民希望喝上健康的水", "brief": "反映污水乱排。",
        }  # fmt: skip
        return self.event("assignment.issued", case, data | more, org=org, to=data["responsible"]["organisation"])

    def replied(self, case: UUID, assignment: UUID, when: str, *, org: str = TOWNSHIP, **changes: Any) -> Event:
        """A reply that is signed as it says, and then changed."""
        data: dict[str, Any] = {
            "assignment_id": str(assignment), "reply_id": str(uuid4()), "round": 1, "outcome": "supported", "findings": "属实",
            "measures": [], "answer": "已处理", "signature": {**TOWNSHIP_SECRETARY, "at": moment(when), "alg": "sha256"},
            "replied_at": moment(when), **{name: changes.pop(name) for name in ("round", "signature") & changes.keys()},
        }  # fmt: skip
        data["signature"]["hash"] = signature.digest(data, str(case))
        return self.event("assignment.replied", case, data | changes, org=org, teller="routing")

    def received(self, case: UUID, assignment: UUID, when: str) -> Event:
        return self.sent_up("received", case, assignment, when)

    def sent_up(self, verb: str, case: UUID, assignment: UUID, when: str, *, org: str = TOWNSHIP, **data: Any) -> Event:
        """What the township tells of an assignment."""
        told = {"assignment_id": str(assignment), "by": TOWNSHIP_SECRETARY, f"{verb}_at": moment(when), **data}
        return self.event(f"assignment.{verb}", case, told, org=org, teller="routing")

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


@pytest.fixture
def kept(world: Supervision) -> Iterator[Supervision]:
    """With the regulation's policy, and the shipped calendar again afterwards."""
    world.do(lambda uow: handlers.adopt_policy(uow, "regulation-2022"))
    days, coverage = world.rows("SELECT day, kind, name FROM calendar_day"), world.rows("SELECT last FROM calendar_coverage")
    yield world

    def restore(uow: UnitOfWork) -> None:
        uow.all("DELETE FROM calendar_day")
        uow.many("INSERT INTO calendar_day (day, kind, name) VALUES %s", [tuple(row.values()) for row in days])
        uow.all("UPDATE calendar_coverage SET last = %(last)s", last=coverage[0]["last"])

    world.do(restore)
