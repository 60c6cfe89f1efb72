"""The supervision office, the first-in-command and the leaders: the ladder, charges and their duties, the score book."""

from __future__ import annotations

import functools
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from deploy.replay.county import County, days_since
from deploy.replay.lots import Lots
from deploy.replay.people import People
from services.supervision.domain.charge import FORMS
from services.supervision.domain.interviews import Interview
from services.supervision.handlers import charge, interviews, ladder, ladder_lists, scores
from services.supervision.policy import Step
from services.supervision.working_calendar import local_day
from shared.contract.supervision import DUTIES, EVIDENCE, LEVELS
from shared.database import UnitOfWork

_INTERVIEWS = "SELECT id, person ->> 'official', stage, called_at, meets_at FROM supervision.interview WHERE stage IN ('called', 'appointed')"
_NOTICES = """
SELECT s.id, s.case_id, c.number, d.obligation, d.round FROM supervision.ladder_step s JOIN supervision.deadline d ON d.id = s.deadline_id
JOIN supervision.supervised_case c ON c.id = s.case_id
WHERE s.step = 'notice' AND s.attempt = 0 AND d.stage = 'missed' AND s.taken_at > %s AND s.taken_at < %s
  AND NOT EXISTS (SELECT FROM supervision.ladder_annulment a WHERE a.id = s.id)
  AND NOT EXISTS (SELECT FROM supervision.ladder_step h WHERE h.deadline_id = s.deadline_id AND h.taken_at > s.taken_at) ORDER BY 3, 4, 5
"""
_PROPOSED = """
SELECT p.id, p.case_id, c.number FROM supervision.charge_proposal p JOIN supervision.supervised_case c ON c.id = p.case_id
WHERE p.decision IS NULL AND c.closed_at IS NULL AND c.charge IS NULL AND c.first_dispatched_at IS NOT NULL ORDER BY c.number
"""
_OVERDUE = """
SELECT c.id, c.number FROM supervision.supervised_case c JOIN supervision.deadline d ON d.case_id = c.id
WHERE c.ours AND c.closed_at IS NULL AND c.charge IS NULL AND d.stage = 'missed' AND d.obligation IN ('progress', 'conclude')
GROUP BY c.id ORDER BY min(d.due_at), c.number
"""
_CARRIED = "SELECT official, count(*), count(*) FILTER (WHERE ended_at IS NULL) FROM supervision.charge GROUP BY official"
_CHARGES = """
SELECT h.id, h.case_id, c.number, (SELECT count(*) FROM supervision.charge e WHERE e.case_id = h.case_id AND e.taken_at < h.taken_at),
       h.official, h.taken_at, ARRAY(SELECT DISTINCT duty FROM supervision.duty e WHERE e.charge_id = h.id)
FROM supervision.charge h JOIN supervision.supervised_case c ON c.id = h.case_id WHERE h.ended_at IS NULL ORDER BY c.number
"""
_OPEN = """
SELECT number, first_dispatched_at, charge IS NOT NULL FROM supervision.supervised_case
WHERE ours AND closed_at IS NULL AND first_dispatched_at < %s ORDER BY number
"""
_SKIPPED = """
SELECT s.id, c.number, s.level, s.on_day FROM supervision.skip_level s JOIN supervision.supervised_case c ON c.id = s.case_id
WHERE s.annulled_at IS NULL AND s.at > %s AND s.at < %s ORDER BY 2, 3, 4
"""
_SCORED = """
SELECT e.id, e.rule, e.detail, e.code, e.at, c.number FROM supervision.score_entry e JOIN supervision.supervised_case c ON c.id = e.case_id
WHERE e.corrects IS NULL AND e.recorded_at > %s AND e.recorded_at < %s
  AND NOT EXISTS (SELECT FROM supervision.score_objection o WHERE o.entry_id = e.id)
ORDER BY c.number, e.rule, e.detail, e.at, e.code
"""
_OBJECTED = """
SELECT o.id, e.points, e.rule, e.detail, e.at, c.number FROM supervision.score_objection o JOIN supervision.score_entry e ON e.id = o.entry_id
JOIN supervision.supervised_case c ON c.id = e.case_id WHERE o.decision IS NULL ORDER BY 6, 3, 4, 5
"""


class Carried(NamedTuple):
    """A charge that runs: the how-manieth of its case, whose it is, since when, and the duties for which there is evidence."""

    id: UUID
    case: UUID
    number: str
    ordinal: int
    official: str
    taken_at: datetime
    done: list[str]


class Slips(NamedTuple):
    """How many in a thousand go wrong: notices that are annulled, interviews that are called off."""

    annulled: int = 25
    cancelled: int = 60


