"""A petition against the own head goes up to the superior, is decided there, and answered from where it was registered."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.routing import handlers
from shared.contract.envelope import instant
from shared.errors import Conflict, Forbidden, NotFound, NotYet, Refused
from tests.integration.routing.world import (
    AT,
    EPB,
    MATIAN,
    OFFICE,
    REPLY,
    SECRETARY,
    TOWN,
    Instance,
    event,
    instruct,
    registered,
)

TOWN_CLERK, TOWN_ENV = "o-431023104-clerk", "o-431023104-officer-env"


def conflict(case_id: UUID, officials: list[str], organisations: list[str] | None = None, org: str = "431023104"):
    data = {"organisations": organisations or [], "officials": officials, "by": None}
    return event("case.conflict_set", case_id, data, source=f"/{org}/intake", at=AT)


@pytest.fixture
def against_head(township: Instance) -> UUID:
    """A petition that the township registered against its own secretary and an officer of his."""
    made = uuid4()
    township.set_clock(AT)
    township.hear(registered(made, AT, org="431023104"), conflict(made, [TOWN, TOWN_ENV]))
    return made


def refer(instance: Instance, case_id: UUID, by: str = TOWN_CLERK, reference: str = ""):
    with instance.work() as uow:
        return handlers.refer_up(uow, case_id, by, reference)


def say(instance: Instance, name: str, case_id: UUID, data: dict) -> None:
    """What followup or intake of an instance tells it."""
    source = "followup" if name == "case.dissatisfied" else "intake"
    with instance.work() as uow:
        now = uow.now
    instance.hear(event(name, case_id, data, source=f"/{instance.org}/{source}", at=now))


def concluded(county: Instance, case_id: UUID) -> None:
    """The county's work on a case, from the instruction to the conclusion."""
    instruct(county, case_id, MATIAN)
    assignment = county.assignment(case_id, MATIAN)
    with county.work() as uow:
        handlers.receive(uow, assignment, MATIAN)
        said = handlers.reply(uow, assignment, MATIAN, **REPLY)
    with county.work() as uow:
        handlers.approve(uow, said.id, SECRETARY)
    with county.work() as uow:
        handlers.conclude(uow, case_id, OFFICE, outcome="supported", summary="已查实", answer="已依纪处理。")


def test_it_stands_in_the_superiors_queue_with_the_brief_and_with_who_must_not_see_it(county, township, against_head):
    refer(township, against_head)
    assert township.stage(against_head) == "referred"
    assert township.carry_to(county) == ["case.bars_passed", "case.referred_up"]
    row = county.query("SELECT * FROM case_record")[0]
    assert (row["origin"], row["referred_from"], row["stage"], row["brief"]) == (
        "431023",
        "431023104",
        "registered",
        "反映造纸厂污水直排，村民饮水困难。",
    )
    with county.work() as uow:
        handlers.review(uow, against_head, SECRETARY)
    for nobody in (TOWN, TOWN_ENV):
        with pytest.raises(Refused) as refusal:
            instruct(county, against_head, nobody)
        assert refusal.value.field == "addressees"
    for told in ("case.referred_up", "case.bars_passed"):
        assert [one.stream.split(" ")[1] for one in township.told(told)] == ["431023"]


def test_it_is_concluded_there_and_answered_by_the_instance_that_knows_the_petitioner(county, township, against_head):
    refer(township, against_head)
    township.carry_to(county)
    concluded(county, against_head)
    assert county.told("case.concluded")[0].data["referred_from"] == "431023104"
    county.carry_to(township)
    told = township.told("case.concluded")[0].data
    assert (told["answer"], told["by"]["official"], told["round"], told["referred_from"]) == ("已依纪处理。", OFFICE, 1, None)
    assert township.stage(against_head) == "concluded"


def test_a_petitioner_who_is_not_satisfied_is_the_superiors_again(county, township, against_head):
    refer(township, against_head)
    township.carry_to(county)
    concluded(county, against_head)
    county.carry_to(township)
    say(township, "case.dissatisfied", against_head, {"round": 1, "source": "petitioner", "at": instant(AT)})
    assert township.stage(against_head) == "referred"
    township.carry_to(county)
    assert county.stage(against_head) == "reopened"
    assert county.told("case.reopened")[0].data["round"] == 2
    concluded(county, against_head)
    county.carry_to(township)
    assert [one.data["round"] for one in township.told("case.concluded")] == [1, 2]


def test_a_withdrawn_petition_ends_the_superiors_work_too(county, township, against_head):
    refer(township, against_head)
    township.carry_to(county)
    instruct(county, against_head, MATIAN)
    say(township, "case.withdrawn", against_head, {"withdrawn_at": instant(AT), "by": None})
    township.carry_to(county)
    assert county.stage(against_head) == "withdrawn"
    assert [row["stage"] for row in county.assignments(against_head)] == ["withdrawn"]


