"""Those who ask after the conclusion, and the petitioners: tries, answers, corrections, contests, second askings, closing by decision."""

from __future__ import annotations

import contextlib
import functools
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from deploy.replay.county import Act, County, days_since
from deploy.replay.lots import Lots
from services.followup import handlers as followup
from services.intake.domain.rating import Rating
from services.intake.handlers import rating
from shared.database import UnitOfWork
from shared.errors import Conflict
from tests.year.people import ASKER, OFFICE, SUPERVISOR

MOST_ROUNDS = 3  # after so many a case is closed by a decision, satisfied or not
_TASK = "t.id, t.case_id, c.number, t.round, t.manner, t.stage, t.opened_at, t.settled_at, t.source, t.corrected_at"
_WAITING = f"""
SELECT {_TASK}, (SELECT count(*) FROM followup.contact_try y WHERE y.task_id = t.id)
FROM followup.task t JOIN followup.followed_case c ON c.id = t.case_id WHERE t.stage IN ('open', 'unreachable') AND c.stage = 'followed'
ORDER BY c.number, t.round
"""
_SETTLED = f"""
SELECT {_TASK}, 0 FROM followup.task t JOIN followup.followed_case c ON c.id = t.case_id
WHERE t.stage IN ('satisfied', 'not_satisfied') AND t.settled_at > %s AND t.contested_at IS NULL ORDER BY c.number, t.round
"""
_SAMPLE = f"""
SELECT {_TASK}, 0 FROM followup.task t JOIN followup.followed_case c ON c.id = t.case_id
WHERE t.stage IN ('satisfied', 'not_satisfied') AND t.sampled AND t.source = 'staff' AND t.checked_at IS NULL AND t.settled_at <= %s
ORDER BY c.number, t.round
"""
_DECIDABLE = """
SELECT c.id, c.number, t.round, t.stage, t.settled_at FROM followup.followed_case c
CROSS JOIN LATERAL (SELECT * FROM followup.task WHERE case_id = c.id ORDER BY round DESC LIMIT 1) t
WHERE c.stage = 'followed' AND (t.stage = 'unreachable' OR t.stage = 'not_satisfied' AND c.instructed_round <= t.round) ORDER BY c.number
"""
_REOPENABLE = """
SELECT q.case_id, c.number, q.round, p.closed_at FROM intake.follow_up q JOIN intake.petition p ON p.id = q.case_id AND p.round = q.round
JOIN followup.followed_case c ON c.id = q.case_id
WHERE p.stage = 'archived' AND p.close_reason = 'satisfied' AND p.closed_at > %s AND q.reopen_asked_at IS NULL
  AND c.stage = 'archived' ORDER BY c.number
"""


class Task(NamedTuple):
    """A task that waits, or was settled lately; `tries` in vain so far."""

    id: UUID
    case: UUID
    number: str
    round: int
    manner: str
    stage: str
    opened_at: datetime
    settled_at: datetime | None
    source: str | None
    corrected_at: datetime | None
    tries: int

    @property
    def name(self) -> tuple[object, ...]:
        """What it is called when something about it is decided."""
        return self.number, self.round


class Morning(NamedTuple):
    """What lies on the desks before anybody begins."""

    waiting: list[Task]
    settled: list[Task]
    sample: list[Task]
    decidable: list[tuple[UUID, str, int, str, datetime]]
    reopenable: list[tuple[UUID, str, int, datetime]]


def morning(county: County, now: datetime) -> Morning:
    """The day's lists, taken while everything is at rest."""
    day = timedelta(days=1)
    return Morning(
        waiting=[Task(*row) for row in county.query(_WAITING)],
        settled=[Task(*row) for row in county.query(_SETTLED, now - 30 * day)],
        sample=[Task(*row) for row in county.query(_SAMPLE, now - day)],
        decidable=county.query(_DECIDABLE),
        reopenable=county.query(_REOPENABLE, now - 60 * day),
    )


# -- staff ------------------------------------------------------------------------------------------------------------
def ask(county: County, lots: Lots, desk: Morning, now: datetime, today: date) -> None:
    """Staff ask whom they are to ask, correct what they wrote down, find some cases difficult; the supervision office asks again."""
    acts: list[Act] = [
        (each.case, functools.partial(_try, lots, each))
        for each in desk.waiting
        if each.stage == "open" and _by_staff(lots, each) and _tries_today(lots, each, today)
    ]
    for each in desk.settled:
        if each.source == "staff" and _corrects(lots, each, now):
            result = "not_satisfied" if each.stage == "satisfied" else "satisfied"
            acts.append((each.case, functools.partial(
                followup.correct_try, task_id=each.id, try_id=uuid4(), by=ASKER, posts=[ASKER.organisation], result=result)))  # fmt: skip
    acts += [(each.case, functools.partial(_ask_again, lots, each)) for each in desk.sample]
    county.do("followup", acts)


def _by_staff(lots: Lots, each: Task) -> bool:
    return each.manner != "tracking_page" and lots.happens(650, "by staff", *each.name)


def _tries_today(lots: Lots, each: Task, today: date) -> bool:
    slow = lots.happens(50, "asks late", *each.name)
    return days_since(each.opened_at, today) >= (
        lots.between(9, 14, "late", *each.name) if slow else lots.between(1, 5, "ask", *each.name)
    )


def _reached_at(lots: Lots, each: Task) -> int:
    """At which try somebody is reached; at the fourth, which staff do not make, means never."""
    return lots.pick([*[1] * 85, *[2] * 5, *[3] * 2, *[4] * 8], "reached", *each.name)


