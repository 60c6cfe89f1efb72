"""How a mail box is treated: read without a trace, flagged and nothing else, over TLS, at once where the server tells."""

from __future__ import annotations

import logging
import socketserver
import threading
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from deploy.dev.ports import LOOPBACK
from deploy.dev.waiting import until
from services.intake.channels import imap, mailboxes
from services.intake.channels.imap import Box
from services.intake.handlers import mails
from services.intake.site.mail import AccountSection
from shared.errors import Unavailable
from tests.integration.intake.dovecot import PASSWORD
from tests.integration.intake.intake_cases import a_mail
from tests.integration.intake.mailbox_cases import (
    TAKEN,
    an_account,
    an_office,
    ids,
    reading,
)  # fmt: skip
from tests.integration.intake.proxy import Line, Proxy, rewrites

pytestmark = pytest.mark.usefixtures("impatient")


def test_a_mail_that_arrives_while_we_wait_is_taken_in_at_once(letters):
    def arrived(name: str) -> bool:
        return name in letters.registered()

    with Proxy(letters.dovecot.ports["imap"]) as proxy, letters.read(proxy.port, poll=3600):
        for name in ids(3):
            until(lambda: proxy.said(b"IDLE") > proxy.said(b"DONE"), timeout=10, what="the box to be waited on")
            letters.fill([name])
            until(partial(arrived, name), timeout=10, what="the mail to be registered")
    letters.exactly_once(ids(3))


def test_waiting_is_begun_anew_before_the_server_ends_it(letters, monkeypatch):
    monkeypatch.setattr(imap, "LONGEST_IDLE", 0.1)
    assert imap.LONGEST_IDLE < 29 * 60
    with Proxy(letters.dovecot.ports["imap"]) as proxy:
        with letters.read(proxy.port):
            until(lambda: proxy.said(b"IDLE") > 3, timeout=10, what="four waits")
        assert len(proxy.lines) == 1


def test_a_server_that_does_not_tell_is_asked(letters):
    with Proxy(letters.dovecot.ports["imap"], rewrites([(b" IDLE", b" XDLE")])) as proxy:
        account = AccountSection().load(letters.account(proxy.port))
        box = Box(account)
        letters.fill(ids(1))
        box.wait(threading.Event(), 0.01)
        assert list(box.after(0)) == [1]
        box.close()
        with letters.read(proxy.port):
            letters.all_taken(1)
        assert (proxy.said(b"NOOP") > 0, proxy.said(b"IDLE")) == (True, 0)


def test_a_server_that_keeps_no_keywords_gets_the_plain_flag(letters):
    letters.fill(ids(2))
    plain = rewrites([(rb"\Draft \*)", rb"\Draft   )")])
    with Proxy(letters.dovecot.ports["imap"], plain) as proxy, letters.read(proxy.port):
        letters.all_taken(2, {"\\Seen"})
    assert not any("$ZhidaTaken" in flags for flags in letters.flags().values())


@pytest.mark.parametrize(
    ("word", "other"), [(b"$ZhidaTaken", b"]ZhidaTaken"), (b"UID STORE", b"UID STARE"), (b"+FLAGS.SILENT", b"+FLAGS.SALIENT")]
)
def test_a_server_that_refuses_the_keyword_or_every_flag_stops_nothing(letters, word, other):
    letters.fill(ids(2))

    def refuse(line: Line, speaker: str, data: bytes) -> bytes:
        return data.replace(word, other) if speaker == "client" else data

    with Proxy(letters.dovecot.ports["imap"], refuse) as proxy, letters.read(proxy.port):
        until(lambda: letters.registered().total() == 2, timeout=20, what="both mails")
    letters.exactly_once(ids(2))


def test_nothing_is_deleted_moved_or_marked_that_others_marked(letters):
    letters.fill(ids(3))
    with letters.dovecot.client(letters.user) as client:
        client.select("INBOX")
        client.store("1", "+FLAGS", r"(\Deleted)")
        client.store("2", "+FLAGS", r"(\Flagged \Seen)")
    with Proxy(letters.dovecot.ports["imap"]) as proxy:
        with letters.read(proxy.port):
            letters.all_taken(3)
        for word in (b"EXPUNGE", b"CLOSE", b"COPY", b"MOVE", b"DELETE", b"BODY["):
            assert proxy.said(word) == 0
    flags = letters.flags()
    assert ("\\Deleted" in flags[1], "\\Flagged" in flags[2]) == (True, True)
    letters.exactly_once(ids(3))  # one that somebody had read, or deleted in haste, is a petition all the same


def test_a_mail_that_is_too_large_is_kept_with_its_headers_and_where_the_rest_lies(letters, monkeypatch, clerk, browse):
    monkeypatch.setattr(mailboxes, "LARGEST", 5_000)
    letters.dovecot.put(letters.user, a_mail("<large@example.org>", "水" * 9_000))
    letters.fill(ids(1))
    with Proxy(letters.dovecot.ports["imap"]) as proxy:
        with letters.read(proxy.port):
            letters.all_taken(2)
        assert sum(len(line.sent["server"]) for line in proxy.lines) < 12_000  # it was not fetched
    with letters.intake.unit_of_work() as uow:
        [row], _ = mails.unread(uow)
        kept = mails.read_unread(uow, letters.vault, row["id"], clerk)
    assert (row["reason"], row["size"] > 9_000, kept.preview.count("水") <= 1) == ("too_large", True, True)
    assert row["whereabouts"].startswith("letters/INBOX UIDVALIDITY ")
    assert row["whereabouts"].endswith(" UID 1")
    assert "<large@example.org>" in kept.preview
    assert "letters/INBOX UIDVALIDITY" in browse("clerk").get(f"/intake/unread/{row['id']}").text


