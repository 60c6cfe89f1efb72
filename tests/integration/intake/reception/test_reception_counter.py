"""The counter: visitors behind masks, found by what they say, and endings that are asked for and can be taken back."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID, uuid4

import pytest

from services.intake.domain.reception import Reason
from services.intake.domain.submission import Identity
from services.intake.handlers import visitors, visits
from services.intake.handlers.visits import CaseNamed
from services.intake.workflow import VisitStage
from shared.errors import Conflict
from tests.integration.intake.intake_cases import AT, a_case, issued, post
from tests.integration.intake.reception.reception_cases import MONDAY, WALK_IN, a_booking, change, visit_of

pytestmark = pytest.mark.usefixtures("plan")
LATER = date(2016, 11, 14)


@pytest.fixture
def found(browse):
    """The visits that a search finds, in the page's order."""

    def found(text: str, on: str = "", clerk=None) -> list[UUID]:
        page = post(clerk or browse("clerk"), "/intake/visits", {"visitor": text, "on": on})
        assert page.status_code == 200
        [section] = re.findall(r'id="found".*?</section>', page.text, re.DOTALL)
        return [UUID(visit) for visit in re.findall(r"#visit-([0-9a-f-]{36})", section)]

    return found


def looked(intake) -> list[tuple[UUID, str]]:
    with intake.unit_of_work() as uow:
        rows = uow.all("SELECT case_id, purpose FROM look WHERE what = 'identity' ORDER BY id")
    return [(row["case_id"], row["purpose"]) for row in rows]


def test_the_day_names_visitors_behind_masks_alone(browse, intake, vault, session):
    a_booking(intake, vault, session(MONDAY))
    page = browse("clerk").get("/intake/visits").text
    assert "陈**" in page
    assert "陈十里" not in page
    assert looked(intake) == []


def test_what_is_damaged_of_one_visitor_does_not_close_the_room(browse, intake, vault, session, found):
    damaged, whole = a_booking(intake, vault, session(MONDAY)), a_booking(intake, vault, session(MONDAY))
    with intake.unit_of_work() as uow:
        uow.all(
            "UPDATE visit_sealed SET identity = set_byte(identity, 40, get_byte(identity, 40) # 1) WHERE visit_id = %(id)s",
            id=damaged,
        )
    page = browse("clerk").get("/intake/visits")
    assert page.status_code == 200
    assert visit_of(intake, damaged).number in page.text
    assert found("陈十里") == [whole]


def test_a_visitor_without_the_number_is_found_and_each_find_by_identity_is_a_look(intake, vault, session, found, browse):
    today, later = (
        a_booking(intake, vault, session(day), phone=phone) for day, phone in ((MONDAY, "13900001111"), (LATER, "13900002222"))
    )
    assert found("陈十里") == [today, later]
    assert looked(intake) == [(today, visitors.SEARCH), (later, visitors.SEARCH)]
    assert found("139 0000 2222") == found("2222") == [later]
    assert len(looked(intake)) == 4
    assert found("陈十") == found("王五") == []
    post(browse("clerk"), f"/intake/visits/{today}/check-in", {"inside": "1"})
    assert found("a001") == found(visit_of(intake, today).number) == [today]
    assert len(looked(intake)) == 4  # a ticket tells nobody's name
    page = post(browse("clerk"), "/intake/visits", {"visitor": "陈十里"}).text
    assert page.count("陈十里") == 1  # in the box that was typed into


@pytest.mark.parametrize("text", ["", "陈", "12", "x" * 51, "陈" * 10_000])
def test_what_cannot_be_looked_for_is_said_at_its_box(browse, text):
    page = post(browse("clerk"), "/intake/visits", {"visitor": text, "on": "0000-00-00" if text == "陈" else ""})
    assert page.status_code == 422
    assert "#field-visitor" in page.text or "#field-on" in page.text


def test_who_is_barred_finds_no_visitor_of_the_case_and_sees_no_name(intake, vault, session, found, browse, hear, clerk):
    case_id = a_case(intake, vault)
    with intake.unit_of_work() as uow:
        case = CaseNamed(number=uow.one("SELECT number FROM petition")["number"])
    visit_id = a_booking(intake, vault, session(MONDAY), clerk=clerk, case=case)
    assert found("陈十里") == [visit_id]
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": AT})
    assert found("陈十里") == found(visit_of(intake, visit_id).number) == []
    assert "陈**" not in browse("clerk").get("/intake/visits").text


