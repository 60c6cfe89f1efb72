"""Receivers by LMTP and SMTP: one answer for each recipient, every byte as it came, and nothing passes for two mails that is one."""

from __future__ import annotations

import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from deploy.dev.ports import LOOPBACK, free_port
from deploy.dev.waiting import until
from services.intake.channels import smtp
from services.intake.channels.fetchers import Office, run_all
from services.intake.mail.reading import LARGEST
from shared.health import HEALTH
from tests.integration.intake.intake_cases import SENDER, a_mail
from tests.integration.intake.mailbox_cases import an_office, exactly_once, ids, registered
from tests.integration.intake.proxy import Proxy, breaks

OWN = ["letters@yongxing.example", "mayor@yongxing.example"]


@contextmanager
def listening(office: Office) -> Iterator[threading.Event]:
    """The office's receivers, up; ended in order when the block ends."""
    stopping, found = threading.Event(), smtp.fetchers(office)
    thread = threading.Thread(target=run_all, args=(found, stopping))
    thread.start()
    try:
        until(lambda: all(HEALTH._parts[one.name] for one in found), timeout=10, what="the receivers to listen")
        yield stopping
    finally:
        stopping.set()
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture(params=["port", "socket"])
def lmtp(request, settings, intake, vault, tmp_path) -> Iterator[Callable[[], smtplib.LMTP]]:
    """A client of an LMTP receiver on a port, and of one on a socket."""
    port, path = free_port(), tmp_path / "lmtp.sock"
    place = {"port": port} if request.param == "port" else {"socket": str(path)}
    office = an_office(settings, intake, vault, listeners=[{"protocol": "lmtp", **place}], addresses=OWN)
    with listening(office):
        yield lambda: smtplib.LMTP(LOOPBACK, port) if request.param == "port" else smtplib.LMTP(str(path))


def test_lmtp_answers_for_each_recipient_after_the_commit(lmtp, intake, vault):
    with lmtp() as client:
        client.ehlo()
        assert client.mail(SENDER)[0] == 250
        assert [client.rcpt(address)[0] for address in (*OWN, "other@elsewhere.example")] == [250, 250, 550]
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(a_mail(ids(1)[0]).replace(b"\n", b"\r\n") + b"\r\n.\r\n")
        answers = [client.getreply() for _ in range(2)]
        assert [code for code, _ in answers] == [250, 250]
        assert client.noop()[0] == 250  # two answers, no more
        assert registered(intake, vault)[ids(1)[0]] == 1
        assert client.docmd("HELO x")[0] == 500


def test_lmtp_keeps_a_mail_with_its_server_while_the_database_is_away(settings, vault, tmp_path):
    from shared.database import Database

    away = Database(f"postgresql://intake@127.0.0.1:{free_port()}/nowhere", service="intake", org="431023")
    port = free_port()
    office = an_office(settings, away, vault, listeners=[{"protocol": "lmtp", "port": port}], addresses=OWN)
    with listening(office), smtplib.LMTP(LOOPBACK, port) as client:
        client.ehlo()
        client.mail(SENDER)
        for address in OWN:
            client.rcpt(address)
        client.putcmd("data")
        client.getreply()
        client.send(a_mail() + b"\r\n.\r\n")
        assert [client.getreply()[0] for _ in OWN] == [451, 451]


@pytest.fixture
def port(settings, intake, vault) -> Iterator[int]:
    """The port of an SMTP receiver."""
    number = free_port()
    with listening(an_office(settings, intake, vault, listeners=[{"protocol": "smtp", "port": number}], addresses=OWN)):
        yield number


def originals(intake, vault) -> list[bytes]:
    with intake.unit_of_work() as uow:
        rows = uow.all("SELECT o.case_id, s.data_key, o.bytes FROM original o JOIN sealed s USING (case_id)")
    return [vault.open_key(row["case_id"], bytes(row["data_key"])).open("original", bytes(row["bytes"])) for row in rows]


def test_a_mail_is_kept_to_the_byte_with_its_long_lines_and_dots(port, intake, vault):
    raw = (
        b"Subject: x\r\nMessage-ID: <bytes@example.org>\r\n\r\n.begins with a dot\r\n..two\r\n"
        + b"\xce\xd2" * 40_000
        + b"\r\n.\x00\r\n"
    )
    with smtplib.SMTP(LOOPBACK, port, timeout=20) as client:
        client.ehlo()
        client.mail(SENDER)
        client.rcpt(OWN[0])
        assert client.data(raw)[0] == 250
    assert originals(intake, vault) == [raw]


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r"])
def test_only_cr_lf_dot_cr_lf_ends_a_mail(port, intake, vault, end):
    """Else a stranger hides a second mail in the first, which the servers before us have looked at as one."""
    raw = a_mail(ids(1)[0]).replace(b"\n", b"\r\n")
    hidden = b"MAIL FROM:<forged@yongxing.example>\r\nRCPT TO:<letters@yongxing.example>\r\nDATA\r\n" + raw
    with smtplib.SMTP(LOOPBACK, port, timeout=20) as client:
        client.ehlo()
        client.mail(SENDER)
        client.rcpt(OWN[0])
        client.putcmd("data")
        client.getreply()
        client.send(raw + end + hidden + b"\r\n.\r\n")
        assert client.getreply()[0] == 250
        assert client.noop()[0] == 250
    assert len(originals(intake, vault)) == 1


