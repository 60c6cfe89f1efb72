"""Mails into a real database: once each, kept when unreadable, received over a real socket, answered by a real mail server."""

from __future__ import annotations

import smtplib
import threading
from uuid import uuid4

import pytest

from deploy.dev.ports import free_port
from services.intake.channels.smtp import controller
from services.intake.channels.taking import take
from services.intake.domain.submission import Channel, Submission
from services.intake.domain.viewing import Hidden
from services.intake.handlers import mails
from services.intake.store import SQL
from shared.database import Database
from shared.errors import Conflict
from tests import canaries
from tests.corpus.intake import samples
from tests.integration.intake.intake_bus import CLERK
from tests.integration.intake.intake_cases import SENDER, a_mail, find, post


def test_a_mail_is_registered_once_by_its_message_id(intake, vault, told):
    first = take(intake, vault, a_mail())
    again = take(intake, vault, b"Received: from elsewhere\r\n" + a_mail().replace(b"\n", b"\r\n"))
    assert (first.number, first.again) == (again.number, False)
    assert again.again
    assert [name for name, _ in told()] == ["case.registered"]
    assert (told()[0][1]["channel"], told()[0][1]["identity"]) == ("email", "confidential")


def test_a_mail_without_message_id_is_known_by_its_bytes(intake, vault, told):
    one, other = a_mail(""), a_mail("", "另一件事。")
    assert take(intake, vault, one).number == take(intake, vault, one).number
    assert take(intake, vault, other).number != take(intake, vault, one).number
    assert len(told()) == 2


def test_another_mail_under_a_known_message_id_is_kept_for_a_clerk(intake, vault, told):
    take(intake, vault, a_mail())
    other = take(intake, vault, a_mail(text="别的内容。"))
    assert (other.number, other.reason) == ("", "other_content")
    assert len(told()) == 1


def test_the_whole_corpus_passes_and_nothing_of_it_is_lost(intake, vault):
    corpus = [sample for sample in samples() if len(sample.raw) < 2**20]
    for sample in corpus:
        taken = take(intake, vault, sample.raw)
        assert bool(taken.number) != bool(taken.reason)
        if sample.reason not in ("", "any"):
            assert taken.reason == sample.reason
    with intake.unit_of_work() as uow:
        kept = uow.one("SELECT (SELECT count(*) FROM petition) + (SELECT count(*) FROM unread_mail) AS n")["n"]
        originals = uow.one("SELECT (SELECT count(*) FROM original) + (SELECT count(*) FROM unread_bytes) AS n")["n"]
    assert kept == originals == len({sample.raw for sample in corpus})


@pytest.mark.parametrize(("header", "reason"), [("Auto_Submitted", "auto_reply"), ("X_Loop", "loop")])
def test_machines_are_not_registered(intake, vault, told, header, reason):
    assert take(intake, vault, a_mail(**{header: "auto-replied"})).reason == reason
    assert told() == []


def test_nothing_of_a_mail_stands_in_the_clear(intake, settings, vault):
    take(intake, vault, a_mail())
    take(intake, vault, a_mail(Auto_Submitted="auto-replied"))
    for canary in (SENDER, canaries.ALIAS, "井水发黑", "附件金丝雀", "pc-of-canary"):
        assert find(settings, canary) == []
        assert find(settings, canary.encode().hex()) == []


def test_a_clerk_reads_a_kept_mail_and_registers_it_by_hand_once(intake, vault, clerk, told):
    take(intake, vault, "Subject: 井水发黑\r\n\r\n".encode("gb18030"))
    with intake.unit_of_work() as uow:
        [row], total = mails.unread(uow)
        kept = mails.read_unread(uow, vault, row["id"], clerk)
        assert (total, kept.mail.reason, kept.made_out, kept.attachments) == (1, "no_text", None, ())
        assert "Subject: 井水发黑" in kept.preview
        assert uow.one("SELECT what, official FROM look") == {"what": "mail", "official": CLERK.official}
    given = Submission(channel=Channel.EMAIL, title="水", text="打电话问过，是井水发黑。")
    receipts = []
    for _ in range(2):
        with intake.unit_of_work() as uow:
            receipts.append(mails.register_unread(uow, vault, row["id"], given, clerk))
    assert receipts[0].number == receipts[1].number
    assert told()[0][1]["registered_by"]["official"] == CLERK.official
    with intake.unit_of_work() as uow:
        assert mails.unread(uow) == ([], 0)
    with pytest.raises(Conflict), intake.unit_of_work() as uow:
        mails.dismiss_unread(uow, row["id"], reason="spam", viewer=clerk)


