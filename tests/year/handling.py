"""Those who register, review, handle and conclude: the clerk, the first-in-command, the heads of units and the office."""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from deploy.replay.county import Act, County, days_since
from deploy.replay.lots import Lots
from services.intake.domain.submission import Channel, Identity, MatterType, Petitioner, Submission
from services.intake.handlers import casework, registration
from services.routing import handlers as routing
from shared.database import UnitOfWork
from tests import canaries
from tests.year.people import CLERK, DIRECTOR, HEADS, LEADS, SECRETARY, UNITS

PLACES = ("431023", "431023100", "431023101", "431023104")
CATEGORIES = ("environment.water", "land.compensation", "housing.title", "environment.noise", "housing.quality")
REPLY: dict[str, Any] = {
    "outcome": "supported", "findings": "经实地查看，情况属实。", "measures": ["责令停产", "限期恢复供水"], "evidence": ["现场笔录"],
    "answer": "已责令停产，水质复检合格，供水已经恢复。",
}  # fmt: skip
# Days from the issue to the reply: in time, and the ways of being late.
_PACE: dict[str, tuple[tuple[int, int], tuple[tuple[int, int], ...]]] = {
    "ordinary": ((2, 9), ((11, 16), (11, 16), (18, 35), (40, 90))),
    "complex": ((12, 50), ((62, 70), (70, 110))),
}
_QUEUE = """
SELECT id, number, round FROM routing.case_record WHERE stage IN ('registered', 'reviewed', 'reopened') AND brief <> '' ORDER BY number
"""
_OPEN = """
SELECT a.id, a.case_id, c.number, c.case_class, a.round, a.part, a.stage, a.responsible ->> 'official', a.issued_at, a.progressed_at,
       a.returned_at, a.reply_id
FROM routing.assignment a JOIN routing.case_record c ON c.id = a.case_id
WHERE a.stage IN ('issued', 'received', 'progressed', 'returned', 'replied') ORDER BY c.number, a.round, 8
"""


class Assigned(NamedTuple):
    """An assignment that is open this morning."""

    id: UUID
    case: UUID
    number: str
    case_class: str
    round: int
    part: str
    stage: str
    official: str
    issued_at: datetime
    progressed_at: datetime | None
    returned_at: datetime | None
    reply_id: UUID | None

    @property
    def name(self) -> tuple[object, ...]:
        """What it is called when something about it is decided."""
        return self.number, self.round, self.official


class Morning(NamedTuple):
    """What lies on the desks before anybody begins: the review queue, and what is open at the units."""

    queue: list[tuple[UUID, str, int]]
    open: list[Assigned]


def morning(county: County) -> Morning:
    """The day's lists, taken while everything is at rest."""
    return Morning(county.query(_QUEUE), [Assigned(*row) for row in county.query(_OPEN)])


# -- the counter ------------------------------------------------------------------------------------------------------
def register(county: County, lots: Lots, today: date, count: int) -> None:
    """So many petitions come in by the five channels; the clerk briefs and accepts each."""
    numbers = range(count)
    for first in range(0, count, 50):
        with county.instance.unit_of_work("intake") as uow:
            for number in numbers[first : first + 50]:
                _one(county, lots, uow, (today, number))


def _one(county: County, lots: Lots, uow: UnitOfWork, name: tuple[date, int]) -> None:
    channel = lots.pick(list(Channel), "channel", *name)
    place = lots.pick(PLACES, "place", *name)
    identity = lots.pick([*[Identity.NAMED] * 6, *[Identity.CONFIDENTIAL] * 3, Identity.ANONYMOUS], "identity", *name)
    who = Petitioner() if identity is Identity.ANONYMOUS else replace(canaries.PETITIONER, email="", representatives=())
    given = Submission(
        channel=channel, title="十里洞村饮水", text=f"{canaries.TEXT}，第{name[1]}户。", matter_type=MatterType.APPEAL, place=place,
        identity=identity, petitioner=who,
    )  # fmt: skip
    receipt = registration.register(uow, county.vault, given, key=uuid4())
    casework.supplement(
        uow, receipt.case_id, CLERK, title="村民饮水", brief="反映饮水受污染，要求查处并恢复供水。",
        category=lots.pick(CATEGORIES, "category", *name), place=place,
    )  # fmt: skip
    casework.accept(uow, receipt.case_id, CLERK)


# -- the first-in-command ---------------------------------------------------------------------------------------------
def instruct(county: County, lots: Lots, desk: Morning, decided: Collection[UUID]) -> None:
    """He reviews and instructs everything that waits, but what is to be closed by a decision."""
    acts = [(case, _instructing(lots, case, number, last)) for case, number, last in desk.queue if case not in decided]
    county.do("routing", acts)


