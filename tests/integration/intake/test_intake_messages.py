"""Messages to petitioners go out by a real mail server: once, later when it is away, never when there is no address."""

from __future__ import annotations

import threading
from email import message_from_bytes, policy

import psycopg2
import pytest
from prometheus_client import REGISTRY

from deploy.dev.ports import free_port
from services.intake.channels import sending
from services.intake.channels.composing import Writer
from services.intake.channels.taking import take
from services.intake.handlers import figures
from services.intake.handlers.casework import case_of_code
from services.intake.store import SQL
from shared.contract.envelope import uuid7
from shared.mailing import SmtpCarrier
from tests.integration.intake.intake_cases import SENDER, WORDS, a_mail
from tests.integration.intake.mail_server import MailServer, post_to


def test_the_sender_of_a_mail_gets_number_and_code_by_mail_once(intake, vault, told):
    number = take(intake, vault, a_mail()).number
    with MailServer() as server:
        assert (
            sending.send_all(
                intake, 10, writer=Writer(vault=vault, address="https://yongxing.example/track"), carrier=post_to(server.port)
            )
            == 1
        )
        assert sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=post_to(server.port)) == 0
    [letter] = [message_from_bytes(raw, policy=policy.default) for raw in server.got]
    text = letter.get_content()
    code = next(line for line in text.splitlines() if line.startswith("查询码")).partition("：")[2]
    with intake.unit_of_work() as uow:
        case_of_code(uow, number=number, code=code)
    assert (letter["To"], letter["X-Loop"], letter["In-Reply-To"]) == (SENDER, "zhida", "<m1@pc-of-canary.example.org>")
    assert WORDS not in text
    assert [(name, data.get("medium")) for name, data in told()] == [("case.registered", None), ("message.sent", "email")]
    assert take(intake, vault, server.got[0]).reason == "loop"  # our own mail, come back


def test_a_message_is_claimed_only_when_its_turn_comes(intake, vault):
    for message_id in ("<m1@example.org>", "<m2@example.org>"):
        take(intake, vault, a_mail(message_id, text=f"井水发黑。{message_id}"))
    left: list[int] = []

    def look() -> None:
        with intake.unit_of_work() as uow:
            left.append(uow.one("SELECT count(*) AS n FROM message WHERE attempts = 0")["n"])

    with MailServer() as server:
        server.taking = look
        assert sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=post_to(server.port)) == 2
    assert left == [1, 0]


def test_without_a_mail_server_a_message_stands_on_the_tracking_page_alone(intake, vault, hear, told):
    take(intake, vault, a_mail())
    assert sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=None) == 1
    assert told()[-1][1]["medium"] == "tracking_page"


def test_messages_that_no_mail_goes_out_for_are_recorded_together(intake, settings, vault, told):
    for number in range(3):
        take(intake, vault, a_mail(f"<m{number}@example.org>", text=f"井水发黑。{number}"))
    assert sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=None) == 3
    assert sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=None) == 0
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT xmin::text) FROM intake.event_log WHERE name = 'message.sent'")
        assert cursor.fetchall() == [(3, 1)]


def test_what_no_mail_goes_out_for_is_never_taken_one_by_one(intake, settings, vault, monkeypatch):
    monkeypatch.setattr(sending, "SHOWN_AT_ONCE", 2)
    for number in range(5):
        take(intake, vault, a_mail(f"<m{number}@example.org>", text=f"井水发黑。{number}"))
    assert [sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=None) for _ in range(4)] == [2, 2, 1, 0]
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("SELECT max(attempts) FROM intake.message")
        assert cursor.fetchone() == (0,)  # each try by itself is counted


def test_a_mail_server_that_is_away_is_tried_again_later_and_given_up_in_the_end(intake, settings, vault, told):
    take(intake, vault, a_mail())
    post, tries = post_to(free_port()), 0
    for _ in range(10):
        tries += sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=post)
        assert sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=post) == 0  # not before its time
        with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
            cursor.execute("UPDATE intake.message SET next_attempt_at = next_attempt_at - interval '1 day'")
    assert tries == 6
    assert [(name, data.get("reason")) for name, data in told()][1:] == [("message.failed", "unreachable")]


