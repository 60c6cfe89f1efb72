"""The mails of a case on the pages of those who work on it, and what the petitioner sees of messages that did not arrive."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.channels.taking import take
from tests import canaries
from tests.corpus.intake.reports import a_report
from tests.integration.intake.intake_bus import HEAD
from tests.integration.intake.intake_cases import SENDER, a_mail, issued, post
from tests.integration.intake.thread_cases import FIRST, SITE, Sent, an_answer, one


def page_of(client: Any, case_id: UUID) -> str:
    answer = client.get(f"/intake/petitions/{case_id}")
    assert answer.status_code == 200
    return answer.text


def test_a_clerk_finds_new_mail_by_a_badge_reads_it_and_marks_it(intake, vault, sent: Sent, browse):
    clerk = browse("clerk")
    assert sent.number not in clerk.get("/intake/desk?queue=mailed").text
    take(intake, vault, an_answer(In_Reply_To=FIRST, text="井里今天又是黑水。"), site=SITE)
    desk = clerk.get("/intake/desk?queue=mailed").text
    assert sent.number in desk
    page = page_of(clerk, sent.case_id)
    assert "井里今天又是黑水。" in page
    assert "回复：信访件已登记" in page
    assert SENDER not in page  # behind its mask
    mails_on_page = re.findall(r'name="mails" value="([0-9a-f-]{36})"', page)
    take(intake, vault, an_answer("<2@x>", In_Reply_To=FIRST, text="第二封"), site=SITE)
    for _ in range(2):
        answer = post(clerk, f"/intake/petitions/{sent.case_id}/mails/seen", {"mails": mails_on_page})
        assert answer.status_code == 303
    assert sent.number in clerk.get("/intake/desk?queue=mailed").text  # the second one came meanwhile
    page = page_of(clerk, sent.case_id)
    post(
        clerk,
        f"/intake/petitions/{sent.case_id}/mails/seen",
        {"mails": re.findall(r'name="mails" value="([0-9a-f-]{36})"', page)},
    )
    assert sent.number not in clerk.get("/intake/desk?queue=mailed").text
    assert 'name="mails"' not in page_of(clerk, sent.case_id)


@pytest.mark.parametrize("given", [[], ["no id"], [str(uuid4())]])
def test_marking_what_is_not_there_changes_nothing(intake, vault, sent: Sent, browse, given):
    take(intake, vault, an_answer(In_Reply_To=FIRST), site=SITE)
    assert post(browse("clerk"), f"/intake/petitions/{sent.case_id}/mails/seen", {"mails": given}).status_code == 303
    assert one(intake, "SELECT seen_at FROM correspondence") == {"seen_at": None}


def test_a_stranger_is_marked_and_a_returned_mail_too(intake, vault, sent: Sent, browse):
    take(intake, vault, an_answer(sender="somebody@elsewhere.example", To=sent.receipt["Reply-To"]), site=SITE)
    take(intake, vault, a_report(to=sent.returns_to), site=SITE, null_sender=True)
    page = page_of(browse("clerk"), sent.case_id)
    assert "来自另一个地址" in page
    assert "退信通知" in page
    assert "邮件被退回" in page
    assert "5.1.1" in page


def test_the_petitioner_sees_that_a_message_did_not_arrive_and_that_an_answer_did(intake, vault, sent: Sent, browse):
    take(intake, vault, an_answer(In_Reply_To=FIRST), site=SITE)
    take(intake, vault, an_answer("<s@x>", sender="somebody@elsewhere.example", In_Reply_To=FIRST), site=SITE)
    take(intake, vault, a_report(to=sent.returns_to), site=SITE, null_sender=True)
    code = next(line for line in sent.receipt.get_content().splitlines() if line.startswith("查询码")).partition("：")[2]
    page = post(browse(), "/track", {"number": sent.number, "code": code}).text
    assert page.count("已收到您的补充邮件") == 1
    assert "邮件未能送达：邮件被退回" in page
    assert "elsewhere" not in page


def test_the_handling_leader_reads_the_mails_of_his_case_with_the_sender_blotted_out(intake, vault, sent: Sent, browse, hear):
    take(intake, vault, an_answer(In_Reply_To=FIRST, text=f"我是{canaries.ALIAS}，{SENDER}，水黑了。"), site=SITE)
    hear("assignment.issued", sent.case_id, issued())
    leader = browse("unit_head", official=HEAD.official, org=HEAD.organisation, scope=(HEAD.organisation,))
    page = leader.get(f"/intake/petitions/{sent.case_id}/embed").text
    assert "水黑了" in page
    assert (canaries.ALIAS in page, SENDER in page) == (False, False)
    assert "/original" not in page
    assert leader.get(f"/intake/petitions/{sent.case_id}/mails/{uuid4()}/original").status_code == 403


def test_who_is_barred_sees_no_mail_of_the_case_in_page_queue_or_download(intake, vault, sent: Sent, browse, hear):
    take(intake, vault, an_answer(In_Reply_To=FIRST), site=SITE)
    mail_id = one(intake, "SELECT id FROM correspondence")["id"]
    told = {"organisations": ["431023-xf"], "officials": [], "barred_at": "2016-11-22T02:00:00.000Z"}
    hear("case.barred", sent.case_id, told)
    clerk = browse("clerk")
    assert sent.number not in clerk.get("/intake/desk?queue=mailed").text
    url = f"/intake/petitions/{sent.case_id}/mails"
    assert clerk.get(f"{url}/{mail_id}/original").status_code == 404
    assert post(clerk, f"{url}/{mail_id}/original", {"part": "0", "purpose": "verify"}).status_code == 404
    assert post(clerk, f"{url}/seen", {"mails": [str(mail_id)]}).status_code == 404
    assert one(intake, "SELECT seen_at FROM correspondence") == {"seen_at": None}


def test_the_original_of_a_mail_is_opened_for_a_purpose_that_is_logged(intake, vault, sent: Sent, browse):
    raw = an_answer(In_Reply_To=FIRST)
    take(intake, vault, raw, site=SITE)
    mail_id = one(intake, "SELECT id FROM correspondence")["id"]
    clerk, url = browse("clerk"), f"/intake/petitions/{sent.case_id}/mails/{mail_id}/original"
    assert clerk.get(url).status_code == 200
    assert post(clerk, url, {"part": "0"}).status_code == 422
    assert post(clerk, url, {"part": "7", "purpose": "verify"}).status_code == 422
    opened = post(clerk, url, {"part": "0", "purpose": "verify"})
    assert (opened.data, opened.headers["Cache-Control"]) == (raw, "no-store")
    assert one(intake, "SELECT purpose FROM look WHERE what = 'original'") == {"purpose": "verify"}
    assert clerk.get(f"/intake/petitions/{uuid4()}/mails/{mail_id}/original").status_code == 404


def test_a_title_that_names_a_number_shows_it_with_a_link_for_the_clerk_to_decide(intake, vault, sent: Sent, browse):
    raw = a_mail("<guess@example.org>").replace(b"Subject: ", f"Subject: {sent.number} 431023-1999-000001 ".encode())
    taken = take(intake, vault, raw, site=SITE)
    fresh = one(intake, "SELECT id FROM petition WHERE number = %(number)s", number=taken.number)["id"]
    page = page_of(browse("clerk"), fresh)
    assert "标题提到别的编号" in page
    assert f'href="/intake/petitions/{sent.case_id}">{sent.number}</a>' in page
    assert "431023-1999-000001 <small>没有这个编号" in page
    assert "标题提到别的编号" not in page_of(browse("clerk"), sent.case_id)


def test_a_case_whose_time_is_over_shows_no_mail_and_still_opens(intake, vault, sent: Sent, browse):
    take(intake, vault, an_answer(In_Reply_To=FIRST), site=SITE)
    with intake.unit_of_work() as uow:
        from services.intake.store import SQL

        uow.all(SQL["erase_sealed"], ids=[sent.case_id])
    assert "往来邮件" not in page_of(browse("clerk"), sent.case_id)
