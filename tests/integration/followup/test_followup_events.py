"""From the conclusion to the petitioner's word, and from that to the archive or the next round."""

import threading
from uuid import UUID, uuid4

import pytest

from services.followup import handlers
from shared.contract import heard_by
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, NotFound, NotYet, Refused
from tests.integration.followup.conftest import Followup
from tests.integration.supervision.world import SECRETARY, moment, names

STAFF = Person(official="o-431023-followup", name="黄秀英", post="回访员", organisation="431023-xf")


def record(world: Followup, task: UUID, result: str, *, by: Person = STAFF, try_id: UUID | None = None, manner="telephone"):
    return world.do(
        lambda uow: handlers.record_try(
            uow, task, try_id=try_id or uuid4(), by=by, posts=[by.organisation], manner=manner, result=result
        )
    )


def stage_of(world: Followup, case: UUID) -> str:
    return world.rows("SELECT stage FROM followed_case WHERE id = %(c)s", c=case)[0]["stage"]


def test_every_event_meant_for_followup_is_heard_and_no_other():
    assert set(handlers.HEARS) == {contract.name for contract in heard_by("followup")}


def test_a_conclusion_opens_a_task_in_the_manner_that_fits_the_channel(world: Followup):
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case))
    (due, message) = world.told(subject=case)
    assert due[0] == "followup.due"
    assert due[1]["manner"] == "email"
    assert due[1]["round"] == 3
    assert due[1]["due_at"] == "2016-12-07T16:00:00.000Z"
    assert message[0] == "message.requested"
    assert message[1]["template"] == "followup_due"
    assert message[1]["params"] == {"round": 3, "manner": "email"}


def test_a_case_that_was_referred_up_to_us_is_left_to_those_who_know_its_petitioner(world: Followup):
    case = uuid4()
    world.hear(world.concluded(case, referred_from="431023104"))
    assert world.told(subject=case) == []


def test_a_satisfied_petitioner_closes_and_archives_the_case_in_one_transaction(world: Followup):
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case))
    record(world, world.task_id(case), "satisfied")
    told = world.told(subject=case)[2:]
    assert names(told) == [
        "followup.recorded", "case.satisfied", "case.closed", "case.archived", "message.requested",
    ]  # fmt: skip
    assert told[1][1] == {
        "round": 3, "at": moment("2016-11-30 18:00"), "source": "staff", "contest_until": moment("2016-12-31 00:00"),
    }  # fmt: skip
    assert told[2][1]["reason"] == "satisfied"
    assert told[2][1]["by"]["official"] == STAFF.official
    assert told[4][1]["template"] == "closed_on_record"
    assert told[4][1]["params"] == {"reason": "satisfied", "days": 30}
    (closing,) = world.rows("SELECT * FROM closing")
    assert (closing["reason"], closing["round"], closing["by"]["name"]) == ("satisfied", 3, "黄秀英")
    assert stage_of(world, case) == "archived"


def test_not_satisfied_and_then_satisfied_takes_two_rounds(world: Followup):
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case, 3))
    record(world, world.task_id(case, 3), "not_satisfied")
    told = world.told("followup.recorded", "case.dissatisfied", "case.closed", subject=case)
    assert names(told) == ["followup.recorded", "case.dissatisfied"]
    assert told[1][1]["round"] == 3
    assert stage_of(world, case) == "followed"
    world.clock("2016-12-10 10:00")
    world.hear(world.concluded(case, 4))
    world.hear(world.answered(case, 4))
    assert world.told("case.satisfied")[0][1]["source"] == "petitioner"
    assert world.told("case.closed")[0][1] == {
        "reason": "satisfied", "by": None, "closed_at": moment("2016-12-10 10:00"), "round": 4, "authority": None, "reasons": None,
    }  # fmt: skip
    assert [row["stage"] for row in world.rows("SELECT stage FROM task ORDER BY round")] == ["not_satisfied", "satisfied"]


def test_a_petitioner_who_is_not_satisfied_reopens_the_case(world: Followup):
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case), world.answered(case, settled=True, satisfied=False))
    assert world.told("case.dissatisfied")[0][1] == {
        "round": 3, "at": moment("2016-12-01 09:00"), "source": "petitioner", "cause": "dissatisfied",
    }  # fmt: skip
    recorded = world.told("followup.recorded")[0][1]
    assert (recorded["manner"], recorded["result"], recorded["recorded_by"]) == ("tracking_page", "not_satisfied", None)


def test_the_first_word_of_a_round_counts_and_later_ones_are_kept(world: Followup):
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case), world.answered(case))
    before = len(world.told())
    world.hear(world.answered(case, satisfied=False))
    with pytest.raises(Conflict):
        record(world, world.task_id(case), "not_satisfied")
    assert len(world.told()) == before
    rows = world.rows("SELECT satisfied, counted FROM answer ORDER BY counted DESC")
    assert [(row["satisfied"], row["counted"]) for row in rows] == [(True, True), (False, False)]


def test_staff_first_and_the_petitioners_later_answer_is_kept_and_changes_nothing(world: Followup):
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case))
    record(world, world.task_id(case), "not_satisfied")
    world.hear(world.answered(case))
    assert world.told("case.satisfied") == []
    assert world.rows("SELECT counted FROM answer") == [{"counted": False}]


