"""A withdrawal in the petitioner's name: how the wish is known and why is asked for, and the petitioner is told that staff did it."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest

from services.intake.channels import sending
from services.intake.channels.composing import Writer
from services.intake.domain.petition import Means, WithdrawalReason
from services.intake.domain.viewing import Hidden
from services.intake.handlers import casework
from tests.integration.intake.intake_cases import AT, PETITION, find, post, receipt_of

WISH = {"means": "telephone", "withdrawal_reason": "other_way"}


@pytest.fixture
def petition(browse, intake) -> tuple[UUID, dict[str, Any]]:
    """A petition, and the number and code that its petitioner holds."""
    number, code = receipt_of(post(browse(), "/submit", PETITION | {"key": str(uuid4())}).text)
    with intake.unit_of_work() as uow:
        return uow.one("SELECT id FROM petition")["id"], {"number": number, "code": code}


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"means": "oral"},
        {"withdrawal_reason": "settled"},
        WISH | {"means": "dream"},
        WISH | {"withdrawal_reason": "他说算了"},
    ],
)
def test_staff_do_not_withdraw_without_saying_how_they_know_and_why(browse, petition, told, form):
    case_id, known = petition
    refused = post(browse("clerk"), f"/intake/petitions/{case_id}/withdraw", form)
    assert refused.status_code == 422
    assert re.search("field-(means|withdrawal_reason)", refused.text)
    assert [name for name, _ in told()] == ["case.registered"]
    assert "工作人员撤回" not in post(browse(), "/track", known).text


def test_the_tracking_page_says_that_staff_did_it_and_what_to_do_if_it_is_not_true(browse, petition, told, site, monkeypatch):
    case_id, known = petition
    monkeypatch.setitem(vars(site.extensions["zhida"].settings), "contacts", {"call": "0735-5522110"})
    clerk = browse("clerk")
    for _ in range(2):
        answer = post(clerk, f"/intake/petitions/{case_id}/withdraw", WISH)
    assert (answer.status_code, [name for name, _ in told()]) == (303, ["case.registered", "case.withdrawn"])
    page = post(browse(), "/track", known).text
    for words in (
        "已由工作人员撤回",
        "登记员何文记录",
        "电话提出",
        "改走诉讼、复议等其他途径",
        "如果您没有要求撤回",
        "0735-5522110",
        "/submit",
    ):
        assert words in page, words
    assert "您已撤回" not in page
    assert page.count("应您的要求撤回了信访件") == 1  # the message to the petitioner, once
    shown = clerk.get(f"/intake/petitions/{case_id}").text
    assert "何文按信访人的要求撤回" in shown
    english = post(browse(), "/track?lang=en", known)
    assert english.status_code == 200
    assert "withdrawn by staff" in english.text


def test_the_page_goes_on_saying_so_after_the_case_is_closed_and_archived(browse, petition, hear, intake):
    case_id, known = petition
    post(browse("clerk"), f"/intake/petitions/{case_id}/withdraw", WISH)
    hear("case.closed", case_id, {"reason": "withdrawn", "closed_at": AT})
    hear("case.archived", case_id, {"archived_at": AT})
    with intake.unit_of_work() as uow:  # heard in one batch
        uow.all("UPDATE milestone SET at = now() WHERE case_id = %(id)s", id=case_id)
    page = post(browse(), "/track", known).text
    assert "如果您没有要求撤回" in page
    steps = page[page.index("办理过程") :]
    places = [steps.index(step) for step in ("您的信访件已登记", "工作人员按您的要求撤回", "已结案", "已存档")]
    assert places == sorted(places)


def test_the_petitioner_is_spoken_to_and_not_about(browse, petition):
    case_id, known = petition
    post(browse("clerk"), f"/intake/petitions/{case_id}/withdraw", WISH | {"withdrawal_reason": "unstated"})
    page = post(browse(), "/track", known).text
    assert "您没有说明原因" in page
    assert "信访人没有说明原因" not in page


def test_a_petitioner_who_withdraws_in_person_is_not_told_that_staff_did(browse, petition, told):
    _, known = petition
    page = post(browse(), "/track/withdraw", known | {"confirm": "true"}).text
    assert "您已撤回" in page
    assert "工作人员" not in page
    assert {name: told()[-1][1].get(name) for name in ("by", "means", "reason")} == {"by": None, "means": None, "reason": None}


def test_the_event_carries_codes_and_the_official_and_nothing_of_the_petitioner(petition, intake, clerk, told, settings):
    case_id, _ = petition
    with intake.unit_of_work() as uow:
        casework.withdraw_for_petitioner(uow, case_id, clerk, means=Means.WRITTEN, reason=WithdrawalReason.UNSTATED)
    data = told()[-1][1]
    assert set(data) == {"withdrawn_at", "by", "means", "reason"}
    assert (data["by"]["official"], data["means"], data["reason"]) == (clerk.person.official, "written", "unstated")
    assert find(settings, "陈十里") == []


def test_the_message_goes_out_and_one_who_is_barred_withdraws_nothing(petition, intake, clerk, hear, told, vault):
    case_id, _ = petition
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    with pytest.raises(Hidden), intake.unit_of_work() as uow:
        casework.withdraw_for_petitioner(uow, case_id, clerk, means=Means.ORAL, reason=WithdrawalReason.SETTLED)
    hear("case.barred", case_id, {"organisations": [], "officials": [], "barred_at": AT})
    with intake.unit_of_work() as uow:
        casework.withdraw_for_petitioner(uow, case_id, clerk, means=Means.ORAL, reason=WithdrawalReason.SETTLED)
    assert sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=None) == 1
    assert told()[-1][1]["template"] == "withdrawn_for_you"


def test_the_database_keeps_no_withdrawal_by_staff_without_its_reason(petition, intake):
    with pytest.raises(psycopg2.errors.CheckViolation), intake.unit_of_work() as uow:
        uow.all("UPDATE petition SET withdrawn_by = '{}'")
