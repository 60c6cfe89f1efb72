"""The pages through Flask's test client: review-instruct-next, the signed reply, what is refused to whom."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest

from services.routing import handlers
from tests.integration.routing.browser import Browser
from tests.integration.routing.world import (
    CDI,
    EPB,
    MATIAN,
    OFFICE,
    SECRETARY,
    VICE,
    Instance,
    conflict,
    registered,
)


@pytest.fixture
def cases(county: Instance) -> list[UUID]:
    """Three cases in the queue, a minute apart."""
    ids = [uuid4() for _ in range(3)]
    for minute, case_id in enumerate(ids):
        county.hear(registered(case_id, county.at(f"2016-11-07 09:3{minute}"), number=f"XF{minute}", title=f"第{minute}件饮水"))
    return ids


def recusal(ground: str = "interest") -> dict[str, str]:
    return {"recusal_id": str(uuid4()), "ground": ground}


def instruct(one: Browser, case_id: UUID, *addressees: str, **changes) -> Browser:
    form = {"instruction_id": one.hidden("instruction_id"), "text": "请调查办理。", "case_class": "ordinary",
            "addressees": list(addressees)}  # fmt: skip
    return one.post(f"/routing/review/{case_id}", **(form | changes))


def test_the_first_in_command_reads_instructs_and_has_the_next_case_at_once(browser, county, cases):
    one = browser(SECRETARY)
    assert one.path == "/routing/review"
    assert "第0件饮水" in one.page
    assert county.stage(cases[0]) == "reviewed"
    assert county.stage(cases[1]) == "registered"
    instruct(one, cases[0], MATIAN)
    assert (one.status, county.stage(cases[0])) == (200, "instructed")
    assert f"/routing/review/{cases[1]}" in one.page
    assert "段志勇" in one.page  # the notice says to whom it went
    instruct(one, cases[1], VICE)
    instruct(one, cases[2], EPB)
    assert "没有待批阅的信访件" in one.page
    assert len(county.told("assignment.issued")) == 3


def test_the_same_form_sent_twice_is_one_instruction(browser, county, cases):
    one = browser(SECRETARY)
    same = one.hidden("instruction_id")
    for _ in range(2):
        instruct(one, cases[0], MATIAN, instruction_id=same)
        assert one.status == 200
    assert len(county.told("case.instructed")) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": " "}, "批示内容不能为空"),
        ({"case_class": "urgent"}, "须从列出的选项中选择"),
        ({"addressees": []}, "批示须交办给至少一位负责同志"),
        ({"addressees": [OFFICE]}, "交办对象须为县级领导或单位一把手"),
        ({"addressees": ["o-nobody"]}, "交办对象须为县级领导或单位一把手"),
        ({"addressees": [SECRETARY]}, "批示人不能交办给本人"),
        ({"joint": [EPB]}, "有会办单位时须指定牵头领导"),
        ({"instruction_id": "x"}, "instruction_id"),
        ({"text": "字" * 10_001}, "须为 1 至 10000 个字"),
    ],
)
def test_a_bad_instruction_is_explained_beside_its_field_and_changes_nothing(browser, county, cases, changes, words):
    one = browser(SECRETARY)
    instruct(one, cases[0], MATIAN, **changes)
    assert one.status == 422
    assert words in one.page
    assert county.told("case.instructed") == []
    assert "请调查办理" in one.page or "text" in changes  # what was typed is not lost


def test_a_barred_official_is_not_offered_and_is_refused_when_named_all_the_same(browser, county, cases):
    county.hear(conflict(cases[0], county.at("2016-11-07 09:40"), organisations=["431023-epb"]))
    one = browser(SECRETARY)
    assert EPB not in one.page
    assert MATIAN in one.page
    instruct(one, cases[0], EPB)
    assert one.status == 422
    assert "第三十条" in one.page
    assert county.assignments(cases[0]) == []


def test_who_is_barred_is_named_to_those_alone_who_manage_it(browser, county, cases):
    instruct(browser(SECRETARY), cases[0], EPB, MATIAN)
    office = browser(OFFICE)
    office.get(f"/routing/cases/{cases[0]}")
    office.post(f"/routing/cases/{cases[0]}/recusals", recused=MATIAN, **recusal())  # and his assignment is taken back for it
    office.post(f"/routing/cases/{cases[0]}/recusals", recused="o-431023-cdi-secretary", **recusal())
    for path in (f"/routing/cases/{cases[0]}", f"/routing/assignments/{county.assignment(cases[0], MATIAN)}"):
        assert re.search(r"<small>应当回避</small>|· 应当回避", browser(OFFICE).get(path).page)
    assert "何正平" in browser(SECRETARY).get(f"/routing/cases/{cases[0]}").page
    for overseer in ("o-431023-sup-director", "o-431023-auditor"):
        one = browser(overseer).get(f"/routing/cases/{cases[0]}")
        assert one.status == 200
        assert "第0件饮水" in one.page
        assert "段志勇" in one.page  # as the one to whom it was handed
        assert "何正平" not in one.page
        assert "回避" not in one.page
    with county.work() as uow:
        handlers.escalate(uow, cases[1], SECRETARY, "请牵头。", VICE, [EPB, CDI], "complex")
    office.post(f"/routing/cases/{cases[1]}/recusals", recused=EPB, **recusal())
    leader = browser(VICE).get(f"/routing/assignments/{county.assignment(cases[1], VICE)}")
    assert "谭建国" in leader.page  # his part was taken back; the lead reads of the joint units' work
    assert "<small>应当回避</small>" not in leader.page


def test_a_case_against_the_first_in_command_is_not_in_his_queue_but_in_the_offices_list(browser, county, cases):
    county.hear(conflict(cases[0], county.at("2016-11-07 09:40"), officials=[SECRETARY]))
    one = browser(SECRETARY)
    assert "第0件饮水" not in one.page
    for path in (f"/routing/review?case={cases[0]}", f"/routing/cases/{cases[0]}"):
        assert one.get(path).status == 404
        assert "第0件饮水" not in one.page
    office = browser(OFFICE)
    assert "XF0" in office.get("/routing/refer-up").page
    assert "XF1" not in office.page


def receive_and_reply(one: Browser, assignment: UUID, **changes) -> Browser:
    one.get(f"/routing/assignments/{assignment}")
    one.post(f"/routing/assignments/{assignment}/receive")
    form = {"reply_id": one.hidden("reply_id"), "outcome": "supported", "findings": "污水直排", "measures": "取缔\n拘留\n",
            "answer": "已取缔", "sign": "yes", "warned": "yes"}  # fmt: skip
    return one.post(f"/routing/assignments/{assignment}/reply", **(form | changes))


def test_the_person_responsible_receives_reports_and_replies_over_his_own_name(browser, county, cases):
    one = browser(SECRETARY)
    instruct(one, cases[0], EPB)
    assignment = county.assignment(cases[0], EPB)
    head = browser(EPB)
    assert head.path == "/routing/assignments"
    assert "第0件饮水" in head.page
    receive_and_reply(head, assignment, sign="")
    assert head.status == 422
    assert "回复须由责任人本人署名" in head.page
    head.post(f"/routing/assignments/{assignment}/progress", note_id=head.hidden("note_id"), progress="已到现场")
    assert "已到现场" in head.page
    receive_and_reply(head, assignment)
    assert head.status == 200
    signature = county.told("assignment.replied")[0].data["signature"]
    assert signature["official"] == EPB
    assert signature["hash"] in head.page
    assert "署名有效" in head.page
    assert county.told("assignment.replied")[0].data["measures"] == ["取缔", "拘留"]


def test_nobody_else_signs_and_another_unit_does_not_even_see_it(browser, county, cases, caplog):
    instruct(browser(SECRETARY), cases[0], EPB)
    assignment = county.assignment(cases[0], EPB)
    with county.work() as uow:
        handlers.receive(uow, assignment, EPB)
    stranger = browser(MATIAN)
    assert stranger.get(f"/routing/assignments/{assignment}").status == 404
    assert "第0件饮水" not in stranger.get("/routing/assignments?whose=unit").page
    officer = browser("o-431023-epb-officer")
    officer.get(f"/routing/assignments/{assignment}")
    assert officer.status == 200
    assert 'name="reply_id"' not in officer.page
    form = {"reply_id": str(uuid4()), "outcome": "supported", "findings": "x", "answer": "x", "sign": "yes"}
    for one, status in ((officer, 403), (stranger, 404)):
        one.get("/routing/assignments")
        assert one.post(f"/routing/assignments/{assignment}/reply", **form).status == status
    assert county.told("assignment.replied") == []
    assert "o-431023-epb-officer" in caplog.text


def test_the_secretary_returns_a_reply_with_the_next_instruction_and_the_office_approves_and_concludes(browser, county, cases):
    one = browser(SECRETARY)
    instruct(one, cases[0], EPB)
    receive_and_reply(browser(EPB), county.assignment(cases[0], EPB))
    reply_id = county.query("SELECT id FROM reply")[0]["id"]
    one.get(f"/routing/review?case={cases[0]}")
    assert str(reply_id) in one.page
    instruct(one, cases[0], lead=VICE, joint=[CDI, EPB], answers=str(reply_id), verdict="returned", case_class="complex",
             text="避重就轻，退回；由分管副县长牵头。")  # fmt: skip
    assert one.status == 200, one.page
    assert sorted(row["part"] for row in county.assignments(cases[0])) == ["handling", "joint", "joint", "lead"]
    leader = browser(VICE)
    receive_and_reply(leader, county.assignment(cases[0], VICE))
    for official in (CDI, EPB):
        leader.post(f"/routing/assignments/{county.assignment(cases[0], VICE)}/release",
                    joint=str(county.assignment(cases[0], official)), release_reasons="已并入牵头调查。")  # fmt: skip
        assert leader.status == 200, leader.page
    office = browser(OFFICE)
    office.get("/routing/replies")
    assert "唐立新" in office.page
    second = county.query("SELECT id FROM reply WHERE signature ->> 'official' = %(who)s", who=VICE)[0]["id"]
    office.get(f"/routing/cases/{cases[0]}")
    office.post(f"/routing/replies/{second}", verdict="returned", reasons="")
    assert office.status == 422
    office.post(f"/routing/replies/{second}", verdict="approved")
    assert office.status == 200
    office.post(f"/routing/cases/{cases[0]}/accountability", record_id=office.hidden("record_id"), kind="decision",
                person="有关责任人", organisation="431023-epb", measure="党内警告", decided_by="县委常委会",
                decided_on="2016-11-07")  # fmt: skip
    assert "党内警告" in office.page
    office.post(f"/routing/cases/{cases[0]}/conclude", concluded="supported", summary="取缔", answer="已取缔")
    assert county.stage(cases[0]) == "concluded"
    assert "2016" in office.page
    assert [told.data["reason"] for told in county.told("assignment.withdrawn")] == [
        "replaced", "not_awaited", "not_awaited",
    ]  # fmt: skip


def test_a_recusal_on_the_page_takes_the_case_away_for_good(browser, county, cases):
    instruct(browser(SECRETARY), cases[0], EPB)
    assignment = county.assignment(cases[0], EPB)
    head = browser(EPB)
    head.get(f"/routing/assignments/{assignment}")
    head.post(f"/routing/assignments/{assignment}/recuse", recusal_id=str(uuid4()))
    assert head.status == 422  # without a ground nothing is closed
    head.post(f"/routing/assignments/{assignment}/recuse", **recusal("kin"))
    assert head.path == "/routing/assignments"
    assert head.get(f"/routing/assignments/{assignment}").status == 404
    assert county.told("assignment.withdrawn")[0].data["reason"] == "conflict"


def test_the_office_takes_an_assignment_back_after_an_objection_and_records_a_recusal(browser, county, cases):
    instruct(browser(SECRETARY), cases[0], EPB, MATIAN)
    assignment = county.assignment(cases[0], EPB)
    head = browser(EPB)
    head.get(f"/routing/assignments/{assignment}")
    head.post(f"/routing/assignments/{assignment}/object", note_id=str(uuid4()), reasons="不属我局")
    assert head.status == 409  # it has to be received first
    head.post(f"/routing/assignments/{assignment}/receive")
    head.post(f"/routing/assignments/{assignment}/object", note_id=str(uuid4()), reasons="")
    assert head.status == 422
    head.post(f"/routing/assignments/{assignment}/object", note_id=str(uuid4()), reasons="不属我局")
    assert "不属我局" in head.page
    office = browser(OFFICE)
    office.get(f"/routing/cases/{cases[0]}")
    assert "不属我局" in office.page
    office.post(f"/routing/cases/{cases[0]}/withdraw", assignment=str(assignment))
    assert office.status == 200
    office.post(f"/routing/cases/{cases[0]}/withdraw", assignment="x")
    assert office.status == 422
    office.post(f"/routing/cases/{cases[0]}/recusals", recused="o-nobody", **recusal())
    assert office.status == 422
    office.post(f"/routing/cases/{cases[0]}/recusals", recused=MATIAN, **recusal())
    assert "段志勇" in office.page
    assert {row["stage"] for row in county.assignments(cases[0])} == {"withdrawn"}
    office.post(f"/routing/cases/{cases[0]}/conclude", concluded="supported", summary="已办", answer="已办")
    assert office.status == 409
    office.post(f"/routing/cases/{cases[0]}/accountability", record_id=str(uuid4()), kind="decision", person="甲",
                organisation="999999", measure="警告", decided_by="常委会", decided_on="2016-11-07")  # fmt: skip
    assert office.status == 422
    assert county.told("accountability.recorded") == []
