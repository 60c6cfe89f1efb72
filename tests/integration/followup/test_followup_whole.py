"""Who could not be reached, corrections, contests, second askings, and who keeps out: what is told, and in which order."""

from uuid import UUID, uuid4

import pytest

from services.followup import handlers
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, NotFound, NotYet
from tests.integration.followup.conftest import Followup
from tests.integration.followup.test_followup_events import STAFF, record, stage_of
from tests.integration.supervision.world import COUNTY_LEADER, TOWNSHIP_SECRETARY, names

OFFICE = Person(official="o-431023-sup-director", name="王建平", post="督查室主任", organisation="431023-sup")


@pytest.fixture
def case(world: Followup) -> UUID:
    case = uuid4()
    world.hear(world.registered(case), world.instructed(case, 3), world.concluded(case))
    return case


def lose(world: Followup, case: UUID) -> None:
    for day in ("2016-12-01", "2016-12-02", "2016-12-03"):
        world.clock(f"{day} 10:00")
        record(world, world.task_id(case), "not_reached")


def correct(world: Followup, case: UUID, result: str, by: Person = STAFF, try_id: UUID | None = None):
    return world.do(
        lambda uow: handlers.correct_try(
            uow, world.task_id(case), try_id=try_id or uuid4(), by=by, posts=[by.organisation], result=result
        )
    )


def check(world: Followup, case: UUID, found: str, *, check_id: UUID | None = None):
    return world.do(
        lambda uow: handlers.record_check(
            uow,
            world.task_id(case),
            check_id=check_id or uuid4(),
            by=OFFICE,
            posts=["431023-sup"],
            manner="telephone",
            found=found,
        )
    )


def sampled(world: Followup) -> None:
    world.do(lambda uow: uow.all("UPDATE task SET sampled = true"))


def stage_of_task(world: Followup, case: UUID) -> str:
    return world.rows("SELECT stage FROM task WHERE case_id = %(c)s AND round = 3", c=case)[0]["stage"]


# -- who could not be reached ----------------------------------------------------------------------------------------
def test_three_tries_on_three_days_make_could_not_be_reached_which_closes_nothing(world: Followup, case: UUID):
    lose(world, case)
    (told,) = world.told("followup.unreachable")
    assert told[1]["tries"] == 3
    assert world.told("message.requested")[-1][1]["template"] == "not_reached"
    assert world.told("case.closed", "case.dissatisfied", "case.satisfied") == []
    assert (stage_of(world, case), stage_of_task(world, case)) == ("followed", "unreachable")


def test_whoever_could_not_be_reached_answers_later_and_closes_the_case(world: Followup, case: UUID):
    lose(world, case)
    world.hear(world.answered(case, at="2016-12-09 09:00"))
    assert names(world.told("case.satisfied", "case.closed")) == ["case.satisfied", "case.closed"]


def test_a_further_try_is_recorded_and_tells_unreachable_no_second_time(world: Followup, case: UUID):
    lose(world, case)
    world.clock("2016-12-05 10:00")
    record(world, world.task_id(case), "not_reached")
    assert len(world.told("followup.unreachable")) == 1


def test_a_further_conclusion_takes_the_place_of_what_could_not_be_asked(world: Followup, case: UUID):
    lose(world, case)
    world.hear(world.concluded(case, 4))
    assert [row["stage"] for row in world.rows("SELECT stage FROM task ORDER BY round")] == ["withdrawn", "open"]


# -- corrections -----------------------------------------------------------------------------------------------------
def test_a_satisfied_that_staff_correct_has_the_closed_case_go_on(world: Followup, case: UUID):
    record(world, world.task_id(case), "satisfied")
    world.clock("2016-12-01 17:59")
    key = uuid4()
    for _ in range(2):
        correct(world, case, "not_satisfied", try_id=key)
    told = world.told(subject=case)[7:]
    assert names(told) == ["followup.recorded", "case.dissatisfied"]
    assert told[0][1]["corrects"] is True
    assert told[1][1]["cause"] == "corrected"
    assert stage_of(world, case) == "followed"
    assert world.rows("SELECT sampled FROM task") == [{"sampled": True}]