def test_a_refusal_for_good_is_not_tried_again(intake, vault, told):
    take(intake, vault, a_mail())
    with MailServer() as server:
        server.answer = "550 no such user"
        sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=post_to(server.port))
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
        assert sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=post_to(server.port)) == 3
    assert len(server.got) == 3
    assert all(number.encode() in raw or b"base64" in raw.lower() for raw in server.got)


def test_what_one_sender_is_busy_with_no_other_takes_up(intake, vault):
    take(intake, vault, a_mail())
    desk = Writer(vault=vault)
    with MailServer() as server:
        real = post_to(server.port)

        class Slow:
            def send(self, *mail):
                sending.send_all(
                    intake, 1, writer=desk, carrier=real
                )  # another process, while this one waits for its mail server
                real.send(*mail)

        sending.send_all(intake, 1, writer=desk, carrier=Slow())
    assert len(server.got) == 1


def test_the_twin_that_claims_nothing_is_caught(intake, vault, monkeypatch):
    looked = "SELECT id, case_id FROM message WHERE stage = 'waiting' AND next_attempt_at <= %(now)s ORDER BY id LIMIT 1"
    monkeypatch.setitem(SQL, "claim_message", looked)
    with pytest.raises(AssertionError):
        test_what_one_sender_is_busy_with_no_other_takes_up(intake, vault)


def test_two_senders_never_try_one_message_at_once(intake, vault):
    for n in range(12):
        take(intake, vault, a_mail(f"<{n}@example.org>").replace(SENDER.encode(), f"{n}-{SENDER}".encode()))
    with MailServer() as server:
        threads = [
            threading.Thread(
                target=lambda: sending.send_all(intake, 12, writer=Writer(vault=vault), carrier=post_to(server.port))
            )
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(server.got) == 12


def test_a_mail_server_elsewhere_that_offers_no_tls_gets_neither_password_nor_mail(intake, vault, told):
    """`127.1` is this machine, too, but no name that says so."""
    take(intake, vault, a_mail())
    with MailServer() as server:
        post = SmtpCarrier(f"smtp://user:password@127.1:{server.port}?from=letters@yongxing.example")
        assert sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=post) == 1
        assert (server.got, server.returns_to) == ([], [])
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT stage FROM message")["stage"] == "waiting"


@pytest.mark.parametrize(
    ("damage", "stage"),
    [("identity = words", "waiting"), ("data_key = '', identity = '', words = ''", "failed")],
    ids=["altered, until it is mended", "erased, for good"],
)
def test_a_message_that_cannot_be_opened_does_not_stop_those_behind_it(intake, settings, vault, told, damage, stage):
    for number in range(2):
        take(intake, vault, a_mail(f"<m{number}@example.org>"))
    with intake.unit_of_work() as uow:
        first = uow.one("SELECT id, case_id FROM message ORDER BY next_attempt_at, id LIMIT 1")
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute(f"UPDATE intake.sealed SET {damage} WHERE case_id = %s", (str(first["case_id"]),))
    with MailServer() as server:
        assert sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=post_to(server.port)) == 2
    assert len(server.got) == 1
    with intake.unit_of_work() as uow:
        found = uow.one("SELECT stage FROM message WHERE id = %(id)s", id=first["id"])
    assert found["stage"] == stage
    assert [data["reason"] for name, data in told() if name == "message.failed"] == ["unreadable"] * (stage == "failed")


def test_how_long_the_oldest_message_has_waited_is_stated(intake, vault):
    take(intake, vault, a_mail())
    with intake.unit_of_work() as uow:
        uow.all("UPDATE message SET requested_at = requested_at - interval '1 hour'")
        figures.measure(uow)
    assert 3600 <= (REGISTRY.get_sample_value("zhida_oldest_message_seconds") or 0) < 3700
    sending.send_all(intake, 10, writer=Writer(vault=vault), carrier=None)
    with intake.unit_of_work() as uow:
        figures.measure(uow)
    assert REGISTRY.get_sample_value("zhida_oldest_message_seconds") == 0