def test_who_may_not_know_the_visitor_of_an_unnamed_case_does_not_find_out_by_searching(
    intake, vault, session, found, browse, hear, clerk
):
    case_id = a_case(intake, vault, identity=Identity.CONFIDENTIAL)
    with intake.unit_of_work() as uow:
        case = CaseNamed(number=uow.one("SELECT number FROM petition")["number"])
    visit_id = a_booking(intake, vault, session(MONDAY), clerk=clerk, case=case)
    assert found("陈十里") == [visit_id]
    hear("assignment.issued", case_id, issued() | {"responsible": clerk.person.as_data()})
    assert found("陈十里") == []
    assert found(visit_of(intake, visit_id).number) == [visit_id]
    assert "陈**" not in browse("clerk").get("/intake/visits").text


# -- endings ---------------------------------------------------------------------------------------------------------------


def test_an_ending_without_its_reason_is_refused_where_the_reason_is_asked_for(browse, intake, vault, session):
    visit_id, clerk = a_booking(intake, vault, session(LATER)), browse("clerk")
    for reason in ({}, {"ended_for": "tired"}, {"ended_for": "x"}):
        page = post(clerk, f"/intake/visits/{visit_id}/cancel", reason)
        assert page.status_code == 422
        assert page.text.count('id="field-ended_for"') == 1
        assert f'value="{LATER.isoformat()}"' in page.text  # the day of the visit, not today
    assert visit_of(intake, visit_id).stage is VisitStage.BOOKED


def test_an_ending_says_who_and_why_and_is_taken_back(browse, intake, vault, session):
    visit_id, clerk = a_booking(intake, vault, session(MONDAY)), browse("clerk")
    before = visit_of(intake, visit_id)
    for _ in range(2):
        assert post(clerk, f"/intake/visits/{visit_id}/cancel", {"ended_for": "slip"}).status_code == 303
    page = clerk.get("/intake/visits").text
    assert "重复或误约" in page
    assert "撤销“已取消”" in page
    for _ in range(2):
        assert post(clerk, f"/intake/visits/{visit_id}/take-back", {}).status_code == 303
    assert visit_of(intake, visit_id) == before
    post(clerk, f"/intake/visits/{visit_id}/check-in", {"inside": "1"})
    assert post(clerk, f"/intake/visits/{visit_id}/step", {"action": "leave"}).status_code == 422
    assert post(clerk, f"/intake/visits/{visit_id}/step", {"action": "leave", "ended_for": "tired"}).status_code == 303
    assert post(clerk, f"/intake/visits/{visit_id}/take-back", {}).status_code == 303
    assert visit_of(intake, visit_id).stage is VisitStage.WAITING
    assert post(clerk, f"/intake/visits/{uuid4()}/take-back", {}).status_code == 404


def test_a_cancelled_place_that_is_given_away_or_whose_session_is_off_does_not_come_back(browse, intake, vault, session):
    clerk = browse("clerk")
    first = a_booking(intake, vault, session(LATER))
    post(clerk, f"/intake/visits/{first}/cancel", {"ended_for": "called_off"})
    second = a_booking(intake, vault, session(LATER))  # the place that was free again
    assert visit_of(intake, second).slot == visit_of(intake, first).slot
    assert post(clerk, f"/intake/visits/{first}/take-back", {}).status_code == 409
    post(clerk, f"/intake/visits/{second}/cancel", {"ended_for": "called_off"})
    change(intake, "cancel", LATER, reason=Reason.LEAVE)
    assert post(clerk, f"/intake/visits/{first}/take-back", {}).status_code == 409
    assert visit_of(intake, first).stage is VisitStage.CANCELLED


def test_two_bookings_of_one_place_are_never_both_taken_back(intake, vault, session, clerk):
    first = a_booking(intake, vault, session(LATER))
    with intake.unit_of_work() as uow:
        visits.cancel(uow, first)
    second = a_booking(intake, vault, session(LATER))
    with intake.unit_of_work() as uow:
        visits.cancel(uow, second)
    with intake.unit_of_work() as uow:
        visits.take_back(uow, first, clerk)
    with pytest.raises(Conflict), intake.unit_of_work() as uow:
        visits.take_back(uow, second, clerk)


def test_who_left_yesterday_does_not_wait_today(browse, intake, clock):
    clerk = browse("clerk")
    post(clerk, "/intake/visits/walk-in", WALK_IN | {"key": str(uuid4())})
    with intake.unit_of_work() as uow:
        visit_id = uow.one("SELECT id FROM visit")["id"]
    post(clerk, f"/intake/visits/{visit_id}/step", {"action": "leave", "ended_for": "personal"})
    clock("2016-11-08 08:30")
    assert "撤销“" not in clerk.get("/intake/visits?on=2016-11-07").text
    assert post(clerk, f"/intake/visits/{visit_id}/take-back", {}).status_code == 409
