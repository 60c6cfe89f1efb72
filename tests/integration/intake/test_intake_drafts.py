"""Drafts of the clerks' forms: nobody else reads them, nothing that was typed is lost, and a registration ends them."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from services.intake.channels.taking import take
from services.intake.handlers import drafts
from tests.integration.intake.intake_cases import PETITION, a_case, find, post

CALL = {"title": "金丝雀来电", "text": "正说到一半", "name": "陈金丝雀", "line": "5522110"}


def ids(page: str) -> list[str]:
    return re.findall(r"/intake/drafts/([^/]+)/discard", page)


def test_a_form_half_typed_is_kept_by_the_button_and_gone_on_with(browse, settings):
    clerk, key = browse("clerk"), str(uuid4())
    saved = post(clerk, "/intake/register/call/draft", CALL | {"key": key})
    assert (saved.status_code, saved.headers["Location"]) == (303, f"/intake/register/call?draft={key}")
    page = clerk.get(saved.headers["Location"], follow_redirects=True).text
    for value in (*CALL.values(), key):
        assert value in page
    assert "保存的草稿" in page
    listed = clerk.get("/intake/drafts").text
    assert "金丝雀来电" in listed
    assert ids(listed) == [key]
    assert "我的草稿 <span" in clerk.get("/intake/desk").text
    for canary in CALL.values():
        assert find(settings, canary) == []


def test_a_form_that_saves_itself_gets_no_page_back_and_is_kept_once(browse, intake):
    clerk, key = browse("clerk"), str(uuid4())
    for text in ("一", "一二", "一二三"):
        assert post(clerk, "/intake/register/visit/draft", {"key": key, "text": text, "by_itself": "1"}).status_code == 204
    assert post(clerk, "/intake/register/visit/draft", {"key": str(uuid4()), "by_itself": "1"}).status_code == 204  # empty
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT count(*) AS n FROM draft")["n"] == 1
    assert "一二三" in clerk.get(f"/intake/register/visit?draft={key}").text


def test_a_draft_is_its_owners_alone(browse, vault):
    key = str(uuid4())
    post(browse("clerk"), "/intake/register/call/draft", CALL | {"key": key})
    other = browse("clerk", "office", official="o-other")
    assert other.get(f"/intake/register/call?draft={key}").status_code == 404
    assert ids(other.get("/intake/drafts").text) == []
    assert post(other, "/intake/register/call/draft", {"key": key, "text": "别人的"}).status_code == 409
    post(other, f"/intake/drafts/{key}/discard", {})
    assert "正说到一半" in browse("clerk").get(f"/intake/register/call?draft={key}", follow_redirects=True).text


def test_a_registration_ends_its_draft_and_a_save_on_its_way_brings_none_back(browse, intake):
    clerk, form = browse("clerk"), PETITION | {"key": str(uuid4())}
    post(clerk, "/intake/register/letter/draft", form)
    assert post(clerk, "/intake/register/letter", form).status_code == 201
    assert post(clerk, "/intake/register/letter/draft", form | {"by_itself": "1"}).status_code == 409
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT id FROM draft") == []


def test_a_refused_registration_keeps_its_draft(browse):
    clerk, form = browse("clerk"), PETITION | {"key": str(uuid4()), "title": ""}
    post(clerk, "/intake/register/letter/draft", form)
    assert post(clerk, "/intake/register/letter", form).status_code == 422
    assert ids(clerk.get("/intake/drafts").text) == [form["key"]]


def test_a_brief_is_kept_for_each_clerk_and_saved_once(browse, intake, vault):
    case_id = a_case(intake, vault)
    clerk, page = browse("clerk"), f"/intake/petitions/{case_id}"
    brief = {"title": "饮水", "brief": "反映饮水。", "category": "environment", "place": "", "revision": "0"}
    assert post(clerk, f"{page}/brief/draft", brief | {"category": ""}).status_code == 303
    assert "没有提交的草稿" in clerk.get(page).text
    assert "反映饮水。" not in clerk.get(page).text
    assert "反映饮水。" in clerk.get(f"{page}?draft=mine").text
    assert "反映饮水。" not in browse("clerk", official="o-other").get(f"{page}?draft=mine").text
    assert post(browse("clerk", official="o-other"), f"{page}/brief", brief).status_code == 303
    stale = re.findall(r'name="revision" value="(\d+)"', clerk.get(f"{page}?draft=mine").text)
    assert stale == ["0"]  # what was typed before somebody else's change does not overwrite it unseen
    assert post(clerk, f"{page}/brief", brief | {"brief": "我的写法"}).status_code == 409
    assert post(clerk, f"{page}/brief", brief | {"brief": "我的写法", "revision": "1"}).status_code == 303
    assert ids(clerk.get("/intake/drafts").text) == []


def test_the_draft_of_a_case_that_one_is_barred_from_is_seen_no_more(browse, intake, vault, hear):
    case_id = a_case(intake, vault)
    clerk, page = browse("clerk"), f"/intake/petitions/{case_id}"
    post(clerk, f"{page}/brief/draft", {"title": "秘密", "revision": "0"})
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": "2016-11-07T00:00:00Z"})
    assert ids(clerk.get("/intake/drafts").text) == []
    assert '我的草稿 <span class="count">0' in clerk.get("/intake/desk").text
    assert post(clerk, f"{page}/brief/draft", {"title": "秘密"}).status_code == 404


def test_a_kept_mail_that_is_registered_by_hand_has_a_draft_too(browse, intake, vault):
    take(intake, vault, b"Auto-Submitted: auto-replied\r\nSubject: away\r\n\r\nI am away.")
    with intake.unit_of_work() as uow:
        mail = str(uow.one("SELECT id FROM unread_mail")["id"])
    clerk = browse("clerk")
    post(clerk, "/intake/register/email/draft", CALL | {"key": mail, "mail": mail})
    page = clerk.get(f"/intake/register/email?draft={mail}").text
    assert f'name="mail" value="{mail}"' in page
    form = PETITION | {"key": mail, "mail": mail}
    assert post(clerk, "/intake/register/email", form).status_code == 303
    assert ids(clerk.get("/intake/drafts").text) == []


@pytest.mark.parametrize(("days", "left"), [(29, 1), (31, 0)])
def test_a_draft_that_nobody_goes_on_with_is_thrown_away_after_thirty_days(browse, intake, days, left):
    post(browse("clerk"), "/intake/register/call/draft", CALL | {"key": str(uuid4())})
    with intake.unit_of_work() as uow:
        uow.all("UPDATE draft SET saved_at = %(at)s", at=uow.now - timedelta(days=days))
    with intake.unit_of_work() as uow:
        assert drafts.expire(uow) == 1 - left
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT count(*) AS n FROM draft")["n"] == left


def test_bad_drafts_are_refused_and_change_nothing(browse, intake):
    clerk = browse("clerk")
    assert post(clerk, "/intake/register/call/draft", CALL | {"key": "x"}).status_code == 422
    assert post(clerk, "/intake/register/pigeon/draft", CALL | {"key": str(uuid4())}).status_code == 404
    assert post(clerk, "/intake/register/call/draft", {"key": str(uuid4()), "text": "长" * 150_001}).status_code == 422
    assert clerk.get("/intake/register/call?draft=x").status_code == 422
    assert clerk.get(f"/intake/register/call?draft={uuid4()}").status_code == 404
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT count(*) AS n FROM draft")["n"] == 0
