"""Mails that answer ours join their case, once; numbers alone join nothing."""

from __future__ import annotations

from email.message import EmailMessage
from uuid import uuid4

import pytest

from services.intake.channels.taking import take
from services.intake.domain.submission import Channel, Submission
from services.intake.handlers import mails
from services.intake.handlers.mails import Taken
from services.intake.store import SQL
from shared.config import Settings
from tests.corpus.intake.reports import a_report
from tests.integration.intake.intake_cases import SENDER, a_mail, find
from tests.integration.intake.thread_cases import FIRST, SITE, an_answer, letters_of, one


@pytest.mark.parametrize(
    "way", ["tag in the envelope", "tag in a header", "our Message-ID", "reference to our Message-ID", "own Message-ID"]
)
def test_an_answer_joins_its_case_whichever_way_it_names_it(intake, vault, sent, told, way):
    tagged, ours = sent.receipt["Reply-To"], sent.receipt["Message-ID"]
    headers = {
        "tag in a header": {"To": f"县信访 <{tagged}>"}, "our Message-ID": {"In_Reply_To": ours},
        "reference to our Message-ID": {"References": f"<x@example.org> {ours} <y@example.org>"},
        "own Message-ID": {"In_Reply_To": FIRST},
    }  # fmt: skip
    recipients = [tagged] if way == "tag in the envelope" else []
    taken = take(intake, vault, an_answer(**headers.get(way, {})), site=SITE, recipients=recipients)
    assert taken == Taken(number=sent.number, joined=True)
    [letter] = letters_of(intake, vault, sent.case_id)
    assert (letter.kind, letter.stranger, letter.news) == ("answer", False, True)
    assert (letter.subject, letter.text.strip(), letter.sender) == (
        "回复：信访件已登记",
        "井里今天又是黑水。",
        "c***@example.org",
    )
    assert [name for name, _ in told()] == ["case.registered", "message.sent"]  # routing hears of a clerk's brief, not of this


def test_an_answer_joins_once_however_often_it_comes_and_gets_no_receipt(intake, vault, sent, send):
    raw = an_answer(In_Reply_To=FIRST)
    assert not take(intake, vault, raw, site=SITE).again
    again = take(intake, vault, b"Received: from elsewhere\r\n" + raw, site=SITE)
    assert (again.number, again.joined, again.again) == (sent.number, True, True)
    assert len(letters_of(intake, vault, sent.case_id)) == 1
    assert send().got == []


def test_an_answer_to_an_answer_joins_the_same_case(intake, vault, sent):
    take(intake, vault, an_answer(In_Reply_To=FIRST), site=SITE)
    assert (
        take(intake, vault, an_answer("<2@x>", In_Reply_To="<answer@pc-of-canary.example.org>"), site=SITE).number == sent.number
    )
    assert len(letters_of(intake, vault, sent.case_id)) == 2


def test_a_mail_registered_before_its_case_was_known_stays_where_it_is(intake, vault):
    """The answer overtakes the mail that it answers: its second delivery must not put it to that case, too."""
    answer, first = an_answer(In_Reply_To=FIRST), a_mail()
    number = take(intake, vault, answer).number
    take(intake, vault, first)
    assert take(intake, vault, answer) == Taken(number=number, again=True)
    assert one(intake, "SELECT count(*) AS n FROM correspondence") == {"n": 0}


def test_another_mail_under_the_message_id_of_an_answer_is_kept_for_a_clerk(intake, vault, sent):
    take(intake, vault, an_answer(In_Reply_To=FIRST), site=SITE)
    other = take(intake, vault, an_answer(In_Reply_To=FIRST, text="别的话。"), site=SITE)
    assert other.reason == "other_content"
    assert len(letters_of(intake, vault, sent.case_id)) == 1