def test_a_kept_mail_is_dismissed_with_a_reason_and_stays(intake, vault, clerk):
    take(intake, vault, b"")
    with intake.unit_of_work() as uow:
        [row], _ = mails.unread(uow)
    for _ in range(2):
        with intake.unit_of_work() as uow:
            mails.dismiss_unread(uow, row["id"], reason="spam", viewer=clerk)
    with intake.unit_of_work() as uow:
        assert mails.unread(uow)[1] == 0
        assert uow.one("SELECT dismissed_for FROM unread_mail") == {"dismissed_for": "spam"}
        assert uow.one(SQL["bytes_of_unread"], mail_id=row["id"])
        with pytest.raises(Hidden):
            mails.dismiss_unread(uow, uuid4(), reason="spam", viewer=clerk)


@pytest.mark.parametrize("channel", [Channel.CALL, Channel.POST])
def test_what_another_channel_brought_waits_in_the_same_list_and_is_not_taken_for_a_mail(intake, vault, clerk, browse, channel):
    raw = b"Subject: looks like a mail\r\n\r\nwords\r\n"
    with intake.unit_of_work() as uow:
        assert not mails.keep(uow, vault, raw, "malformed", channel=channel).again
        assert mails.keep(uow, vault, raw, "malformed", channel=channel).again
    with intake.unit_of_work() as uow:
        [row], _ = mails.unread(uow)
        kept = mails.read_unread(uow, vault, row["id"], clerk)
    assert (row["channel"], kept.made_out, "looks like a mail" in kept.preview) == (channel, None, True)
    page = browse("clerk").get(f"/intake/unread/{row['id']}").text
    assert f"/intake/register/{channel}?mail={row['id']}" in page
    opened = post(browse("clerk"), f"/intake/unread/{row['id']}/original", {"part": "0"})
    assert (opened.data, opened.headers["Content-Disposition"][-5:]) == (raw, '.txt"')


# -- over a socket -----------------------------------------------------------------------------------------------------


@pytest.fixture
def receiver(intake, vault):
    port = free_port()
    running = controller(intake, vault, host="127.0.0.1", port=port, recipients=["letters@yongxing.example"])
    running.start()
    yield port
    running.stop()


def deliver(port: int, raw: bytes, sender: str = SENDER, to: str = "letters@yongxing.example") -> tuple[int, bytes]:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.ehlo()
        client.mail(sender)
        code, words = client.rcpt(to)
        return client.data(raw) if code == 250 else (code, words)


def test_a_mail_over_a_socket_is_answered_250_when_it_is_committed(receiver, intake, told):
    assert deliver(receiver, a_mail())[0] == 250
    assert deliver(receiver, a_mail())[0] == 250
    assert len(told()) == 1


def test_whoever_hands_a_mail_in_does_not_learn_what_became_of_it(receiver, intake, told):
    mine = {deliver(receiver, a_mail()), deliver(receiver, a_mail())}
    mine.add(deliver(receiver, a_mail("<m2@example.org>", "再说一句。", In_Reply_To="<m1@pc-of-canary.example.org>")))
    mine.add(deliver(receiver, a_mail("<m3@example.org>"), sender=""))
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT (SELECT count(*) FROM correspondence) AS joined, (SELECT count(*) FROM unread_mail) AS kept") == {
            "joined": 1, "kept": 1,
        }  # fmt: skip
    assert mine == {(250, b"2.0.0 taken in")}
    assert len(told()) == 1


def test_many_mails_at_once_are_each_registered_once(receiver, told):
    raws = [a_mail(f"<{n % 6}@example.org>", f"第 {n % 6} 件事。") for n in range(18)]
    answers: list[tuple[int, bytes]] = []
    threads = [threading.Thread(target=lambda raw=raw: answers.append(deliver(receiver, raw))) for raw in raws]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {code for code, _ in answers} == {250}
    assert len(told()) == 6


def test_the_receiver_refuses_other_addresses_and_too_large_mails(receiver, told):
    assert deliver(receiver, a_mail(), to="somebody@elsewhere.example")[0] == 550
    with smtplib.SMTP("127.0.0.1", receiver, timeout=20) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(25 * 2**20)
        assert client.mail(SENDER, [f"size={26 * 2**20}"])[0] == 552
    assert told() == []


def test_a_mail_without_a_sender_is_kept_not_registered(receiver, intake, told):
    assert deliver(receiver, a_mail(), sender="")[0] == 250
    with intake.unit_of_work() as uow:
        assert mails.unread(uow)[0][0]["reason"] == "null_sender"
    assert told() == []


def test_with_the_database_away_the_sender_is_asked_to_come_again(vault):
    port = free_port()
    away = Database(f"postgresql://intake@127.0.0.1:{free_port()}/nowhere", service="intake", org="431023")
    running = controller(away, vault, host="127.0.0.1", port=port)
    running.start()
    try:
        assert deliver(port, a_mail())[0] == 451
    finally:
        running.stop()
