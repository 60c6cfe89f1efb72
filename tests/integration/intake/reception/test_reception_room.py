"""The reception room: tickets, the queue, its steps and the screen."""

from __future__ import annotations

import threading
from datetime import date, time
from uuid import UUID, uuid4

import psycopg2
import pytest

from services.intake.domain.planning import Order
from services.intake.domain.reception import Act
from services.intake.domain.visits import Visitor
from services.intake.handlers import queue, visits
from services.intake.handlers.reception import save
from services.intake.handlers.visits import CaseNamed
from services.intake.workflow import VisitStage
from tests.integration.intake.intake_bus import CLERK
from tests.integration.intake.intake_cases import a_case, post
from tests.integration.intake.reception.reception_cases import MONDAY, ROTA, RULE, WALK_IN, a_booking, visit_of

pytestmark = pytest.mark.usefixtures("plan")


def test_booked_and_walk_in_visitors_stand_in_one_queue_with_tickets_and_no_names(browse, intake, vault, session, clock):
    visit_id = a_booking(intake, vault, session(MONDAY))
    clerk = browse("clerk")
    for _ in range(2):  # a double click gives the same ticket
        answer = post(clerk, f"/intake/visits/{visit_id}/check-in", {"inside": "1"}, follow_redirects=True)
        assert "A001" in answer.text
    ticket = clerk.get(f"/intake/visits/{visit_id}/ticket").text
    assert "一号接访室" in ticket
    assert "陈" not in ticket
    form = WALK_IN | {"key": str(uuid4()), "session": str(session(MONDAY))}
    for _ in range(2):
        assert "A002" in post(clerk, "/intake/visits/walk-in", form, follow_redirects=True).text
    assert "A003" in post(clerk, "/intake/visits/walk-in", WALK_IN | {"key": str(uuid4())}, follow_redirects=True).text
    page = clerk.get("/intake/visits").text
    assert page.index("A002") < page.index("A001")  # 9:00 has not come: who came without a booking is called first
    clock("2016-11-07 09:00")
    page = clerk.get("/intake/visits").text
    assert page.index("A001") < page.index("A002")
    assert "窗口（不在场次内）" in page
    assert '<span class="badge">3' in page
    screen = browse().get("/reception/screen").text
    assert 'http-equiv="refresh"' in screen
    assert 'http-equiv="refresh"' not in browse().get("/reception/screen?still=1").text
    assert all(text in screen for text in ("A001", "A002", "A003", "一号接访室"))
    assert not any(text in screen for text in ("陈", "赵宇", "低保", "<script"))


def test_a_ticket_is_given_once_to_each_of_many_who_come_at_once(intake, vault, clerk):
    start, tickets = threading.Barrier(4), list[int | None]()

    def come():
        start.wait()
        with intake.unit_of_work() as uow:
            tickets.append(visits.walk_in(uow, vault, Visitor(matter="事"), None, inside=1, key=uuid4(), clerk=clerk).ticket)

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(tickets) == {1, 2, 3, 4}


def test_the_steps_are_taken_once_and_in_their_order(browse, intake, vault, session):
    visit_id, clerk = a_booking(intake, vault, session(MONDAY)), browse("clerk")

    def step(action: str) -> int:
        return post(
            clerk, f"/intake/visits/{visit_id}/step", {"action": action, "ended_for": "tired" if action == "leave" else ""}
        ).status_code

    assert step("call") == 409
    assert post(clerk, f"/intake/visits/{visit_id}/check-in", {"inside": "1"}).status_code == 303
    assert [step("call"), step("call"), step("put_back"), step("call"), step("no_show")] == [303] * 5
    assert visit_of(intake, visit_id).stage is VisitStage.NO_SHOW
    late = post(clerk, f"/intake/visits/{visit_id}/check-in", {"inside": "1"}, follow_redirects=True)
    assert "A001" in late.text
    assert [step("call"), step("begin"), step("begin"), step("leave"), step("call")] == [303, 303, 303, 303, 409]
    assert step("dance") == 422
    assert post(clerk, f"/intake/visits/{uuid4()}/step", {"action": "call"}).status_code == 404
    assert clerk.get(f"/intake/visits/{uuid4()}/ticket").status_code == 404


