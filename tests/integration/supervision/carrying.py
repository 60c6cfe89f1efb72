"""A county with leaders, a case that one of them may carry, and what the tests of charges and scores do with it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from services.supervision.handlers import charge, fire_due, keep_book, scores
from tests.integration.supervision.conftest import Supervision
from tests.integration.supervision.world import COUNTY, SECRETARY, TOWNSHIP_SECRETARY, moment

MAYOR, VICE, OFFICE, SUPERVISOR = "o-431023-mayor", "o-431023-vice", "o-431023-office", "o-431023-sup"
HEAD = SECRETARY["official"]
PEOPLE = {
    HEAD: ("赵明", COUNTY, "县委书记", ["first_in_command"]),
    MAYOR: ("周明远", "431023-gov", "县长", ["leader"]),
    VICE: ("廖志平", "431023-gov", "副县长", ["leader"]),
    OFFICE: ("邓小燕", "431023-office", "县委办信访专干", ["office"]),
    SUPERVISOR: ("廖志刚", "431023-sup", "督查室主任", ["supervision_office"]),
    TOWNSHIP_SECRETARY["official"]: ("何立新", "431023104", "柏林镇党委书记", ["unit_head"]),
}
NUMBER = "永信〔2016〕17 号"
FIRST = "2016-11-07 09:30"
OVERDUE = "2016-11-18 00:00"


def official(world: Supervision, who: str, *, active: bool = True, **changes: Any) -> None:
    """The directory's word on an official."""
    name, organisation, title, roles = PEOPLE.get(who, ("新人", "431023-gov", "副县长", ["leader"]))
    post = {"organisation": organisation, "title": title, "roles": roles} | changes
    data = {"official": who, "name": name, "active": active, "posts": [post] if active else []}
    world.hear(world.event("directory.official_recorded", who, data))  # type: ignore[arg-type]


def county(world: Supervision) -> None:
    """Everybody who acts in these tests."""
    for who in PEOPLE:
        official(world, who)


def a_case(world: Supervision, *, overdue: bool = True, number: str = NUMBER) -> tuple[UUID, UUID]:
    """A case handed to the township on 7 November, and its assignment; overdue since the 18th, unless it is not yet."""
    case, assignment = uuid4(), uuid4()
    world.clock(FIRST)
    world.hear(world.issued(case, FIRST, assignment=assignment, number=number), world.received(case, assignment, FIRST))
    if overdue:
        world.clock(OVERDUE)
        world.do(fire_due)
    return case, assignment


def take(world: Supervision, case: UUID, who: str = VICE, by: str = HEAD, ground: str = "overdue") -> UUID:
    """Somebody carries the case from now on."""
    key = uuid4()
    world.do(lambda uow: charge.take(uow, case, who, by, charge_id=key, ground=ground))
    return key


def evidence(world: Supervision, charge_id: UUID, duty: str, on: date, by: str = VICE, form: str = "visit", **more: Any) -> UUID:
    """Something was done for a duty."""
    key = more.pop("evidence_id", uuid4())
    said = {"words": "上门走访，送去低保申请表", "place": "十里洞村"} | more
    world.do(lambda uow: charge.record(uow, charge_id, by, evidence_id=key, duty=duty, form=form, done_on=on, **said))
    return key


def closed(world: Supervision, case: UUID, when: str, reason: str = "satisfied") -> None:
    """The case is concluded and closed."""
    world.clock(when)
    data = {"reason": reason, "by": SECRETARY if reason == "decision" else None, "closed_at": moment(when)}
    world.hear(world.concluded(case, when), world.event("case.closed", case, data))


def judged(world: Supervision) -> None:
    """Everything that waits is judged."""
    while world.do(keep_book):
        pass


def book(world: Supervision) -> list[tuple[str, str, int]]:
    """Rule, whom and points of every entry, by when it was scored."""
    rows = world.rows("SELECT rule, code, points FROM score_entry ORDER BY at, rule, recorded_at, points")
    return [(row["rule"], row["code"], row["points"]) for row in rows]


def returned(world: Supervision, case: UUID, assignment: UUID, when: str) -> None:
    world.clock(when)
    data = {
        "assignment_id": str(assignment), "reply_id": str(uuid4()), "round": 1, "reasons": "大事化小", "by": SECRETARY,
        "returned_at": moment(when),
    }  # fmt: skip
    world.hear(world.event("assignment.returned", case, data, teller="routing"))


def dissatisfied(world: Supervision, case: UUID, when: str) -> None:
    world.clock(when)
    world.hear(world.event("case.dissatisfied", case, {"round": 1, "at": moment(when), "source": "petitioner"}))


def skip_level(world: Supervision, on: date, *, number: str = NUMBER, by: str = SUPERVISOR, level: str = "province") -> UUID:
    key = uuid4()
    said: dict[str, Any] = {"record_id": key, "level": level, "on_day": on, "source": "省信访局转送单"}
    world.do(lambda uow: scores.record_skip_level(uow, number, by, **said))
    return key


def whole_story(world: Supervision) -> UUID:
    """Overdue, carried, duties, a return, a skip-level petition, settled: something of everything."""
    case, assignment = a_case(world)
    mine = take(world, case)
    returned(world, case, assignment, "2016-11-22 10:00")
    evidence(world, mine, "situation", date(2016, 11, 22))
    evidence(world, mine, "situation", date(2016, 11, 22))
    evidence(world, mine, "support", date(2016, 11, 22), form="help")
    world.clock("2016-12-05 10:00")
    skip_level(world, date(2016, 12, 2))
    dissatisfied(world, case, "2016-12-06 10:00")
    judged(world)
    world.clock("2016-12-19 00:00")
    judged(world)
    closed(world, case, "2016-12-20 10:00")
    judged(world)
    return case


def record_of(world: Supervision) -> UUID:
    return world.rows("SELECT id FROM skip_level")[0]["id"]


def entry_of(world: Supervision, rule: str) -> UUID:
    return world.rows("SELECT id FROM score_entry WHERE rule = %(rule)s ORDER BY id LIMIT 1", rule=rule)[0]["id"]


def object_to(world: Supervision, entry: UUID, who: str) -> UUID:
    key = uuid4()
    world.do(lambda uow: scores.object_to(uow, entry, who, objection_id=key, reasons="当日已经落实"))
    return key


def decide(world: Supervision, objection: UUID, by: str = SUPERVISOR, *, upheld: bool = True, becomes: int | None = None) -> None:
    world.do(lambda uow: scores.decide(uow, objection, by, upheld=upheld, becomes=becomes, words="经核实"))
