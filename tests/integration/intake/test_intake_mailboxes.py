"""Mail boxes in a real Dovecot: every mail is registered exactly once, wherever the line, the process or the server breaks."""

from __future__ import annotations

import uuid
from dataclasses import replace

import psycopg2
import pytest

from deploy.dev.waiting import until
from services.intake.channels.mailboxes import Reading
from services.intake.handlers import mailbox, threads
from shared.database import Database
from tests.integration.intake.dovecot import running_dovecot
from tests.integration.intake.mailbox_cases import (
    TAKEN,
    an_office,
    ids,
    reading,
)  # fmt: skip
from tests.integration.intake.proxy import Line, Proxy, breaks

pytestmark = pytest.mark.usefixtures("impatient")
STAGES = (b"AUTHENTICATE", b"SELECT", b"SEARCH", b"RFC822.SIZE", b"BODY.PEEK[]", b"STORE", b"IDLE")


@pytest.mark.parametrize("forwarded", [False, True], ids=["before the server heard", "before it answered"])
@pytest.mark.parametrize("stage", STAGES, ids=bytes.decode)
def test_a_line_that_breaks_at_a_command_costs_no_mail_and_doubles_none(letters, stage, forwarded):
    letters.fill(ids(3))
    with Proxy(letters.dovecot.ports["imap"], breaks(stage, forwarded=forwarded, lines=4)) as proxy, letters.read(proxy.port):
        until(lambda: len(proxy.lines) > 4, timeout=30, what="the line to break four times")
        letters.all_taken(3)
    letters.exactly_once(ids(3))


def test_a_line_that_breaks_a_few_bytes_later_each_time_costs_no_mail_and_doubles_none(letters):
    letters.fill(ids(3))

    def a_little_more(line: Line, speaker: str, data: bytes) -> bytes | None:
        far = len(line.sent["server"]) + len(data) > 40 + line.number * 61
        return None if speaker == "server" and far else data

    with Proxy(letters.dovecot.ports["imap"], a_little_more) as proxy:
        with letters.read(proxy.port):
            letters.all_taken(3)
        assert len(proxy.lines) > 10
    letters.exactly_once(ids(3))


def test_dovecot_killed_and_restarted_in_the_middle_costs_no_mail_and_doubles_none(letters):
    with running_dovecot() as own:
        letters = replace(letters, dovecot=own)
        letters.fill(ids(80))
        with letters.read():
            until(lambda: letters.registered().total() > 3, timeout=30, what="the first mails")
            own.kill()
            assert letters.registered().total() < 80
            own.start()
            letters.fill(ids(2, 80))
            letters.all_taken(82)
    letters.exactly_once(ids(82))


def test_a_box_that_is_numbered_anew_is_read_again_and_doubles_nothing(letters):
    letters.fill(ids(3))
    with letters.read():
        letters.all_taken(3)
    letters.dovecot.number_anew(letters.user)
    letters.fill(ids(1, 3))
    with letters.read():
        letters.all_taken(4)
    letters.exactly_once(ids(4))
    with letters.intake.unit_of_work() as uow:
        results = uow.all("SELECT result FROM mailbox_seen ORDER BY uidvalidity, uid")
    assert [row["result"] for row in results] == ["registered"] * 3 + ["repeat"] * 3 + ["registered"]


def test_the_twin_without_a_key_by_message_id_is_caught(letters, monkeypatch):
    monkeypatch.setattr(threads, "message_key", lambda vault, message_id: uuid.uuid4())
    with pytest.raises(AssertionError, match="registered"):
        test_a_box_that_is_numbered_anew_is_read_again_and_doubles_nothing(letters)


def locked(intake: Database) -> bool:
    with intake.unit_of_work() as uow:
        return bool(uow.one("SELECT FROM pg_locks WHERE NOT granted AND relation = 'petition'::regclass") is not None)


def test_nothing_is_flagged_before_it_is_committed(letters):
    letters.fill(ids(2))
    office = letters.office()
    owner = psycopg2.connect(letters.settings.database_url)
    try:
        owner.cursor().execute("LOCK TABLE intake.petition IN ACCESS EXCLUSIVE MODE")
        with reading(office):
            try:
                until(lambda: locked(letters.intake), timeout=20, what="the commit to wait")
                assert all(not TAKEN & flags for flags in letters.flags().values())
            finally:
                owner.rollback()
            letters.all_taken(2)
    finally:
        owner.close()
    letters.exactly_once(ids(2))


def test_the_twin_that_flags_first_is_caught(letters, monkeypatch):
    take = Reading._take

    def flag_first(self: Reading, uid: int) -> None:
        self._box.flag(uid)
        take(self, uid)

    monkeypatch.setattr(Reading, "_take", flag_first)
    with pytest.raises(AssertionError):
        test_nothing_is_flagged_before_it_is_committed(letters)


def test_a_database_that_goes_away_in_mid_mail_costs_no_mail(letters):
    """Every connection is ended while a mail is being stored; the first mail's place in the box is not passed."""
    letters.fill(ids(3))
    office = letters.office()
    with psycopg2.connect(letters.settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("LOCK TABLE intake.petition IN ACCESS EXCLUSIVE MODE")
        with reading(office):
            cursor.execute("SELECT oid FROM pg_class WHERE relname = 'petition'")
            until(lambda: end_whoever_waits(cursor), timeout=20, what="somebody to wait for the lock")
            owner.rollback()
            letters.all_taken(3)
    letters.exactly_once(ids(3))


def end_whoever_waits(cursor) -> bool:
    cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted AND relation = 'intake.petition'::regclass")
    return bool(cursor.fetchall())


def test_the_twin_that_moves_on_before_the_mail_is_stored_is_caught(letters, monkeypatch):
    whole = Reading._take_whole

    def move_first(self: Reading, uid: int):
        with self._office.database.unit_of_work() as uow:
            self._at = mailbox.note(uow, self._at, uid, "registered")
        return whole(self, uid)

    monkeypatch.setattr(Reading, "_take_whole", move_first)
    with pytest.raises(AssertionError, match="registered"):
        test_a_database_that_goes_away_in_mid_mail_costs_no_mail(letters)


def test_two_readers_never_work_on_one_box_and_the_second_takes_over(letters):
    letters.fill(ids(3))
    with Proxy(letters.dovecot.ports["imap"]) as proxy:
        first, second = (letters.office(proxy.port) for _ in range(2))
        with reading(second):
            with reading(first):
                letters.all_taken(3)
            letters.fill(ids(1, 3))
            letters.all_taken(4)
        assert proxy.most_at_once == 1
    letters.exactly_once(ids(4))


def test_one_box_that_is_away_keeps_no_other_from_being_read(letters, caplog):
    from prometheus_client import REGISTRY

    from deploy.dev.ports import free_port

    def failures() -> float:
        return REGISTRY.get_sample_value("zhida_mailbox_failures_total", {"account": "away"}) or 0

    def last(account: str) -> float:
        return REGISTRY.get_sample_value("zhida_mailbox_last_success_timestamp", {"account": account}) or 0

    before = failures()
    letters.fill(ids(1))
    accounts = [letters.account(free_port(), name="away"), letters.account()]
    with reading(an_office(letters.settings, letters.intake, letters.vault, accounts=accounts)):
        letters.all_taken(1)
        until(lambda: failures() > before, timeout=10, what="the failure to be counted")
    assert last("letters") > last("away") > 1e9  # both count from the start, one has been read since
    assert "mailbox away waits" in caplog.text
