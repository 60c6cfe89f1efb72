"""The protocol's pages: who finds what there, what a wrong form says, and that it changes nothing."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from services.routing import handlers
from tests.integration.routing.test_protocol_handover import NEW_EPB, appoint
from tests.integration.routing.test_protocol_objection import received
from tests.integration.routing.test_protocol_pause import pause
from tests.integration.routing.test_protocol_time import ask
from tests.integration.routing.world import (
    AT,
    CDI,
    EPB,
    MATIAN,
    OFFICE,
    REPLY,
    SECRETARY,
    VICE,
    Instance,
    conflict,
    instruct,
)  # fmt: skip

EPB_OFFICER = "o-431023-epb-officer"


def objected(county: Instance, case_id: UUID) -> UUID:
    assignment = received(county, case_id)
    with county.work() as uow:
        handlers.object_to(uow, assignment, EPB, "确非我局管辖")
    return assignment


# -- decisions --------------------------------------------------------------------------------------------------------
def test_what_waits_for_a_decision_is_listed_with_a_badge_and_nothing_of_it_for_whoever_is_barred(browser, county, case_id):
    assignment = objected(county, case_id)
    ask(county, assignment)
    one = browser(OFFICE).get("/routing/decisions")
    assert one.status == 200
    assert "确非我局管辖" in one.page
    assert "检测尚未出结果" in one.page
    assert one.page.count("十里洞村饮水污染") == 2
    county.hear(conflict(case_id, AT, officials=[OFFICE]))
    assert "确非我局管辖" not in one.get("/routing/decisions").page
    assert one.post(f"/routing/assignments/{assignment}/objection", note_id=str(uuid4()), decision="upheld").status == 404


def test_upheld_by_the_first_in_command_the_page_leads_on_to_the_next_instruction(browser, county, case_id):
    assignment = objected(county, case_id)
    one = browser(SECRETARY).get(f"/routing/cases/{case_id}")
    one.post(
        f"/routing/assignments/{assignment}/objection", note_id=one.hidden("note_id"), decision="upheld", decision_reasons="同意"
    )
    assert one.path == "/routing/review"
    assert "instruction_id" in one.page
    office = browser(OFFICE).get("/routing/decisions")
    assert "十里洞村饮水污染" in office.page
    instruct(county, case_id, MATIAN)
    assert "十里洞村饮水污染" not in office.get("/routing/decisions").page


WRONG = [
    ("assignments/{a}/objection", {"note_id": "{new}", "decision": "perhaps", "decision_reasons": "x"}, OFFICE),
    ("assignments/{a}/objection", {"note_id": "{new}", "decision": "upheld"}, OFFICE),
    ("assignments/{a}/extension", {"extension_id": "{new}", "days": "二十", "extension_reasons": "x"}, EPB),
    ("assignments/{a}/extension", {"extension_id": "{new}", "days": "31", "extension_reasons": "x"}, EPB),
    ("assignments/{a}/extension", {"extension_id": "x", "days": "20", "extension_reasons": "x"}, EPB),
    ("assignments/{a}/hand-on", {"part_id": "{new}", "receiver": CDI, "task": "x"}, EPB),
    ("assignments/{a}/hand-on", {"part_id": "{new}", "receiver": EPB_OFFICER}, EPB),
    ("assignments/{a}/below", {"reply": "{new}", "verdict": "no"}, EPB),
    ("assignments/{a}/take-back", {"part": "x"}, EPB),
    ("assignments/{a}/release", {"joint": "{new}"}, EPB),
    ("cases/{c}/pause", {"pause_id": "{new}", "category": "tired", "pause_reasons": "x"}, SECRETARY),
    ("cases/{c}/pause", {"pause_id": "{new}", "category": "hearing"}, SECRETARY),
    ("cases/{c}/resume", {}, OFFICE),
    ("handovers/{a}", {"handover_id": "{new}"}, OFFICE),
]


@pytest.mark.parametrize(("path", "form", "by"), WRONG, ids=[f"{path}-{number}" for number, (path, *_) in enumerate(WRONG)])
def test_a_wrong_form_is_refused_with_its_rule_and_changes_nothing(browser, county, case_id, path, form, by):
    assignment = objected(county, case_id)
    one = browser(by).get("/routing/directory" if by != EPB else f"/routing/assignments/{assignment}")
    told = len(county.told())
    new = str(uuid4())
    one.post(f"/routing/{path}".format(a=assignment, c=case_id), **{name: value.format(new=new) for name, value in form.items()})
    assert one.status == 422, one.page
    assert "需要改正" in one.page or "problem" in one.page or "必填" in one.page or "请" in one.page
    assert len(county.told()) == told


def test_an_extension_is_decided_on_by_the_first_in_command_alone(browser, county, case_id):
    asked = ask(county, received(county, case_id))
    form = {"decision": "granted", "days": "15", "said": "水质送检。"}
    assert browser(OFFICE).get(f"/routing/cases/{case_id}").post(f"/routing/extensions/{asked.id}", **form).status == 403
    head = browser(SECRETARY).get(f"/routing/cases/{case_id}")
    assert head.post(f"/routing/extensions/{asked.id}", **form | {"said": ""}).status == 422
    assert head.post(f"/routing/extensions/{uuid4()}", **form).status == 404
    head.get(f"/routing/cases/{case_id}").post(f"/routing/extensions/{asked.id}", **form)
    assert (head.status, "准予延期" in head.page) == (200, True)


def test_a_clock_that_stands_still_shows_to_both_sides_and_the_office_lets_it_go_on(browser, county, case_id):
    assignment = received(county, case_id)
    pause(county, case_id)
    assert "依法举行听证" in browser(EPB).get(f"/routing/assignments/{assignment}").page
    office = browser(OFFICE).get(f"/routing/cases/{case_id}")
    assert "期限暂停" in office.page
    office.post(f"/routing/cases/{case_id}/resume", pause_reasons="听证结束。")
    assert "听证结束。" in office.page


# -- parts and joint units ----------------------------------------------------------------------------------------------
def test_who_has_a_part_finds_it_among_his_and_neither_the_case_nor_the_whole(browser, county, case_id):
    whole = received(county, case_id)
    head = browser(EPB).get(f"/routing/assignments/{whole}")
    head.post(f"/routing/assignments/{whole}/hand-on", part_id=head.hidden("part_id"), receiver=EPB_OFFICER, task="请取样检测。")
    assert "请取样检测。" in head.page
    part = county.assignment(case_id, EPB_OFFICER)
    officer = browser(EPB_OFFICER).get("/routing/assignments?whose=mine&tab=issued")
    assert f"/routing/assignments/{part}" in officer.page
    officer.get(f"/routing/assignments/{part}")
    assert (officer.status, "请取样检测。" in officer.page) == (200, True)
    assert officer.get(f"/routing/cases/{case_id}").status == 403
    for path in ("below", "take-back", "release"):
        form = {"reply": str(uuid4()), "part": str(part), "joint": str(part), "verdict": "approved", "release_reasons": "x"}
        officer.get(f"/routing/assignments/{part}")
        assert officer.post(f"/routing/assignments/{whole}/{path}", **form).status == 404
    head.get(f"/routing/assignments/{whole}").post(f"/routing/assignments/{whole}/take-back", part=str(part))
    assert (head.status, county.assignments(case_id)[1]["stage"]) == (200, "withdrawn")
    officer.get(f"/routing/assignments/{part}")
    assert "请取样检测" not in officer.page


def test_a_lead_decides_on_joint_replies_in_his_own_page_and_cites_them(browser, county, case_id):
    with county.work() as uow:
        handlers.escalate(uow, case_id, SECRETARY, "请牵头。", VICE, [EPB])
    lead, joint = county.assignment(case_id, VICE), county.assignment(case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, lead, VICE)
        handlers.receive(uow, joint, EPB)
    with county.work() as uow:
        said = handlers.reply(uow, joint, EPB, **REPLY)
    one = browser(VICE).get(f"/routing/assignments/{lead}")
    assert REPLY["findings"] in one.page
    one.post(f"/routing/assignments/{lead}/below", reply=str(said.id), verdict="returned", return_reasons="")
    assert (one.status, county.assignments(case_id)[1]["stage"]) == (422, "replied")
    one.post(f"/routing/assignments/{lead}/below", reply=str(said.id), verdict="approved")
    assert {row["official"]: row["stage"] for row in county.assignments(case_id)} == {VICE: "received", EPB: "approved"}
    one.get(f"/routing/assignments/{lead}").post(
        f"/routing/assignments/{lead}/cite", cite=str(said.id), findings="本人已到现场。"
    )
    kept = county.query("SELECT fields FROM reply_draft")[0]["fields"]
    assert kept["findings"].startswith("本人已到现场。")
    assert REPLY["findings"] in kept["findings"]
    assert one.post(f"/routing/assignments/{lead}/cite", cite=str(uuid4())).status == 404
    assert one.post(f"/routing/assignments/{joint}/cite", cite=str(said.id)).status == 404


# -- posts that change hands --------------------------------------------------------------------------------------------
def test_the_office_finds_what_a_former_head_left_open_and_hands_it_over(browser, county, case_id):
    received(county, case_id)
    office = browser(OFFICE)
    assert "没有须移交的交办" in office.get("/routing/handovers").page
    appoint(county, EPB, NEW_EPB)
    office.get("/routing/handovers")
    assert "十里洞村饮水污染" in office.page
    assert "龙继任" in office.page
    office.post(
        f"/routing/handovers/{county.assignment(case_id, EPB)}", handover_id=office.hidden("handover_id"), successor=NEW_EPB
    )
    assert (office.status, "已移交给龙继任" in office.page) == (200, True)
    assert "移交责任人" in office.get(f"/routing/cases/{case_id}").page


def test_one_who_is_barred_is_no_candidate(browser, county, case_id):
    received(county, case_id)
    appoint(county, EPB, NEW_EPB)
    county.hear(conflict(case_id, AT, officials=[NEW_EPB]))
    page = browser(OFFICE).get("/routing/handovers").page
    assert "龙继任" not in page


def test_the_successor_is_told_at_his_first_sign_in_and_the_former_one_finds_nothing(browser, county, case_id):
    assignment = received(county, case_id)
    former = browser(EPB).get(f"/routing/assignments/{assignment}")
    assert former.status == 200
    appoint(county, EPB, NEW_EPB, left=False)
    successor = browser(NEW_EPB)
    assert "已由您接手" in successor.page
    assert successor.get(f"/routing/assignments/{assignment}").status == 200
    again = browser(EPB)
    assert again.get(f"/routing/assignments/{assignment}").status in (403, 404)