@pytest.mark.parametrize("word", [b"BODY.PEEK[]", b"RFC822.SIZE"])
def test_a_mail_that_the_server_does_not_give_out_is_kept_as_such_and_stops_no_other(letters, word):
    letters.fill(ids(2))

    def refuse(line: Line, speaker: str, data: bytes) -> bytes:
        broken = speaker == "client" and b"UID FETCH 1 (" + word in data
        return data.replace(b"FETCH 1", b"FETSH 1") if broken else data

    with Proxy(letters.dovecot.ports["imap"], refuse) as proxy:
        with letters.read(proxy.port):
            letters.all_taken(2)
        assert len(proxy.lines) == mailboxes.MOST_REFUSALS
    assert letters.registered() == {ids(2)[1]: 1}
    with letters.intake.unit_of_work() as uow:
        [row], _ = mails.unread(uow)
    assert (row["reason"], row["whereabouts"][-5:]) == ("unfetchable", "UID 1")


def test_old_mails_are_left_alone_where_the_site_says_so(letters):
    with letters.dovecot.client(letters.user) as client:
        client.append("INBOX", "", '"07-Nov-2014 10:00:00 +0800"', a_mail("<old@example.org>"))
    letters.fill(ids(1))
    with letters.read(since="2016-11-01"):
        until(lambda: letters.registered().total() == 1, timeout=10, what="the new mail")
    letters.exactly_once(ids(1))
    assert not letters.flags()[1] & TAKEN


def test_a_large_box_is_asked_for_in_windows(letters, monkeypatch):
    monkeypatch.setattr(imap, "WINDOW", 3)
    letters.fill(ids(11))
    box = Box(AccountSection().load(letters.account()))
    assert list(box.after(0)) == list(range(1, 12))
    assert list(box.after(9)) == [10, 11]
    assert list(box.after(11)) == []
    assert box.flag(4)
    assert list(box.unmarked(7)) == [1, 2, 3, 5, 6, 7]
    assert (box.size(99), box.fetch(99, 10), box.headers(99)) == (None, None, None)
    box.close()


# -- TLS and secrets ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tls", "port"), [("implicit", "imaps"), ("starttls", "imap")])
def test_a_box_is_read_over_tls_from_a_server_that_is_who_it_says(letters, caplog, tls, port):
    caplog.set_level(logging.DEBUG)
    letters.fill(ids(1))
    with Proxy(letters.dovecot.ports[port]) as proxy:
        with letters.read(proxy.port, tls=tls, host="localhost", ca_file=str(letters.dovecot.authority)):
            letters.all_taken(1)
        assert (len(proxy.lines) > 0, proxy.said(b"AUTHENTICATE")) == (True, 0)
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize(("tls", "port"), [("implicit", "imaps"), ("starttls", "imap")])
@pytest.mark.parametrize("fault", ["nobody vouches for it", "another name"])
def test_a_server_that_is_not_who_it_says_gets_no_password(letters, caplog, tls, port, fault):
    caplog.set_level(logging.DEBUG)
    letters.fill(ids(1))
    host, authority = ("127.0.0.1", str(letters.dovecot.authority)) if fault == "another name" else ("localhost", None)
    with letters.read(letters.dovecot.ports[port], tls=tls, host=host, ca_file=authority):
        until(lambda: "CERTIFICATE_VERIFY_FAILED" in caplog.text, timeout=10, what="the certificate to be refused")
    assert letters.registered().total() == 0
    assert PASSWORD not in caplog.text


def test_a_wrong_password_is_told_without_it(letters, caplog):
    caplog.set_level(logging.DEBUG)
    account = letters.account()
    Path(account["password_file"]).write_text("wrong-canary\n")
    with reading(an_office(letters.settings, letters.intake, letters.vault, accounts=[account])):
        until(lambda: "AUTHENTICATIONFAILED" in caplog.text, timeout=20, what="the password to be refused")
    assert "wrong-canary" not in caplog.text


class Quoting(socketserver.StreamRequestHandler):
    """A mail server that answers every command with words of a mail."""

    def handle(self):
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            self.wfile.write(line.split()[0] + b" BAD canary of a mail\r\n")


def test_what_a_mail_server_answers_stands_in_no_fault(settings, intake, vault, tmp_path):
    with socketserver.ThreadingTCPServer((LOOPBACK, 0), Quoting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        office = an_office(settings, intake, vault, accounts=[an_account(tmp_path, "letters", server.server_address[1])])
        with pytest.raises(Unavailable, match=r"^mail box: error$") as fault:
            mailboxes.read(office, office.site.mail.accounts[0], Counter(), threading.Event())
        server.shutdown()
    assert fault.value.__suppress_context__
