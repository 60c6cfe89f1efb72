"""Recusal (art. 28): with a ground, at once, ended by the first-in-command alone; and every try that the guard refused is kept."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg2
import pytest

from services.routing import handlers
from shared.errors import Conflict, Forbidden, NotFound, Refused
from tests.integration.routing.test_web import recusal
from tests.integration.routing.world import AT, EPB, MATIAN, OFFICE, REPLY, SECRETARY, Instance, conflict, instruct, registered

AUDITOR = "o-431023-auditor"


def recuse(county: Instance, case_id: UUID, official: str, by: str = OFFICE, ground: str = "kin", **more):
    with county.work() as uow:
        return handlers.recuse(uow, case_id, by, official=official, ground=ground, **more)


def end(county: Instance, recusal_id: UUID, by: str = SECRETARY, reason: str = "已不在原岗位"):
    with county.work() as uow:
        return handlers.end_recusal(uow, recusal_id, by, reason)


def barred(county: Instance) -> list[str]:
    return county.told("case.barred")[-1].data["officials"]


def test_a_recusal_closes_the_case_at_once_and_every_service_is_told(county, case_id):
    instruct(county, case_id, EPB)
    assignment = county.assignment(case_id, EPB)
    made = recuse(county, case_id, EPB, by=EPB, ground="interest")
    assert (made.by.official, made.ground) == (EPB, "interest")
    assert county.told("assignment.withdrawn")[0].data["reason"] == "conflict"
    assert barred(county) == [EPB]
    assert county.told("case.barred")[0].contract.heard_by == {"intake", "supervision", "followup", "reporting"}
    with pytest.raises(NotFound), county.work() as uow:
        handlers.reply(uow, assignment, EPB, **REPLY)


def test_the_same_recusal_twice_is_one_also_for_who_does_not_see_the_case_any_more(county, case_id):
    once = uuid4()
    for _ in range(2):
        recuse(county, case_id, EPB, by=EPB, recusal_id=once)
    assert len(county.told("case.barred")) == 1


def test_only_the_first_in_command_ends_a_recusal_and_not_his_own(county, case_id):
    made = recuse(county, case_id, EPB)
    for nobody in (OFFICE, MATIAN):
        with pytest.raises(Forbidden):
            end(county, made.id, by=nobody)
    with pytest.raises(NotFound):
        end(county, made.id, by=EPB)
    with pytest.raises(NotFound):
        end(county, uuid4())
    own = recuse(county, case_id, SECRETARY, by=SECRETARY)
    with pytest.raises(NotFound):
        end(county, own.id)
    assert barred(county) == [EPB, SECRETARY]


def test_an_ended_recusal_lets_the_case_be_handed_out_again_and_hands_nothing_back(county, case_id):
    instruct(county, case_id, EPB)
    made = recuse(county, case_id, EPB)
    end(county, made.id)
    assert barred(county) == []
    assert [row["stage"] for row in county.assignments(case_id)] == ["withdrawn"]
    instruct(county, case_id, EPB)
    with pytest.raises(Conflict):
        end(county, made.id)


def test_a_second_recusal_or_a_complaint_outlives_the_end_of_the_first(county, case_id):
    first, second = recuse(county, case_id, EPB), recuse(county, case_id, EPB, ground="handled")
    end(county, first.id)
    assert barred(county) == [EPB]
    county.hear(conflict(case_id, AT, officials=[EPB]))
    end(county, second.id)
    with pytest.raises(Refused) as refusal:
        instruct(county, case_id, EPB)
    assert "第三十条" in refusal.value.rule


@pytest.mark.parametrize("statement", ["UPDATE recusal SET ground = 'other'", "DELETE FROM recusal"])
def test_a_recusal_is_neither_edited_nor_deleted(county, case_id, statement):
    recuse(county, case_id, EPB)
    with pytest.raises(psycopg2.errors.RaiseException, match="never edited"), county.work() as uow:
        uow.all(statement)


def test_an_ended_recusal_is_not_ended_otherwise(county, case_id):
    end(county, recuse(county, case_id, EPB).id)
    with pytest.raises(psycopg2.errors.RaiseException, match="never edited"), county.work() as uow:
        uow.all("UPDATE recusal SET ended_reason = 'x'")


# -- refused tries ----------------------------------------------------------------------------------------------------
def tries(county: Instance) -> list[tuple[str, str, str, str]]:
    rows = county.query("SELECT tried_by, act, barred, article FROM refused_try ORDER BY at, id")
    return [(row["tried_by"], row["act"], row["barred"], row["article"]) for row in rows]


def test_addressing_opening_and_replying_are_refused_by_the_article_and_kept(browser, county, case_id):
    instruct(county, case_id, EPB)
    assignment = county.assignment(case_id, EPB)
    one = browser(EPB)
    one.get(f"/routing/assignments/{assignment}")
    recuse(county, case_id, EPB)
    form = {"reply_id": str(uuid4()), "outcome": "supported", "findings": "查明", "answer": "已办", "sign": "yes"}
    assert one.post(f"/routing/assignments/{assignment}/reply", **form).status == 404
    assert "回避" not in one.page
    assert one.get(f"/routing/assignments/{assignment}").status == 404
    county.hear(conflict(case_id, AT, officials=[MATIAN]))
    head = browser(SECRETARY)
    head.get(f"/routing/review?case={case_id}")
    again = {"instruction_id": str(uuid4()), "text": "请办理。", "case_class": "ordinary"}
    assert "第二十八条" in head.post(f"/routing/review/{case_id}", addressees=[EPB], **again).page
    assert "第三十条" in head.post(f"/routing/review/{case_id}", addressees=[MATIAN], **again).page
    assert head.status == 422
    assert tries(county) == [
        (EPB, "reply", EPB, "28"), (EPB, "assignment", EPB, "28"),
        (SECRETARY, "instruct", EPB, "28"), (SECRETARY, "instruct", MATIAN, "30、46"),
    ]  # fmt: skip


def test_what_does_not_exist_or_is_somebody_elses_is_no_try_against_the_guard(browser, county, case_id):
    instruct(county, case_id, EPB)
    one = browser(MATIAN)
    for path in (f"/routing/assignments/{uuid4()}", f"/routing/assignments/{county.assignment(case_id, EPB)}"):
        assert one.get(path).status == 404
    assert tries(county) == []


def test_the_auditor_reads_who_tried_what_and_nothing_of_cases_kept_from_himself(browser, county, case_id):
    other = uuid4()
    county.hear(registered(other, AT, number="XF20161107-0002"), conflict(other, AT, officials=[AUDITOR, EPB]))
    recuse(county, case_id, EPB)
    head = browser(SECRETARY)
    for case in (case_id, other):
        head.get(f"/routing/review?case={case}")
        head.post(
            f"/routing/review/{case}", addressees=[EPB], instruction_id=str(uuid4()), text="请办理。", case_class="ordinary"
        )
    page = browser(AUDITOR).get("/routing/refused-tries")
    assert page.status == 200
    for words in ("赵宇", "谭建国", "条例第28条", "批示交办", "XF20161107-0001"):
        assert words in page.page, words
    assert "XF20161107-0002" not in page.page
    assert "赵宇" not in page.get("/routing/refused-tries?official=谭建国").page
    assert page.get("/routing/refused-tries?page=x").status == 422
    assert page.get("/routing/refused-tries?lang=en").status == 200
    assert browser(OFFICE).get("/routing/refused-tries").status == 403


def test_the_auditor_reads_who_opened_a_case_and_is_barred_from_it_by_now(browser, county, case_id):
    instruct(county, case_id, EPB, MATIAN)
    for official in (EPB, MATIAN):
        browser(official).get(f"/routing/assignments/{county.assignment(case_id, official)}")
    recuse(county, case_id, EPB)
    page = browser(AUDITOR).get("/routing/readings")
    assert "谭建国" in page.page
    assert "段志勇" in page.page
    page.get("/routing/readings?barred=true")
    assert "谭建国" in page.page
    assert "段志勇" not in page.page
    assert "谭建国" not in page.get("/routing/readings?number=XF-other").page
    recuse(county, case_id, AUDITOR)
    assert "谭建国" not in browser(AUDITOR).get("/routing/readings").page


# -- on the pages -----------------------------------------------------------------------------------------------------
def test_the_office_records_a_recusal_and_the_first_in_command_ends_it(browser, county, case_id):
    office, head = browser(OFFICE), browser(SECRETARY)
    office.get(f"/routing/cases/{case_id}")
    office.post(f"/routing/cases/{case_id}/recusals", recused=EPB, note="其弟是厂主", **recusal("kin"))
    assert "其弟是厂主" in office.page
    assert "解除回避" not in office.page
    assert "其弟是厂主" not in browser(AUDITOR).get(f"/routing/cases/{case_id}").page
    made = county.query("SELECT id FROM recusal")[0]["id"]
    assert office.post(f"/routing/recusals/{made}/end", reason="x").status == 403
    head.get(f"/routing/cases/{case_id}")
    assert head.post(f"/routing/recusals/{made}/end").status == 422
    assert head.post(f"/routing/recusals/{made}/end", reason="其弟已转让").status == 200
    assert "其弟已转让" in head.page
    assert head.post(f"/routing/recusals/{made}/end", reason="其弟已转让").status == 409
    assert head.post(f"/routing/recusals/{uuid4()}/end", reason="x").status == 404
    assert head.get(f"/routing/cases/{case_id}?lang=en").status == 200
