"""Tries of staff: who may record what, what a note may say, and when somebody could not be reached."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.followup.domain.trying import LONGEST_NOTE, check_note, check_try, give_up, out_of_reach
from services.followup.workflow import CaseStage, TaskStage
from shared.contract.followup import RESULTS
from shared.errors import Conflict, Forbidden, Refused
from tests.unit.followup.followup_builders import CASE, NOW, POLICY, SECRETARY, STAFF, TOWNSHIP, a_task, a_try


@pytest.mark.parametrize("stage", [TaskStage.OPEN, TaskStage.UNREACHABLE])
def test_a_try_by_staff_in_a_known_manner_with_a_known_result_may_be_recorded(stage):
    for result in RESULTS:
        check_try(CASE, a_task(stage=stage), by=STAFF, handlers=(), manner="visit", result=result, note="无人在家")


def test_neither_who_concluded_a_case_nor_who_was_responsible_asks_about_it():
    with pytest.raises(Forbidden):
        check_try(CASE, a_task(), by=SECRETARY, handlers=(), manner="visit", result="satisfied")
    with pytest.raises(Forbidden):
        check_try(CASE, a_task(), by=STAFF, handlers={STAFF.official}, manner="visit", result="satisfied")


@pytest.mark.parametrize("stage", [TaskStage.SATISFIED, TaskStage.NOT_SATISFIED, TaskStage.WITHDRAWN])
def test_a_round_that_is_over_takes_no_further_try(stage):
    with pytest.raises(Conflict):
        check_try(CASE, a_task(stage=stage), by=STAFF, handlers=(), manner="visit", result="not_satisfied")


@pytest.mark.parametrize("result", RESULTS)
def test_a_case_that_a_decision_closed_takes_no_further_try(result):
    with pytest.raises(Conflict):
        check_try(
            replace(CASE, stage=CaseStage.ARCHIVED), a_task(stage=TaskStage.UNREACHABLE), by=STAFF, handlers=(), manner="visit", result=result
        )  # fmt: skip


def test_of_a_case_that_went_up_staff_below_write_down_no_satisfied():
    """It went up because it concerns those here; its petitioner says himself whether he is satisfied."""
    for result in ("not_satisfied", "not_reached"):
        check_try(TOWNSHIP, a_task(), by=STAFF, handlers=(), manner="visit", result=result)
    with pytest.raises(Refused) as refused:
        check_try(TOWNSHIP, a_task(), by=STAFF, handlers=(), manner="visit", result="satisfied")
    assert refused.value.field == "result"


@pytest.mark.parametrize(
    ("manner", "result"), [("tracking_page", "satisfied"), ("pigeon", "satisfied"), ("visit", "happy"), ("visit", "unreachable")]
)
def test_an_unknown_manner_or_result_is_refused(manner, result):
    with pytest.raises(Refused) as refused:
        check_try(CASE, a_task(), by=STAFF, handlers=(), manner=manner, result=result)
    assert refused.value.status == 422


@pytest.mark.parametrize(
    "note",
    [
        "打了13873512345无人接", "138 7351 2345", "138-7351-2345", "证件 43102319800101123X", "0735-5522345", "写信给 a@b.cn", "见 https://x.cn",
        "WWW.x.cn", "字" * (LONGEST_NOTE + 1),
    ],
)  # fmt: skip
def test_a_note_that_tells_who_was_asked_or_is_too_long_is_refused(note):
    with pytest.raises(Refused) as refused:
        check_note(note)
    assert refused.value.field == "note"


@pytest.mark.parametrize(
    "note", ["", "无人接听，约好 12 月 3 日 15:30 再打", "敲门 3 次无人应", "2016-11-30 信已退回", "字" * LONGEST_NOTE]
)
def test_a_note_on_how_it_went_may_be_written(note):
    check_note(note)


@pytest.mark.parametrize(
    ("days", "lost"),
    [
        ([], False), ([0], False), ([0, 1], False), ([0, 1, 2], True), ([0, 0, 0], False), ([0, 0, 0, 1], False),
        ([0, 0, 1, 2], True), ([0, 3, 9], True),
    ],
)  # fmt: skip
def test_three_tries_on_three_different_days_make_could_not_be_reached(days, lost):
    assert out_of_reach([a_try(day) for day in days], POLICY) is lost


def test_days_are_the_countys_and_other_results_do_not_count():
    late = [a_try(0), a_try(1)]
    assert not out_of_reach([*late, a_try(2, "not_satisfied")], POLICY)
    # 15:59 and 16:01 UTC are two days in China.
    from dataclasses import replace

    eve = [replace(a_try(), at=NOW.replace(hour=15, minute=59)), replace(a_try(), at=NOW.replace(hour=16, minute=1)), a_try(1)]
    assert not out_of_reach(eve, POLICY)
    assert out_of_reach([*eve, a_try(2)], POLICY)


def test_giving_up_is_a_result_of_its_own_and_nothing_more():
    task = give_up(a_task(), at=NOW + timedelta(days=2))
    assert (task.stage, task.source, task.settled_at) == (TaskStage.UNREACHABLE, None, NOW + timedelta(days=2))
    assert give_up(task, at=NOW) is task