def test_the_superior_may_hand_it_down_again_to_somebody_who_is_not_complained_of(county, township, against_head):
    other = uuid4()
    township.hear(registered(other, AT, org="431023104", number="XF2"), conflict(other, [], ["431023104"]))
    for case_id in (against_head, other):
        refer(township, case_id)
    township.carry_to(county)
    with pytest.raises(Refused):
        instruct(county, other, TOWN)
    instruct(county, against_head, EPB)
    county.carry_to(township)
    assert township.stage(against_head) == "referred"  # nothing of it is handed to the township


def test_what_was_handed_out_before_the_conflict_was_known_is_taken_back(county):
    made = uuid4()
    county.set_clock(AT)
    county.hear(registered(made, AT))
    instruct(county, made, EPB)
    county.hear(conflict(made, [SECRETARY], org="431023"))
    refer(county, made, by=OFFICE, reference="市委信访局 永办〔2016〕3号")
    assert [(row["stage"], row["withdrawn_reason"]) for row in county.assignments(made)] == [("withdrawn", "referred_up")]
    assert county.told("case.referred_up") == []  # on paper: nobody would hear it
    with pytest.raises(Conflict), county.work() as uow:
        handlers.conclude(uow, made, OFFICE, outcome="supported", summary="", answer="已办")
    with county.work() as uow:
        handlers.conclude_referred(uow, made, OFFICE, outcome="supported", summary="市纪委已处理", answer="已办")
    assert county.told("case.concluded")[0].data["by"]["official"] == OFFICE
    with pytest.raises(Conflict), county.work() as uow:
        handlers.conclude_referred(uow, made, OFFICE, outcome="supported", summary="", answer="又办")


def test_a_second_time_changes_nothing_and_only_the_office_refers(county, township, against_head):
    for nobody in (TOWN, TOWN_ENV):
        with pytest.raises(NotFound):
            refer(township, against_head, by=nobody)
    with pytest.raises(Forbidden):
        refer(township, against_head, by="o-431023104-officer-letters")
    for _ in range(2):
        refer(township, against_head)
    assert len(township.told("case.referred_up")) == 1
    with pytest.raises(Refused), township.work() as uow:
        handlers.conclude_referred(uow, against_head, TOWN_CLERK, outcome="supported", summary="", answer="已办")


def referral(case_id: UUID, org: str = "431023104", cause: str = "conflict"):
    data = {
        "cause": cause, "round": 0, "number": "XF1", "channel": "email", "matter_type": "appeal", "category": "water", "place": "",
        "title": "饮水", "brief": "饮水", "identity": "anonymous", "group_size": 1, "registered_at": instant(AT), "received_at": instant(AT),
        "by": None, "at": instant(AT),
    }  # fmt: skip
    return event("case.referred_up", case_id, data, source=f"/{org}/routing", at=AT, key="431023")


def test_who_is_no_subordinate_refers_nothing_up_and_nobody_refers_anothers_case(county, township, case_id):
    for stranger in ("431024", "431023101", "431023-epb"):
        with pytest.raises(Refused):
            county.hear(referral(uuid4(), org=stranger))
    with pytest.raises(Refused):
        county.hear(referral(case_id))  # the county's own
    with pytest.raises(NotYet):
        county.hear(referral(uuid4(), cause="dissatisfied"))
    done = {"round": 1, "outcome": "supported", "summary": "", "answer": "已办", "by": {"official": OFFICE, "name": "邓", "post": "专干",
            "organisation": "431023-office"}, "concluded_at": instant(AT)}  # fmt: skip
    made = uuid4()
    township.set_clock(AT)
    township.hear(registered(made, AT, org="431023104"))
    with pytest.raises(Refused):  # it was never referred up
        township.hear(event("case.concluded_above", made, done, source="/431023/routing", at=AT, key="431023104"))


# -- bars that travel -------------------------------------------------------------------------------------------------
def passed(case_id: UUID, officials: list[str], org: str, key: str, organisations: list[str] | None = None):
    data = {"organisations": organisations or [], "officials": officials, "barred_at": instant(AT)}
    return event("case.bars_passed", case_id, data, source=f"/{org}/routing", at=AT, key=key)


def in_force(instance: Instance) -> set[str]:
    told = instance.told("case.barred")
    return {*told[-1].data["officials"], *told[-1].data["organisations"]} if told else set()


