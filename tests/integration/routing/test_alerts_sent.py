"""Alerts by a real mail server: together, without what a case is about, again when nobody reads them, never to whoever is barred."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from deploy.dev.ports import free_port
from services.routing import handlers, store, telling
from services.routing.handlers import contacts, gathering
from tests.integration.intake.mail_server import MailServer
from tests.integration.routing.alerting import MAIL, an_office, give, noted, real_now, tell
from tests.integration.routing.world import AT, EPB, MATIAN, OFFICE, SECRETARY, conflict, instruct

NUMBER, CONTENT = "XF20161107-0001", ("造纸厂", "饮水", "十里洞")
LATER = "2016-11-07 09:34"  # the minutes in which alerts gather are over


@pytest.fixture
def server():
    with MailServer() as found:
        yield found


@pytest.fixture
def using(server) -> telling.Office:
    return an_office(server.port)


def texts(server: MailServer) -> list[str]:
    return [str(letter.get_content()) for letter in server.letters]


def messages(county) -> list[tuple[str, str, str]]:
    rows = county.query("SELECT official, stage, failure FROM alert_message ORDER BY made_at, id")
    return [(row["official"], row["stage"], row["failure"]) for row in rows]


def tell_three(county, case_id) -> None:
    """He is told of an assignment, of its withdrawal, and of another."""
    give(county)
    instruct(county, case_id, EPB)
    with county.work() as uow:
        handlers.withdraw(uow, county.assignment(case_id, EPB), SECRETARY)
    instruct(county, case_id, EPB)


def test_what_comes_within_minutes_goes_in_one_mail_that_says_no_word_of_the_case(county, server, using, case_id):
    tell_three(county, case_id)
    tell(county, using)
    assert (server.letters, messages(county)) == ([], [])  # others may follow
    assert tell(county, using, LATER) > 0
    assert tell(county, using) == 0
    (letter,) = server.letters
    assert (letter["To"], letter["Auto-Submitted"]) == (MAIL, "auto-generated")
    text = letter.get_content()
    for line in (f"· 一件交办已撤回，编号 {NUMBER}", f"· 有一件新的交办，编号 {NUMBER}", "https://zhida.example.org"):
        assert line in text
    assert [word for word in CONTENT if word in f"{letter['Subject']}{text}"] == []
    assert messages(county) == [(EPB, "sent", "")]


def test_what_somebody_marks_at_this_moment_keeps_nobody_waiting(county, server, using, case_id):
    tell_three(county, case_id)
    county.at(LATER)
    with county.work() as reading:
        reading.all("SELECT FROM alert WHERE official = %(o)s AND kind = 'withdrawn' FOR UPDATE", o=EPB)
        assert tell(county, using) > 0  # the others are sent meanwhile
    assert tell(county, using) > 0
    assert ["一件交办已撤回" in text for text in texts(server)] == [False, True]


def test_of_a_confidential_case_no_number_is_sent(county, server, using, case_id):
    give(county)
    instruct(county, case_id, EPB, confidential=True)
    tell(county, using, LATER)
    (text,) = texts(server)
    assert "有一件新的交办" in text
    assert NUMBER not in text + server.letters[0]["Subject"]


def test_who_is_barred_before_it_goes_is_not_told_and_the_others_are(county, server, using, case_id):
    give(county)
    give(county, MATIAN, "duan@matian.example.org")
    instruct(county, case_id, EPB, MATIAN)
    county.query("UPDATE alert SET gathered_at = at WHERE official = %(o)s RETURNING id", o=EPB)
    with county.work() as uow:  # his message is made already
        contact = gathering.contact_of(uow, EPB)
        gathering.send(uow, using.habits, contact, uow.rows(store.ALERTS).where("official = %s", EPB))
    county.query("UPDATE alert SET over_at = NULL RETURNING id")
    county.hear(conflict(case_id, AT, officials=[EPB]))
    county.query("UPDATE alert SET over_at = NULL WHERE official = %(o)s RETURNING id", o=EPB)
    tell(county, using, LATER)
    for moment in ("2016-11-10 12:00", "2016-11-12 12:00"):  # nor again, nor anybody above him
        tell(county, using, moment)
    assert {letter["To"] for letter in server.letters} == {"duan@matian.example.org"}
    assert (EPB, "dropped", "") in messages(county)
    assert (
        county.query(
            "SELECT id FROM alert WHERE kind = 'unread' AND about IN (SELECT id FROM alert WHERE official = %(o)s)", o=EPB
        )
        == []
    )


@pytest.mark.parametrize("statement", ["alert_lines", "alert_shut"])
def test_the_twin_that_asks_for_bars_once_is_caught(county, server, using, case_id, monkeypatch, statement):
    careless = store.SQL[statement].replace("may_see(a.case_id, a.official, posts_of(a.official))", "true")
    assert careless != store.SQL[statement]
    monkeypatch.setitem(store.SQL, statement, careless)
    with pytest.raises(AssertionError):
        test_who_is_barred_before_it_goes_is_not_told_and_the_others_are(county, server, using, case_id)


def test_what_was_opened_meanwhile_is_not_sent(county, server, using, case_id):
    give(county)
    instruct(county, case_id, EPB)
    with county.work() as uow:
        handlers.receive(uow, county.assignment(case_id, EPB), EPB)
    tell(county, using, LATER)
    assert (server.letters, messages(county)) == ([], [(EPB, "dropped", "")])


# -- killed -----------------------------------------------------------------------------------------------------------
def killed_between_sending_and_marking(county, server, *twin: str) -> None:
    """A process tells, and dies when the mail server has the mail and before it says so."""
    command = [sys.executable, "-m", "tests.integration.routing.alert_sender", county.org, county.database.url, str(server.port)]
    process = subprocess.Popen([*command, *twin], stderr=subprocess.DEVNULL)
    server.taking = lambda: os.kill(process.pid, signal.SIGKILL)
    assert process.wait(timeout=60) == -signal.SIGKILL
    server.taking = lambda: None


def told_twice_at_most_and_never_lost(county, server, using, case_id, *twin: str) -> None:
    give(county)
    instruct(county, case_id, EPB)
    county.at(LATER)
    killed_between_sending_and_marking(county, server, *twin)
    assert tell(county, using) == 0  # it is claimed still
    for moment in ("2016-11-07 09:40", "2016-11-07 10:00", "2016-11-07 12:00"):
        tell(county, using, moment)
    first, second = server.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert messages(county) == [(EPB, "sent", "")]


def test_killed_between_sending_and_marking_it_is_told_twice_under_one_identity(county, server, using, case_id):
    told_twice_at_most_and_never_lost(county, server, using, case_id)


def test_the_twin_that_marks_before_it_sends_is_caught(county, server, using, case_id):
    """Had it died a moment earlier, nobody would ever have been told."""
    with pytest.raises(ValueError, match="not enough values"):
        told_twice_at_most_and_never_lost(county, server, using, case_id, "marks-first")


def test_senders_side_by_side_tell_each_thing_once(county, server, using, case_id):
    for official in (EPB, MATIAN, OFFICE, SECRETARY):
        give(county, official, f"{official}@example.org")
    instruct(county, case_id, EPB, MATIAN)
    county.at("2016-11-08 08:01")
    threads = [threading.Thread(target=telling.tell, args=(county.database, using, real_now)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell(county, using)
    assert len(server.letters) == len({letter["Message-ID"] for letter in server.letters}) == 2
    assert len(county.query("SELECT day FROM alert_day")) == 1


# -- away, and refused ------------------------------------------------------------------------------------------------
def test_a_mail_server_that_is_away_is_tried_again_later_and_given_up_in_the_end(county, case_id):
    give(county)
    instruct(county, case_id, EPB)
    nobody, now = an_office(free_port(), unread=timedelta(days=14)), county.at(LATER)
    tries = 0
    for _ in range(10):
        tries += telling.send_all(county.database, 5, nobody, real_now) if tries else min(tell(county, nobody), 1)
        now = county.set_clock(now + timedelta(hours=13))
    assert tries == 6
    assert messages(county) == [(EPB, "failed", "unreachable")]


def test_an_address_that_is_refused_for_good_is_not_tried_again_until_it_is_changed(county, server, using, case_id):
    give(county)
    instruct(county, case_id, EPB)
    server.answer = "550 no such user"
    tell(county, using, LATER)
    assert messages(county) == [(EPB, "failed", "refused")]
    server.answer = "250 OK"
    tell(county, using, "2016-11-08 12:00")  # told again: on his page alone
    assert len(messages(county)) == 1
    give(county, mail="new@epb.example.org")
    with county.work() as uow:
        handlers.withdraw(uow, county.assignment(case_id, EPB), SECRETARY)
    tell(county, using, "2016-11-08 12:10")
    assert server.letters[-1]["To"] == "new@epb.example.org"


# -- not read ---------------------------------------------------------------------------------------------------------
def test_what_nobody_reads_is_sent_once_more_and_then_raised_by_name(county, server, using, case_id):
    give(county)
    give(county, OFFICE, "office@example.org")
    instruct(county, case_id, EPB)
    tell(county, using, LATER)
    tell(county, using, "2016-11-08 09:00")
    assert len(server.letters) == 1
    tell(county, using, "2016-11-08 09:35")
    assert [letter["To"] for letter in server.letters] == [MAIL, MAIL]
    tell(county, using, "2016-11-09 09:30")
    assert len(server.letters) == 2
    tell(county, using, "2016-11-09 09:45")
    tell(county, using, "2016-11-09 09:49")
    assert server.letters[-1]["To"] == "office@example.org"
    assert "有一条提醒逾时未读" in texts(server)[-1]
    (row,) = county.query("SELECT again_at, raised_at, raised_to ->> 'official' AS name FROM alert WHERE kind = 'issued'")
    assert row["name"] == OFFICE
    tell(county, using, "2016-11-20 09:45")
    assert noted(county, OFFICE).count("unread") == 1
    assert len(server.letters) == 3


def test_what_is_read_is_not_chased(county, server, using, case_id):
    give(county)
    instruct(county, case_id, EPB)
    tell(county, using, LATER)
    with county.work() as uow:
        handlers.receive(uow, county.assignment(case_id, EPB), EPB)
    tell(county, using, "2016-11-12 09:35")
    assert len(server.letters) == 1


# -- once a day -------------------------------------------------------------------------------------------------------
def test_once_a_day_it_is_told_how_much_waits_for_a_decision(county, server, using, case_id, owed):
    for official in (SECRETARY, OFFICE):
        give(county, official, f"{official}@example.org")
    with county.work() as uow:
        handlers.reply(uow, owed, EPB, outcome="supported", findings="查实", measures=["整改"], answer="已整改。")
    tell(county, using, "2016-11-08 07:59")
    assert [text for text in texts(server) if "今天等待您办理的事项" in text] == []
    for moment in ("2016-11-08 08:00", "2016-11-08 08:10", "2016-11-08 23:59"):
        tell(county, using, moment)
    assert sorted(str(letter["To"]) for letter in server.letters) == [f"{OFFICE}@example.org", f"{SECRETARY}@example.org"]
    assert all("今天等待您办理的事项：审核回复 1 件" in text for text in texts(server))
    tell(county, using, "2016-11-09 08:00")
    assert len(server.letters) == 4
    assert noted(county, SECRETARY) == ["waiting"]  # yesterday's is overtaken


def test_who_wants_a_digest_gets_what_is_not_urgent_once_a_day(county, server, using, case_id):
    give(county)
    with county.work() as uow:
        contacts.choose(uow, EPB, mail_on=True, webhook_on=True, digest=True, may_switch_off=using.habits.may_switch_off)
    instruct(county, case_id, EPB)
    with county.work() as uow:
        handlers.withdraw(uow, county.assignment(case_id, EPB), SECRETARY)
    tell(county, using, LATER)
    assert server.letters == []
    tell(county, using, "2016-11-08 08:00")
    assert "一件交办已撤回" in texts(server)[-1]
