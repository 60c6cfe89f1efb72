"""A lost secret code is replaced at the counter: the old one dies, the petitioner is told, and everything is logged."""

from __future__ import annotations

import re
from uuid import uuid4

import psycopg2
import pytest

from services.intake.domain.submission import Identity, Petitioner
from services.intake.handlers import codes
from tests.integration.intake.intake_bus import CLERK, a_reader
from tests.integration.intake.intake_cases import AT, PETITION, a_case, concluded, find, issued, post, receipt_of


@pytest.fixture
def petition(browse, intake):
    """(form, known, case_id) of a petition that anybody submitted."""
    form = PETITION | {"key": str(uuid4())}
    number, code = receipt_of(post(browse(), "/submit", form).text)
    with intake.unit_of_work() as uow:
        return form, {"number": number, "code": code}, uow.one("SELECT id FROM petition")["id"]


def replace(browse, case_id, key=None, *, look=True, **more):
    clerk, page = browse("clerk"), f"/intake/petitions/{case_id}"
    if look:
        assert "补发查询码" in post(clerk, f"{page}/identity", {"purpose": "lost_code"}).text
    return post(clerk, f"{page}/code", {"key": str(key or uuid4()), "checked": "true"} | more)


def test_the_new_code_opens_the_petition_and_the_old_one_nothing(browse, petition, settings, told):
    _, known, case_id = petition
    before = len(told())
    slip = replace(browse, case_id)
    assert slip.status_code == 201
    number, code = receipt_of(slip.text)
    assert (number, code != known["code"]) == (known["number"], True)
    assert post(browse(), "/track", known).status_code == 422
    tracked = post(browse(), "/track", known | {"code": code})
    assert tracked.status_code == 200
    assert "查询码已在接待室补发" in tracked.text
    assert "如果不是您本人办理的" in tracked.text
    assert len(told()) == before
    assert find(settings, code) == []


def test_the_same_form_sent_twice_shows_the_same_code_and_tells_once(browse, petition, intake):
    _, _, case_id = petition
    key = uuid4()
    slips = [replace(browse, case_id, key) for _ in range(2)]
    assert receipt_of(slips[0].text) == receipt_of(slips[1].text)
    assert receipt_of(replace(browse, case_id).text) != receipt_of(slips[0].text)
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT template, count(*) AS n FROM message GROUP BY 1") == [{"template": "code_replaced", "n": 2}]
        assert uow.one("SELECT count(*) AS n FROM look WHERE purpose = 'code_replaced'")["n"] == 2
    assert "已补发查询码" in browse("auditor", official="o-auditor", org="431023-cdi").get("/intake/looks").text


def test_whoever_has_the_old_form_still_open_does_not_learn_the_new_code(browse, petition):
    form, known, case_id = petition
    _, code = receipt_of(replace(browse, case_id).text)
    again = post(browse(), "/submit", form)
    assert again.status_code == 201
    assert known["number"] in again.text
    assert code not in again.text
    assert known["code"] not in again.text
    assert "使用补发的查询码" in again.text


@pytest.mark.parametrize(("more", "status"), [({"checked": ""}, 422), ({"key": "x"}, 422)])
def test_without_the_papers_or_without_a_look_the_code_stays(browse, petition, more, status):
    _, known, case_id = petition
    assert replace(browse, case_id, look=False).status_code == 409
    assert replace(browse, case_id, **more).status_code == status
    assert post(browse(), "/track", known).status_code == 200


def test_a_look_of_another_clerk_or_for_another_purpose_is_none(browse, petition):
    _, known, case_id = petition
    post(browse("clerk", official="o-other"), f"/intake/petitions/{case_id}/identity", {"purpose": "lost_code"})
    post(browse("clerk"), f"/intake/petitions/{case_id}/identity", {"purpose": "contact"})
    assert replace(browse, case_id, look=False).status_code == 409
    assert post(browse(), "/track", known).status_code == 200


