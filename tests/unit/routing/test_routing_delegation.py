"""Who reads for the first-in-command: one person at a time, for a period, and what he reads says so."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from services.routing import domain
from services.routing.domain import delegation as delegations
from services.routing.domain.delegation import Delegation
from services.routing.workflow import CaseStage
from shared.errors import Conflict, Refused
from tests.unit.routing.builders import EPB, INSTRUCTION_ID, NOW, SECRETARY, TOWN, VICE, case, directory, later, official


def delegated(
    known=(), deputy: str = VICE.official, starts: datetime = NOW, ends: datetime | None = None, reason: str = " 外出学习 "
) -> Delegation:
    return delegations.delegate(
        directory(), known, SECRETARY, deputy, delegation_id=UUID(int=6), starts_at=starts, ends_at=ends or later(days=10),
        reason=reason, now=NOW,
    )  # fmt: skip


def test_a_leader_of_this_instance_stands_in_from_then_to_then():
    made = delegated()
    assert (made.deputy, made.head, made.reason, made.made_at) == (VICE, SECRETARY, "外出学习", NOW)
    assert [made.runs(at) for at in (later(seconds=-1), NOW, later(days=9), later(days=10))] == [False, True, True, False]
    ended = delegations.end(made, now=later(days=2))
    assert not ended.runs(later(days=3))
    for over, at in ((ended, later(days=3)), (made, later(days=10))):
        with pytest.raises(Conflict):
            delegations.end(over, now=at)


@pytest.mark.parametrize("nobody", [SECRETARY.official, EPB.official, TOWN.official, "o-unknown"])
def test_nobody_else_does(nobody):
    with pytest.raises(Refused) as refusal:
        delegated(deputy=nobody)
    assert refusal.value.field == "deputy"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts": later(days=10)}, "ends_on"),
        ({"starts": later(days=-9), "ends": NOW}, "ends_on"),
        ({"ends": later(days=61)}, "ends_on"),
        ({"reason": " "}, "reason"),
        ({"reason": "长" * 501}, "reason"),
    ],
)
def test_a_period_or_reason_that_will_not_do_is_refused(changes, field):
    with pytest.raises(Refused) as refusal:
        delegated(**changes)
    assert refusal.value.field == field


def test_two_do_not_overlap_and_one_that_was_ended_stands_in_nobodys_way():
    first = delegated()
    with pytest.raises(Conflict):
        delegated([first], starts=later(days=9), ends=later(days=12))
    delegated([first], starts=later(days=10), ends=later(days=12))
    delegated([delegations.end(first, now=later(hours=1))])


def test_a_delegation_falls_with_whoever_gave_it_or_holds_it():
    made, known = delegated(), directory()
    assert delegations.standing_in([made], VICE.official, known, NOW) == made
    assert delegations.standing_in([made], EPB.official, known, NOW) is None
    assert delegations.standing_in([made], VICE.official, known, later(days=11)) is None
    for gone in (official(SECRETARY, "first_in_command", active=False), official(SECRETARY, "leader"), official(VICE, "officer")):
        changed = replace(known, officials={**known.officials, gone.official: gone})
        assert delegations.standing_in([made], VICE.official, changed, NOW) is None
    assert delegations.standing_in([replace(made, head=TOWN)], VICE.official, known, NOW) is None
    assert delegations.standing_in([replace(made, head=replace_official("o-gone"))], VICE.official, known, NOW) is None


def replace_official(code: str):
    return SECRETARY.__class__(official=code, name="走", post="书记", organisation="431023")


def test_what_a_deputy_read_says_so_until_the_first_in_command_reads_it_himself():
    by_deputy = domain.review(case(), now=NOW, deputy=VICE)
    assert (by_deputy.read_by_deputy, by_deputy.reviewed_by_deputy) == (VICE, VICE)
    again = domain.review(by_deputy, now=later(hours=1), deputy=VICE)
    assert (again.read_by_deputy, again.read_at) == (VICE, NOW)
    in_person = domain.review(by_deputy, now=later(hours=1))
    assert (in_person.read_by_deputy, in_person.reviewed_by_deputy) == (None, VICE)  # what was measured stays the deputy's
    head_first = domain.review(domain.review(case(), now=NOW), now=later(hours=1), deputy=VICE)
    assert (head_first.read_by_deputy, head_first.reviewed_by_deputy) == (None, None)


def test_what_a_deputy_instructs_says_so_and_the_next_round_begins_anew():
    given: dict[str, Any] = {"instruction_id": INSTRUCTION_ID, "text": "请办理。", "addressees": [domain.Address(EPB, domain.Part.HANDLING)],
             "case_class": "ordinary", "answers": None}  # fmt: skip
    unread, made = domain.instruct(case(), author=VICE, now=NOW, deputy=VICE, **given)
    assert (made.read_by_deputy, unread.read_by_deputy, unread.reviewed_by_deputy) == (VICE, None, VICE)
    read = domain.review(case(), now=NOW, deputy=VICE)
    after, made = domain.instruct(read, author=SECRETARY, now=later(hours=1), **given)
    assert (made.read_by_deputy, after.reviewed_by_deputy) == (VICE, VICE)
    _, made = domain.instruct(case(CaseStage.INSTRUCTED, round=1, reviewed_at=NOW), author=SECRETARY, now=NOW, **given)
    assert made.read_by_deputy is None
