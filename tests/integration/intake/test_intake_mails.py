"""Mails into a real database: once each, kept when unreadable, received over a real socket, answered by a real mail server."""

from __future__ import annotations

import smtplib
import socket
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import uuid4

import psycopg2
import pytest
from aiosmtpd.controller import Controller

from services.intake import sending
from services.intake.domain.submission import Channel, Submission
from services.intake.domain.viewing import Hidden
from services.intake.handlers import mails
from services.intake.handlers.casework import case_of_code
from services.intake.smtp import controller, take
from services.intake.store import SQL
from shared.contract.envelope import uuid7
from shared.database import Database
from shared.errors import Conflict
from tests.corpus.intake import samples
from tests.integration.intake.intake_bus import CLERK
from tests.integration.intake.intake_cases import find

SENDER, WORDS = "canary-mail@example.org", "井水发黑，请书记过问。"


def a_mail(message_id: str = "<m1@pc-of-canary.example.org>", text: str = WORDS, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = f"多说无益金丝雀 <{SENDER}>", "永兴十里洞村民希望喝上健康的水"
    if message_id:
        message["Message-ID"] = message_id
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="附件金丝雀.pdf")
    return message.as_bytes()


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
    for canary in (SENDER, "多说无益金丝雀", "井水发黑", "附件金丝雀", "pc-of-canary"):
        assert find(settings, canary) == []
        assert find(settings, canary.encode().hex()) == []


def test_a_clerk_reads_a_kept_mail_and_registers_it_by_hand_once(intake, vault, clerk, told):
    take(intake, vault, "Subject: 井水发黑\r\n\r\n".encode("gb18030"))
    with intake.unit_of_work() as uow:
        [row], total = mails.unread(uow)
        mail, made_out, preview = mails.read_unread(uow, vault, row["id"], clerk)
        assert (total, mail.reason, made_out) == (1, "no_text", None)
        assert "Subject: 井水发黑" in preview
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


# -- over a socket -----------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
    code, words = deliver(receiver, a_mail())
    assert code == 250
    assert told()[0][1]["number"].encode() in words
    assert deliver(receiver, a_mail()) == (code, words)
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
    assert deliver(receiver, a_mail(), sender="")[1] == b"2.0.0 kept for a clerk"
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


# -- messages to the petitioner ------------------------------------------------------------------------------------------


class MailServer:
    """A real SMTP server that keeps what it gets, or answers as it is told."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.answer = "250 OK"
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope):
        self.got.append(envelope.content)
        return self.answer

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


def post_to(port: int) -> sending.SmtpPost:
    return sending.SmtpPost(f"smtp://127.0.0.1:{port}?from=letters@yongxing.example")


def test_the_sender_of_a_mail_gets_number_and_code_by_mail_once(intake, vault, told):
    number = take(intake, vault, a_mail()).number
    with MailServer() as server:
        assert sending.send_due(intake, 10, vault=vault, post=post_to(server.port), address="https://yongxing.example/track") == 1
        assert sending.send_due(intake, 10, vault=vault, post=post_to(server.port)) == 0
    [letter] = [message_from_bytes(raw, policy=policy.default) for raw in server.got]
    text = letter.get_content()
    code = next(line for line in text.splitlines() if line.startswith("查询码")).partition("：")[2]
    with intake.unit_of_work() as uow:
        case_of_code(uow, number=number, code=code)
    assert (letter["To"], letter["X-Loop"], letter["In-Reply-To"]) == (SENDER, "zhida", "<m1@pc-of-canary.example.org>")
    assert WORDS not in text
    assert [(name, data.get("medium")) for name, data in told()] == [("case.registered", None), ("message.sent", "email")]
    assert take(intake, vault, server.got[0]).reason == "loop"  # our own mail, come back


def test_without_a_mail_server_a_message_stands_on_the_tracking_page_alone(intake, vault, hear, told):
    take(intake, vault, a_mail())
    assert sending.send_due(intake, 10, vault=vault, post=None) == 1
    assert told()[-1][1]["medium"] == "tracking_page"


def test_a_mail_server_that_is_away_is_tried_again_later_and_given_up_in_the_end(intake, settings, vault, told):
    take(intake, vault, a_mail())
    post, tries = post_to(free_port()), 0
    for _ in range(10):
        tries += sending.send_due(intake, 10, vault=vault, post=post)
        assert sending.send_due(intake, 10, vault=vault, post=post) == 0  # not before its time
        with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
            cursor.execute("UPDATE intake.message SET next_attempt_at = next_attempt_at - interval '1 day'")
    assert tries == 6
    assert [(name, data.get("reason")) for name, data in told()][1:] == [("message.failed", "unreachable")]


def test_a_refusal_for_good_is_not_tried_again(intake, vault, told):
    take(intake, vault, a_mail())
    with MailServer() as server:
        server.answer = "550 no such user"
        sending.send_due(intake, 10, vault=vault, post=post_to(server.port))
    assert told()[-1][1]["reason"] == "refused"
    assert told()[-1][0] == "message.failed"


def test_a_requested_message_goes_to_the_petitioner_and_is_told(intake, vault, hear, told):
    number = take(intake, vault, a_mail()).number
    with intake.unit_of_work() as uow:
        case_id = uow.one("SELECT id FROM petition")["id"]
    hear("message.requested", case_id, {"message_id": str(uuid7()), "template": "concluded", "params": {}})
    hear(
        "message.requested", case_id, {"message_id": str(uuid7()), "template": "a template nobody wrote", "params": {"x": "{y}"}}
    )
    with MailServer() as server:
        assert sending.send_due(intake, 10, vault=vault, post=post_to(server.port)) == 3
    assert len(server.got) == 3
    assert all(number.encode() in raw or b"base64" in raw.lower() for raw in server.got)


def test_two_senders_never_try_one_message_at_once(intake, vault):
    for n in range(12):
        take(intake, vault, a_mail(f"<{n}@example.org>"))
    with MailServer() as server:
        threads = [
            threading.Thread(target=lambda: sending.send_due(intake, 12, vault=vault, post=post_to(server.port)))
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(server.got) == 12
