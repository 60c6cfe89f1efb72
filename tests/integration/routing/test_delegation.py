"""While the first-in-command is away a deputy reads and instructs, all of it says so, and no figure takes it for reading in person."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg2
import pytest

from services.routing import handlers
from shared.errors import Conflict, Forbidden, NotFound
from tests.integration.routing.world import (
    AT,
    EPB,
    MATIAN,
    OFFICE,
    REPLY,
    SECRETARY,
    VICE,
    Instance,
    conflict,
    instruct,
    registered,
)


def delegate(county: Instance, deputy: str = VICE, by: str = SECRETARY, days: int = 5, **more):
    with county.work() as uow:
        return handlers.delegate(uow, by, deputy, AT, AT + timedelta(days=days), "外出学习", **more)


def by(county: Instance, author: str, case_id: UUID, *addressees: str, **more):
    with county.work() as uow:
        return handlers.instruct(uow, case_id, author, "请办理。", [(one, "handling") for one in addressees], "ordinary", **more)


def test_only_the_first_in_command_delegates_and_the_same_form_twice_is_one(county, case_id):
    for nobody in (OFFICE, VICE, EPB):
        with pytest.raises(Forbidden):
            delegate(county, by=nobody)
    once = uuid4()
    for _ in range(2):
        delegate(county, delegation_id=once)
    assert len(county.query("SELECT id FROM delegation")) == 1
    with pytest.raises(Conflict):
        delegate(county, OFFICE)


def test_a_deputy_reads_instructs_and_returns_a_reply_and_it_says_so(county, case_id):
    with pytest.raises(Forbidden), county.work() as uow:
        handlers.review(uow, case_id, VICE)
    delegate(county)
    with county.work() as uow:
        handlers.review(uow, case_id, VICE)
    by(county, VICE, case_id, EPB)
    told = county.told("case.instructed")[0].data
    assert (told["author"]["official"], told["read_by_deputy"]["official"]) == (VICE, VICE)
    assignment = county.assignment(case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, assignment, EPB)
        said = handlers.reply(uow, assignment, EPB, **REPLY)
    by(county, VICE, case_id, EPB, answers=said.id)
    assert county.told("assignment.returned")[0].data["by"]["official"] == VICE
    county.set_clock(AT + timedelta(days=5))
    with pytest.raises(Forbidden):
        by(county, VICE, case_id, MATIAN)
    instruct(county, case_id, MATIAN)
    assert county.told("case.instructed")[-1].data["read_by_deputy"] is None


def test_a_deputy_does_not_read_what_is_kept_from_him_or_from_whom_he_stands_in_for(county, case_id):
    delegate(county)
    other = uuid4()
    county.hear(
        registered(other, AT, number="XF2"), conflict(case_id, AT, officials=[VICE]), conflict(other, AT, officials=[SECRETARY])
    )
    for kept in (case_id, other):
        with pytest.raises(NotFound):
            by(county, VICE, kept, EPB)
        with pytest.raises(NotFound), county.work() as uow:
            handlers.review(uow, kept, VICE)


def test_nor_does_he_decide_on_replies_and_objections_for_one_from_whom_the_case_is_kept(county, case_id):
    instruct(county, case_id, EPB, MATIAN)
    objected, owed = (county.assignment(case_id, one) for one in (EPB, MATIAN))
    for official, assignment in ((EPB, objected), (MATIAN, owed)):
        with county.work() as uow:
            handlers.receive(uow, assignment, official)
    with county.work() as uow:
        handlers.object_to(uow, objected, EPB, "确非我局管辖")
        said = handlers.reply(uow, owed, MATIAN, **REPLY)
    for deputy in (VICE, OFFICE):
        made = delegate(county, deputy)
        county.hear(conflict(case_id, AT, officials=[SECRETARY]))
        if deputy == VICE:
            with pytest.raises(Forbidden), county.work() as uow:
                handlers.decide_objection(uow, objected, VICE, "dismissed", "已核对")
            with pytest.raises(Forbidden), county.work() as uow:
                handlers.approve(uow, said.id, VICE)
            with pytest.raises(Forbidden), county.work() as uow:
                handlers.return_reply(uow, said.id, VICE, "不实")
            with county.work() as uow:  # its head could, but must not see the case
                uow.all("UPDATE delegation SET ended_at = platform.now() WHERE id = %(id)s", id=made.id)
    with county.work() as uow:  # the office decides by its own right
        handlers.approve(uow, said.id, OFFICE)


def test_limits_and_recusals_are_not_a_deputys_to_move(county, case_id):
    delegate(county)
    instruct(county, case_id, EPB)
    with county.work() as uow:
        made = handlers.recuse(uow, case_id, OFFICE, official=MATIAN, ground="kin")
    with pytest.raises(Forbidden), county.work() as uow:
        handlers.end_recusal(uow, made.id, VICE, "无关")
    with pytest.raises(Forbidden), county.work() as uow:
        handlers.pause(uow, case_id, VICE, "hearing", "听证")


def test_a_delegation_is_ended_early_and_never_edited(county, case_id):
    made = delegate(county)
    for nobody in (VICE, OFFICE):
        with pytest.raises(Forbidden), county.work() as uow:
            handlers.end_delegation(uow, made.id, nobody)
    with county.work() as uow:
        handlers.end_delegation(uow, made.id, SECRETARY)
    with pytest.raises(Conflict), county.work() as uow:
        handlers.end_delegation(uow, made.id, SECRETARY)
    with pytest.raises(NotFound), county.work() as uow:
        handlers.end_delegation(uow, uuid4(), SECRETARY)
    with pytest.raises(Forbidden):
        by(county, VICE, case_id, EPB)
    for statement in ("UPDATE delegation SET reason = 'x'", "DELETE FROM delegation"):
        with pytest.raises(psycopg2.errors.RaiseException, match="never edited"), county.work() as uow:
            uow.all(statement)


# -- on the pages -----------------------------------------------------------------------------------------------------
def test_the_first_in_command_delegates_on_the_page_and_the_deputy_finds_his_way(browser, county, case_id):
    head, deputy = browser(SECRETARY), browser(VICE)
    assert deputy.get("/routing/review").status == 403
    assert "代为批阅" not in deputy.get("/routing/assignments").page
    head.get("/routing/delegation")
    form = {"deputy": VICE, "starts_on": "2016-11-07", "ends_on": "2016-11-11", "reason": "外出学习"}
    assert head.post("/routing/delegation", delegation_id=str(uuid4()), **form | {"ends_on": "2016-11-01"}).status == 422
    assert head.post("/routing/delegation", delegation_id=str(uuid4()), **form | {"deputy": EPB}).status == 422
    assert "唐立新" in head.post("/routing/delegation", delegation_id=head.hidden("delegation_id"), **form).page
    assert "2016-11-11 24:00" in head.page
    assert re.search(r'href="/routing/review">代为批阅 <span class="badge">1<', deputy.get("/routing/assignments").page)
    page = deputy.get("/routing/review").page
    assert "委托代为批阅" in page
    assert "十里洞村饮水污染" in page
    deputy.post(
        f"/routing/review/{case_id}",
        instruction_id=deputy.hidden("instruction_id"),
        text="请查办。",
        case_class="ordinary",
        addressees=[EPB],
    )
    assert "代阅" in head.get(f"/routing/cases/{case_id}").page
    made = county.query("SELECT id FROM delegation")[0]["id"]
    head.get("/routing/delegation?lang=en")
    assert head.post(f"/routing/delegation/{made}/end").status == 200
    assert head.post(f"/routing/delegation/{made}/end").status == 409
    assert deputy.get("/routing/review").status == 403
    assert browser("o-431023-auditor").get("/routing/delegation").status == 200


def test_a_deputys_queue_is_without_what_is_kept_from_the_first_in_command(browser, county, case_id):
    delegate(county)
    county.hear(
        registered(uuid4(), AT + timedelta(hours=1), number="XF2", title="另一件"), conflict(case_id, AT, officials=[SECRETARY])
    )
    page = browser(VICE).get("/routing/review")
    assert (page.status, "另一件" in page.page, "十里洞村饮水污染" in page.page) == (200, True, False)


def test_a_bad_form_shows_no_case_to_who_does_not_read_for_the_first_in_command(browser, county, case_id):
    for stranger in (VICE, OFFICE):
        one = browser(stranger).get("/routing/directory")
        assert one.post(f"/routing/review/{case_id}").status == 403
        assert "十里洞村" not in one.page
    delegate(county)
    deputy = browser(VICE).get("/routing/review")
    assert deputy.post(f"/routing/review/{case_id}").status == 422
    assert "十里洞村饮水污染" in deputy.page
    county.hear(conflict(case_id, AT, officials=[SECRETARY]))
    assert deputy.get("/routing/review").post(f"/routing/review/{case_id}").status == 404


def test_the_page_of_times_tells_reading_in_person_from_a_deputys(browser, county, case_id):
    other, delegation = uuid4(), delegate(county)
    county.hear(registered(other, AT, number="XF2"))
    county.set_clock(AT + timedelta(minutes=90))
    by(county, VICE, other, MATIAN)
    with county.work() as uow:
        handlers.end_delegation(uow, delegation.id, SECRETARY)
    county.set_clock(AT + timedelta(hours=50))
    instruct(county, case_id, EPB)
    office = browser(OFFICE)
    page = office.get("/routing/times").page
    for words in ("半年合计", "2016-11-07", "1 / 1", "2 天 2 小时"):
        assert words in page, words
    assert "1 小时 30 分" not in page  # the deputy's reading is in no figure
    assert office.get("/routing/times?lang=en").status == 200
    assert browser(EPB).get("/routing/times").status == 403