def _satisfied(lots: Lots, each: Task) -> bool:
    return not lots.happens(160 + 120 * (each.round - 1), "dissatisfied", *each.name)


def _try(lots: Lots, each: Task, uow: UnitOfWork) -> None:
    result = "satisfied" if _satisfied(lots, each) else "not_satisfied"
    if each.tries + 1 < _reached_at(lots, each):
        result = "not_reached"
    posts = [ASKER.organisation]
    manner = each.manner if each.manner != "tracking_page" else "telephone"
    followup.record_try(uow, each.id, try_id=uuid4(), by=ASKER, posts=posts, manner=manner, result=result)
    if result == "not_satisfied" and lots.happens(60, "difficult", *each.name):
        with contextlib.suppress(Conflict):  # a leader has it already
            followup.mark_difficult(uow, each.id, by=ASKER, posts=posts)


def _corrects(lots: Lots, each: Task, now: datetime) -> bool:
    lately = each.settled_at is not None and now < each.settled_at + timedelta(days=1)
    return lately and each.corrected_at is None and lots.happens(30, "corrects", *each.name)


def _ask_again(lots: Lots, each: Task, uow: UnitOfWork) -> None:
    """Whom the sample holds is drawn by lot, in each run others; it always holds what staff corrected, and only of that it finds fault."""
    found = each.stage
    if each.corrected_at is not None and lots.happens(400, "found", *each.name):
        found = "not_satisfied" if each.stage == "satisfied" else "satisfied"
    followup.record_check(
        uow, each.id, check_id=uuid4(), by=SUPERVISOR, posts=[SUPERVISOR.organisation], manner="telephone", found=found
    )


# -- decisions --------------------------------------------------------------------------------------------------------
def to_decide(lots: Lots, desk: Morning) -> dict[UUID, tuple[str, datetime]]:
    """Cases that are to be closed by a decision, and not to go on: their numbers, and since when they stand there."""
    return {
        case: (number, since)
        for case, number, round_number, stage, since in desk.decidable
        if (round_number >= MOST_ROUNDS and stage == "not_satisfied")
        or lots.happens(500 if stage == "unreachable" else 70, "decided", number, round_number)
    }


def decide(county: County, lots: Lots, desk: Morning, today: date) -> None:
    """They are closed some days later, with authority and reasons, by whoever neither handled nor carries any case."""
    act = functools.partial(
        followup.close_by_decision, by=OFFICE, posts=[OFFICE.organisation], authority="领导小组会议决定",
        reasons="诉求已依法处理到位，信访人坚持的其他要求没有依据。",
    )  # fmt: skip
    ready = [
        case
        for case, (number, since) in to_decide(lots, desk).items()
        if days_since(since, today) >= lots.between(4, 12, "decision", number)
    ]
    county.do("followup", [(case, functools.partial(act, case_id=case)) for case in ready])


# -- petitioners ------------------------------------------------------------------------------------------------------
def answer(county: County, lots: Lots, desk: Morning, now: datetime, today: date) -> None:
    """Petitioners answer on the tracking page, correct themselves, contest what staff wrote down, have a closed case go on."""
    undecided = to_decide(lots, desk).keys()
    acts: list[Act] = [
        (each.case, _rating(county, rating.record_answer, each, satisfied=_satisfied(lots, each)))
        for each in desk.waiting
        if each.case not in undecided and _answers_today(lots, each, today)
    ]
    for each in desk.settled:
        if each.source == "petitioner" and _corrects(lots, each, now):
            acts.append((each.case, _rating(county, rating.correct_answer, each, satisfied=each.stage != "satisfied")))
        if each.source == "staff" and each.stage == "satisfied" and _comes_back(lots, each, today):
            acts.append((each.case, functools.partial(_contest, county, each)))
    for case, number, round_number, closed_at in desk.reopenable:
        name = ("reopens", number, round_number)
        if lots.happens(25, *name) and days_since(closed_at, today) >= lots.between(31, 55, "when", *name):
            words = functools.partial(
                rating.ask_to_reopen, vault=county.vault, case_id=case, round=round_number, words="井水又发黑了。"
            )
            acts.append((case, words))
    county.do("intake", acts)


def _answers_today(lots: Lots, each: Task, today: date) -> bool:
    if each.stage == "unreachable":
        return each.settled_at is not None and days_since(each.settled_at, today) >= lots.between(2, 9, "after all", *each.name)
    slow = lots.happens(60, "answers late", *each.name)
    wait = lots.between(9, 20, "late answer", *each.name) if slow else lots.between(0, 6, "answer", *each.name)
    return not _by_staff(lots, each) and days_since(each.opened_at, today) >= wait


def _comes_back(lots: Lots, each: Task, today: date) -> bool:
    if each.settled_at is None or each.corrected_at is not None or not lots.happens(25, "contests", *each.name):
        return False
    return days_since(each.settled_at, today) >= lots.between(2, 20, "contest", *each.name)


def _rating(county: County, act: Any, each: Task, *, satisfied: bool) -> Any:
    said = Rating(round=each.round, settled=satisfied, satisfied=satisfied, words="")
    return functools.partial(act, vault=county.vault, case_id=each.case, rating=said)


def _contest(county: County, each: Task, uow: UnitOfWork) -> None:
    rating.contest(uow, county.vault, each.case, round=each.round, words="没有人来问过我。")
