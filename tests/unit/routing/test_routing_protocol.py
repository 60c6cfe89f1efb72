"""The assignment protocol in full: objections, time, parts handed on, posts that change hands."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.routing import domain
from services.routing.domain import extension, pausing
from services.routing.workflow import AssignmentStage as A
from services.routing.workflow import CaseStage, ExtensionStage
from shared.errors import Conflict, Forbidden, Refused
from tests.unit.routing.builders import (
    ASSIGNMENT_ID,
    NOW,
    OTHER_ID,
    SECRETARY,
    TOWN,
    VICE,
    assignment,
    case,
    later,
)  # fmt: skip


# -- objection -----------------------------------------------------------------------------------------------------
def objected(stage: A = A.OBJECTED, **changes: Any) -> domain.Assignment:
    return assignment(stage, objected_at=later(hours=1), **changes)


def decide(subject, decision="upheld", reasons="确非本镇管辖", by=SECRETARY):
    return domain.decide_objection(subject, decision, reasons, by=by, note_id=OTHER_ID, now=later(hours=2))


def test_an_objection_is_made_in_time_or_not_at_all():
    domain.check_in_time(None, NOW)
    domain.check_in_time(later(seconds=1), NOW)
    with pytest.raises(Refused) as refusal:
        domain.check_in_time(NOW, NOW)
    assert refusal.value.field == "reasons"
    assert "第二十三条" in refusal.value.rule


def test_the_last_day_on_which_it_could_be_made_is_named():
    midnight = NOW.replace(hour=16, minute=0)  # the 8th begins in China
    with pytest.raises(Refused) as refusal:
        domain.check_in_time(midnight, later(days=3))
    assert refusal.value.values == {"day": "2016-11-07"}


def test_nobody_objects_twice():
    with pytest.raises(Conflict):
        domain.object_to(objected(A.RECEIVED), TOWN, "还是不属本镇", note_id=OTHER_ID, now=later(hours=3))


@pytest.mark.parametrize("stage", [A.RECEIVED, A.OBJECTED, A.PROGRESSED])
def test_an_objection_waits_while_the_work_goes_on(stage):
    assert objected(stage).objection_waits


def test_what_was_decided_answered_or_never_said_does_not_wait():
    assert not assignment(A.RECEIVED).objection_waits
    assert not objected(A.REPLIED).objection_waits
    assert not decide(objected(), "dismissed")[0].objection_waits


def test_an_objection_is_dismissed_with_reasons_and_the_work_goes_on_from_where_it_is():
    after, note = decide(objected(), "dismissed", " 属地管辖 ")
    assert (after.stage, after.objection_decision, after.objection_decided_at) == (A.RECEIVED, "dismissed", later(hours=2))
    assert (note.kind, note.text, note.by) == ("dismissed", "属地管辖", SECRETARY)
    assert decide(objected(A.PROGRESSED), "dismissed")[0].stage is A.PROGRESSED


def test_an_objection_that_is_upheld_leaves_the_stage_to_the_withdrawal():
    after, note = decide(objected())
    assert (after.stage, after.objection_decision, note.kind) == (A.OBJECTED, "upheld", "upheld")


def test_a_decision_is_one_of_two_with_reasons_on_an_objection_that_waits_and_not_ones_own():
    with pytest.raises(Refused) as refusal:
        decide(objected(), "perhaps")
    assert refusal.value.field == "decision"
    with pytest.raises(Refused) as refusal:
        decide(objected(), reasons=" ")
    assert refusal.value.field == "reasons"
    with pytest.raises(Conflict):
        decide(assignment(A.RECEIVED))
    with pytest.raises(Forbidden):
        decide(objected(), by=TOWN)


# -- extension ----------------------------------------------------------------------------------------------------
def ask(subject=None, known=(), **changes: Any):
    said: dict[str, Any] = {"extension_id": OTHER_ID, "days": 20, "reasons": " 检测尚未出结果 ", "missed": False, "now": NOW}
    return extension.ask(subject or assignment(A.RECEIVED), known, TOWN, **(said | changes))


def grant(asked, known=(), **changes: Any):
    said: dict[str, Any] = {"days": 15, "said": " 案情复杂 ", "missed": False, "now": later(hours=1)}
    return extension.grant(asked, known, SECRETARY, **(said | changes))


def test_more_time_is_asked_for_and_given_with_reasons_for_the_petitioner():
    asked = ask()
    assert (asked.stage, asked.days, asked.reasons, asked.asked_by) == (ExtensionStage.ASKED, 20, "检测尚未出结果", TOWN)
    given = grant(asked)
    assert (given.stage, given.days, given.said, given.decided_by) == (ExtensionStage.GRANTED, 15, "案情复杂", SECRETARY)
    refused = extension.refuse(asked, SECRETARY, said="期限足够", now=NOW)
    assert (refused.stage, refused.said, refused.days) == (ExtensionStage.REFUSED, "期限足够", 20)


@pytest.mark.parametrize("days", [0, 31])
def test_an_extension_is_of_thirty_days_at_most(days):
    for act in (lambda: ask(days=days), lambda: grant(ask(), days=days)):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.field == "days"


def test_an_extension_is_given_once_for_each_case():
    first = replace(grant(ask()), id=UUID(int=99), assignment_id=UUID(int=98))
    with pytest.raises(Conflict):
        ask(known=[first])
    with pytest.raises(Conflict):
        grant(ask(), [first])


def test_nobody_asks_twice_while_he_waits_but_again_after_a_refusal():
    with pytest.raises(Conflict):
        ask(known=[ask()])
    other = replace(ask(), assignment_id=UUID(int=98))
    refused = extension.refuse(ask(), SECRETARY, said="期限足够", now=NOW)
    assert ask(known=[other, refused]).stage is ExtensionStage.ASKED


def test_after_the_limit_no_more_time_is_asked_for_or_given():
    with pytest.raises(Conflict):
        ask(missed=True)
    with pytest.raises(Conflict):
        grant(ask(), missed=True)


@pytest.mark.parametrize("stage", [A.ISSUED, A.REPLIED, A.APPROVED, A.WITHDRAWN])
def test_who_has_not_received_it_or_has_answered_asks_for_no_more_time(stage):
    with pytest.raises(Conflict):
        ask(assignment(stage))


def test_who_was_handed_a_part_asks_him_who_handed_it_on():
    with pytest.raises(Refused) as refusal:
        ask(assignment(A.RECEIVED, parent=OTHER_ID))
    assert refusal.value.field == "days"


def test_request_and_decision_need_reasons():
    for act, field in (
        (lambda: ask(reasons=" "), "extension_reasons"),
        (lambda: grant(ask(), said=" "), "said"),
        (lambda: extension.refuse(ask(), SECRETARY, said="", now=NOW), "said"),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.field == field


# -- pause ----------------------------------------------------------------------------------------------------------
def begin(subject=None, open_one=None, told=(ASSIGNMENT_ID,), **changes: Any):
    said: dict[str, Any] = {"pause_id": OTHER_ID, "category": "hearing", "reasons": " 依法听证 ", "by": SECRETARY, "now": NOW}
    return pausing.begin(subject or case(CaseStage.IN_HAND), open_one, told, **(said | changes))


def test_a_pause_says_for_what_why_and_on_whose_authority_and_ends_once():
    one = begin()
    assert (one.category, one.reasons, one.authority, one.told) == ("hearing", "依法听证", SECRETARY, (str(ASSIGNMENT_ID),))
    ended = pausing.end(one, by=VICE, reasons=" 听证结束 ", now=later(days=1))
    assert (ended.resumed_by, ended.resume_reasons, ended.resumed_at) == (VICE, "听证结束", later(days=1))
    for over in (None, ended):
        with pytest.raises(Conflict):
            pausing.end(over, by=VICE, reasons="再恢复", now=later(days=2))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"category": "tired"}, "category"), ({"reasons": " "}, "pause_reasons")],
)  # fmt: skip
def test_a_pause_without_category_or_reasons_is_refused(changes, field):
    with pytest.raises(Refused) as refusal:
        begin(**changes)
    assert refusal.value.field == field


def test_a_clock_that_stands_still_or_does_not_run_is_not_stopped():
    for act in (
        lambda: begin(open_one=begin()),
        lambda: begin(case(CaseStage.CONCLUDED)),
        lambda: begin(told=()),
    ):
        with pytest.raises(Conflict):
            act()
