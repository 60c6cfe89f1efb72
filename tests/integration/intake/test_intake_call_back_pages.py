"""Missed callers on the pages: who is to be rung back, by whom, until when, and what is left of it afterwards."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.intake.domain.retention import Retention
from services.intake.domain.submission import Identity, Petitioner, Purpose
from services.intake.handlers import call_log
from services.intake.handlers.looking import read_identity
from services.intake.handlers.retention import erase_due, wrap_again
from tests.integration.intake.intake_bus import CLERK
from tests.integration.intake.intake_cases import a_case, find, issued, post
from tests.integration.intake.intake_telephone import NEW, NUMBER, WORDS, a_form, case_of, report, rows, telephone_site
from tests.integration.intake.intake_telephone import told as tells
from tests.integration.intake.test_intake_retention import archive


@pytest.fixture(scope="module")
def site(settings, tmp_path_factory):
    return telephone_site(settings, tmp_path_factory.mktemp("site"))


@pytest.fixture
def duty(browse, intake) -> UUID:
    """Somebody was missed two hours ago."""
    report(browse(), tells("missed", ago=120))
    return rows(intake, "call_back", "id")[0]["id"]


def test_the_number_is_not_opened_once_nobody_is_to_be_rung(browse, intake, duty):
    clerk = browse("clerk")
    try_it(clerk, duty, "reached")
    answer = post(clerk, f"/intake/call-backs/{duty}/number", {})
    assert answer.status_code == 409
    assert NUMBER not in answer.text
    assert rows(intake, "look") == []


def test_whoever_handles_a_confidential_case_does_not_learn_its_number_by_ringing_back(browse, intake, vault, hear, duty):
    case_id = a_case(intake, vault, identity=Identity.CONFIDENTIAL, petitioner=Petitioner(name="陈十里", phone=NUMBER))
    given = issued()
    hear("assignment.issued", case_id, given | {"responsible": given["responsible"] | {"official": "o-handler"}})
    answer = post(browse("clerk", official="o-handler"), f"/intake/call-backs/{duty}/number", {})
    assert (answer.status_code, NUMBER in answer.text, rows(intake, "look")) == (403, False, [])
    assert f"tel:{NUMBER}" in post(browse("clerk"), f"/intake/call-backs/{duty}/number", {}).text


def try_it(client, duty: UUID, result: str, key: str = ""):
    return post(client, f"/intake/call-backs/{duty}/attempts", {"key": key or str(uuid4()), "result": result})


def test_who_is_to_be_rung_back_stands_in_the_list_with_the_limit_and_is_counted(browse, duty):
    page = browse("clerk").get("/intake/calls").text
    assert "超期" in page
    assert "138****7766" in page
    assert NUMBER not in page
    assert re.search(r'来电处理 <span class="badge">1<', page)


def test_the_number_is_opened_for_ringing_back_and_the_look_is_logged(browse, intake, duty):
    clerk, path = browse("clerk"), f"/intake/call-backs/{duty}"
    assert NUMBER not in clerk.get(path).text
    assert rows(intake, "look") == []
    assert f"tel:{NUMBER}" in post(clerk, f"{path}/number", {}).text
    assert rows(intake, "look", "what, purpose, official") == [
        {"what": "identity", "purpose": "call_back", "official": CLERK.official}
    ]


def test_attempts_are_noted_once_each_and_the_next_limit_is_set(browse, intake, duty):
    clerk, key = browse("clerk"), str(uuid4())
    for _ in range(2):
        assert try_it(clerk, duty, "no_answer", key).status_code == 303
    [task], [tried] = rows(intake, "call_back"), rows(intake, "call_attempt")
    assert (task["attempts"], task["stage"], task["due_at"] - tried["at"]) == (1, "waiting", timedelta(hours=4))
    assert "无人接听" in clerk.get(f"/intake/call-backs/{duty}").text
    assert try_it(clerk, duty, "").status_code == 422


def test_whoever_is_reached_is_written_up_in_the_form_for_calls(browse, intake, vault, clerk, duty):
    client = browse("clerk")
    answer = try_it(client, duty, "reached")
    [ours] = [row for row in rows(intake, "call") if row["outgoing"]]
    assert answer.headers["Location"].endswith(f"{NEW}?call={ours['id']}")
    with intake.unit_of_work() as uow:  # left here, it waits with the calls that were answered
        assert call_log.call_counts(uow, clerk) == {"call_back": 0, "overdue": 0, "unwritten": 1}
    assert re.search(rf'value="{ours["id"]}" checked', client.get(answer.headers["Location"]).text)
    assert post(client, NEW, a_form(call=str(ours["id"]))).status_code == 201
    with intake.unit_of_work() as uow:
        _, who = read_identity(uow, vault, case_of(intake), clerk, purpose=Purpose.CONTACT)
    assert who.phone == NUMBER
    assert try_it(client, duty, "busy").status_code == 409


def test_nobody_gives_up_before_enough_attempts_on_enough_days(browse, intake, duty):
    client, path = browse("clerk"), f"/intake/call-backs/{duty}/give-up"
    refused = post(client, path, {"give_up_reason": "unreachable"})
    assert refused.status_code == 422
    assert "至少在 2 天里回电 3 次" in refused.text
    for _ in range(3):
        try_it(client, duty, "busy")
    with intake.unit_of_work() as uow:
        uow.all("UPDATE call_attempt SET at = at - interval '1 day' WHERE id = (SELECT id FROM call_attempt LIMIT 1)")
    for _ in range(2):
        assert post(client, path, {"give_up_reason": "unreachable"}).status_code == 303
    assert rows(intake, "call_back", "stage, reason") == [{"stage": "given_up", "reason": "unreachable"}]
    report(browse(), tells("missed", "later"))  # a new call makes a new duty
    assert sorted(row["stage"] for row in rows(intake, "call_back")) == ["given_up", "waiting"]


def test_whoever_rings_again_and_is_talked_to_need_not_be_rung_back(browse, intake, duty):
    report(browse(), tells("answered", "again"))
    [call] = [row for row in rows(intake, "call") if row["answered_at"]]
    post(browse("clerk"), NEW, a_form(call=str(call["id"]), outcome="silent"))
    assert rows(intake, "call_back", "stage") == [{"stage": "waiting"}]  # nobody spoke
    report(browse(), tells("answered", "once more"))
    [call] = [row for row in rows(intake, "call") if row["answered_at"] and not row["outcome"]]
    post(browse("clerk"), NEW, a_form(call=str(call["id"]), outcome="information"))
    assert rows(intake, "call_back", "stage") == [{"stage": "answered"}]


# -- protection ---------------------------------------------------------------------------------------------------------


def test_whoever_is_complained_of_sees_neither_the_call_nor_that_the_number_is_to_be_rung_back(
    browse, intake, vault, clerk, duty
):
    accused = browse("clerk", official="o-accused")
    assert accused.get(f"/intake/call-backs/{duty}").status_code == 200
    try_it(browse("clerk"), duty, "reached")
    [ours] = [row for row in rows(intake, "call") if row["outgoing"]]
    post(browse("clerk"), NEW, a_form(call=str(ours["id"])))
    with intake.unit_of_work() as uow:
        uow.all("INSERT INTO bar (case_id, code, barred_at, named) VALUES (%(id)s, 'o-accused', now(), true)", id=case_of(intake))
    report(browse(), tells("missed", "again"))
    [waiting] = [row["id"] for row in rows(intake, "call_back") if row["stage"] == "waiting"]
    for path in (f"calls/{ours['id']}", f"call-backs/{duty}", f"call-backs/{waiting}"):
        assert accused.get(f"/intake/{path}").status_code == 404
        assert browse("clerk").get(f"/intake/{path}").status_code == 200
    for queue in ("", "?queue=all", "?queue=unwritten"):
        assert "138****7766" not in accused.get(f"/intake/calls{queue}").text
        assert str(ours["id"]) not in accused.get(f"/intake/calls{queue}").text
    assert post(accused, f"/intake/call-backs/{waiting}/number", {}).status_code == 404
    assert try_it(accused, waiting, "reached").status_code == 404
    assert post(accused, NEW, a_form(call=str(ours["id"]))).status_code == 404
    assert post(accused, NEW, a_form(key=str(ours["id"]))).status_code == 404


def test_nothing_of_a_call_stands_in_the_clear_and_its_key_is_changed_and_destroyed_with_the_others(
    browse, intake, vault, clerk, settings
):
    report(browse(), tells("answered", ago=60 * 24 * 400))
    [call] = rows(intake, "call")
    post(browse("clerk"), NEW, a_form(call=str(call["id"]), outcome="information", phone="138-9988-7766"))
    for canary in (NUMBER, "138-9988-7766", "造纸厂", WORDS.encode().hex()[:40]):
        assert find(settings, canary) == []
    with intake.unit_of_work() as uow:
        assert wrap_again(uow, vault, "call_sealed") == 0  # it is among the tables whose keys a rotation wraps anew
        erase_due(uow, Retention())
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT data_key, number, note FROM call_sealed") == {"data_key": b"", "number": None, "note": None}
    assert rows(intake, "call_event") == []
    assert browse("clerk").get(f"/intake/calls/{call['id']}").status_code == 404


def test_by_what_number_a_duty_was_found_is_destroyed_with_its_call(browse, intake):
    report(browse(), tells("missed", ago=60 * 24 * 400))
    report(browse(), tells("missed", call="call-2", ago=60, caller="13900000001"))
    with intake.unit_of_work() as uow:
        erase_due(uow, Retention())
    assert [one["number_index"] is None for one in sorted(rows(intake, "call_back"), key=lambda one: one["missed_at"])] == [
        True,
        False,
    ]
    assert browse("clerk").get("/intake/calls").status_code == 200


def test_a_call_that_joined_a_case_already_erased_is_destroyed_too(browse, intake, vault, settings):
    case_id = a_case(intake, vault)
    archive(settings, case_id, 11)
    with intake.unit_of_work() as uow:
        erase_due(uow, Retention())
    report(browse(), tells("answered", ago=2))
    with intake.unit_of_work() as uow:
        uow.all("UPDATE call SET case_id = %(id)s", id=case_id)
    with intake.unit_of_work() as uow:
        erase_due(uow, Retention())
    [sealed] = rows(intake, "call_sealed")
    assert (bytes(sealed["data_key"]), sealed["number"], sealed["number_index"], rows(intake, "call_event")) == (
        b"",
        None,
        None,
        [],
    )