SLIPS = Slips()


def supervise(county: County, lots: Lots, now: datetime, slips: Slips = SLIPS, spared: Collection[UUID] = ()) -> None:
    """A day of the office: it comes before everybody else's, so that it acts on what stood there in the morning. About cases that are
    `spared`, because the first-in-command has them in hand himself, nobody is called in."""
    climb(county, lots, now, slips)
    call_in(county, lots, now, slips, spared)
    carry(county, lots, now)
    keep_scores(county, lots, now)


# -- the ladder -------------------------------------------------------------------------------------------------------
def climb(county: County, lots: Lots, now: datetime, slips: Slips) -> None:
    """Notices of the round and urgent ones, circulars, bundles; now and then a notice is annulled, and so due again."""
    _annul(county, lots, now, slips)
    for step in (Step.NOTICE, Step.CIRCULAR, Step.BUNDLE):
        due = _due(county, county.people.supervisor_sees, step, now)
        for first in range(0, len(due), 50):
            county.work(
                "supervision", functools.partial(_issue, county.people, [row["id"] for row in due[first : first + 50]], step)
            )


def _issue(people: People, ids: list[UUID], step: Step, uow: UnitOfWork) -> None:
    ladder.issue(uow, people.supervisor_sees, people.supervisor, ids, step, key=uuid4(), demand="请于五日内办结并报告结果。")


def _due(county: County, who: dict[str, Any], step: Step, now: datetime) -> list[dict[str, Any]]:
    """All of a step's list; the numbers of documents follow the numbers of the cases."""
    found: list[dict[str, Any]] = county.work("supervision", lambda uow: ladder_lists.due(uow, who, str(step), now=now))
    if len(found) >= ladder_lists.MOST:
        raise RuntimeError(f"more wait for {step} than a page shows")
    return sorted(found, key=lambda row: (row["number"], row["obligation"], row["round"], row["missed_due"]))


def _annul(county: County, lots: Lots, now: datetime, slips: Slips) -> None:
    taken = county.query(_NOTICES, now - timedelta(days=3), now)
    who = county.people
    wrong = functools.partial(ladder.annul, who=who.supervisor_sees, by=who.supervisor, reasons="当时已经办结，督办有误。")
    acts = [
        (case, functools.partial(wrong, step_id=step))
        for step, case, *name in taken
        if lots.happens(slips.annulled, "annulled", *name)
    ]
    county.do("supervision", acts)


def call_in(county: County, lots: Lots, now: datetime, slips: Slips, spared: Collection[UUID] = ()) -> None:
    """The first-in-command calls people in, once for all that they owe; the office appoints, holds or, seldom, cancels."""
    who = county.people
    for key, official, stage, called_at, meets_at in sorted(county.query(_INTERVIEWS), key=lambda row: (row[3], row[1])):
        if stage == "appointed" and meets_at <= now:
            county.work(
                "supervision",
                functools.partial(
                    _meet, who, key, meets_at, called_off=lots.happens(slips.cancelled, "cancelled", official, called_at)
                ),
            )
    misses: dict[str, list[UUID]] = {}
    for row in _due(county, who.secretary_sees, Step.INTERVIEW, now):
        if row["case_id"] not in spared:
            misses.setdefault(row["responsible"]["official"], []).append(row["id"])
    for official, ids in sorted(misses.items()):
        if official != who.secretary.official:
            made = county.work("supervision", functools.partial(_call, who, ids[:50]))
            county.work("supervision", functools.partial(_appoint, who, made.id, now + timedelta(hours=20)))


def _call(who: People, ids: list[UUID], uow: UnitOfWork) -> Interview:
    return interviews.call(uow, who.secretary_sees, who.secretary, ids, key=uuid4(), reasons="督办后仍未办结。")


def _appoint(who: People, key: UUID, meets_at: datetime, uow: UnitOfWork) -> None:
    interviews.appoint(uow, who.supervisor_sees, who.supervisor, key, place="县委三楼会议室", meets_at=meets_at)


def _meet(who: People, key: UUID, meets_at: datetime, uow: UnitOfWork, *, called_off: bool) -> None:
    if called_off:
        interviews.cancel(uow, who.supervisor_sees, who.supervisor, key, reasons="约谈人另有公务。")
        return
    interviews.hold(
        uow, who.supervisor_sees, who.supervisor, key, held_at=meets_at, attended=("县委书记", "督查室主任"), record="说明了未办结的原因。",
        demands="限期办结。", until=local_day(meets_at) + timedelta(days=5),
    )  # fmt: skip


