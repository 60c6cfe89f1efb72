"""The notice of acceptance: printed by a clerk with the name for a logged purpose, read by the petitioner without one."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from services.intake.domain.submission import Channel, Identity, Petitioner
from tests.integration.intake.intake_bus import CLERK
from tests.integration.intake.intake_cases import PETITION, a_case, find, issued, post, receipt_of


@pytest.fixture
def accepted(browse, intake, vault):
    """A petition that a clerk has accepted; its id."""
    case_id = a_case(intake, vault, petitioner=Petitioner(name="陈十里", phone="13873512345", address="十里洞七组"))
    assert post(browse("clerk"), f"/intake/petitions/{case_id}/accept", {}).status_code == 303
    return case_id


def test_the_notice_names_the_petitioner_for_a_purpose_that_is_logged(browse, accepted, intake):
    clerk, page = browse("clerk"), f"/intake/petitions/{accepted}/notice"
    bare = clerk.get(page).text
    assert "信访事项受理告知书" in bare
    assert "陈十里" not in bare
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT FROM look") == []
    named = post(clerk, page, {}).text
    for words in ("陈十里：", "十里洞七组", "第二十三条", "六十日", "经办人：何文", "送达回证"):
        assert words in named
    assert "井水发黑" not in named  # a letter is read by others
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT what, purpose FROM look") == [{"what": "identity", "purpose": "notice"}]
    assert "送达告知书" in browse("auditor", official="o-auditor", org="431023-cdi").get("/intake/looks").text


def test_the_petitioner_is_told_once_and_reads_the_notice_with_number_and_code(browse, intake, told):
    number, code = receipt_of(post(browse(), "/submit", PETITION | {"key": str(uuid4())}).text)
    known = {"number": number, "code": code}
    assert post(browse(), "/track/notice", known).status_code == 404
    with intake.unit_of_work() as uow:
        case_id = uow.one("SELECT id FROM petition")["id"]
    for _ in range(2):
        post(browse("clerk"), f"/intake/petitions/{case_id}/accept", {})
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT template, stage FROM message") == [{"template": "case_accepted", "stage": "waiting"}]
    tracked = post(browse(), "/track", known).text
    assert "受理您的信访事项" in tracked
    assert f"您的信访件 {number} 已受理。" in tracked
    notice = post(browse(), "/track/notice", known)
    assert (notice.status_code, "信访人：" in notice.text, number in notice.text) == (200, True, True)
    for secret in (PETITION["name"], "何文", "送达回证"):
        assert secret not in notice.text
    assert post(browse(), "/track/notice", known | {"code": "A" * 26}).status_code == 422


def test_there_is_no_notice_before_acceptance_nor_for_whoever_may_not_see_the_case(browse, intake, vault, accepted, hear):
    fresh = a_case(intake, vault)
    assert browse("clerk").get(f"/intake/petitions/{fresh}/notice").status_code == 404
    assert browse("first_in_command").get(f"/intake/petitions/{accepted}/notice").status_code == 403
    hear("case.barred", accepted, {"organisations": ["431023-xf"], "officials": [], "barred_at": "2016-11-07T00:00:00Z"})
    for answer in (
        browse("clerk").get(f"/intake/petitions/{accepted}/notice"),
        post(browse("clerk"), f"/intake/petitions/{accepted}/notice", {}),
    ):
        assert answer.status_code == 404
        assert "陈" not in answer.text


def test_a_clerk_who_handles_the_case_of_a_petitioner_who_is_not_named_prints_no_name(browse, intake, vault, hear):
    case_id = a_case(intake, vault, identity=Identity.CONFIDENTIAL)
    post(browse("clerk"), f"/intake/petitions/{case_id}/accept", {})
    hear("assignment.issued", case_id, issued() | {"responsible": CLERK.as_data()})
    answer = post(browse("clerk"), f"/intake/petitions/{case_id}/notice", {})
    assert (answer.status_code, "陈十里" in answer.text) == (403, False)


def test_the_desk_shows_how_long_the_petitioner_may_wait_to_be_told(browse, intake, vault):
    with intake.unit_of_work() as uow:
        now = uow.now
    a_case(intake, vault, title="新来的")
    a_case(intake, vault, channel=Channel.VISIT)
    late = a_case(intake, vault, received_at=now - timedelta(days=17))
    clerk = browse("clerk")
    desk = clerk.get("/intake/desk?queue=unaccepted").text
    assert desk.count("剩 15 天") == 2
    assert desk.count("当场告知") == 1
    assert "超期 1 天" in desk or "超期 2 天" in desk
    assert "超期" in clerk.get(f"/intake/petitions/{late}").text
    post(clerk, f"/intake/petitions/{late}/accept", {})
    assert "超期" not in clerk.get("/intake/desk").text


def test_a_notice_leaves_no_name_in_the_clear(browse, accepted, settings):
    post(browse("clerk"), f"/intake/petitions/{accepted}/notice", {})
    for canary in ("陈十里", "十里洞七组"):
        assert find(settings, canary) == []