def test_a_not_satisfied_that_is_corrected_stops_no_round_that_has_begun(world: Followup, case: UUID):
    record(world, world.task_id(case), "not_satisfied")
    correct(world, case, "satisfied")
    assert names(world.told("case.dissatisfied", "case.satisfied", "case.closed")) == ["case.dissatisfied", "case.satisfied"]
    assert stage_of_task(world, case) == "satisfied"
    assert world.rows("SELECT came_back FROM followed_case") == [{"came_back": 0}]


def test_after_a_day_or_by_another_nothing_is_corrected(world: Followup, case: UUID):
    record(world, world.task_id(case), "satisfied")
    with pytest.raises(Forbidden):
        correct(world, case, "not_satisfied", by=OFFICE)
    world.clock("2016-12-01 18:00")
    with pytest.raises(Conflict):
        correct(world, case, "not_satisfied")


def test_the_petitioner_corrects_what_he_answered_within_a_day(world: Followup, case: UUID):
    world.hear(world.answered(case))
    world.hear(world.answered(case, satisfied=False, at="2016-12-02 08:59", corrects=True))
    assert world.told("case.dissatisfied")[0][1]["cause"] == "corrected"
    assert stage_of(world, case) == "followed"
    world.hear(world.answered(case, at="2016-12-02 08:59", corrects=True))
    rows = world.rows("SELECT counted, corrects FROM answer ORDER BY answered_at")
    assert [(row["counted"], row["corrects"]) for row in rows] == [(True, False), (True, True), (True, True)]


def test_a_correction_that_comes_too_late_or_of_anothers_word_is_kept_and_changes_nothing(world: Followup, case: UUID):
    world.hear(world.answered(case))
    world.hear(world.answered(case, satisfied=False, at="2016-12-02 09:00", corrects=True))
    assert world.told("case.dissatisfied") == []
    assert world.rows("SELECT counted FROM answer WHERE corrects") == [{"counted": False}]


def test_answers_by_a_link_and_to_single_questions_are_kept_with_the_round(world: Followup, case: UUID):
    answers = [{"question": "settled", "yes": True}, {"question": "speed", "yes": False}]
    world.hear(world.answered(case, medium="email", answers=answers))
    assert world.rows("SELECT medium, answers FROM answer") == [{"medium": "email", "answers": {"settled": True, "speed": False}}]
    assert world.told("followup.recorded")[0][1]["manner"] == "email"


# -- contests and requests to go on ----------------------------------------------------------------------------------
def test_a_satisfied_of_staff_is_contested_within_thirty_days_and_reopens_the_case(world: Followup, case: UUID):
    record(world, world.task_id(case), "satisfied")
    world.hear(world.asks_to_reopen(case, "contested", at="2016-12-30 23:59"))
    told = world.told("case.contested", "case.dissatisfied")
    assert names(told) == ["case.contested", "case.dissatisfied"]
    assert (told[1][1]["cause"], told[1][1]["source"]) == ("contested", "petitioner")
    assert (stage_of(world, case), stage_of_task(world, case)) == ("followed", "not_satisfied")
    world.hear(world.concluded(case, 4))
    record(world, world.task_id(case, 4), "satisfied")
    assert [row["number"] for row in world.rows("SELECT number FROM closing ORDER BY number")] == [1, 2]


@pytest.mark.parametrize(("ground", "at"), [("contested", "2016-12-31 00:00"), ("reopen", "2017-03-01 00:00")])
def test_what_comes_too_late_is_kept_and_changes_nothing(world: Followup, case: UUID, ground: str, at: str):
    record(world, world.task_id(case), "satisfied")
    before = len(world.told())
    world.hear(world.asks_to_reopen(case, ground, at=at))
    assert len(world.told()) == before
    assert world.rows("SELECT granted FROM reopen_request") == [{"granted": False}]


