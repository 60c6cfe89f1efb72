"""Follow-up on a database of its own for each test."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from deploy.dev.database import Database as Server
from services.followup import handlers
from shared.contract.envelope import Event
from tests.integration.supervision.world import COUNTY, SECRETARY, World, migrated, moment


@pytest.fixture(scope="session")
def followup_database(database: Server) -> str:
    return migrated(database, "followup")


class Followup(World):
    """With the events that follow-up hears."""

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(server, name, "followup", handlers.HEARS, handlers.preload)
        self.clock("2016-11-30 18:00")

    def registered(
        self, case: UUID, *, channel: str = "email", identity: str = "named", number: str = "永信〔2016〕17 号"
    ) -> Event:
        data = {
            "number": number, "channel": channel, "matter_type": "appeal", "category": "environment", "place": TOWNSHIP_CODE,
            "title": "十里洞村民希望喝上健康的水", "brief": "反映污水乱排。", "identity": identity, "group_size": 1,
            "received_at": moment("2016-11-07 08:00"), "registered_at": moment("2016-11-07 08:05"), "registered_by": None,
        }  # fmt: skip
        return self.event("case.registered", case, data)

    def concluded(self, case: UUID, round: int = 3, *, by: dict | None = None, referred_from: str | None = None) -> Event:
        data = {
            "round": round, "outcome": "supported", "summary": "已取缔", "answer": "造纸厂已依法取缔。", "by": by or SECRETARY,
            "concluded_at": moment("2016-11-30 17:00"), "referred_from": referred_from,
        }  # fmt: skip
        return self.event("case.concluded", case, data, teller="routing")

    def answered(
        self, case: UUID, round: int = 3, *, settled: bool = True, satisfied: bool = True, at: str = "2016-12-01 09:00", **more: object
    ) -> Event:  # fmt: skip
        data = {"round": round, "settled": settled, "satisfied": satisfied, "answered_at": moment(at)} | more
        return self.event("petitioner.answered", case, data)

    def asks_to_reopen(self, case: UUID, ground: str, *, at: str, round: int = 3) -> Event:
        data = {"ground": ground, "round": round, "requested_at": moment(at)}
        return self.event("case.reopen_requested", case, data, teller="intake")

    def asks_for_review(
        self, case: UUID, level: str = "review", *, at: str = "2016-12-02 09:00", id: UUID | None = None
    ) -> Event:
        data = {"review_id": str(id or uuid4()), "level": level, "requested_at": moment(at)}
        return self.event("review.requested", case, data, teller="intake")

    def instructed(self, case: UUID, round: int) -> Event:
        data = {
            "instruction_id": str(uuid4()), "round": round, "text": "请办理。", "author": SECRETARY, "addressees": [SECRETARY],
            "answers": None, "case_class": "ordinary", "instructed_at": moment("2016-12-02 09:00"), "read_by_deputy": None,
        }  # fmt: skip
        return self.event("case.instructed", case, data, teller="routing")

    def assigned(self, case: UUID, to: dict, *, assignment: UUID | None = None) -> Event:
        data = {
            "assignment_id": str(assignment or uuid4()), "instruction_id": str(uuid4()), "round": 3, "part": "handling", "responsible": to,
            "issued_by": SECRETARY, "issued_at": moment("2016-11-20 09:00"), "text": "请办理。", "case_class": "ordinary", "number": "17",
            "channel": "email", "category": "environment", "title": "十里洞", "brief": "污水", "parent": None,
        }  # fmt: skip
        return self.event("assignment.issued", case, data, teller="routing")

    def handed_over(self, case: UUID, assignment: UUID, old: dict, new: dict) -> Event:
        data = {
            "assignment_id": str(assignment), "from": old, "to": new, "by": SECRETARY, "reason": "left",
            "at": moment("2016-11-25 09:00"),
        }  # fmt: skip
        return self.event("assignment.handed_over", case, data, teller="routing")

    def withdrawn(self, case: UUID) -> Event:
        return self.event("case.withdrawn", case, {"withdrawn_at": moment("2016-12-01 09:00"), "by": None})

    def task_id(self, case: UUID, round: int = 3) -> UUID:
        return self.rows("SELECT id FROM task WHERE case_id = %(c)s AND round = %(r)s", c=case, r=round)[0]["id"]


TOWNSHIP_CODE = COUNTY + "104"


@pytest.fixture
def world(database: Server, followup_database: str) -> Iterator[Followup]:
    made = Followup(database, followup_database)
    yield made
    made.close()
