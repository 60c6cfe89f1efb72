"""No case is closed, and none reopened, over the petitioner's head: which word counts when several are said."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from uuid import UUID, uuid4

import pytest

from services.followup import handlers
from services.followup.handlers import heard, reviews
from shared.contract.person import Person
from shared.errors import Conflict, Forbidden, Refused
from tests.integration.followup.conftest import Followup
from tests.integration.followup.test_followup_decisions import CLERK, assign, close, decide, enlist
from tests.integration.followup.test_followup_events import STAFF, record, stage_of
from tests.integration.followup.test_followup_pages import LIST
from tests.integration.followup.test_followup_pages import STAFF as SIGNED_IN
from tests.integration.followup.test_followup_whole import check, correct, lose, sampled
from tests.integration.supervision.site import Site
from tests.integration.supervision.world import COUNTY_LEADER, SECRETARY, TOWNSHIP, moment

EPB = {"official": "o-epb", "name": "李强", "post": "局长", "organisation": "431023-epb"}
COLLEAGUE = EPB | {"official": "o-epb-2", "name": "王平"}


@pytest.fixture
def case(world: Followup) -> UUID:
    case = uuid4()
    world.hear(world.registered(case), world.instructed(case, 3), world.concluded(case))
    return case


@pytest.fixture
def site(world: Followup, tmp_path) -> Iterator[Site]:
    made = Site(world, tmp_path)
    yield made
    made.close()


def again(world: Followup, case: UUID) -> None:
    """A round more, concluded."""
    world.hear(world.instructed(case, 4), world.concluded(case, 4))


# -- two words at once -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("corrects", [False, True])
def test_a_petitioner_who_says_no_while_staff_write_yes_has_contested_that(world: Followup, case: UUID, corrects: bool):
    """He was told that somebody goes on with it: his own word outweighs what staff wrote, whichever came first."""
    record(world, world.task_id(case), "satisfied")
    if corrects:  # he had said yes, which changed nothing, and thinks better of it
        world.hear(world.answered(case, at="2016-12-01 08:59"))
        assert stage_of(world, case) == "archived"
    world.hear(world.answered(case, satisfied=False, corrects=corrects))
    assert stage_of(world, case) == "followed"
    assert world.told("case.contested")[0][1]["round"] == 3
    assert world.told("case.dissatisfied")[0][1] | {"at": ""} == {
        "round": 3, "at": "", "source": "petitioner", "cause": "contested",
    }  # fmt: skip
    assert world.rows("SELECT counted FROM answer WHERE NOT satisfied") == [{"counted": True}]


def test_staff_write_yes_while_the_petitioner_says_no_and_the_case_goes_on_in_either_order(world: Followup, case: UUID):
    task, start = world.task_id(case), threading.Barrier(2)

    def staff() -> None:
        start.wait()
        with suppress(Conflict):  # when the petitioner was faster
            record(world, task, "satisfied")

    def petitioner() -> None:
        start.wait()
        world.hear(world.answered(case, satisfied=False))

    threads = [threading.Thread(target=run) for run in (staff, petitioner)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stage_of(world, case) == "followed"
    assert len(world.told("case.dissatisfied")) == 1


def test_that_his_no_outweighs_a_yes_of_staff_can_fail(world: Followup, case: UUID, monkeypatch):
    monkeypatch.setattr(heard.tasks, "may_contest", lambda task, now: False)
    record(world, world.task_id(case), "satisfied")
    world.hear(world.answered(case, satisfied=False))
    assert stage_of(world, case) == "archived"


# -- what is over ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("result", ["satisfied", "not_satisfied", "not_reached"])
def test_after_a_decision_staff_record_no_further_try(world: Followup, site: Site, case: UUID, result: str):
    lose(world, case)
    close(world, case)
    before = len(world.told())
    with pytest.raises(Conflict):
        record(world, world.task_id(case), result)
    assert (stage_of(world, case), len(world.told())) == ("archived", before)
    client = site.client("followup", **SIGNED_IN)
    assert "记录一次回访" not in client.get(f"{LIST}/{world.task_id(case)}").text
    assert "十里洞" not in client.get(f"{LIST}?queue=unreachable").text
    assert "十里洞" in client.get(f"{LIST}?queue=done").text


def mended(world: Followup, case: UUID) -> None:
    """Round 3 was corrected from not satisfied to satisfied, which can be contested; round 4 is concluded."""
    record(world, world.task_id(case), "not_satisfied")
    correct(world, case, "satisfied")
    again(world, case)


def test_a_word_about_an_earlier_round_reopens_nothing_that_a_later_one_closed(world: Followup, case: UUID):
    mended(world, case)
    world.hear(world.answered(case, 4))
    told = len(world.told("case.dissatisfied"))
    world.hear(world.asks_to_reopen(case, "contested", at="2016-12-03 09:00"))
    world.hear(world.asks_to_reopen(case, "reopen", at="2016-12-03 09:00"))
    assert (stage_of(world, case), len(world.told("case.dissatisfied"))) == ("archived", told)
    assert world.told("case.contested")  # his word stands in the record all the same
    world.hear(world.asks_to_reopen(case, "reopen", at="2016-12-03 09:00", round=4))
    assert stage_of(world, case) == "followed"


@pytest.mark.parametrize("over", ["decision", "withdrawn"])
def test_a_word_about_an_earlier_round_reopens_neither_a_decision_nor_a_withdrawal(world: Followup, case: UUID, over: str):
    mended(world, case)
    if over == "decision":
        world.hear(world.answered(case, 4, satisfied=False))
        close(world, case)
    else:
        world.hear(world.withdrawn(case))
    told = len(world.told("case.dissatisfied"))
    check(world, case, "not_satisfied")
    world.hear(world.asks_to_reopen(case, "contested", at="2016-12-03 09:00"))
    assert (stage_of(world, case), len(world.told("case.dissatisfied"))) == ("archived", told)


@pytest.mark.parametrize(("over", "goes_on"), [("withdrawn", False), ("decision", True)])
def test_a_review_brings_back_what_was_decided_and_nothing_that_its_petitioner_withdrew(
    world: Followup, case: UUID, over: str, goes_on: bool
):
    review = uuid4()
    world.hear(world.asks_for_review(case, id=review))
    if over == "decision":
        lose(world, case)
        close(world, case)
    else:
        world.hear(world.withdrawn(case))
    assign(world, review, organ="郴州市人民政府")
    decide(world, review, "redo")
    assert (stage_of(world, case) == "followed") is goes_on


def test_a_second_review_of_a_further_answer_is_taken_up(world: Followup, case: UUID):
    first, second = uuid4(), uuid4()
    world.hear(world.asks_for_review(case, id=first))
    assign(world, first, organ="郴州市人民政府")
    decide(world, first, "redo")
    again(world, case)
    world.hear(world.asks_for_review(case, id=second, at="2016-12-09 09:00"))
    assert {row["id"] for row in world.rows("SELECT id FROM review")} == {first, second}


# -- who keeps out ---------------------------------------------------------------------------------------------------
def test_a_case_that_went_up_is_not_recorded_as_satisfied_by_staff_below(world: Followup, site: Site, case: UUID):
    world.do(lambda uow: uow.all("UPDATE followed_case SET organisation = %(t)s", t=TOWNSHIP))
    with pytest.raises(Refused, match="本人"):
        record(world, world.task_id(case), "satisfied")
    world.hear(world.answered(case))  # his own word counts as ever
    assert stage_of(world, case) == "archived"


def test_a_colleague_of_whoever_handled_the_case_does_not_review_it(world: Followup, site: Site, case: UUID):
    """He would be handed a review that he finds nowhere."""
    review = uuid4()
    world.hear(world.asks_for_review(case, id=review), world.assigned(case, EPB))
    for who in (EPB, COLLEAGUE, COUNTY_LEADER):
        enlist(world, who)
    page = site.client("office", official_id=CLERK.official, org="431023-office").get(f"/followup/reviews/{review}").text
    assert [who["official"] in page for who in (EPB, COLLEAGUE, COUNTY_LEADER)] == [False, False, True]
    with pytest.raises(Refused):
        assign(world, review, COLLEAGUE["official"])


def test_a_unit_head_finds_the_review_that_was_handed_to_him(world: Followup, site: Site, case: UUID):
    review = uuid4()
    world.hear(world.asks_for_review(case, id=review))
    enlist(world, EPB)
    assign(world, review, EPB["official"])
    mine = site.client("unit_head", official_id=EPB["official"], org="431023-epb", scope=frozenset({"431023-epb"}))
    assert "作出决定" in mine.get(f"/followup/reviews/{review}").text
    other = site.client("unit_head", official_id="o-x", org="431023-epb", scope=frozenset({"431023-epb"}))
    assert other.get(f"/followup/reviews/{review}").status_code == 404


def test_who_works_in_another_instance_does_not_review_here(world: Followup, case: UUID):
    review = uuid4()
    township: dict = {"code": TOWNSHIP, "name": "柏林镇", "name_en": "Bolin", "superior": "431023", "has_instance": True}
    world.hear(
        world.event("directory.organisation_recorded", township["code"], township | {"active": True}, teller="routing"),
        world.asks_for_review(case, id=review),
    )
    enlist(world, EPB | {"official": "o-township", "organisation": TOWNSHIP})
    with pytest.raises(Refused):
        assign(world, review, "o-township")


def test_the_supervision_office_sees_what_was_contested_although_the_word_is_the_petitioners_now(
    world: Followup, site: Site, case: UUID
):
    record(world, world.task_id(case), "satisfied")
    world.hear(world.asks_to_reopen(case, "contested", at="2016-12-03 09:00"))
    page = site.client("supervision_office").get(f"{LIST}/{world.task_id(case)}")
    assert "提出异议" in page.text


def test_whoever_concluded_a_case_does_not_check_what_was_recorded_of_it(world: Followup, case: UUID):
    record(world, world.task_id(case), "satisfied")
    sampled(world)
    with pytest.raises(Forbidden):
        world.do(
            lambda uow: handlers.record_check(
                uow, world.task_id(case), check_id=uuid4(), by=Person.of(SECRETARY), posts=["431023"], manner="visit", found="satisfied"
            )
        )  # fmt: skip


# -- who carries it --------------------------------------------------------------------------------------------------
def charge(world: Followup, case: UUID, name: str, charge_id: UUID, leader: dict = COUNTY_LEADER, **more: object) -> None:
    data = {"charge_id": str(charge_id), "leader": leader, "by": SECRETARY, "at": moment("2016-12-01 08:00")} | more
    world.hear(world.event(f"charge.{name}", case, data, teller="supervision"))


def test_who_carries_a_case_is_shown_to_those_who_ask_and_keeps_out_himself(world: Followup, site: Site, case: UUID):
    first, second = uuid4(), uuid4()
    charge(world, case, "taken", first, ground="overdue")
    path = f"{LIST}/{world.task_id(case)}"
    staff = site.client("followup", **SIGNED_IN)
    assert "廖志平" in staff.get(path).text
    assert "标为疑难件" not in staff.get(path).text
    leader = {"official_id": COUNTY_LEADER["official"], "org": COUNTY_LEADER["organisation"], "posts": ()}
    assert site.client("followup", "supervision_office", "auditor", **leader).get(path).status_code == 404
    leader["official_id"] = "o-another-leader"
    assert site.client("auditor", **leader).get(path).status_code == 200
    charge(world, case, "taken", second, leader=EPB, ground="overdue")
    charge(world, case, "ended", first, reason="handed_over")  # told of the one before, later
    assert "李强" in staff.get(path).text
    charge(world, case, "ended", second, reason="settled")
    assert "标为疑难件" in staff.get(path).text


def test_no_leader_is_proposed_for_a_case_that_one_carries(world: Followup, case: UUID):
    charge(world, case, "taken", uuid4(), ground="overdue")
    world.hear(world.answered(case, satisfied=False))
    again(world, case)
    with pytest.raises(Conflict, match="包案"):
        world.do(lambda uow: handlers.mark_difficult(uow, world.task_id(case, 4), by=STAFF, posts=[STAFF.organisation]))
    world.hear(world.answered(case, 4, satisfied=False))
    assert world.told("charge.proposed") == []


def test_what_a_hearing_may_put_off_has_an_end_and_a_future_one_is_none(world: Followup, case: UUID):
    review = uuid4()
    world.hear(world.asks_for_review(case, id=review))
    assign(world, review, organ="郴州市人民政府")
    world.clock("2017-03-01 09:00")

    def hear(begun: str, ended: str):
        days = {"begun": date.fromisoformat(begun), "ended": date.fromisoformat(ended)}
        return world.do(lambda uow: reviews.hear(uow, review, by=CLERK, posts=["431023-office"], **days))

    with pytest.raises(Refused):
        hear("2017-03-01", "2017-03-02")
    hear("2016-12-05", "2017-01-30")
    with pytest.raises(Refused):
        hear("2017-02-01", "2017-02-05")
