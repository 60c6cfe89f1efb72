"""The ladder in a world: a case that is overdue, and what people do about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from services.supervision.handlers import climb_due, fire_due, ladder, listing
from services.supervision.handlers import interviews as calls
from services.supervision.policy import Step
from shared.contract.person import Person
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import COUNTY, SECRETARY

SUPERVISOR = Person(official="o-431023-sup", name="王建平", post="县委督查室主任", organisation="431023-sup")
HEAD = Person.of(SECRETARY)
SEES = listing.sight(SUPERVISOR.official, {"431023-sup"}, {"431023*"})
DUE = "2016-11-18 00:00"


def organisations(world: Supervision) -> None:
    """The county, its supervision office, and a township that works in an instance of its own."""
    for code, name, superior, own in (
        ("431023", "永兴县", None, True), ("431023-sup", "县委督查室", "431023", False), ("431023-gov", "县政府", "431023", False),
        ("431023104", "柏林镇", "431023", True),
    ):  # fmt: skip
        data = {"code": code, "name": name, "name_en": code, "superior": superior, "has_instance": own}
        world.hear(world.event("directory.organisation_recorded", code, data))  # type: ignore[arg-type]


def overdue(world: Supervision, *, when: str = "2016-11-07 09:30", now: str = DUE, **more: Any) -> UUID:
    """A case whose conclusion was missed, with the reminders that followed."""
    case = uuid4()
    world.hear(world.issued(case, when, **more))
    scheduler(world, now)
    return case


def scheduler(world: Supervision, now: str) -> None:
    """What the timers do at an instant."""
    world.clock(now)
    world.do(fire_due)
    while world.do(climb_due):
        pass


def miss(world: Supervision, case: UUID, obligation: str = "conclude") -> UUID:
    """The deadline of that obligation."""
    (row,) = world.rows(
        "SELECT id FROM deadline WHERE case_id = %(case)s AND obligation = %(kind)s", case=str(case), kind=obligation
    )
    found: UUID = row["id"]
    return found


def issue(world: Supervision, step: str, *ids: UUID, by: Person = SUPERVISOR, who: dict | None = None, **more: Any) -> list:
    """Take a step under somebody's name."""
    told = {"key": uuid4(), "demand": "请于五日内办结并报告结果。", **more}
    return world.do(lambda uow: ladder.issue(uow, who or SEES, by, list(ids), Step(step), **told))


def call(world: Supervision, *ids: UUID, by: Person = HEAD, **more: Any) -> Any:
    """Call the person responsible in."""
    told = {"key": uuid4(), "reasons": "督办后仍未办结。", **more}
    return world.do(lambda uow: calls.call(uow, SEES, by, list(ids), **told))


__all__ = ["COUNTY", "HEAD", "SEES", "SUPERVISOR", "call", "issue", "miss", "organisations", "overdue", "scheduler"]