def test_a_mail_that_is_larger_than_it_said_is_refused_whole_and_the_line_goes_on(port, intake, vault):
    with smtplib.SMTP(LOOPBACK, port, timeout=60) as client:
        client.ehlo()
        client.mail(SENDER)
        client.rcpt(OWN[0])
        assert client.data((b"x" * 998 + b"\r\n") * (LARGEST // 1000 + 1))[0] == 552
        client.mail(SENDER)
        client.rcpt(OWN[0])
        assert client.data(a_mail(ids(1)[0]))[0] == 250
    exactly_once(intake, vault, ids(1))


def test_a_tagged_address_is_ours_too_and_commands_come_in_order(port):
    with smtplib.SMTP(LOOPBACK, port, timeout=20) as client:
        assert client.docmd("DATA")[0] == 503
        client.ehlo()
        client.mail(SENDER)
        assert client.docmd("DATA")[0] == 503
        assert client.rcpt(f"letters+{'0' * 26}@YONGXING.example")[0] == 250
        assert client.rcpt("letters+short@yongxing.example")[0] == 550
        assert client.docmd("DATA x")[0] == 501


def test_a_connection_lost_in_mid_mail_leaves_nothing(port, intake, vault):
    for cut in (1, 50, 400):
        client = smtplib.SMTP(LOOPBACK, port, timeout=20)
        client.ehlo()
        client.mail(SENDER)
        client.rcpt(OWN[0])
        client.putcmd("data")
        client.getreply()
        client.send(a_mail().replace(b"\n", b"\r\n")[:cut])
        client.close()
    with smtplib.SMTP(LOOPBACK, port, timeout=20) as client:
        client.sendmail(SENDER, OWN, a_mail(ids(1)[0]))
    exactly_once(intake, vault, ids(1))


def test_a_mail_whose_answer_was_lost_comes_again_and_is_registered_once(port, intake, vault):
    raw = a_mail(ids(1)[0])
    with Proxy(port, breaks(b"\r\n.\r\n", forwarded=True, lines=2)) as proxy:
        for _ in range(2):
            with smtplib.SMTP(LOOPBACK, proxy.port, timeout=20) as client, pytest.raises(smtplib.SMTPServerDisconnected):
                client.sendmail(SENDER, OWN, raw)
            until(lambda: registered(intake, vault)[ids(1)[0]] == 1, timeout=10, what="the mail that nobody was answered for")
        with smtplib.SMTP(LOOPBACK, proxy.port, timeout=20) as client:
            client.sendmail(SENDER, OWN, raw)
    exactly_once(intake, vault, ids(1))


def test_a_receiver_that_is_stopped_answers_first_what_it_is_taking_in(settings, intake, vault):
    import psycopg2

    from tests.integration.intake.test_intake_mailboxes import locked

    number, answers = free_port(), []
    office = an_office(settings, intake, vault, listeners=[{"protocol": "smtp", "port": number}], addresses=OWN)

    def deliver() -> None:
        with smtplib.SMTP(LOOPBACK, number, timeout=30) as client:
            client.ehlo()
            client.mail(SENDER)
            client.rcpt(OWN[0])
            answers.append(client.data(a_mail(ids(1)[0]))[0])

    owner = psycopg2.connect(settings.database_url)
    with listening(office) as stopping:
        owner.cursor().execute("LOCK TABLE intake.petition IN ACCESS EXCLUSIVE MODE")
        sender = threading.Thread(target=deliver)
        sender.start()
        until(lambda: locked(intake), timeout=20, what="the commit to wait")
        stopping.set()
        until(lambda: refuses(number), timeout=10, what="new connections to be refused")
        owner.rollback()
        sender.join(30)
    owner.close()
    assert answers == [250]
    exactly_once(intake, vault, ids(1))


def begun(port: int) -> smtplib.SMTP:
    """A client in the middle of its mail."""
    client = smtplib.SMTP(LOOPBACK, port, timeout=20)
    client.ehlo()
    client.mail(SENDER)
    client.rcpt(OWN[0])
    assert client.docmd("DATA")[0] == 354
    return client


def test_so_many_mails_at_once_and_no_more_are_read_and_the_next_comes_again_later(port, intake, vault, monkeypatch):
    monkeypatch.setattr(smtp, "TURN", 0.1)
    slow = [begun(port) for _ in range(smtp.AT_ONCE)]
    with smtplib.SMTP(LOOPBACK, port, timeout=20) as client:
        client.ehlo()
        client.mail(SENDER)
        client.rcpt(OWN[0])
        assert client.docmd("DATA")[0] == 452
        for one in slow:
            one.close()
        monkeypatch.setattr(smtp, "TURN", 10)
        assert client.data(a_mail(ids(1)[0]))[0] == 250
    exactly_once(intake, vault, ids(1))


def test_a_mail_that_never_comes_to_its_end_gives_its_turn_back(port, monkeypatch):
    monkeypatch.setattr(smtp, "SLOWEST", 0.1)
    client = begun(port)
    assert client.getreply()[0] == 421
    client.close()


def refuses(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return True
    return False