def test_the_townships_head_handles_what_is_said_of_his_officer_and_the_officer_never_sees_it(county, township, case_id):
    county.hear(conflict(case_id, [TOWN_ENV], org="431023"))
    assert in_force(county) == {TOWN_ENV}
    instruct(county, case_id, TOWN)
    assert county.carry_to(township) == ["case.bars_passed", "assignment.issued"]  # never the case first
    assert in_force(township) == {TOWN_ENV}
    assignment = township.assignment(case_id, TOWN)
    with pytest.raises(NotFound), township.work() as uow:
        handlers.receive(uow, assignment, TOWN_ENV)
    with township.work() as uow:
        handlers.receive(uow, assignment, TOWN)


def test_what_is_found_out_later_follows_the_case_and_a_correction_too(county, township, case_id):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    county.hear(conflict(case_id, [TOWN_ENV, EPB], org="431023"))
    county.carry_to(township)
    assert in_force(township) == {TOWN_ENV}  # the county's own people are not named there
    lifted = {"organisations": [], "officials": [TOWN_ENV], "reason": "slip", "authority": "办公室", "at": instant(AT),
              "by": {"official": OFFICE, "name": "邓", "post": "专干", "organisation": "431023-office"}}  # fmt: skip
    county.hear(event("case.conflict_lifted", case_id, lifted, source="/431023/intake", at=AT))
    county.carry_to(township)
    assert in_force(township) == set()


def test_a_recusal_in_the_township_gives_the_case_back_to_the_county(county, township, case_id):
    instruct(county, case_id, TOWN)
    county.carry_to(township)
    with township.work() as uow:
        handlers.recuse(uow, case_id, TOWN, official=TOWN, ground="kin")
    assert township.carry_to(county) == ["case.bars_passed"]
    assert [(row["stage"], row["withdrawn_reason"]) for row in county.assignments(case_id)] == [("withdrawn", "conflict")]
    with pytest.raises(Refused) as refusal:
        instruct(county, case_id, TOWN)
    assert "第二十八条" in refusal.value.rule
    made = county.query("SELECT id, ground, note FROM recusal")[0]
    assert (made["ground"], made["note"]) == ("passed", "431023104")
    with county.work() as uow:
        handlers.end_recusal(uow, made["id"], SECRETARY, "另行核实，无亲属关系")
    instruct(county, case_id, TOWN)


def test_an_instance_below_bars_its_own_people_only_and_only_from_what_it_works_on(county, case_id):
    with pytest.raises(Refused):
        county.hear(passed(case_id, [TOWN], "431023104", "431023"))
    with pytest.raises(Refused):
        county.hear(passed(case_id, [TOWN], "431024", "431023"))
    instruct(county, case_id, TOWN)
    county.hear(passed(case_id, [TOWN_ENV, SECRETARY, EPB], "431023104", "431023", ["431023-epb", "431023104-env"]))
    assert in_force(county) == {TOWN_ENV, "431023104-env"}


# -- on the pages -----------------------------------------------------------------------------------------------------
def test_the_county_reads_whence_the_case_came_and_that_the_petition_is_kept_there(browser, county, township, against_head):
    refer(township, against_head)
    township.carry_to(county)
    page = browser(SECRETARY).get(f"/routing/review?case={against_head}").page
    for words in ("报送单位", "柏林镇", "反映造纸厂污水直排"):
        assert words in page, words
    assert f"/intake/petitions/{against_head}/embed" not in page


def test_the_office_refers_up_on_the_page_and_writes_down_what_came_of_it(browser, county, case_id):
    office = browser(OFFICE)
    assert office.get(f"/routing/refer-up/{case_id}").status == 200
    assert "不须报上级" in office.page
    assert office.post(f"/routing/refer-up/{case_id}", reference="市委").status == 422
    county.hear(conflict(case_id, [SECRETARY], org="431023"))
    assert f"/routing/refer-up/{case_id}" in office.get("/routing/refer-up").page
    office.get(f"/routing/refer-up/{case_id}")
    assert office.post(f"/routing/refer-up/{case_id}").status == 422  # on paper: where to?
    assert office.post(f"/routing/refer-up/{case_id}", reference="市委信访局 永办3号").status == 200
    assert "市委信访局 永办3号" in office.page
    office.get(f"/routing/refer-up/{case_id}?lang=en")
    form = {"concluded": "supported", "summary": "已查", "answer": "已处理"}
    assert office.post(f"/routing/refer-up/{case_id}/conclude", **form | {"answer": ""}).status == 422
    assert office.post(f"/routing/refer-up/{case_id}/conclude", **form).status == 200
    assert office.get(f"/routing/refer-up/{uuid4()}").status == 404
    assert browser(SECRETARY).get("/routing/refer-up").status == 403