@pytest.mark.parametrize("where", ["subject", "address", "reference", "made-up tag"])
def test_a_number_joins_nothing_for_it_can_be_guessed(intake, vault, sent, told, where):
    message = EmailMessage()
    message["From"], message["Message-ID"] = SENDER, "<guess@example.org>"
    message["Subject"] = f"补充 {sent.number}" if where == "subject" else "补充"
    message["To"] = {
        "address": f"letters+{sent.number}@yongxing.example", "made-up tag": f"letters+{'0' * 26}@yongxing.example",
    }.get(where, "letters@yongxing.example")  # fmt: skip
    if where == "reference":
        message["In-Reply-To"] = f"<{uuid4()}@yongxing.example>"
    message.set_content(f"{sent.number} 的补充")
    taken = take(intake, vault, message.as_bytes(), site=SITE)
    assert taken.number not in ("", sent.number)
    assert letters_of(intake, vault, sent.case_id) == []
    assert [name for name, _ in told()].count("case.registered") == 2


def test_the_twin_that_joins_by_number_is_caught(intake, vault, sent, told, monkeypatch):
    from services.intake.handlers import threads

    def by_number(uow, vault, mail, recipients):
        number = next(iter(threads.domain.mentioned(mail.subject)), None)
        row = number and uow.one(SQL["code_of_number"], number=number)
        return threads.Thread(case_id=row["id"], message_id=None) if row else None

    monkeypatch.setattr(threads, "find", by_number)
    with pytest.raises(AssertionError):
        test_a_number_joins_nothing_for_it_can_be_guessed(intake, vault, sent, told, "subject")


def test_a_stranger_who_answers_is_joined_and_marked(intake, vault, sent):
    taken = take(intake, vault, an_answer(sender="somebody@elsewhere.example", To=sent.receipt["Reply-To"]), site=SITE)
    assert taken.joined
    [letter] = letters_of(intake, vault, sent.case_id)
    assert (letter.stranger, letter.sender) == (True, "s***@elsewhere.example")


def test_an_answer_without_a_word_joins_too(intake, vault, sent):
    message = EmailMessage()
    message["From"], message["To"] = SENDER, sent.receipt["Reply-To"]
    message.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg", filename="井水.jpg")
    assert take(intake, vault, message.as_bytes(), site=SITE).joined
    [letter] = letters_of(intake, vault, sent.case_id)
    assert letter.attachments == ("井水.jpg",)


def test_the_secret_code_that_an_answer_quotes_is_shown_to_nobody(intake, vault, sent):
    code = next(line for line in sent.receipt.get_content().splitlines() if line.startswith("查询码")).partition("：")[2]
    take(intake, vault, an_answer(In_Reply_To=FIRST, text=f"补充\n> 查询码：{code}\n我是{SENDER}"), site=SITE)
    [letter] = letters_of(intake, vault, sent.case_id)
    assert code not in letter.text
    assert SENDER in letter.text
    [blotted] = letters_of(intake, vault, sent.case_id, identifies=False)
    assert SENDER not in blotted.text


def test_an_answer_to_a_mail_that_a_clerk_registered_by_hand_finds_its_case(intake, vault, clerk):
    take(intake, vault, a_mail(Auto_Submitted="auto-generated"))
    with intake.unit_of_work() as uow:
        [row], _ = mails.unread(uow)
    with intake.unit_of_work() as uow:
        given = Submission(channel=Channel.EMAIL, title="水", text="机器发来的，是真的。")
        receipt = mails.register_unread(uow, vault, row["id"], given, clerk)
    assert take(intake, vault, an_answer(In_Reply_To=FIRST)).number == receipt.number


def test_nothing_of_an_answer_stands_in_the_clear(intake, settings: Settings, vault, sent):
    raw = an_answer(In_Reply_To=FIRST, text="金丝雀的补充")
    take(intake, vault, raw, site=SITE)
    take(intake, vault, a_report(to=sent.returns_to), site=SITE)
    for canary in (SENDER, "金丝雀的补充", "回复：信访件已登记", "pc-of-canary", "no such user", sent.receipt["Reply-To"][8:34]):
        assert find(settings, canary) == []
        assert find(settings, canary.encode().hex()) == []
