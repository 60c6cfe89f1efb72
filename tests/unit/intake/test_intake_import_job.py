"""Where an import stands, what a person may do with it, and what it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.intake.domain import imports as domain
from services.intake.domain.imports import ImportJob, Tally, check_may_import, taken_over
from services.intake.workflow import ImportStage, Stage
from shared.errors import Conflict, Forbidden, Refused
from tests.unit.intake.intake_builders import CASE, CLERK, NOW, a_petition, a_viewer


def a_job(**changes: Any) -> ImportJob:
    given: dict[str, Any] = {
        "id": CASE, "stage": ImportStage.WAITING, "source": "旧系统", "format": "text", "size": 10, "created_at": NOW, "created_by": CLERK,
    }  # fmt: skip
    return ImportJob(**given | changes)


def counted(job: ImportJob, *, rate: int = 10, found: list[Tally] | None = None, position: int = 100, **counts: int) -> ImportJob:
    return domain.advance(job, position=position, counts=counts, found=found or [], rate=rate, now=NOW)


def a_tally(**changes: Any) -> Tally:
    given: dict[str, Any] = {"field": "phone", "rule": "必填。", "values": {}, "count": 1, "first_row": 5, "failed": True}
    return Tally(**given | changes)


def test_an_import_goes_from_its_check_to_its_end():
    job = domain.take_up(a_job(position=7, counts={"open": 1}), NOW)
    assert (job.stage, job.position, job.counts) == (ImportStage.CHECKING, 0, {})
    job = domain.end_check(counted(job, open=2, finished=3, again=1, failed=4, warned=2), NOW)
    assert (job.stage, job.total, job.expected["finished"]) == (ImportStage.CHECKED, 10, 3)
    job = domain.start(job, CLERK, NOW)
    assert (job.stage, job.position, job.counts, job.expected["open"]) == (ImportStage.RUNNING, 0, {}, 2)
    assert domain.start(job, CLERK, NOW) is job
    job = counted(job, open=2)
    assert (job.handled, job.percent, job.seconds_left) == (2, 20, 0)
    assert domain.finish(counted(job, finished=8), NOW).ended_at == NOW


def test_the_rest_is_told_only_when_it_can_be():
    running = a_job(total=1000, rate=10, counts={"open": 100})
    assert running.seconds_left == 90
    assert replace(running, rate=0).seconds_left is None
    assert replace(running, total=0).seconds_left is None
    assert replace(running, total=0).percent == 0


def test_it_is_paused_goes_on_and_is_cancelled_and_twice_changes_nothing():
    running = a_job(stage=ImportStage.RUNNING, started_at=NOW, position=500)
    paused = domain.pause(running)
    assert domain.pause(paused) is paused
    again = domain.go_on(paused, NOW)
    assert (again.stage, again.position) == (ImportStage.RUNNING, 500)
    assert domain.go_on(again, NOW) is again
    ended = domain.cancel(paused, NOW)
    assert domain.cancel(ended, NOW) is ended
    with pytest.raises(Conflict):
        domain.go_on(ended, NOW)


def test_a_list_without_a_single_good_row_is_not_started():
    with pytest.raises(Refused) as caught:
        domain.start(a_job(stage=ImportStage.CHECKED, counts={"failed": 3, "again": 2}), CLERK, NOW)
    assert caught.value.field == "file"


def test_a_file_that_cannot_be_read_says_why():
    job = domain.give_up(a_job(stage=ImportStage.CHECKING), "encrypted", NOW)
    assert (job.stage, job.fault, job.ended_at) == (ImportStage.UNREADABLE, "encrypted", NOW)


def test_a_list_that_takes_its_process_down_each_time_is_given_up():
    job = a_job()
    for _ in range(domain.MOST_ATTEMPTS):
        job = counted(domain.take_up(job, NOW), failed=1, position=500)  # as far as the first time, and no further
        assert job.stage is ImportStage.CHECKING
    given_up = domain.take_up(replace(job, attempts=domain.MOST_ATTEMPTS), NOW)
    assert (given_up.stage, given_up.fault) == (ImportStage.UNREADABLE, "crashed")


def test_a_process_that_lives_and_takes_it_up_again_counts_once():
    job = domain.take_up(a_job(stage=ImportStage.RUNNING, started_at=NOW), NOW)
    for _ in range(domain.MOST_ATTEMPTS):
        job = domain.take_up(job, NOW, again=True)
    assert (job.attempts, job.stage) == (1, ImportStage.RUNNING)


def test_who_comes_further_than_ever_or_leaves_in_good_order_may_try_as_often_again():
    job = a_job(stage=ImportStage.RUNNING, started_at=NOW, attempts=4, reached=500, position=500)
    assert counted(job, open=1, position=500).attempts == 4
    further = counted(domain.take_up(job, NOW), open=1, position=501)
    assert (further.attempts, further.reached, further.stage) == (0, 501, ImportStage.RUNNING)
    assert counted(replace(further, attempts=2, position=0), open=1, position=7).reached == 501
    assert domain.lay_down(job).attempts == 0
    checked = domain.end_check(replace(job, stage=ImportStage.CHECKING), NOW)
    assert (checked.attempts, checked.reached) == (0, 0)


def test_rules_are_counted_together_errors_first():
    job = counted(a_job(), failed=1, found=[a_tally(failed=False, count=9), a_tally()])
    job = counted(job, failed=2, found=[a_tally(count=2, first_row=90), a_tally(field="email", first_row=80)])
    assert [(one["field"], one["count"], one["first_row"], one["failed"]) for one in job.tallies] == [
        ("phone", 3, 5, True), ("email", 1, 80, True), ("phone", 9, 5, False),
    ]  # fmt: skip


def test_silence_is_noticed_while_somebody_should_be_at_work():
    later = NOW + timedelta(seconds=61)
    assert a_job().silent(later)
    assert not a_job().silent(NOW)
    assert not a_job(beat_at=later).silent(later)
    assert not a_job(stage=ImportStage.PAUSED).silent(later)


def test_clerks_and_the_office_of_the_instance_import():
    check_may_import(a_viewer("clerk"))
    check_may_import(a_viewer("office"))
    for other in (a_viewer("leader"), a_viewer("clerk", of_instance=False)):
        with pytest.raises(Forbidden):
            check_may_import(other)


def test_a_case_that_was_taken_over_shows_what_it_brought_along():
    assert taken_over(a_petition()) == []
    moment = {"imported_at": NOW, "concluded_at": NOW, "closed_at": None}
    assert [step.kind for step in taken_over(a_petition(stage=Stage.ARCHIVED, **moment))] == ["imported", "concluded"]
    assert [step.kind for step in taken_over(a_petition(stage=Stage.CONCLUDED, **moment))] == ["imported"]


def test_what_is_destroyed_leaves_its_figures():
    job = domain.purge(a_job(counts={"open": 3}), NOW)
    assert (job.purged_at, job.handled) == (NOW, 3)
