"""What came of a reception: an answer, a case, a case that there was, or nobody received."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from services.intake.store import PETITIONS
from services.intake.workflow import VisitStage
from tests.integration.intake.intake_bus import CLERK
from tests.integration.intake.intake_cases import a_case, find, post, receipt_of
from tests.integration.intake.reception.reception_cases import BOOKING, CASE, ENDING, MONDAY, a_booking, booked_of, visit_of

pytestmark = pytest.mark.usefixtures("plan")


def test_a_matter_decided_on_the_spot_is_recorded_with_its_answer(here, intake, settings):
    clerk, visit_id = here()
    for _ in range(2):
        assert post(clerk, f"/intake/visits/{visit_id}/record", ENDING).status_code == 303
    visit = visit_of(intake, visit_id)
    assert (visit.stage, visit.outcome, visit.received_by.name, visit.substituted) == (VisitStage.DONE, "answered", "赵宇", False)
    assert post(clerk, f"/intake/visits/{visit_id}/record", ENDING | {"said": "另一回事"}).status_code == 409
    page = clerk.get(f"/intake/visits/{visit_id}").text
    assert "当场责成环保局三日内检测。" in page
    assert find(settings, "造纸厂夜里排污") == find(settings, "当场责成") == []


def test_who_received_in_place_of_the_planned_official_is_noted(here, intake):
    clerk, visit_id = here()
    post(clerk, f"/intake/visits/{visit_id}/record", ENDING | {"official": "o-a"})
    assert visit_of(intake, visit_id).substituted
    assert "由唐立新代为接访" in clerk.get("/intake/visits").text
    assert "代为接访" in clerk.get(f"/intake/visits/{visit_id}").text


def test_a_visit_is_turned_into_one_case_however_often_it_is_asked_for(here, intake, told):
    clerk, visit_id = here()
    first, again = (post(clerk, f"/intake/visits/{visit_id}/record", CASE) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert receipt_of(first.text) == receipt_of(again.text)
    [(name, data)] = told()
    assert (name, data["channel"], data["registered_by"]["official"]) == ("case.registered", "visit", CLERK.official)
    visit = visit_of(intake, visit_id)
    with intake.unit_of_work() as uow:
        petition = uow.rows(PETITIONS).get(visit.case_id)
    assert (petition.idempotency_key, petition.number) == (visit_id, receipt_of(first.text)[0])
    number, code = receipt_of(first.text)
    assert "领导已接访" in post(clerk, "/track", {"number": number, "code": code}).text
    page = clerk.get(f"/intake/petitions/{visit.case_id}").text
    assert "造纸厂夜里排污" in page
    assert f"/intake/visits/{visit_id}" in page


def test_a_visit_that_becomes_a_case_is_counted_once_among_the_petitions(here):
    def counted() -> float:
        return REGISTRY.get_sample_value("zhida_petitions_registered_total", {"channel": "visit"}) or 0

    clerk, visit_id = here()
    before = counted()
    for _ in range(2):
        post(clerk, f"/intake/visits/{visit_id}/record", CASE)
    assert counted() == before + 1


def test_two_clerks_who_record_at_once_make_one_case(here, intake, browse, told):
    _, visit_id = here()
    start, codes = threading.Barrier(2), []

    def send():
        clerk = browse("clerk")
        start.wait()
        codes.append(post(clerk, f"/intake/visits/{visit_id}/record", CASE).status_code)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [201, 201]
    assert [name for name, _ in told()] == ["case.registered"]


def test_an_anonymous_visitor_takes_no_name_into_the_case(here, intake, told):
    clerk, visit_id = here()
    assert post(clerk, f"/intake/visits/{visit_id}/record", CASE | {"identity": "anonymous"}).status_code == 201
    assert told()[0][1]["identity"] == "anonymous"
    page = clerk.get(f"/intake/petitions/{visit_of(intake, visit_id).case_id}").text
    assert "陈" not in page


def test_what_was_booked_under_a_name_forgets_it_when_the_case_is_anonymous(browse, intake, session):
    desk, key = browse("clerk"), str(uuid4())
    booking = BOOKING | {"key": key, "matter": "陈十里（13873512345）来谈井水"}
    booked = post(desk, f"/intake/visits/book/{session(MONDAY)}", booking)
    with intake.unit_of_work() as uow:
        page = f"/intake/visits/{uow.one('SELECT id FROM visit')['id']}"
    post(desk, f"{page}/check-in", {"inside": "1"})
    for action in ("call", "begin"):
        post(desk, f"{page}/step", {"action": action})
    assert "陈十里" in post(desk, f"{page}/identity", {"purpose": "contact"}).text
    receipts = [receipt_of(post(desk, f"{page}/record", CASE | {"identity": "anonymous"}).text) for _ in range(2)]
    assert receipts[0] == receipts[1]
    for text in (desk.get(page).text, post(desk, f"{page}/identity", {"purpose": "contact"}).text):
        assert not [word for word in ("陈", "13873512345", "138****2345") if word in text.split("<main", 1)[1]]
    assert "来谈井水" in desk.get(page).text
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT phone_index FROM visit_sealed")["phone_index"] is None
    again = post(desk, f"/intake/visits/book/{session(MONDAY)}", booking)
    assert booked_of(again.text) == booked_of(booked.text)


def test_a_visit_joins_a_case_that_there_is(here, intake, vault):
    case_id = a_case(intake, vault)
    with intake.unit_of_work() as uow:
        number = uow.one("SELECT number FROM petition")["number"]
    clerk, visit_id = here()
    ending = ENDING | {"visit_outcome": "linked", "spot_answer": ""}
    for wrong in ("", "431023-2016-999999"):
        assert post(clerk, f"/intake/visits/{visit_id}/record", ending | {"case_number": wrong}).status_code == 422
    for _ in range(2):
        assert post(clerk, f"/intake/visits/{visit_id}/record", ending | {"case_number": number}).status_code == 303
    assert visit_of(intake, visit_id).case_id == case_id
    assert number in clerk.get(f"/intake/visits/{visit_id}").text


def test_a_visit_that_has_joined_a_case_marks_no_other(here, intake, vault):
    case_id, other = a_case(intake, vault), a_case(intake, vault)
    with intake.unit_of_work() as uow:
        numbers = {row["id"]: row["number"] for row in uow.all("SELECT id, number FROM petition")}
    clerk, visit_id = here()
    ending = ENDING | {"visit_outcome": "linked", "spot_answer": ""}
    assert post(clerk, f"/intake/visits/{visit_id}/record", ending | {"case_number": numbers[case_id]}).status_code == 303
    assert post(clerk, f"/intake/visits/{visit_id}/record", ending | {"case_number": numbers[other]}).status_code == 409
    with intake.unit_of_work() as uow:
        assert [row["case_id"] for row in uow.all("SELECT case_id FROM milestone WHERE kind = 'received_in_person'")] == [case_id]
    assert visit_of(intake, visit_id).case_id == case_id


def test_a_visitor_who_is_not_received_hears_why_and_nobody_is_said_to_have_received(here, intake):
    clerk, visit_id = here()
    assert (
        post(clerk, f"/intake/visits/{visit_id}/record", ENDING | {"visit_outcome": "refused", "spot_answer": ""}).status_code
        == 422
    )
    refused = ENDING | {"visit_outcome": "refused", "spot_answer": "属法院管辖，已告知去处。"}
    for _ in range(2):
        assert post(clerk, f"/intake/visits/{visit_id}/record", refused).status_code == 303
    visit = visit_of(intake, visit_id)
    assert (visit.received_by, visit.outcome) == (None, "refused")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"visit_outcome": ""}, "visit_outcome"), ({"visit_outcome": "vanished"}, "visit_outcome"), ({"said": ""}, "said"),
        ({"spot_answer": ""}, "spot_answer"),
        ({"official": "o-nobody"}, "official"), ({"official": ""}, "official"), ({"said": "长" * 20_001}, "said"),
        ({"visit_outcome": "registered"}, "title"), ({"visit_outcome": "registered", "title": "排污", "place": "DROP"}, "place"),
    ],
)  # fmt: skip
def test_a_record_that_makes_no_sense_names_the_field_and_changes_nothing(here, intake, told, changes, field):
    clerk, visit_id = here()
    answer = post(clerk, f"/intake/visits/{visit_id}/record", ENDING | changes)
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    assert visit_of(intake, visit_id).stage is VisitStage.RECEIVING
    assert told() == []


def test_what_is_not_inside_is_not_recorded(browse, intake, vault, session):
    visit_id = a_booking(intake, vault, session(MONDAY))
    assert post(browse("clerk"), f"/intake/visits/{visit_id}/record", ENDING).status_code == 409
    assert visit_of(intake, visit_id).stage is VisitStage.BOOKED
