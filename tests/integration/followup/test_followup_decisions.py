"""Closings by decision, leaders that are proposed, reviews, and the policy that a case keeps."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from services.followup import handlers
from services.followup.handlers import reviews
from services.followup.policy_file import SHIPPED, BadPolicy
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, NotFound, Refused
from tests.integration.followup.conftest import Followup
from tests.integration.followup.test_followup_events import STAFF, record, stage_of
from tests.integration.followup.test_followup_whole import lose, stage_of_task
from tests.integration.supervision.world import COUNTY_LEADER, SECRETARY, TOWNSHIP_SECRETARY, moment, names

CLERK = Person(official="o-431023-office-clerk", name="何平", post="主任", organisation="431023-office")
WORDS = {"authority": "2016年12月20日领导小组第5次会议", "reasons": "诉求没有法律依据，已三次当面解释。"}


@pytest.fixture
def case(world: Followup) -> UUID:
    case = uuid4()
    world.hear(world.registered(case), world.instructed(case, 3), world.concluded(case))
    return case


def close(world: Followup, case: UUID, by: Person = CLERK, **words: str):
    return world.do(lambda uow: handlers.close_by_decision(uow, case, by=by, posts=[by.organisation], **(WORDS | words)))


# -- closing by decision, leaders --------------------------------------------------------------------------------
def test_a_decision_closes_what_could_not_be_asked_and_tells_the_petitioner_why(world: Followup, case: UUID):
    lose(world, case)
    for _ in range(2):
        close(world, case)
    (closed,) = world.told("case.closed")
    assert closed[1] | {"closed_at": ""} == {
        "reason": "decision", "by": CLERK.as_data(), "closed_at": "", "round": 3, **WORDS,
    }  # fmt: skip
    message = world.told("message.requested")[-1][1]
    assert (message["template"], message["params"]["days"], message["params"]["reason"]) == (
        "closed_by_decision", 30, WORDS["reasons"],
    )  # fmt: skip
    assert stage_of(world, case) == "archived"


def test_a_decision_after_a_not_satisfied_ends_the_round_that_was_owed_unless_it_has_begun(world: Followup, case: UUID):
    record(world, world.task_id(case), "not_satisfied")
    world.hear(world.instructed(case, 4))
    with pytest.raises(Conflict):
        close(world, case)
    other = uuid4()
    world.hear(world.registered(other), world.instructed(other, 3), world.concluded(other))
    record(world, world.task_id(other), "not_satisfied")
    close(world, other)
    assert world.told("case.closed")[0][1]["round"] == 4


def test_without_authority_or_reasons_by_whoever_concluded_or_too_soon_nothing_is_closed(world: Followup, case: UUID):
    with pytest.raises(Conflict):
        close(world, case)
    lose(world, case)
    for fault in ({"authority": ""}, {"reasons": "不理"}):
        with pytest.raises(Refused):
            close(world, case, CLERK, **fault)
    with pytest.raises(Forbidden):
        close(world, case, by=Person.of(SECRETARY))
    with pytest.raises(NotFound):
        close(world, uuid4())
    assert world.told("case.closed") == []


def test_after_the_policys_rounds_a_leader_is_proposed_once(world: Followup, case: UUID):
    record(world, world.task_id(case), "not_satisfied")
    assert world.told("charge.proposed") == []
    for number in (4, 5):
        world.hear(world.concluded(case, number))
        record(world, world.task_id(case, number), "not_satisfied")
    assert [data["reason"] for _, data in world.told("charge.proposed")] == ["rounds"]


def test_a_case_that_staff_find_difficult_is_proposed_too(world: Followup, case: UUID):
    for _ in range(2):
        world.do(lambda uow: handlers.mark_difficult(uow, world.task_id(case), by=STAFF, posts=[STAFF.organisation]))
    (told,) = world.told("charge.proposed")
    assert (told[1]["reason"], told[1]["by"]["official"]) == ("difficult", STAFF.official)
    record(world, world.task_id(case), "satisfied")
    with pytest.raises(Conflict):
        world.do(lambda uow: handlers.mark_difficult(uow, world.task_id(case), by=STAFF, posts=[STAFF.organisation]))


# -- reviews ---------------------------------------------------------------------------------------------------------
def assign(world: Followup, review: UUID, official: str = "", organ: str = ""):
    return world.do(lambda uow: reviews.assign(uow, review, by=CLERK, posts=["431023-office"], official=official, organ=organ))


def decide(world: Followup, review: UUID, decision: str, *, by: Person = CLERK, of_office: bool = True):
    return world.do(
        lambda uow: reviews.decide(
            uow,
            review,
            by=by,
            posts=[by.organisation],
            of_office=of_office,
            decision=decision,
            answer="经复查，理由如下。",
            document="1 号",
        )
    )


def enlist(world: Followup, who: dict) -> None:
    posts = [{"organisation": who["organisation"], "title": who["post"], "roles": ["leader"]}]
    data = {"official": who["official"], "name": who["name"], "active": True, "posts": posts}
    world.hear(world.event("directory.official_recorded", who["official"], data, teller="routing"))


def test_a_review_goes_from_the_petitioner_to_a_reviewer_to_the_petitioner(world: Followup, case: UUID):
    review = uuid4()
    record(world, world.task_id(case), "satisfied")
    world.hear(world.asks_for_review(case, id=review), world.asks_for_review(case))
    assert len(world.rows("SELECT id FROM review")) == 1
    enlist(world, COUNTY_LEADER)
    assign(world, review, COUNTY_LEADER["official"])
    for _ in range(2):
        decide(world, review, "upheld", by=Person.of(COUNTY_LEADER), of_office=False)
    told = world.told("review.assigned", "review.decided")
    assert names(told) == ["review.assigned", "review.decided"]
    assert told[0][1]["due_at"] == moment("2017-01-02 00:00")
    assert told[1][1]["final_until"] == moment("2016-12-31 00:00")
    assert world.told("message.requested")[-1][1]["template"] == "review_decided"
    assert stage_of(world, case) == "archived"


def test_a_review_that_says_redo_reopens_the_case(world: Followup, case: UUID):
    review = uuid4()
    world.hear(world.asks_for_review(case, id=review))
    assign(world, review, organ="郴州市人民政府")
    decide(world, review, "redo")
    assert world.told("case.dissatisfied")[0][1]["cause"] == "review"
    assert stage_of_task(world, case) == "withdrawn"


def test_a_review_of_a_case_that_goes_on_already_reopens_nothing(world: Followup, case: UUID):
    review = uuid4()
    record(world, world.task_id(case), "not_satisfied")
    world.hear(world.asks_for_review(case, id=review))
    assign(world, review, organ="郴州市人民政府")
    decide(world, review, "redo")
    assert len(world.told("case.dissatisfied")) == 1


def test_who_had_a_part_in_the_case_is_barred_or_unknown_does_not_review(world: Followup, case: UUID):
    review = uuid4()
    world.hear(world.asks_for_review(case, id=review), world.assigned(case, TOWNSHIP_SECRETARY))
    for who in (SECRETARY, TOWNSHIP_SECRETARY, COUNTY_LEADER):
        enlist(world, who)
    for who in (SECRETARY, TOWNSHIP_SECRETARY):
        with pytest.raises(Forbidden):
            assign(world, review, who["official"])
    with pytest.raises(Refused):
        assign(world, review, "o-nobody")
    bar = {"organisations": [], "officials": [COUNTY_LEADER["official"]], "barred_at": moment("2016-11-30 18:00")}
    world.hear(world.event("case.barred", case, bar, teller="routing"))
    with pytest.raises(Refused):
        assign(world, review, COUNTY_LEADER["official"])


def test_the_days_of_a_hearing_are_added(world: Followup, case: UUID):
    review = uuid4()
    world.hear(world.asks_for_review(case, id=review))
    assign(world, review, organ="郴州市人民政府")
    world.clock("2016-12-06 18:00")
    heard = world.do(
        lambda uow: reviews.hear(uow, review, by=CLERK, posts=["431023-office"], begun=date(2016, 12, 5), ended=date(2016, 12, 6))
    )
    assert heard.hearing_days == 2
    told = [data for _, data in world.told("review.assigned")]
    assert [(data["hearing_days"], data["due_at"]) for data in told] == [
        (0, moment("2017-01-02 00:00")), (2, moment("2017-01-04 00:00")),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        assign(world, uuid4(), organ="某机关")


# -- policy ----------------------------------------------------------------------------------------------------------
def test_a_case_keeps_the_policy_that_it_began_under(world: Followup, case: UUID):
    world.do(lambda uow: handlers.adopt_policy(uow, "regulation-2022"))
    other = uuid4()
    world.hear(world.registered(other), world.concluded(other), world.concluded(case, 4))
    rows = world.rows("SELECT c.id, c.policy, t.due_at FROM followed_case c JOIN task t ON t.case_id = c.id AND t.stage = 'open'")
    assert {row["id"]: (row["policy"], row["due_at"].isoformat()) for row in rows} == {
        case: ("yongxing/1", "2016-12-07T16:00:00+00:00"), other: ("regulation-2022/1", "2016-12-07T16:00:00+00:00"),
    }  # fmt: skip


def test_a_version_is_not_altered_and_adopting_again_is_harmless(world: Followup, tmp_path):
    for _ in range(2):
        world.do(lambda uow: handlers.adopt_policy(uow, "yongxing"))
    assert len(world.rows("SELECT * FROM policy_in_force")) == 1
    changed = tmp_path / "own.yaml"
    changed.write_text((SHIPPED / "yongxing.yaml").read_text(encoding="utf-8").replace("limit_days: 7", "limit_days: 8"))
    with pytest.raises(BadPolicy, match="version"):
        world.do(lambda uow: handlers.adopt_policy(uow, changed))