# -- charges ----------------------------------------------------------------------------------------------------------
def carry(county: County, lots: Lots, now: datetime) -> None:
    """Proposals are decided, leaders without a case take one on, and those who carry do their duties, more or less."""
    today, who = local_day(now), county.people
    loads = {official: (all_, running) for official, all_, running in county.query(_CARRIED)}
    load = {official: loads.get(official, (0, 0)) for official in who.leaders}
    taken: set[UUID] = set()
    for proposal, case, number in county.query(_PROPOSED):
        if lots.happens(200, "declined", number, today):
            decline = functools.partial(
                charge.decline, proposal_id=proposal, official=who.secretary.official, words="由单位继续办理。"
            )
            county.do("supervision", [(case, decline)])
        else:
            _take(county, load, case, who.secretary.official, "overdue")
            taken.add(case)
    free = [case for case, _ in county.query(_OVERDUE) if case not in taken]
    for official in [each for each in who.leaders if load[each][1] == 0][: len(free)]:
        _take(county, load, free.pop(0), official, "backlog", leader=official)
    for each in map(Carried._make, county.query(_CHARGES)):
        _fulfil(county, lots, each, today)


def _take(
    county: County, load: dict[str, tuple[int, int]], case: UUID, by: str, ground: str, *, leader: str | None = None
) -> None:  # fmt: skip
    """By whoever carries least; the leader himself, or the first-in-command decides it."""
    leader = leader or min(county.people.leaders, key=lambda each: (load[each][1], load[each][0], each))
    load[leader] = (load[leader][0] + 1, load[leader][1] + 1)
    take = functools.partial(charge.take, case_id=case, leader=leader, official=by, charge_id=uuid4(), ground=ground)
    county.do("supervision", [(case, take)])


def _fulfil(county: County, lots: Lots, each: Carried, today: date) -> None:
    name = (each.number, each.ordinal)
    age = days_since(each.taken_at, today)
    acts: list[Any] = [
        functools.partial(
            charge.record, charge_id=each.id, official=each.official, evidence_id=uuid4(), duty=duty, form=FORMS.get(duty, EVIDENCE)[0],
            words="上门走访，送去低保申请表", place="十里洞村", done_on=today,
        )
        for duty in DUTIES
        if duty not in each.done and age >= lots.between(1, 45, duty, *name) and not lots.happens(150, "neglects", duty, *name)
    ]  # fmt: skip
    if age > 70 and lots.happens(200, "ended", *name):
        acts = [
            functools.partial(
                charge.end_by_decision, charge_id=each.id, official=county.people.secretary.official, words="转由单位继续办理。"
            )
        ]
    county.do("supervision", [(each.case, act) for act in acts])


# -- the score book ---------------------------------------------------------------------------------------------------
def keep_scores(county: County, lots: Lots, now: datetime) -> None:
    """Skip-level petitions are recorded, and some annulled; who is scored objects to some entries, and the office decides."""
    today = local_day(now)
    for number, first, carried in county.query(_OPEN, now - timedelta(days=2)):
        name = ("skips", number, today)
        if first < now - timedelta(days=2) and lots.happens(6 if carried else 1, *name):
            day, level = today - timedelta(days=1), lots.pick(LEVELS, "level", *name)
            skip = functools.partial(
                scores.record_skip_level, number=number, official=county.people.supervisor.official, record_id=uuid4(), level=level, on_day=day,
                source="省信访局转送单",
            )  # fmt: skip
            county.work("supervision", skip)
    for record, *what in county.query(_SKIPPED, now - timedelta(days=5), now):
        if lots.happens(60, "recorded wrongly", *what, today):
            annul = functools.partial(
                scores.annul_skip_level, record_id=record, official=county.people.supervisor.official, words="经核实没有此事。"
            )
            county.work("supervision", annul)
    _object(county, lots, now)


def _object(county: County, lots: Lots, now: datetime) -> None:
    for objection, points, *name in county.query(_OBJECTED):
        upheld, becomes = lots.happens(500, "upheld", *name), lots.pick((0, 0, int(points / 2)), "becomes", *name)
        decide = functools.partial(
            scores.decide, objection_id=objection, official=county.people.supervisor.official, upheld=upheld, becomes=becomes if upheld else None,
            words="经核实。",
        )  # fmt: skip
        county.work("supervision", decide)
    # Those of this instant come by the queue, sooner or later: they wait for tomorrow.
    for entry, rule, detail, code, at, number in county.query(_SCORED, now - timedelta(days=4), now):
        who = county.people.heads.get(code, code)
        if who.startswith("o-") and lots.happens(15, "objects", number, rule, detail, at, local_day(now)):
            objects = functools.partial(
                scores.object_to, entry_id=entry, official=who, objection_id=uuid4(), reasons="当日已经落实。"
            )
            county.work("supervision", objects)
