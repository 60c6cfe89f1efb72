"""Who sees what of a visit, and who never does."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from services.intake.domain.retention import Retention
from services.intake.domain.submission import Identity, Petitioner
from services.intake.domain.viewing import Hidden
from services.intake.handlers import visits
from services.intake.handlers.looking import looks
from services.intake.handlers.retention import erase_due
from services.intake.handlers.visits import CaseNamed
from services.intake.store import SQL
from tests.integration.intake.intake_cases import a_case, issued, post
from tests.integration.intake.reception.reception_cases import BOOKING, CASE, ENDING, MONDAY, ROTA, a_booking

pytestmark = pytest.mark.usefixtures("plan")


def test_a_leader_sees_the_matters_of_his_own_sessions_and_learns_a_name_only_for_a_purpose(browse, intake, vault, session):
    visit_id = a_booking(intake, vault, session(MONDAY))
    secretary = browse("first_in_command", official="o-secretary", org="431023")
    page = secretary.get("/intake/reception/mine").text
    assert "井水发黑" in page
    assert "陈十里" not in page
    assert "今天" in page
    shown = secretary.get(f"/intake/visits/{visit_id}").text
    assert "陈**" in shown
    assert "陈十里" not in secretary.get(f"/intake/visits/{visit_id}/identity").text
    assert post(secretary, f"/intake/visits/{visit_id}/identity", {"purpose": "curiosity"}).status_code == 422
    assert "陈十里" in post(secretary, f"/intake/visits/{visit_id}/identity", {"purpose": "contact"}).text
    other = browse("leader", official="o-a", org="431023-gov")
    assert "井水发黑" not in other.get("/intake/reception/mine").text
    for path in (f"/intake/visits/{visit_id}", f"/intake/visits/{visit_id}/identity"):
        assert other.get(path).status_code == 404
    with intake.unit_of_work() as uow:
        looks = uow.all("SELECT what, purpose, official FROM look ORDER BY id")
    assert ("identity", "contact", "o-secretary") in [tuple(look.values()) for look in looks]
    assert {look["official"] for look in looks} == {"o-secretary"}
    assert "联系信访人" in browse("auditor", official="o-auditor").get("/intake/looks").text


def test_who_receives_in_place_of_another_sees_the_visit_afterwards_and_the_other_no_longer(here, browse):
    clerk, visit_id = here()
    post(clerk, f"/intake/visits/{visit_id}/record", ENDING | {"official": "o-a"})
    assert browse("leader", official="o-a", org="431023-gov").get(f"/intake/visits/{visit_id}").status_code == 200
    assert browse("first_in_command", official="o-secretary", org="431023").get(f"/intake/visits/{visit_id}").status_code == 404


def test_a_visit_tells_a_leader_no_more_of_a_confidential_petitioner_than_the_case_does(browse, intake, vault, session):
    a_case(intake, vault, identity=Identity.CONFIDENTIAL)
    with intake.unit_of_work() as uow:
        number = uow.one("SELECT number FROM petition")["number"]
    post(browse("clerk"), f"/intake/visits/book/{session(MONDAY)}", BOOKING | {"key": str(uuid4()), "case_number": number})
    with intake.unit_of_work() as uow:
        visit_id = uow.one("SELECT id FROM visit")["id"]
    secretary = browse("first_in_command", official="o-secretary", org="431023")
    page = secretary.get(f"/intake/visits/{visit_id}")
    assert (page.status_code, "陈" in page.text.split("<main", 1)[1]) == (200, False)
    assert post(secretary, f"/intake/visits/{visit_id}/identity", {"purpose": "contact"}).status_code == 403
    assert "陈十里" in post(browse("clerk"), f"/intake/visits/{visit_id}/identity", {"purpose": "contact"}).text


def test_of_two_cases_of_a_visit_the_one_that_guards_the_name_more_decides(browse, intake, vault, session, hear):
    a_case(intake, vault)
    with intake.unit_of_work() as uow:
        number = uow.one("SELECT number FROM petition")["number"]
    desk = browse("clerk")
    post(desk, f"/intake/visits/book/{session(MONDAY)}", BOOKING | {"key": str(uuid4()), "case_number": number})
    with intake.unit_of_work() as uow:
        visit_id = uow.one("SELECT id FROM visit")["id"]
    secretary, page = browse("first_in_command", official="o-secretary", org="431023"), f"/intake/visits/{visit_id}"
    assert "陈**" in secretary.get(page).text
    post(desk, f"{page}/check-in", {"inside": "1"})
    for action in ("call", "begin"):
        post(desk, f"{page}/step", {"action": action})
    assert post(desk, f"{page}/record", CASE | {"identity": "confidential"}).status_code == 201
    assert "陈**" not in secretary.get(page).text
    assert post(secretary, f"{page}/identity", {"purpose": "contact"}).status_code == 403
    with intake.unit_of_work() as uow:
        case_id = uow.one("SELECT id FROM petition WHERE identity = 'confidential'")["id"]
    hear("assignment.issued", case_id, issued() | {"responsible": issued()["responsible"] | {"official": "o-clerk-too"}})
    assert post(browse("clerk", official="o-clerk-too"), f"{page}/identity", {"purpose": "contact"}).status_code == 403


def test_names_and_numbers_are_blotted_out_of_the_words_for_whoever_may_not_know_them(browse, intake, vault, session):
    other = Petitioner(name="陈百里", phone="13699887766")
    a_case(intake, vault, identity=Identity.CONFIDENTIAL, petitioner=other)
    with intake.unit_of_work() as uow:
        number = uow.one("SELECT number FROM petition")["number"]
    desk, telling = browse("clerk"), "陈十里（13873512345）替陈百里（13699887766）来谈井水"
    post(
        desk, f"/intake/visits/book/{session(MONDAY)}", BOOKING | {"key": str(uuid4()), "case_number": number, "matter": telling}
    )
    with intake.unit_of_work() as uow:
        visit_id = uow.one("SELECT id FROM visit")["id"]
    secretary, page = browse("first_in_command", official="o-secretary", org="431023"), f"/intake/visits/{visit_id}"

    def seen(reader: FlaskClient, path: str) -> set[str]:
        text = reader.get(path).text
        assert "来谈井水" in text
        return {word for word in ("陈十里", "13873512345", "陈百里", "13699887766") if word in text}

    assert seen(secretary, page) == seen(secretary, "/intake/reception/mine") == set()
    assert len(seen(desk, page)) == 4
    post(desk, f"{page}/check-in", {"inside": "1"})
    for action in ("call", "begin"):
        post(desk, f"{page}/step", {"action": action})
    said = ENDING | {"said": f"{telling}，已记。", "spot_answer": f"请{telling}的人等通知。"}
    assert post(desk, f"{page}/record", said).status_code == 303
    assert "等通知" in secretary.get(page).text
    assert seen(secretary, page) == set()
    assert len(seen(desk, page)) == 4


def test_whoever_is_barred_from_the_case_finds_no_such_visit_anywhere(browse, intake, vault, session, hear, here, clerk):
    case_id = a_case(intake, vault)
    with intake.unit_of_work() as uow:
        number = uow.one("SELECT number FROM petition")["number"]
    desk, visit_id = here()
    post(
        desk, f"/intake/visits/{visit_id}/record", ENDING | {"visit_outcome": "linked", "spot_answer": "", "case_number": number}
    )
    hear(
        "case.barred",
        case_id,
        {"organisations": ["431023-xf"], "officials": ["o-secretary"], "barred_at": "2016-11-07T00:00:00Z"},
    )
    page = f"/intake/visits/{visit_id}"
    for reader in (desk, browse("first_in_command", official="o-secretary", org="431023")):
        assert [reader.get(path).status_code for path in (page, f"{page}/identity")] == [404, 404]
    assert desk.get(f"{page}/ticket").status_code == 404
    assert post(desk, f"{page}/record", ENDING).status_code == 404
    assert "A001" not in desk.get("/intake/visits").text
    assert "井水发黑" not in browse("first_in_command", official="o-secretary", org="431023").get("/intake/reception/mine").text
    with pytest.raises(Hidden), intake.unit_of_work() as uow:
        visits.step(uow, visit_id, clerk, "call")


ROWS = {
    "call": "INSERT INTO call (id, line, started_at, numbered, outgoing, extension, case_id, recorded)"
    " VALUES (%(id)s, 'hot', now(), false, false, '', %(case_id)s, false)",
    "unread_mail": "INSERT INTO unread_mail (id, stage, reason, received_at, size, dismissed_for, case_id)"
    " VALUES (%(id)s, 'registered', '', now(), 1, '', %(case_id)s)",
    "board_item": "INSERT INTO board_item (id, board, stage, reason, first_seen_at, revision, read_revision, data_key, case_id)"
    " VALUES (%(id)s, 'board', 'registered', '', now(), 1, 1, '', %(case_id)s)",
}  # what belongs to a case, and is looked at under an id of its own


def test_an_auditor_who_is_barred_from_a_case_finds_no_look_at_anything_of_it(browse, intake, vault, session, hear, clerk):
    case_id = a_case(intake, vault)
    with intake.unit_of_work() as uow:
        named = CaseNamed(number=uow.one("SELECT number FROM petition")["number"])
        for statement in ROWS.values():
            own = uuid4()
            uow.all(statement, id=own, case_id=case_id)
            uow.all(SQL["add_look"], case_id=own, number="", what="text", purpose="x", now=uow.now, **clerk.person.as_data())
    visit_id = a_booking(intake, vault, session(MONDAY), clerk=clerk, case=named)
    assert browse("clerk").get(f"/intake/visits/{visit_id}").status_code == 200
    other = a_booking(intake, vault, session(MONDAY))
    assert browse("clerk").get(f"/intake/visits/{other}").status_code == 200
    auditor = replace(clerk, roles=frozenset({"auditor"}), codes=frozenset({"o-auditor"}))
    with intake.unit_of_work() as uow:
        assert looks(uow, auditor)[1] == len(ROWS) + 2
    hear("case.barred", case_id, {"organisations": [], "officials": ["o-auditor"], "barred_at": "2016-11-07T00:00:00Z"})
    with intake.unit_of_work() as uow:
        found, total = looks(uow, auditor)
    assert ([look["case_id"] for look in found], total) == ([other], 1)
    with intake.unit_of_work() as uow:
        assert looks(uow, clerk)[1] == len(ROWS) + 2


def test_pages_of_the_reception_room_are_closed_to_others(browse, intake, vault, session):
    visit_id = a_booking(intake, vault, session(MONDAY))
    paths = ("/intake/visits", "/intake/visits/walk-in", f"/intake/visits/{visit_id}", f"/intake/visits/{visit_id}/ticket")
    for path in paths:
        assert browse().get(path).status_code == 303
        assert browse("auditor", official="o-auditor").get(path).status_code == 403
    assert browse("clerk", scope=("431023104",)).get(f"/intake/visits/{visit_id}").status_code == 404
    assert browse("clerk").get("/intake/reception/mine").status_code == 403


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_drawn_in_both_languages(browse, intake, vault, session, here, language):
    clerk, visit_id = here()
    leader = browse("leader", official="o-secretary")
    for path in (
        "/reception", f"/reception/{session(date(2016, 11, 14))}", "/reception/booking", "/reception/screen",
    ):  # fmt: skip
        assert browse().get(f"{path}?lang={language}").status_code == 200
    for path in (
        "/intake/visits", "/intake/visits/walk-in", f"/intake/visits/{visit_id}", f"/intake/visits/{visit_id}/identity",
        f"/intake/visits/{visit_id}/ticket", "/intake/reception", "/intake/reception/rule/rota",
    ):  # fmt: skip
        page = clerk.get(f"{path}?lang={language}")
        assert page.status_code == 200, path
    assert clerk.get(f"/intake/reception/session?session={ROTA}/2016-11-08&lang={language}").status_code == 200
    assert leader.get(f"/intake/reception/mine?lang={language}").status_code == 200
    assert re.search("<h1>", leader.get("/intake/reception/mine").text)


def test_what_a_visitor_said_is_destroyed_in_its_time_with_its_case_or_alone(browse, intake, vault, session, clock, here):
    desk, made_a_case = here()
    post(desk, f"/intake/visits/{made_a_case}/record", CASE)
    missed = a_booking(intake, vault, session(date(2016, 11, 14)))
    _, answered = here()
    post(desk, f"/intake/visits/{answered}/record", ENDING)

    def kept() -> set[Any]:
        with intake.unit_of_work() as uow:
            erase_due(uow, Retention())
            return {row["visit_id"] for row in uow.all("SELECT visit_id FROM visit_sealed WHERE data_key <> ''")}

    clock("2017-11-13 08:00")
    assert kept() == {made_a_case, missed, answered}
    clock("2017-11-15 08:00")
    assert kept() == {made_a_case, answered}
    clock("2026-11-08 08:00")
    assert kept() == {made_a_case}
    assert desk.get(f"/intake/visits/{answered}").status_code == 404
    with intake.unit_of_work() as uow:
        uow.all("UPDATE petition SET stage = 'concluded'")
        uow.all("UPDATE petition SET stage = 'closed'")
        uow.all("UPDATE petition SET stage = 'archived', archived_at = '2016-11-07T00:00:00Z'")
    assert kept() == set()
    assert desk.get("/intake/visits?on=2016-11-07").status_code == 200


def test_what_joins_a_case_that_is_erased_already_is_destroyed_as_well(intake, vault, here):
    a_case(intake, vault)
    with intake.unit_of_work() as uow:
        for stage in ("concluded", "closed", "archived"):
            number = uow.one("UPDATE petition SET stage = %(to)s, archived_at = '2000-01-01' RETURNING number", to=stage)[
                "number"
            ]
    with intake.unit_of_work() as uow:
        assert erase_due(uow, Retention()) == 1
    desk, visit_id = here()
    linked = ENDING | {"visit_outcome": "linked", "spot_answer": "", "case_number": number}
    assert post(desk, f"/intake/visits/{visit_id}/record", linked).status_code == 303
    assert desk.get(f"/intake/visits/{visit_id}").status_code == 200
    for _ in range(2):
        with intake.unit_of_work() as uow:
            assert erase_due(uow, Retention()) == 0
            assert [bytes(row["data_key"]) for row in uow.all("SELECT data_key FROM visit_sealed")] == [b""]