def _instructing(lots: Lots, case: UUID, number: str, last: int) -> Any:
    head = HEADS[lots.pick(UNITS, "unit", number)]
    led = last > 0 and lots.happens(300, "led", number, last)
    addressees = [(lots.pick(LEADS, "lead", number), "lead"), (head, "joint")] if led else [(head, "handling")]
    case_class = "complex" if led or lots.happens(200, "complex", number) else "ordinary"

    def act(uow: UnitOfWork) -> None:
        routing.review(uow, case, SECRETARY.official)
        routing.instruct(uow, case, SECRETARY.official, "请调查办理，限期报结果。", addressees, case_class)

    return act


# -- the units --------------------------------------------------------------------------------------------------------
def handle(county: County, lots: Lots, desk: Morning, today: date) -> None:
    """The heads receive, report progress and reply, each by his own temper: early, late, or only after the ladder has reached him."""
    acts: list[Act] = []
    for each in desk.open:
        age = days_since(each.issued_at, today)
        late = lots.between(40, 250, "temper", each.official)
        if each.stage == "issued":
            if age >= _until_receipt(lots, each, late):
                acts.append((each.case, functools.partial(routing.receive, assignment_id=each.id, by=each.official)))
        elif each.stage != "replied" and _replies(lots, each, late, age, today):
            acts.append((each.case, functools.partial(routing.reply, assignment_id=each.id, by=each.official, **REPLY)))
        elif each.stage == "received" and _reports(lots, each, late, age):
            report = functools.partial(
                routing.progress, assignment_id=each.id, by=each.official, text="已到现场查看，正在取样检测。"
            )
            acts.append((each.case, report))
    county.do("routing", acts)


def _until_receipt(lots: Lots, each: Assigned, late: int) -> int:
    return lots.between(2, 5, "late receipt", *each.name) if lots.happens(late, "receives late", *each.name) else 0


def _reports(lots: Lots, each: Assigned, late: int, age: int) -> bool:
    if each.case_class != "complex" or each.part == "joint":
        return False
    slow = lots.happens(late, "reports late", *each.name)
    return age >= (lots.between(12, 35, "late report", *each.name) if slow else lots.between(3, 8, "report", *each.name))


def _replies(lots: Lots, each: Assigned, late: int, age: int, today: date) -> bool:
    if each.returned_at is not None:
        return days_since(each.returned_at, today) >= lots.between(1, 8, "again", *each.name)
    in_time, too_late = _PACE[each.case_class]
    slow = lots.happens(late, "replies late", *each.name)
    return age >= lots.between(*(lots.pick(too_late, "how late", *each.name) if slow else in_time), "reply", *each.name)


# -- what became of it --------------------------------------------------------------------------------------------------
def conclude(county: County, lots: Lots, desk: Morning) -> None:
    """Where everybody has replied: perfunctory replies are returned, or answered by a round that a leader leads; others approved,
    and the case concluded.
    """
    cases: dict[UUID, list[Assigned]] = {}
    for each in desk.open:
        cases.setdefault(each.case, []).append(each)
    ready = [found for found in cases.values() if all(each.stage == "replied" for each in found)]
    county.do("routing", [(found[0].case, _judging(lots, found)) for found in ready])


def _judging(lots: Lots, found: list[Assigned]) -> Any:
    first = found[0]
    again = any(each.returned_at is not None for each in found)

    def act(uow: UnitOfWork) -> None:
        if not again and lots.happens(120, "perfunctory", *first.name):
            _send_back(lots, uow, first)
            return
        for each in found:
            routing.approve(uow, _reply(each), SECRETARY.official)
        routing.conclude(uow, first.case, DIRECTOR, outcome="supported", summary="已办结。", answer=REPLY["answer"])

    return act


def _send_back(lots: Lots, uow: UnitOfWork, each: Assigned) -> None:
    words = "大事化小、敷衍塞责，请重新调查。"
    if each.part != "handling" or lots.happens(750, "returned", *each.name):
        routing.return_reply(uow, _reply(each), SECRETARY.official, words)
        return
    addressees = [(lots.pick(LEADS, "lead", each.number), "lead"), (each.official, "joint")]
    routing.instruct(uow, each.case, SECRETARY.official, words, addressees, "complex", answers=_reply(each))


def _reply(each: Assigned) -> UUID:
    assert each.reply_id is not None, f"{each.number} was replied to without a reply"
    return each.reply_id
