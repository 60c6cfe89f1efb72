"""The resource for telephone systems: signed, each message once, in any order, and nothing of it lost or in the clear."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from itertools import permutations

import pytest

from services.intake.handlers import mails
from shared.web.app import limiter
from shared.web.server import build
from tests.integration.intake.intake_cases import find
from tests.integration.intake.intake_telephone import HOOK, NEXT, NUMBER, headers, report, rows, told, write_site


@pytest.fixture(scope="module")
def site(settings, tmp_path_factory):
    return build(replace(settings, service_files={"intake": write_site(tmp_path_factory.mktemp("site"), messages_per_minute=7)}))


def test_a_missed_call_is_a_duty_and_its_messages_count_once(browse, intake):
    message = told("missed", ago=5)
    first, again = (report(browse(), message) for _ in range(2))
    assert (first.status_code, first.json) == (200, {"taken": True, "again": False})
    assert (again.status_code, again.json) == (200, {"taken": True, "again": True})
    report(browse(), told("ended", ago=4))
    [call], [duty] = rows(intake, "call"), rows(intake, "call_back")
    assert (call["line"], call["numbered"], call["call_back_id"]) == ("hot", True, duty["id"])
    assert (duty["due_at"] - duty["missed_at"]).total_seconds() == 3600
    assert len(rows(intake, "call_event")) == 2


STORY = [
    told("ringing", ago=5),
    told("missed", ago=4, extension="801"),
    told("answered", ago=3, extension="802"),
    told("ended", ago=1),
]


@pytest.mark.parametrize("order", list(permutations(STORY))[::5], ids=lambda order: "-".join(one["kind"] for one in order))
def test_whatever_the_order_an_answered_call_waits_to_be_written_up_and_nobody_is_to_be_rung_back(browse, intake, order):
    for message in (*order, order[0]):
        assert report(browse(), message).status_code == 200
    [call] = rows(intake, "call")
    assert (call["extension"], call["outcome"], call["call_back_id"]) == ("802", None, None)
    assert call["started_at"] < call["answered_at"] < call["ended_at"]
    assert [row["stage"] for row in rows(intake, "call_back") if row["stage"] == "waiting"] == []


def test_a_number_that_is_missed_again_joins_the_duty_that_waits(browse, intake):
    for n in range(3):
        report(browse(), told("missed", f"call-{n}", caller=f"sip:+86{NUMBER}@pbx.example.org" if n else NUMBER))
    report(browse(), told("missed", "another", caller="07355550001"))
    assert sorted(row["calls"] for row in rows(intake, "call_back")) == [1, 3]


def test_missed_calls_of_one_number_at_once_make_one_duty(browse, intake):
    threads = [threading.Thread(target=report, args=(browse(), told("missed", f"call-{n % 5}"))) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row["calls"] for row in rows(intake, "call_back")] == [5]
    assert len(rows(intake, "call")) == 5


def test_whoever_withholds_the_number_cannot_be_rung_back_and_the_call_is_seen(browse, intake):
    report(browse(), told("missed", caller="anonymous"))
    report(browse(), told("missed", "other", caller=None))
    assert [row["numbered"] for row in rows(intake, "call")] == [False, False]
    assert rows(intake, "call_back") == []
    assert "号码未显示，无法回电" in browse("clerk").get("/intake/calls?queue=all").text
    report(browse(), told("ended"))  # a later message tells the number: now there is a duty
    assert len(rows(intake, "call_back")) == 1


# -- signatures ---------------------------------------------------------------------------------------------------------


def test_both_secrets_are_valid_while_one_is_changed(browse):
    assert report(browse(), told("ringing"), secret=NEXT).status_code == 200


@pytest.mark.parametrize(
    "signing", [{"secret": b"x" * 40}, {"late": 301}, {"late": -301}, {"path": "/api/intake/telephone/hall"}]
)
def test_what_is_signed_wrongly_or_too_long_ago_is_refused_and_leaves_nothing(browse, intake, signing):
    answer = report(browse(), told("missed"), **signing)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (401, "Zhida-Signature")
    assert rows(intake, "call") == rows(intake, "unread_mail") == []


@pytest.mark.parametrize("header", ["", "t=1", "v1=00", "t=x,v1=00", "t=1,t=2,v1=00", "v1=é,t=1", "t=999999999999999,v1=00", ","])
def test_a_header_that_is_no_signature_is_refused_in_clear_words(browse, header):
    answer = browse().post(HOOK, json=told("missed"), headers={"Zhida-Signature": header})
    assert (answer.status_code, answer.get_json()["errors"][0]["rule"]) == (401, "须带签名。")


def test_a_signature_is_for_its_body_alone(browse):
    signed = headers(json.dumps(told("missed")).encode())
    assert browse().post(HOOK, data=json.dumps(told("missed")), headers=signed).status_code == 401


@pytest.mark.parametrize("line", ["hall", "nowhere"])
def test_a_line_without_a_telephone_system_is_not_there(browse, line):
    assert report(browse(), told("missed"), url=f"/api/intake/telephone/{line}").status_code == 404


def test_a_telephone_system_that_sends_without_end_is_slowed_down(browse, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    statuses = [report(browse(), told("ringing", f"call-{n}")).status_code for n in range(9)]
    assert (statuses[:7], statuses[-1]) == ([200] * 7, 429)


# -- what cannot be used ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"event_id": ""}, "event_id"), ({"kind": 7}, "kind"), ({"call_id": None}, "call_id"), ({"at": "yesterday"}, "at"),
        ({"at": "2016-11-07T08:00:00"}, "at"), ({"at": "0001-01-01T00:00:00Z"}, "at"), ({"at": "9999-12-31T23:59:59Z"}, "at"),
        ({"from": ["1"]}, "from"), ({"extension": "9" * 41}, "extension"),
    ],
)  # fmt: skip
def test_a_message_that_breaks_a_rule_names_the_field_and_is_kept_for_a_clerk(browse, intake, changes, field):
    message = told("missed") | changes
    for _ in range(2):
        answer = report(browse(), message)
        assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, field)
    assert rows(intake, "call") == []
    [kept] = rows(intake, "unread_mail")
    assert (kept["channel"], kept["reason"], kept["stage"]) == ("call", "malformed", "waiting")


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"null", b'{"kind": "missed"', "井水".encode("gb18030")])
def test_what_is_no_message_at_all_is_kept_as_it_came(browse, intake, vault, clerk, raw):
    assert report(browse(), raw).status_code == 422
    [kept] = rows(intake, "unread_mail", "id")
    with intake.unit_of_work() as uow:
        assert mails.unread_bytes(uow, vault, kept["id"], clerk) == raw


def test_an_unknown_kind_and_another_message_under_a_known_id_are_kept_and_shown(browse, intake):
    missed = told("missed")
    report(browse(), missed)
    for message in (told("transferred", to="803"), missed | {"extension": "804"}):
        answer = report(browse(), message)
        assert (answer.status_code, answer.get_json()["kept"]) == (202, True)
    page = browse("clerk").get("/intake/unread").text
    assert "系统不认识的消息种类" in page
    assert "标识与已登记的另一份相同" in page
    assert len(rows(intake, "call_event")) == 1


def test_unknown_fields_change_nothing_and_are_shown_with_the_call(browse, intake):
    assert report(browse(), told("missed", mood="upset", callerid=NUMBER)).status_code == 200
    [call] = rows(intake, "call")
    page = browse("clerk").get(f"/intake/calls/{call['id']}").text
    assert "upset" in page
    assert NUMBER not in page
    assert rows(intake, "look", "what, purpose") == [{"what": "text", "purpose": "calls"}]


def test_a_message_of_more_than_64_kb_is_refused(browse, intake):
    assert report(browse(), told("missed", more="x" * 70_000)).status_code == 413
    assert rows(intake, "call") == []


def test_nothing_of_a_caller_stands_in_the_clear(browse, intake, settings):
    report(browse(), told("missed", f"{NUMBER}-1", event_id=f"{NUMBER}-2"))
    report(browse(), told("transferred"))
    report(browse(), b'{"from": "' + NUMBER.encode())
    for canary in (NUMBER, NUMBER.encode().hex()):
        assert find(settings, canary) == []
