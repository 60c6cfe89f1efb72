"""Reports that ours did not arrive are put to the message; machines are not answered without end; clerks read what is new."""

from __future__ import annotations

import psycopg2
import pytest

from services.intake.channels import sending
from services.intake.channels.composing import Writer
from services.intake.channels.taking import take
from services.intake.handlers import correspondence
from services.intake.handlers.looking import open_petition
from services.intake.handlers.mails import Taken
from services.intake.store import SQL
from shared.config import Settings
from tests.corpus.intake.reports import a_report
from tests.integration.intake.intake_cases import WORDS, a_mail
from tests.integration.intake.mail_server import MailServer, post_to
from tests.integration.intake.thread_cases import FIRST, SITE, an_answer, letters_of, one


@pytest.mark.parametrize("way", ["tag in the envelope", "tag in a header", "what came back"])
def test_a_report_is_put_to_its_message_and_told_once(intake, vault, sent, told, way):
    to = sent.returns_to if way == "tag in a header" else "bounces@yongxing.example"
    returned = sent.receipt["Message-ID"] if way == "what came back" else "<other@example.org>"
    raw = a_report(to=to, message_id=returned)
    recipients = [sent.returns_to] if way == "tag in the envelope" else []
    for _ in range(2):
        taken = take(intake, vault, raw, site=SITE, null_sender=True, recipients=recipients)
        assert (taken.number, taken.joined) == (sent.number, True)
    take(intake, vault, a_report(to=sent.returns_to, own_id="<second@example.org>"), site=SITE, null_sender=True)
    [failed] = [data for name, data in told() if name == "message.failed"]
    assert (failed["reason"], failed["medium"], failed["template"]) == ("bounced", "email", "registered")
    assert one(intake, "SELECT stage, failure, status FROM message") == {
        "stage": "failed",
        "failure": "bounced",
        "status": "5.1.1",
    }
    assert [(letter.kind, letter.news) for letter in letters_of(intake, vault, sent.case_id)] == [("bounce", True)] * 2


def test_a_delay_is_noted_and_is_no_failure_and_no_news(intake, vault, sent, told):
    raw = a_report(to=sent.returns_to, action="delayed", status="4.4.1")
    take(intake, vault, raw, site=SITE, null_sender=True)
    assert one(intake, "SELECT stage, failure, status FROM message") == {"stage": "sent", "failure": "delayed", "status": "4.4.1"}
    assert [letter.news for letter in letters_of(intake, vault, sent.case_id)] == [False]
    take(intake, vault, a_report(to=sent.returns_to, status="4.2.2", own_id="<2@example.org>"), site=SITE, null_sender=True)
    assert [data["reason"] for name, data in told() if name == "message.failed"] == ["expired"]


def test_a_report_that_overtakes_our_own_record_counts(intake, vault, told, monkeypatch):
    """The sender dies after the mail server's 250: the report comes before the message counts as sent."""
    take(intake, vault, a_mail(), site=SITE)
    with MailServer() as server, monkeypatch.context() as patch:
        patch.setattr(sending, "_record", lambda *_, **__: None)
        sending.send_all(intake, 1, writer=Writer(vault=vault, mail=SITE), carrier=post_to(server.port))
    take(intake, vault, a_report(to=server.returns_to[0]), site=SITE, null_sender=True)
    assert [data["reason"] for name, data in told() if name == "message.failed"] == ["bounced"]
    with MailServer() as later:
        sending.send_all(intake, 9, writer=Writer(vault=vault, mail=SITE), carrier=post_to(later.port))
    assert later.got == []


def test_an_absence_note_joins_as_such_and_is_no_news(intake, vault, sent, told):
    raw = an_answer(Auto_Submitted="auto-replied", In_Reply_To=sent.receipt["Message-ID"])
    assert take(intake, vault, raw, site=SITE, null_sender=True).joined
    [letter] = letters_of(intake, vault, sent.case_id)
    assert (letter.kind, letter.news) == ("automatic", False)
    assert "message.failed" not in [name for name, _ in told()]


def test_a_report_in_a_servers_own_words_counts_when_it_comes_to_the_messages_own_address(intake, vault, sent, told):
    raw = b"From: postmaster@qq.example\r\nMessage-ID: <r@qq.example>\r\nSubject: x\r\n\r\n550 5.1.1 mailbox unavailable"
    take(intake, vault, raw, site=SITE, null_sender=True, recipients=[sent.returns_to])
    assert [data["reason"] for name, data in told() if name == "message.failed"] == ["bounced"]