def test_a_stage_that_the_table_does_not_have_is_refused_by_the_database_too(intake, vault, session):
    visit_id = a_booking(intake, vault, session(MONDAY))
    with (
        pytest.raises(psycopg2.errors.RaiseException, match="visit does not go from booked to receiving"),
        intake.unit_of_work() as uow,
    ):
        uow.all("UPDATE visit SET stage = 'receiving' WHERE id = %(id)s", id=visit_id)


def test_more_than_five_do_not_go_in_and_the_refusal_names_the_article(browse, intake, vault, session):
    visit_id = a_booking(intake, vault, session(MONDAY), group_size=4)
    clerk = browse("clerk")
    assert post(clerk, f"/intake/visits/{visit_id}/check-in", {"inside": "5"}).status_code == 422  # more than came
    for url, form in (
        (f"/intake/visits/{visit_id}/check-in", {"inside": "6"}),
        ("/intake/visits/walk-in", WALK_IN | {"key": str(uuid4()), "group_size": "30", "inside": "6"}),
    ):
        answer = post(clerk, url, form)
        assert answer.status_code == 422
        assert "《信访工作条例》第二十条" in answer.text
    answer = post(clerk, "/intake/visits/walk-in", WALK_IN | {"key": str(uuid4()), "group_size": "30", "inside": "5"})
    assert answer.status_code == 303


def test_a_booking_for_another_day_is_not_checked_in_today(browse, intake, vault, session):
    visit_id = a_booking(intake, vault, session(date(2016, 11, 14)))
    answer = post(browse("clerk"), f"/intake/visits/{visit_id}/check-in", {"inside": "1"})
    assert answer.status_code == 409
    assert "不在今天" in answer.text


def test_who_waits_for_an_official_who_is_called_away_waits_for_another(browse, intake, vault, session, clock, clerk):
    clock("2016-11-08 08:30")
    desk, tuesday = browse("clerk"), date(2016, 11, 8)
    other = {"rule": RULE, "planned_on": date(2016, 11, 14), "to_on": tuesday, "starts": time(9), "room": "三号"}
    with intake.unit_of_work() as uow:
        save(uow, Order(kind=Act.MOVE, id=uuid4(), values=other), CLERK)
    with intake.unit_of_work() as uow:
        [moved] = [
            line.session.id
            for line in queue.lines(uow, tuesday, clerk)
            if line.session and line.session.official == "o-secretary"
        ]
    post(desk, "/intake/visits/walk-in", WALK_IN | {"key": str(uuid4())})
    with intake.unit_of_work() as uow:
        visit_id = uow.one("SELECT id FROM visit")["id"]
    assert "赵宇" in desk.get(f"/intake/visits/{visit_id}").text
    assert post(desk, f"/intake/visits/{visit_id}/transfer", {"session": str(moved)}).status_code == 303
    assert visit_of(intake, visit_id).planned_official == "o-secretary"
    assert post(desk, f"/intake/visits/{visit_id}/transfer", {}).status_code == 303
    assert visit_of(intake, visit_id).session is None
    assert post(desk, f"/intake/visits/{visit_id}/transfer", {"session": str(uuid4())}).status_code == 422


@pytest.fixture
def accuse(intake, hear):
    """Bar an official from a case."""

    def accuse(case_id: UUID, official: str) -> None:
        hear("case.barred", case_id, {"organisations": [], "officials": [official], "barred_at": "2016-11-07T00:00:00Z"})

    return accuse


@pytest.fixture
def about(intake, vault):
    """A case, and what a visitor writes who comes about it."""
    case_id = a_case(intake, vault)
    with intake.unit_of_work() as uow:
        return case_id, CaseNamed(number=uow.one("SELECT number FROM petition")["number"])


