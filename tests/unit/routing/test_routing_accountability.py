"""Proposals, the decisions that answer them, what follows for whom: they hold together, and nobody signs himself off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.routing.domain import Accountability, Directory, Following, accountability
from shared.errors import Conflict, Forbidden, Refused
from tests.unit.routing.builders import CASE_ID, EPB, NOW, OTHER_ID, REPLY_ID, SECRETARY, TOWN, VICE, directory, official

TODAY = date(2016, 12, 1)
PROPOSAL = Accountability(
    id=OTHER_ID, case_id=CASE_ID, kind="proposal", person="谭建国", organisation=EPB.organisation, measure="建议问责", decided_by="县纪委",
    meeting=None, decided_on=date(2016, 11, 25), by=SECRETARY, recorded_at=NOW, official=EPB.official,
)  # fmt: skip
DECISION = replace(PROPOSAL, id=REPLY_ID, kind="decision", measure="党内警告", decided_on=date(2016, 11, 30), answers=OTHER_ID)
ITEM = Following(EPB.official, " 谭建国 ", "书面检查", date(2016, 12, 10))


def check(record: Accountability, proposal: Accountability | None = PROPOSAL) -> None:
    accountability.check(record, proposal, directory(), today=TODAY)


def test_a_proposal_and_the_decision_that_answers_it_are_taken() -> None:
    check(PROPOSAL, None)
    check(DECISION)
    check(replace(DECISION, answers=None), None)


@pytest.mark.parametrize(
    ("record", "proposal", "field"),
    [
        (replace(PROPOSAL, kind="rumour"), None, "kind"),
        (replace(PROPOSAL, organisation="431099"), None, "organisation"),
        (replace(PROPOSAL, official="o-nobody"), None, "official"),
        (replace(PROPOSAL, decided_on=date(2016, 12, 2)), None, "decided_on"),
        (DECISION, None, "answers"),
        (DECISION, replace(PROPOSAL, case_id=OTHER_ID), "answers"),
        (DECISION, replace(PROPOSAL, kind="decision"), "answers"),
        (replace(PROPOSAL, answers=OTHER_ID), PROPOSAL, "answers"),
        (replace(DECISION, decided_on=date(2016, 11, 24)), PROPOSAL, "decided_on"),
    ],
)
def test_what_does_not_hold_together_is_refused_at_its_box(record, proposal, field) -> None:
    with pytest.raises(Refused, match=field):
        check(record, proposal)


def test_what_follows_names_who_what_and_until_when() -> None:
    (made,) = accountability.follow(DECISION, [ITEM], [OTHER_ID])
    assert (made.person, made.measure, made.until, made.record_id, made.done_on) == (
        "谭建国",
        "书面检查",
        ITEM.until,
        DECISION.id,
        None,
    )
    assert accountability.follow(PROPOSAL, [], []) == []


@pytest.mark.parametrize(
    ("record", "following"),
    [(PROPOSAL, [ITEM]), (DECISION, [ITEM] * 21), (DECISION, [ITEM._replace(until=date(2016, 11, 29))])],
    ids=["of a proposal", "too many", "before the decision"],
)
def test_what_cannot_follow_is_refused(record, following) -> None:
    with pytest.raises(Refused, match="follows"):
        accountability.follow(record, following, [UUID(int=n) for n in range(len(following))])


def test_it_is_done_once_on_a_day_since_the_decision_and_recorded_by_another() -> None:
    (made,) = accountability.follow(DECISION, [ITEM], [OTHER_ID])

    def done(one=made, day=TODAY, by=VICE):
        return accountability.carry_out(one, DECISION, done_on=day, by=by, now=NOW, today=TODAY)

    assert (done().done_on, done().done_by, done().done_at) == (TODAY, VICE, NOW)
    assert done(day=DECISION.decided_on).done_on == DECISION.decided_on
    for day in (date(2016, 11, 29), date(2016, 12, 2)):
        with pytest.raises(Refused, match="done_on"):
            done(day=day)
    with pytest.raises(Conflict):
        done(one=done())
    with pytest.raises(Forbidden):
        done(by=EPB)


def test_the_office_and_the_discipline_office_oversee_and_nobody_else() -> None:
    discipline = replace(VICE, official="o-cdi", organisation="431023-cdi")
    clerk = replace(VICE, official="o-clerk", organisation="431023-office")
    known: Directory = directory(official(discipline, "auditor"), official(clerk, "office"))
    found = {
        one: accountability.overseer(known, one) for one in (SECRETARY.official, "o-cdi", "o-clerk", EPB.official, TOWN.official)
    }
    assert [one for one, person in found.items() if person] == [SECRETARY.official, "o-cdi", "o-clerk"]


def test_days_are_counted_as_in_beijing() -> None:
    assert accountability.day_of(datetime(2016, 11, 30, 16, tzinfo=UTC)) == date(2016, 12, 1)
    assert accountability.ends_at(date(2016, 11, 30)) == datetime(2016, 11, 30, 16, tzinfo=UTC)
