"""Corrections within a day, contests within thirty, and the second asking of the sample."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from services.followup.domain.checking import check_again, checked
from services.followup.domain.task import check_correction, contest, may_contest, may_correct, turn
from services.followup.workflow import TaskStage
from shared.errors import Conflict, Forbidden, Refused
from tests.unit.followup.followup_builders import (
    CASE,
    NOW,
    OFFICE,
    OTHER,
    POLICY,
    SECRETARY,
    STAFF,
    TOWNSHIP,
    a_task,
    by_petitioner,
    by_staff,
)

SOON, LATE = NOW + timedelta(hours=23, minutes=59), NOW + timedelta(hours=24)


def test_whoever_gave_an_answer_may_correct_it_for_a_day():
    assert may_correct(by_staff(), POLICY, source="staff", by=STAFF, now=SOON)
    assert may_correct(by_petitioner(), POLICY, source="petitioner", by=None, now=SOON)
    assert not may_correct(by_staff(), POLICY, source="staff", by=STAFF, now=LATE)
    assert not may_correct(by_petitioner(), POLICY, source="petitioner", by=None, now=LATE)


def test_nobody_corrects_what_another_said():
    assert not may_correct(by_staff(), POLICY, source="staff", by=OTHER, now=NOW)
    assert not may_correct(by_staff(), POLICY, source="petitioner", by=None, now=NOW)
    assert not may_correct(by_petitioner(), POLICY, source="staff", by=STAFF, now=NOW)


@pytest.mark.parametrize(
    "task",
    [
        a_task(source="staff", settled_by=STAFF), replace(by_staff(), contested_at=NOW),
        replace(by_staff(), checked_at=NOW), a_task(stage=TaskStage.UNREACHABLE, source="staff", settled_by=STAFF, settled_at=NOW),
    ],
)  # fmt: skip
def test_what_is_open_contested_or_asked_again_is_corrected_no_more(task):
    assert not may_correct(task, POLICY, source="staff", by=STAFF, now=NOW)


def test_of_a_case_that_went_up_nothing_is_corrected_to_satisfied_below():
    check_correction(TOWNSHIP, by_staff(), POLICY, by=STAFF, result="not_satisfied", now=SOON)
    with pytest.raises(Refused):
        check_correction(TOWNSHIP, by_staff(satisfied=False), POLICY, by=STAFF, result="satisfied", now=SOON)


def test_a_county_may_allow_no_correction():
    assert not may_correct(by_staff(), replace(POLICY, correct_hours=0), source="staff", by=STAFF, now=NOW)


def test_a_correction_of_staff_is_checked():
    check_correction(CASE, by_staff(), POLICY, by=STAFF, result="not_satisfied", now=SOON)
    with pytest.raises(Forbidden):
        check_correction(CASE, by_staff(), POLICY, by=OTHER, result="not_satisfied", now=SOON)
    with pytest.raises(Forbidden):
        check_correction(CASE, by_petitioner(), POLICY, by=STAFF, result="not_satisfied", now=SOON)
    with pytest.raises(Conflict):
        check_correction(CASE, by_staff(), POLICY, by=STAFF, result="not_satisfied", now=LATE)
    with pytest.raises(Refused):
        check_correction(CASE, by_staff(), POLICY, by=STAFF, result="not_reached", now=SOON)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("after", [True, False])
def test_the_corrected_word_stands_and_what_staff_correct_is_asked_again(before, after):
    task = turn(by_staff(satisfied=before, lot=99), POLICY, satisfied=after, at=SOON)
    assert task.stage is (TaskStage.SATISFIED if after else TaskStage.NOT_SATISFIED)
    assert task.sampled
    assert task.corrected_at == SOON
    assert (task.contest_until is not None) is after


def test_a_petitioners_correction_is_not_sampled():
    task = turn(by_petitioner(), POLICY, satisfied=False, at=SOON)
    assert (task.stage, task.sampled, task.contest_until) == (TaskStage.NOT_SATISFIED, False, None)


def test_a_satisfied_of_staff_is_contested_until_the_limit_and_the_petitioners_word_counts():
    task = by_staff()
    assert task.contest_until is not None
    assert may_contest(task, task.contest_until - timedelta(seconds=1))
    assert not may_contest(task, task.contest_until)
    after = contest(task, at=SOON)
    assert (after.stage, after.source, after.contested_at) == (TaskStage.NOT_SATISFIED, "petitioner", SOON)
    assert not may_contest(after, SOON)


@pytest.mark.parametrize("task", [by_petitioner(), by_staff(satisfied=False), a_task()])
def test_nothing_else_can_be_contested(task):
    assert not may_contest(task, NOW)


def asked_again(task, found="satisfied", *, by=OFFICE, manner="telephone", note=""):
    return check_again(task, id=uuid4(), by=by, manner=manner, found=found, note=note, at=SOON)


@pytest.mark.parametrize(
    ("recorded", "found", "differs", "stage"),
    [
        (True, "satisfied", False, TaskStage.SATISFIED), (True, "not_satisfied", True, TaskStage.NOT_SATISFIED),
        (False, "satisfied", True, TaskStage.SATISFIED), (False, "not_satisfied", False, TaskStage.NOT_SATISFIED),
    ],
)  # fmt: skip
def test_what_is_found_when_asked_again_counts(recorded, found, differs, stage):
    task = by_staff(satisfied=recorded)
    check = asked_again(task, found)
    assert (check.recorded, check.differs) == ("satisfied" if recorded else "not_satisfied", differs)
    after = checked(task, check)
    assert (after.stage, after.checked_at) == (stage, SOON)
    with pytest.raises(Conflict):
        asked_again(after)


def test_whoever_is_not_reached_may_be_asked_once_more():
    task = by_staff()
    check = asked_again(task, "not_reached")
    assert not check.differs
    assert checked(task, check) is task


@pytest.mark.parametrize("task", [by_petitioner(), by_staff(lot=99), a_task(), a_task(sampled=True, source="staff")])
def test_only_the_sample_of_what_staff_recorded_is_asked_again(task):
    with pytest.raises(Conflict):
        asked_again(task)


def test_nobody_checks_himself_and_nothing_unknown_is_recorded():
    with pytest.raises(Forbidden):
        asked_again(by_staff(), by=STAFF)
    with pytest.raises(Forbidden):
        asked_again(by_staff(), by=SECRETARY)  # who concluded the case
    with pytest.raises(Refused):
        asked_again(by_staff(), manner="tracking_page")
    with pytest.raises(Refused):
        asked_again(by_staff(), "happy")
    with pytest.raises(Refused):
        asked_again(by_staff(), note="13873512345")


def test_a_record_without_a_name_may_be_checked_by_anybody():
    assert asked_again(replace(by_staff(), settled_by=None)).recorded == "satisfied"