def test_staff_and_petitioner_at_the_same_time_give_one_result(world: Followup):
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case))
    task, refused, start = world.task_id(case), [], threading.Barrier(2)

    def staff() -> None:
        start.wait()
        try:
            record(world, task, "not_satisfied")
        except Conflict as conflict:
            refused.append(conflict)

    def petitioner() -> None:
        start.wait()
        world.hear(world.answered(case))

    threads = [threading.Thread(target=run) for run in (staff, petitioner)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = names(world.told("case.satisfied", "case.dissatisfied"))
    assert told == (["case.satisfied"] if refused else ["case.dissatisfied"])


def test_a_petitioner_who_was_not_reached_is_tried_again(world: Followup):
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case))
    for _ in range(3):  # thrice on one day is not enough
        assert record(world, world.task_id(case), "not_reached").stage == "open"
    assert [data["result"] for _, data in world.told("followup.recorded")] == ["not_reached"] * 3
    assert len(world.rows("SELECT * FROM contact_try")) == 3
    assert world.told("followup.unreachable") == []


def test_a_form_that_is_sent_twice_records_one_try(world: Followup):
    case, key = uuid4(), uuid4()
    world.hear(world.registered(case), world.concluded(case))
    for _ in range(2):
        record(world, world.task_id(case), "not_reached", try_id=key)
    record(world, world.task_id(case), "satisfied", try_id=(last := uuid4()))
    assert record(world, world.task_id(case), "satisfied", try_id=last).stage == "satisfied"
    assert len(world.rows("SELECT * FROM contact_try")) == 2
    assert len(world.told("case.closed")) == 1


def test_a_form_of_another_task_is_refused(world: Followup):
    one, other, key = uuid4(), uuid4(), uuid4()
    world.hear(*(event for case in (one, other) for event in (world.registered(case), world.concluded(case))))
    record(world, world.task_id(one), "not_reached", try_id=key)
    with pytest.raises(Conflict):
        record(world, world.task_id(other), "not_reached", try_id=key)


def test_who_concluded_the_case_and_who_is_barred_cannot_record(world: Followup):
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case))
    with pytest.raises(Forbidden):
        record(world, world.task_id(case), "satisfied", by=Person.of(SECRETARY))
    bar = {"organisations": ["431023-xf"], "officials": [], "barred_at": moment("2016-11-30 18:00")}
    world.hear(world.event("case.barred", case, bar, teller="routing"))
    with pytest.raises(NotFound):
        record(world, world.task_id(case), "satisfied")
    with pytest.raises(NotFound):
        record(world, uuid4(), "satisfied")
    assert world.told("case.closed") == []


def test_a_withdrawn_petition_is_closed_archived_and_not_asked_about(world: Followup):
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case))
    world.hear(world.withdrawn(case), world.withdrawn(case), world.concluded(case, 4))
    assert [data["reason"] for _, data in world.told("case.closed")] == ["withdrawn"]
    assert len(world.told("case.archived")) == 1
    assert world.rows("SELECT stage FROM task") == [{"stage": "withdrawn"}]


def test_a_petition_withdrawn_before_any_conclusion_is_closed_too(world: Followup):
    case = uuid4()
    world.hear(world.registered(case), world.withdrawn(case))
    assert stage_of(world, case) == "archived"


def test_a_further_conclusion_replaces_the_asking_about_the_one_before(world: Followup):
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case, 3), world.concluded(case, 4))
    assert [row["stage"] for row in world.rows("SELECT stage FROM task ORDER BY round")] == ["withdrawn", "open"]
    world.hear(world.answered(case, 3))
    assert stage_of(world, case) == "followed"


def test_a_round_is_not_asked_about_twice(world: Followup):
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case))
    with pytest.raises(Refused):
        world.hear(world.concluded(case))


def test_what_comes_before_its_cause_waits(world: Followup):
    case = uuid4()
    for event in (world.concluded(case), world.answered(case), world.withdrawn(case)):
        with pytest.raises(NotYet):
            world.hear(event)
    world.hear(world.registered(case))
    with pytest.raises(NotYet):
        world.hear(world.answered(case))


def test_a_subject_that_is_no_case_is_refused(world: Followup):
    with pytest.raises(Refused):
        world.hear(world.concluded("431023"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE closing SET reason = 'decision'", "DELETE FROM closing", "UPDATE contact_try SET result = 'satisfied'",
        "UPDATE answer SET satisfied = false", "UPDATE task SET stage = 'open', settled_at = NULL, source = NULL",
        "UPDATE policy SET document = '{}'", "DELETE FROM policy_in_force",
    ],
)  # fmt: skip
def test_what_was_recorded_is_never_edited(world: Followup, change: str):
    case = uuid4()
    world.hear(world.registered(case), world.concluded(case, 3))
    record(world, world.task_id(case, 3), "not_reached")
    world.hear(world.answered(case, 3))
    with pytest.raises(Exception, match=r"is never edited|does not go from"):
        world.do(lambda uow: uow.all(change))