def test_a_report_on_nothing_of_ours_is_kept_for_a_clerk(intake, vault, sent, told):
    assert take(intake, vault, a_report(), site=SITE, null_sender=True).reason == "bounce"
    assert "message.failed" not in [name for name, _ in told()]


# -- receipts and loops ------------------------------------------------------------------------------------------------


def test_two_machines_that_answer_each_other_come_to_an_end(intake, vault, send):
    for n in range(15):
        take(intake, vault, a_mail(f"<{n}@robot.example.org>", f"第 {n} 封"), site=SITE)
    assert len(send().got) == SITE.receipts_per_hour
    assert one(intake, "SELECT count(*) AS n FROM petition") == {"n": 15}


def test_after_an_hour_the_address_is_answered_again(intake, settings: Settings, vault, send):
    test_two_machines_that_answer_each_other_come_to_an_end(intake, vault, send)
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("UPDATE intake.message SET requested_at = requested_at - interval '61 minutes'")
    take(intake, vault, a_mail("<later@robot.example.org>", "后来的"), site=SITE)
    assert len(send().got) == 1


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-replied"}, {"List_Id": "<a.b>"}, {"X_Auto_Response_Suppress": "All"}]
)
def test_who_must_not_be_answered_is_not_answered(intake, vault, send, headers):
    take(intake, vault, a_mail(**headers), site=SITE)
    assert send().got == []


def test_a_mail_from_our_own_address_is_a_loop(intake, vault, sent):
    raw = an_answer(sender="Letters@Yongxing.example")
    assert take(intake, vault, raw, site=SITE).reason == "loop"


def test_what_we_send_can_be_answered_and_comes_back_to_its_own_address(sent):
    local, _, domain = sent.returns_to.partition("@")
    assert (local[:8], len(local), domain) == ("bounces+", 8 + 26, "yongxing.example")
    assert sent.receipt["Message-ID"].endswith("@yongxing.example>")
    assert sent.receipt["In-Reply-To"] == sent.receipt["References"] == FIRST
    assert sent.receipt["Reply-To"].startswith("letters+")
    assert sent.receipt["From"] == "letters@yongxing.example"
    assert WORDS not in sent.receipt.get_content()
    assert "直接回复本邮件" in sent.receipt.get_content()


# -- clerks ------------------------------------------------------------------------------------------------------------


def test_a_clerk_marks_what_stood_on_the_page_and_what_came_meanwhile_stays_new(intake, vault, sent, clerk):
    take(intake, vault, an_answer(In_Reply_To=FIRST), site=SITE)
    [first] = letters_of(intake, vault, sent.case_id)
    take(intake, vault, an_answer("<2@x>", In_Reply_To=FIRST), site=SITE)
    for _ in range(2):
        with intake.unit_of_work() as uow:
            correspondence.see(uow, sent.case_id, clerk, mails=[first.id])
    assert [letter.news for letter in letters_of(intake, vault, sent.case_id)] == [False, True]
    assert one(intake, "SELECT seen_by->>'official' AS who FROM correspondence WHERE id = %(id)s", id=first.id) == {
        "who": clerk.person.official
    }


def test_erasing_a_case_erases_its_mails_and_a_later_delivery_brings_nothing_back(intake, settings: Settings, vault, sent, clerk):
    raw = an_answer(In_Reply_To=FIRST)
    take(intake, vault, raw, site=SITE)
    with intake.unit_of_work() as uow:
        uow.all(SQL["erase_sealed"], ids=[sent.case_id])
    assert one(intake, "SELECT count(*) AS n FROM correspondence_sealed") == {"n": 0}
    assert take(intake, vault, raw, site=SITE).again
    assert take(intake, vault, a_mail(), site=SITE) == Taken(number=sent.number, again=True)
    fresh = take(
        intake, vault, an_answer("<new@x>", In_Reply_To=FIRST), site=SITE
    )  # nothing to join any more: a petition of its own
    assert fresh.number not in ("", sent.number)
    with intake.unit_of_work() as uow:
        assert open_petition(uow, sent.case_id, clerk)[0].number == sent.number
