"""Who wrote a mail: a person, or a machine that must not be answered; and what a returned one says."""

from __future__ import annotations

import pytest

from services.intake.mail import reading as mail
from services.intake.mail.kinds import Returned
from tests.corpus.intake import WATER
from tests.corpus.intake.reports import a_report

BODY = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + WATER.encode()


def read(*headers: str, null_sender: bool = False) -> mail.Mail:
    lines = "".join(f"{line}\r\n" for line in headers).encode()
    return mail.parse(b"From: a@example.org\r\n" + lines + BODY, null_sender=null_sender)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Auto-Submitted: auto-replied", "auto_reply"), ("Auto-Submitted: auto-generated (cron)", "auto_reply"),
        ("AUTO-SUBMITTED: Auto-Notified; owner-email=\"x\"", "auto_reply"), ("Auto-Submitted: no", ""),
        ("X-Autoreply: yes", "auto_reply"), ("X-Autorespond: away", "auto_reply"), ("X-Autoreply: no", ""),
        ("Precedence: bulk", "bulk"), ("Precedence: list", "bulk"), ("Precedence: junk", "bulk"), ("Precedence: first-class", ""),
        ("Precedence: auto_reply", "bulk"),
        ("List-Id: <news.example.org>", "bulk"), ("List-Unsubscribe: <mailto:x@example.org>", "bulk"),
        ("X-Loop: somebody", "loop"), ("Return-Path: <>", "null_sender"), ("Return-Path: <a@example.org>", ""),
        ("Content-Type: multipart/report; report-type=disposition-notification; boundary=x", "auto_reply"),
    ],
)  # fmt: skip
def test_machines_are_told_by_their_headers(header, kind):
    assert read(header).automatic == kind


@pytest.mark.parametrize(
    "subject",
    ["自动回复: 信访件已登记", "自动回复：您好", "[自动回复] 休假中", "自动答复: x", "外出自动回复：x", "自動回覆: x", "自动回复", "Automatic reply: x",
     "Auto-Reply: x", "Auto Response: x", "Out of Office: x", "out of the office", "Out of office autoreply: x", "Vacation reply: x"],
)  # fmt: skip
def test_an_absence_note_is_told_by_its_subject(subject):
    assert read(f"Subject: {subject}").automatic == "auto_reply"


@pytest.mark.parametrize(
    "subject",
    [
        "自动回复敷衍群众，要求处理",
        "自动扶梯坏了：请修",
        "Re: 自动回复的问题",
        "Out of office hours nobody answers",
        "Automatic doors: broken",
        "",
    ],
)
def test_a_persons_subject_is_not_taken_for_a_machines(subject):
    assert read(f"Subject: {subject}").automatic == ""


def test_a_hundred_hops_are_a_loop():
    assert read(*["Received: from a by b"] * 100).automatic == ""
    assert read(*["Received: from a by b"] * 101).automatic == "loop"


@pytest.mark.parametrize(("value", "may"), [("All", False), ("OOF, AutoReply", False), ("DR", False), ("None", True), ("", True)])
def test_who_wants_no_answer_by_a_machine_is_a_person_all_the_same(value, may):
    found = read(f"X-Auto-Response-Suppress: {value}")
    assert (found.automatic, found.answerable) == ("", may)


@pytest.mark.parametrize(
    ("changes", "returned"),
    [
        ({}, Returned(final=True, status="5.1.1", of=("<m@yongxing.example>",))),
        ({"action": "delayed", "status": "4.4.1"}, Returned(final=False, status="4.4.1", of=("<m@yongxing.example>",))),
        ({"action": "failed", "status": "4.2.2 (mailbox full)"}, Returned(final=True, status="4.2.2", of=("<m@yongxing.example>",))),
        ({"action": "FAILED", "status": ""}, Returned(final=True, status="", of=("<m@yongxing.example>",))),
        ({"status": "nonsense"}, Returned(final=True, status="", of=("<m@yongxing.example>",))),
        ({"headers_only": True}, Returned(final=True, status="5.1.1", of=("<m@yongxing.example>",))),
        ({"encoded": True}, Returned(final=True, status="5.1.1", of=("<m@yongxing.example>",))),
        ({"message_id": ""}, Returned(final=True, status="5.1.1", of=())),
        ({"action": "relayed", "status": "2.1.5"}, None), ({"action": "delivered", "status": "2.0.0"}, None),
    ],
)  # fmt: skip
def test_a_delivery_report_says_what_came_back_and_whether_for_good(changes, returned):
    found = mail.parse(a_report(**changes))
    assert (found.automatic, found.returned) == ("bounce", returned)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("host mx.qq.example said: 550 5.1.1 User unknown", "5.1.1"), ("SMTP error: 552 mailbox full", "5.0.0"), ("451 4.7.1 try later", "4.7.1"),
        ("550 #5.7.1 rejected", "5.7.1"), ("<a@example.org>: 550-blocked", "5.0.0"),
    ],
)  # fmt: skip
def test_a_report_in_a_servers_own_words_is_read_for_its_code(text, status):
    found = mail.parse(f"From: postmaster@example.org\r\nSubject: x\r\n\r\n{text}".encode(), null_sender=True)
    assert found.returned is not None
    assert (found.returned.final, found.returned.status) == (True, status)


def test_an_absence_note_that_names_a_code_is_no_report():
    raw = b"From: a@example.org\r\nAuto-Submitted: auto-replied\r\nSubject: x\r\n\r\nCall 550 123, I am away."
    assert mail.parse(raw, null_sender=True).returned is None


@pytest.mark.parametrize("cut", range(0, 1400, 50))
def test_a_report_that_is_cut_anywhere_is_read(cut):
    assert mail.parse(a_report()[:cut], wordless=True).automatic in ("", "auto_reply", "bounce")


def test_what_a_mail_answers_is_named_nearest_first_each_once_and_not_without_end():
    found = read("In-Reply-To: <c@x> (was: b) <b@x>", "References: <a@x> <b@x>\r\n <c@x> not-an-id <>", "References: <second@x>")
    assert found.answers == ("<c@x>", "<b@x>", "<second@x>", "<a@x>")
    assert len(read("References: " + " ".join(f"<{n}@x>" for n in range(5000))).answers) == mail.MOST_REFERENCES
    assert read().answers == ()


def test_whom_a_mail_went_to_is_read_from_every_header_that_says_so():
    found = read(
        "Delivered-To: letters+Tag@yongxing.example", "To: 县委 <a@example.org>, b@example.org", "Cc: =?utf-8?q?x?= <C@Example.org>",
        "X-Original-To: letters@yongxing.example", "To: nonsense",
    )  # fmt: skip
    assert found.recipients == (
        "letters+tag@yongxing.example", "letters@yongxing.example", "a@example.org", "b@example.org", "c@example.org",
    )  # fmt: skip


def test_a_mail_without_a_word_is_read_when_that_is_wanted():
    assert mail.parse(b"Subject: x\r\n\r\n", wordless=True).text == ""
    with pytest.raises(mail.Unreadable):
        mail.parse(b"Subject: x\r\n\r\n")


def test_millions_of_lines_are_refused_before_they_fill_the_memory():
    with pytest.raises(mail.Unreadable, match="too_many_lines"):
        mail.parse(b"Subject: x\r\n" + b"\n" * (2 * mail.MOST_LINES))