def test_a_petitioners_own_satisfied_cannot_be_contested_but_the_case_may_go_on(world: Followup, case: UUID):
    world.hear(world.answered(case))
    world.hear(world.asks_to_reopen(case, "contested", at="2016-12-05 09:00"))
    assert stage_of(world, case) == "archived"
    world.hear(world.asks_to_reopen(case, "reopen", at="2016-12-05 09:01"))
    assert world.told("case.dissatisfied")[0][1]["cause"] == "reopen_requested"
    world.hear(world.asks_to_reopen(case, "reopen", at="2016-12-05 09:02"))
    assert len(world.told("case.dissatisfied")) == 1


def test_a_request_before_its_round_is_known_waits(world: Followup, case: UUID):
    with pytest.raises(NotYet):
        world.hear(world.asks_to_reopen(case, "contested", at="2016-12-05 09:00", round=9))


# -- second askings --------------------------------------------------------------------------------------------------
def test_a_satisfied_that_is_found_otherwise_reopens_the_case_and_is_told(world: Followup, case: UUID):
    record(world, world.task_id(case), "satisfied")
    sampled(world)
    key = uuid4()
    for _ in range(2):
        check(world, case, "not_satisfied", check_id=key)
    (told,) = world.told("followup.checked")
    assert (told[1]["recorded"], told[1]["found"], told[1]["differs"]) == ("satisfied", "not_satisfied", True)
    assert world.told("case.dissatisfied")[0][1]["cause"] == "checked"
    assert stage_of_task(world, case) == "not_satisfied"


def test_a_check_that_agrees_changes_nothing_and_one_that_reached_nobody_is_tried_again(world: Followup, case: UUID):
    record(world, world.task_id(case), "satisfied")
    sampled(world)
    check(world, case, "not_reached")
    check(world, case, "satisfied")
    assert [data["differs"] for _, data in world.told("followup.checked")] == [False, False]
    assert stage_of(world, case) == "archived"
    with pytest.raises(Conflict):
        check(world, case, "satisfied")
    with pytest.raises(Conflict):
        correct(world, case, "not_satisfied")


def test_a_form_of_another_case_and_what_is_not_in_the_sample_are_refused(world: Followup, case: UUID):
    other, key = uuid4(), uuid4()
    world.hear(world.registered(other), world.concluded(other))
    for each in (case, other):
        record(world, world.task_id(each), "satisfied")
    sampled(world)
    check(world, case, "satisfied", check_id=key)
    with pytest.raises(Conflict):
        check(world, other, "satisfied", check_id=key)
    world.do(lambda uow: uow.all("UPDATE task SET sampled = false"))
    with pytest.raises(Conflict):
        check(world, other, "satisfied")


# -- who keeps out ---------------------------------------------------------------------------------------------------
def test_whoever_was_responsible_and_his_unit_neither_see_nor_record(world: Followup, case: UUID):
    assignment = uuid4()
    leader = {**COUNTY_LEADER, "organisation": "431023"}
    world.hear(
        world.assigned(case, TOWNSHIP_SECRETARY, assignment=assignment),
        world.handed_over(case, assignment, TOWNSHIP_SECRETARY, leader),
    )
    colleague = Person(official="o-x", name="某", post="回访员", organisation=TOWNSHIP_SECRETARY["organisation"])
    for by in (Person.of(TOWNSHIP_SECRETARY), Person.of(leader), colleague):
        with pytest.raises(NotFound):
            record(world, world.task_id(case), "satisfied", by=by)
    # Whoever only works in the county's own house beside him goes on.
    record(world, world.task_id(case), "satisfied", by=Person(official="o-y", name="某", post="回访员", organisation="431023"))