@pytest.mark.parametrize("booked", [True, False])
def test_nobody_is_called_to_an_official_who_was_barred_from_the_case_since(
    browse, intake, vault, session, clerk, about, accuse, booked
):
    (case_id, case), desk = about, browse("clerk")
    if booked:
        visit_id = a_booking(intake, vault, session(MONDAY), clerk=clerk, case=case)
        accuse(case_id, "o-secretary")
        assert post(desk, f"/intake/visits/{visit_id}/check-in", {"inside": "1"}).status_code == 303
    else:
        form = WALK_IN | {"key": str(uuid4()), "session": str(session(MONDAY)), "case_number": case.number}
        assert post(desk, "/intake/visits/walk-in", form).status_code == 303
        with intake.unit_of_work() as uow:
            visit_id = uow.one("SELECT id FROM visit")["id"]
        assert "须改由其他领导接待" not in desk.get("/intake/visits").text
        accuse(case_id, "o-secretary")
    assert "须改由其他领导接待" in desk.get("/intake/visits").text
    refused = post(desk, f"/intake/visits/{visit_id}/step", {"action": "call"})
    assert (refused.status_code, "转到另一队或窗口" in refused.text, "回避" in refused.text) == (409, True, False)
    assert visit_of(intake, visit_id).stage is VisitStage.WAITING
    assert post(desk, f"/intake/visits/{visit_id}/transfer", {}).status_code == 303
    assert "须改由其他领导接待" not in desk.get("/intake/visits").text
    for action in ("call", "begin"):
        assert post(desk, f"/intake/visits/{visit_id}/step", {"action": action}).status_code == 303


def test_who_was_called_does_not_go_in_to_a_barred_official(browse, intake, vault, session, clerk, about, accuse):
    (case_id, case), desk = about, browse("clerk")
    visit_id = a_booking(intake, vault, session(MONDAY), clerk=clerk, case=case)
    post(desk, f"/intake/visits/{visit_id}/check-in", {"inside": "1"})
    assert post(desk, f"/intake/visits/{visit_id}/step", {"action": "call"}).status_code == 303
    accuse(case_id, "o-secretary")
    assert post(desk, f"/intake/visits/{visit_id}/step", {"action": "begin"}).status_code == 409
    assert post(desk, f"/intake/visits/{visit_id}/step", {"action": "put_back"}).status_code == 303


def test_a_swap_sends_nobody_to_a_barred_official(browse, intake, vault, session, clock, clerk, about, accuse):
    (case_id, case), desk, tuesday = about, browse("clerk"), date(2016, 11, 8)
    accuse(case_id, "o-secretary")
    visit_id = a_booking(intake, vault, session(tuesday), clerk=clerk, case=case)
    swap = {"rule": ROTA, "planned_on": tuesday, "other_rule": RULE, "other_planned_on": date(2016, 11, 14)}
    with intake.unit_of_work() as uow:
        save(uow, Order(kind=Act.SWAP, id=uuid4(), values=swap), CLERK)
    clock("2016-11-08 08:30")
    assert "须改由其他领导接待" in desk.get("/intake/visits").text
    post(desk, f"/intake/visits/{visit_id}/check-in", {"inside": "1"})
    assert post(desk, f"/intake/visits/{visit_id}/step", {"action": "call"}).status_code == 409


def test_a_booking_that_does_not_suit_heads_the_list_until_it_is_moved(browse, intake, vault, session, clerk, about, accuse):
    (case_id, case), desk = about, browse("clerk")
    earlier = a_booking(intake, vault, session(date(2016, 11, 14)))
    later = a_booking(intake, vault, session(date(2016, 11, 21)), clerk=clerk, case=case)
    move = {"rule": RULE, "planned_on": date(2016, 11, 14), "to_on": date(2016, 11, 16), "starts": time(9), "room": "三号"}
    with intake.unit_of_work() as uow:
        save(uow, Order(kind=Act.MOVE, id=uuid4(), values=move), CLERK)
    accuse(case_id, "o-secretary")

    def listed() -> list[UUID]:
        with intake.unit_of_work() as uow:
            return [one.visit.id for one in queue.to_call(uow, clerk)]

    assert listed() == [later, earlier]
    assert post(desk, f"/intake/visits/{later}/rebook", {"session": str(session(date(2016, 11, 15)))}).status_code == 303
    assert listed() == [earlier]


def test_who_did_not_come_is_written_off_when_the_day_is_over(browse, intake, vault, session, clock):
    visit_id, clerk = a_booking(intake, vault, session(MONDAY)), browse("clerk")
    assert post(clerk, "/intake/visits/write-off", {"on": "2016-11-07"}).status_code == 409
    clock("2016-11-08 08:00")
    assert "没来的都记为未到" in clerk.get("/intake/visits?on=2016-11-07").text
    assert post(clerk, "/intake/visits/write-off", {"on": "2016-11-07"}).status_code == 303
    assert visit_of(intake, visit_id).stage is VisitStage.NO_SHOW
    assert clerk.get("/intake/visits?on=0000-00-00").status_code == 422
    assert post(clerk, "/intake/visits/write-off", {"on": "9999-12-31"}).status_code == 409
