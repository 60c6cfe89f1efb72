"""After an assignment was taken back its holder reads nothing more of the case, on no page, in no role but the office's."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.routing import handlers
from shared.contract.envelope import instant
from tests.integration.routing.world import (
    AT,
    CDI,
    EPB,
    MATIAN,
    OFFICE,
    REPLY,
    SECRETARY,
    TOWN,
    VICE,
    Instance,
    beijing,
    event,
    instruct,
)

OFFICER = "o-431023-epb-officer"
# What happens in the case afterwards, and what was handed out before: nothing of it is left to be read.
LATER = ("后来的标题", "后来的摘要", "后来的批示", "后来查明", "2016-12-24", "请办理。")
REASONS = ("replaced", "escalated", "concluded", "petition_withdrawn")


def reply(county: Instance, case_id: UUID, official: str, findings: str) -> UUID:
    """Received and replied by the person responsible."""
    assignment = county.assignment(case_id, official)
    with county.work() as uow:
        handlers.receive(uow, assignment, official)
        handlers.progress(uow, assignment, official, f"{findings}之前到了现场")
    with county.work() as uow:
        return handlers.reply(uow, assignment, official, **REPLY | {"findings": findings}).id


def go_on(county: Instance, case_id: UUID) -> None:
    """The case goes on with others: another brief, another instruction, another reply, a deadline."""
    by = {"official": "o-1", "name": "李", "post": "登记员", "organisation": "431023-xf"}
    words = {"title": LATER[0], "brief": LATER[1], "category": "water", "place": "431023104", "by": by, "at": instant(AT)}
    county.hear(event("case.supplemented", case_id, words, source="/431023/intake", at=AT))
    with county.work() as uow:
        handlers.instruct(uow, case_id, SECRETARY, LATER[2], [(MATIAN, "handling")], "complex")
    reply(county, case_id, MATIAN, LATER[3])
    due = {"deadline_id": str(uuid4()), "obligation": "conclude", "round": 1, "due_at": instant(beijing("2016-12-24 00:00")),
           "responsible": None, "policy": "yongxing", "rule": "ordinary", "set_at": instant(AT)}  # fmt: skip
    county.hear(event("deadline.set", case_id, due, source="/431023/supervision", at=AT))


def taken_back(county: Instance, case_id: UUID, official: str, reason: str) -> UUID:
    """The assignment of an official, after it was taken back and the case went on."""
    assignment = county.assignment(case_id, official)
    with county.work() as uow:
        handlers.withdraw(uow, assignment, OFFICE, reason)
    go_on(county, case_id)
    return assignment


def pages(assignment: UUID) -> list[str]:
    """Every page on which a unit reads of its cases."""
    tabs = [f"&tab={tab}" for tab in ("issued", "owed", "waiting", "done")]
    lists = [f"/routing/assignments?whose={whose}{tab}" for whose in ("mine", "unit") for tab in ("", *tabs)]
    return [f"/routing/assignments/{assignment}", "/desk", *lists]


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("official", [EPB, OFFICER])
def test_what_is_left_is_the_own_reply_and_its_fate(browser, county, case_id, official, reason):
    instruct(county, case_id, EPB)
    mine = reply(county, case_id, EPB, "我局查明")
    with county.work() as uow:
        handlers.return_reply(uow, mine, SECRETARY, "避重就轻，退回")
    assignment = taken_back(county, case_id, EPB, reason)
    one = browser(official)
    for path in pages(assignment):
        shown = one.get(path)
        assert shown.status == 200, path
        assert [words for words in (*LATER, "十里洞村饮水污染", "造纸厂污水直排") if words in shown.page] == [], path
    kept = one.get(f"/routing/assignments/{assignment}").page
    for words in ("我局查明", "我局查明之前到了现场", "避重就轻，退回", "XF20161107-0001", "交办已撤回"):
        assert words in kept, words
    assert one.get(f"/routing/assignments/{assignment}?lang=en").status == 200
    for closed in (f"/routing/cases/{case_id}", f"/routing/review?case={case_id}", "/routing/replies", "/routing/refer-up"):
        assert one.get(closed).status == 403


def test_a_lead_no_longer_reads_what_the_joint_units_found(browser, county, case_id):
    with county.work() as uow:
        handlers.escalate(uow, case_id, SECRETARY, "请牵头。", VICE, [CDI])
    reply(county, case_id, CDI, "会办查明")
    one = browser(VICE)
    path = f"/routing/assignments/{county.assignment(case_id, VICE)}"
    assert "会办查明" in one.get(path).page
    taken_back(county, case_id, VICE, "replaced")
    shown = one.get(path).page
    assert [words for words in (*LATER, "会办查明", "请牵头。") if words in shown] == []


@pytest.mark.parametrize("act", ["receive", "progress", "object", "reply"])
def test_a_form_that_was_still_open_changes_nothing_and_shows_nothing(browser, county, case_id, act):
    instruct(county, case_id, EPB)
    one = browser(EPB)
    one.get(f"/routing/assignments/{county.assignment(case_id, EPB)}")
    assignment = taken_back(county, case_id, EPB, "replaced")
    form = {"note_id": str(uuid4()), "progress": "迟到的进展", "reasons": "不属我局", "reply_id": str(uuid4()), "outcome": "supported",
            "findings": "迟到的查明", "answer": "已办", "sign": "yes"}  # fmt: skip
    told = len(county.told())
    one.post(f"/routing/assignments/{assignment}/{act}", **form)
    assert one.status == 409
    assert [words for words in LATER if words in one.page] == []
    assert len(county.told()) == told


def test_opening_what_is_left_is_not_noted_as_reading_the_case(browser, county, case_id):
    instruct(county, case_id, EPB)
    assignment = taken_back(county, case_id, EPB, "replaced")
    browser(EPB).get(f"/routing/assignments/{assignment}")
    assert {"official": EPB} not in county.query("SELECT official FROM reading")


def test_an_addressee_of_the_next_round_reads_on_by_his_new_assignment(browser, county, case_id):
    instruct(county, case_id, EPB)
    first = county.assignment(case_id, EPB)
    instruct(county, case_id, EPB)
    second = county.assignment(case_id, EPB)
    one = browser(EPB)
    assert f"/routing/assignments/{second}" in one.get(f"/routing/assignments/{first}").page
    assert "造纸厂污水直排" not in one.page
    assert "造纸厂污水直排" in one.get(f"/routing/assignments/{second}").page


@pytest.mark.parametrize("official", [SECRETARY, OFFICE])
def test_the_first_in_command_and_the_office_keep_the_whole_record(browser, county, case_id, official):
    instruct(county, case_id, EPB)
    assignment = taken_back(county, case_id, EPB, "replaced")
    one = browser(official)
    assert LATER[1] in one.get(f"/routing/assignments/{assignment}").page
    assert LATER[0] in one.get("/routing/assignments?whose=unit&tab=done").page


def test_after_a_conflict_there_is_no_such_assignment(browser, county, case_id):
    instruct(county, case_id, EPB)
    with county.work() as uow:
        handlers.recuse(uow, case_id, OFFICE, official=EPB, ground="kin")
    one = browser(EPB)
    assert one.get(f"/routing/assignments/{county.assignment(case_id, EPB)}").status == 404
    assert "XF20161107-0001" not in one.get("/routing/assignments?whose=mine&tab=done").page


def test_in_the_county_a_township_secretary_whose_assignment_ended_reads_no_more_either(browser, county, case_id):
    instruct(county, case_id, TOWN)
    assignment = taken_back(county, case_id, TOWN, "escalated")
    one = browser(TOWN)
    for path in pages(assignment):
        assert [words for words in LATER if words in one.get(path).page] == [], path
