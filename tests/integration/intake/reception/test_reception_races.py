"""Two at once for one place, one form, one telephone: on real connections."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest

from services.intake.domain.visits import Visitor
from services.intake.handlers import visits
from services.intake.workflow import VisitStage
from shared.errors import Conflict
from tests.integration.intake.reception.reception_cases import a_booking, at_once, cases_of, visit_of

SOON, NEXT = date(2016, 11, 14), date(2016, 11, 15)
pytestmark = pytest.mark.usefixtures("plan")


def test_of_two_bookings_of_the_last_place_one_gets_it(intake, vault, session):
    for slot in range(3):
        a_booking(intake, vault, session(SOON), slot=slot)
    ended = at_once([lambda: a_booking(intake, vault, session(SOON))] * 2)
    assert sorted(how for how, _ in ended) == ["Conflict", "done"]
    assert [row["slot"] for row in cases_of(intake)] == [0, 1, 2, 3]


def test_four_bookings_at_once_of_the_same_time_give_it_once_and_name_the_next(intake, vault, session):
    ended = at_once([lambda: a_booking(intake, vault, session(SOON), slot=1)] * 4)
    faults = [fault for how, fault in ended if how == "Conflict"]
    assert len(faults) == 3
    assert {fault.values["times"] for fault in faults} == {"09:30、09:45"}


def test_the_database_itself_keeps_a_place_from_being_given_twice(intake, vault, session, monkeypatch):
    """The twin: without the lock two bookings see the same free place; then the index refuses, and nothing is doubled."""
    monkeypatch.setitem(visits.SQL, "lock_booking", "SELECT 1")
    read = threading.Barrier(2)
    taken = visits.taken_places

    def both_read_first(uow, held):
        found = taken(uow, held)
        read.wait()
        return found

    monkeypatch.setattr(visits, "taken_places", both_read_first)
    ended, faults = [], []

    def run():
        try:
            ended.append(a_booking(intake, vault, session(SOON), slot=0))
        except Exception as fault:
            faults.append(type(fault).__name__)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(ended), faults) == (1, ["UniqueViolation"])


def test_one_form_sent_four_times_at_once_is_one_booking(intake, vault, session):
    key, who = uuid4(), Visitor(name="陈十里", phone="13873512345", matter="井水发黑")

    def send():
        with intake.unit_of_work() as uow:
            return visits.book(uow, vault, who, session(SOON), key=key)

    wanted = session(SOON)
    ended = at_once([lambda: _book(intake, vault, who, wanted, key)] * 4)
    assert {how for how, _ in ended} == {"done"}
    assert len({(booked.number, booked.code) for _, booked in ended}) == 1
    assert len(cases_of(intake)) == 1
    assert send().again


def _book(intake, vault, who, session, key):
    with intake.unit_of_work() as uow:
        return visits.book(uow, vault, who, session, key=key)


def test_one_telephone_does_not_get_past_its_limit_by_being_quick(intake, vault, session):
    days = [session(date(2016, 11, 14) + timedelta(days=7 * week)) for week in range(4)]
    ended = at_once([lambda day=day: a_booking(intake, vault, day, phone="13873512345") for day in days])
    assert sorted(how for how, _ in ended) == ["Conflict", "Conflict", "done", "done"]


def test_a_booking_that_moves_to_a_full_session_keeps_its_old_place(intake, vault, session):
    for slot in range(4):
        a_booking(intake, vault, session(NEXT), slot=slot)
    visit_id = a_booking(intake, vault, session(SOON))
    with pytest.raises(Conflict), intake.unit_of_work() as uow:
        visits.rebook(uow, visit_id, session(NEXT), None)
    assert visit_of(intake, visit_id).held_on == SOON
    with intake.unit_of_work() as uow:
        assert visits.rebook(uow, visit_id, session(SOON), None).slot == 0
        assert visits.rebook(uow, visit_id, session(SOON), None, slot=2).slot == 2
    assert visit_of(intake, visit_id).stage is VisitStage.BOOKED