def test_an_anonymous_petition_has_nobody_to_be_recognised(browse, intake, vault):
    case_id = a_case(intake, vault, identity=Identity.ANONYMOUS, petitioner=Petitioner(alias="多说无益"))
    assert "无法核对" in browse("clerk").get(f"/intake/petitions/{case_id}/code").text
    assert replace(browse, case_id).status_code == 422


@pytest.mark.parametrize(
    ("who", "offers"),
    [(Petitioner(), False), (Petitioner(alias="多说无益"), True), (Petitioner(remarks=(("备注", "李四代笔"),)), True)],
    ids=["nobody", "an alias", "a remark"],
)
def test_what_is_not_on_record_is_not_offered_to_be_looked_at(browse, intake, vault, who, offers):
    case_id = a_case(intake, vault, identity=Identity.ANONYMOUS, petitioner=who)
    page = browse("clerk").get(f"/intake/petitions/{case_id}").text
    assert (f"/intake/petitions/{case_id}/identity" in page, "没有登记身份" in page) == (offers, not offers)
    assert f"/intake/petitions/{case_id}/code" not in page


def test_a_named_petitioner_is_offered_both(browse, petition):
    _, _, case_id = petition
    page = browse("clerk").get(f"/intake/petitions/{case_id}").text
    assert f"/intake/petitions/{case_id}/identity" in page
    assert f"/intake/petitions/{case_id}/code" in page


def test_whoever_is_barred_or_handles_the_case_replaces_no_code(browse, intake, vault, hear):
    case_id = a_case(intake, vault, identity=Identity.CONFIDENTIAL)
    hear("assignment.issued", case_id, issued() | {"responsible": CLERK.as_data()})
    assert replace(browse, case_id, look=False).status_code == 403
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": "2016-11-07T00:00:00Z"})
    assert replace(browse, case_id, look=False).status_code == 404
    assert browse("clerk").get(f"/intake/petitions/{case_id}/code").status_code == 404


DOUBT = "凭补发的查询码"


def test_what_is_done_with_a_new_code_is_shown_to_the_office_with_who_replaced_it(browse, petition, hear):
    _, known, case_id = petition
    office, page = browse("office", official="o-office", org="431023-xf"), f"/intake/petitions/{case_id}"
    new = known | {"code": receipt_of(replace(browse, case_id).text)[1]}
    assert DOUBT not in office.get(page).text
    hear("followup.due", case_id, {"task_id": str(uuid4()), "round": 1, "manner": "telephone", "due_at": AT})
    hear("case.concluded", case_id, concluded())
    post(browse(), "/track/answer", new | {"round": "1", "settled": "true", "satisfied": "true"})
    shown = office.get(page).text
    assert re.search(DOUBT + "评价；.*由" + a_reader("clerk").name + "补发", shown)
    assert DOUBT not in browse("clerk").get(page).text


def test_the_twin_that_notes_no_look_is_caught(browse, petition, hear, monkeypatch):
    monkeypatch.setattr(codes, "log", lambda *_: None)
    with pytest.raises(AssertionError):
        test_what_is_done_with_a_new_code_is_shown_to_the_office_with_who_replaced_it(browse, petition, hear)


@pytest.mark.parametrize(("days", "shown"), [(29, True), (31, False)])
def test_a_withdrawal_is_doubted_for_thirty_days_after_a_new_code(browse, petition, settings, days, shown):
    _, known, case_id = petition
    new = known | {"code": receipt_of(replace(browse, case_id).text)[1]}
    assert "信访件已撤回" in post(browse(), "/track/withdraw", new | {"confirm": "true"}).text
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("UPDATE intake.milestone SET at = at + make_interval(days => %s) WHERE kind = 'withdrawn'", (days,))
    office = browse("office", official="o-office", org="431023-xf")
    assert (DOUBT + "撤回" in office.get(f"/intake/petitions/{case_id}").text) is shown


def test_what_is_done_with_the_first_code_is_not_doubted(browse, petition):
    _, known, case_id = petition
    post(browse(), "/track/withdraw", known | {"confirm": "true"})
    assert DOUBT not in browse("office", official="o-office", org="431023-xf").get(f"/intake/petitions/{case_id}").text
