"""The archive and the read model on a real database: order, repetition, rebuild."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from services.reporting import store
from services.reporting.domain.picture import Stage
from services.reporting.handlers import projecting, rebuilding
from services.reporting.handlers.case_by_case import by_case
from shared.contract import Event
from shared.contract.envelope import instant
from shared.database import Database
from tests.integration.reporting.conftest import Take, reasons
from tests.integration.reporting.story import (
    CASE,
    COUNTY,
    TOWN_HEAD,
    TOWNSHIP,
    VICE,
    Bus,
    Case,
    article,
    at,
    interleavings,
    person,
)

TOWN_CASE = UUID("01583a11-0000-7000-8000-000000000002")
TOWN_SECRETARY = person("o-431023104-secretary", "李志强", "镇党委书记", TOWNSHIP)


def model(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of the read model, in a fixed order."""
    with database.unit_of_work() as uow:
        return {t.name: uow.all(f"SELECT * FROM {t.name} ORDER BY {', '.join(t.key)}") for t in store.READ_MODEL}


def case_row(database: Database, case_id: UUID = CASE) -> Any:
    with database.unit_of_work() as uow:
        return uow.rows(store.CASES).get(case_id)


def test_every_event_is_kept_as_the_bytes_that_travelled(reporting: Database, take: Take) -> None:
    events = article()
    take(events, size=7)
    with reporting.unit_of_work() as uow:
        kept = uow.all("SELECT event_id, stream, sequence, name, subject, body FROM received ORDER BY id")
    assert [row["event_id"] for row in kept] == [event.id for event in events]
    assert [bytes(row["body"]) for row in kept] == [event.body for event in events]
    assert {row["subject"] for row in kept} == {str(CASE)}


def test_the_archive_cannot_be_altered_by_the_service(reporting: Database, take: Take) -> None:
    take(article())
    for statement in ("UPDATE received SET body = ''", "DELETE FROM received WHERE id = 1"):
        with pytest.raises(psycopg2.Error, match="not altered"), reporting.unit_of_work() as uow:
            uow.all(statement)


def test_the_articles_case_ends_archived_with_every_instant_it_passed(reporting: Database, take: Take) -> None:
    take(article())
    row = case_row(reporting)
    assert (row.organisation, row.stage, row.round, row.close_reason) == (COUNTY, Stage.ARCHIVED, 4, "satisfied")
    assert row.registered_at == at("2016-11-07 09:30")
    assert row.reviewed_at == row.dispatched_at == at("2016-11-07 10:02")
    assert row.received_at == at("2016-11-07 10:20")
    assert row.replied_at == at("2016-11-22 11:00")
    assert row.concluded_at == at("2016-12-08 11:05")
    assert row.closed_at == row.archived_at == at("2016-12-10 09:00")
    assert row.conclude_limit_at == row.reply_limit_at == at("2016-11-17 10:02")
    assert row.conclude_due_at is row.reply_due_at is None
    assert row.responsible.official == "o-431023-epb"


@pytest.mark.parametrize("size", [1, 3, 100])
def test_the_order_in_which_sources_arrive_changes_nothing(reporting: Database, deliver: Take, size: int) -> None:
    events = article()
    deliver(events, size=size)
    straight = model(reporting)
    for order in interleavings(events, 6 if size == 1 else 12, seed=size):
        _empty(reporting)
        deliver(order, size=size)
        assert reasons(reporting) == []
        assert model(reporting) == straight


def test_routing_before_intake_loses_nothing(reporting: Database, take: Take) -> None:
    bus = Bus()
    case = Case(bus)
    registered = case.register(at("2016-11-07 09:30"))
    key = case.assign(at("2016-11-07 10:00"), 1, VICE)
    received = case.receive(at("2016-11-07 10:05"), key, VICE)
    take([bus.sent[1], received])
    early = case_row(reporting)
    assert (early.organisation, early.number, early.stage, early.registered_at) == (COUNTY, case.number, Stage.IN_HAND, None)
    take([registered])
    late = case_row(reporting)
    assert (late.stage, late.place, late.registered_at) == (Stage.IN_HAND, "431023104201", at("2016-11-07 09:30"))
    assert late.dispatched_at == at("2016-11-07 10:00")


def test_a_handlers_word_before_the_assignment_itself_waits_for_it(reporting: Database, deliver: Take) -> None:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:30"))
    key = case.assign(at("2016-11-07 10:00"), 1, TOWN_HEAD)
    received = case.receive(at("2016-11-07 10:05"), key, TOWN_HEAD, told_by=TOWNSHIP)
    deliver([received])
    assert case_row(reporting) is None
    assert reasons(reporting) == ["not_yet"]
    deliver(bus.sent[:2])
    row = case_row(reporting)
    assert (row.organisation, row.stage, row.received_at) == (COUNTY, Stage.IN_HAND, at("2016-11-07 10:05"))
    assert reasons(reporting) == []


def test_a_townships_own_case_is_the_townships(reporting: Database, take: Take) -> None:
    bus = Bus()
    own = Case(bus, TOWN_CASE, org=TOWNSHIP, number="柏信〔2016〕3号")
    own.register(at("2016-11-08 09:00"))
    Case(bus).register(at("2016-11-08 09:00"))
    take(bus.sent)
    assert case_row(reporting, TOWN_CASE).organisation == TOWNSHIP
    assert case_row(reporting).organisation == COUNTY


def test_a_townships_own_deadlines_and_rounds_do_not_touch_the_countys_case(reporting: Database, take: Take) -> None:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:30"))
    case.assign(at("2016-11-07 10:00"), 1, TOWN_HEAD)
    case.owe(at("2016-11-07 10:00"), at("2016-11-17 10:00"), "conclude")
    take(bus.sent)
    before = replace(case_row(reporting), facts={})
    below = Case(bus)
    below.org = TOWNSHIP
    below.instruct(at("2016-11-07 11:00"), 7, "请水利站办理。", [TOWN_SECRETARY])
    below.assign(at("2016-11-07 11:00"), 7, person("o-431023104-water", "水生", "站长", "431023104-water"))
    below.owe(at("2016-11-07 11:00"), at("2016-11-08 10:00"), "conclude")
    take(bus.sent[3:])
    assert replace(case_row(reporting), facts={}) == before


def test_a_case_reopened_after_closing_is_open_again_and_closed_again_later(reporting: Database, take: Take) -> None:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:30"))
    case.conclude(at("2016-11-09 09:00"), 1)
    case.close(at("2016-11-10 09:00"))
    take(bus.sent)
    assert case_row(reporting).closed_at == at("2016-11-10 09:00")
    reopened = instant(at("2016-11-20 09:00"))
    case.tell("case.reopened", at("2016-11-20 09:00"), round=2, cause="dissatisfied", reopened_at=reopened)
    take(bus.sent[-1:])
    assert (case_row(reporting).stage, case_row(reporting).closed_at) == (Stage.REOPENED, None)
    case.conclude(at("2016-11-25 09:00"), 2)
    case.close(at("2016-11-25 09:00"))
    take(bus.sent[-2:])
    assert (case_row(reporting).stage, case_row(reporting).closed_at) == (Stage.CLOSED, at("2016-11-25 09:00"))


def test_the_latest_bar_stands(reporting: Database, take: Take) -> None:
    bus = Bus()
    case = Case(bus)
    case.bar(at("2016-11-07 09:00"), officials=["o-1", "o-2"])
    case.bar(at("2016-11-07 10:00"), officials=["o-2"], organisations=["431023-epb"])
    take(bus.sent)
    assert [(row["officials"], row["organisations"]) for row in model(reporting)["case_bar"]] == [(["o-2"], ["431023-epb"])]


def test_directory_events_are_archived_and_kept_as_the_directory(reporting: Database, take: Take) -> None:
    bus = Bus()
    bus.tell("directory.organisation_recorded", {"code": TOWNSHIP, "name": "柏林镇", "name_en": "Bailin", "superior": COUNTY,
             "has_instance": True}, at("2016-08-01 08:00"), subject=TOWNSHIP)  # fmt: skip
    bus.tell(
        "directory.official_recorded",
        {"official": "o-1", "name": "甲", "active": True, "posts": []},
        at("2016-08-01 08:00"),
        subject="o-1",
    )
    bus.tell("directory.session_ended", {"session": "s", "official": "o-1", "before": instant(at("2016-08-01 08:00"))},
             at("2016-08-01 08:00"), subject="o-1")  # fmt: skip
    take(bus.sent)
    with reporting.unit_of_work() as uow:
        assert uow.one("SELECT name FROM organisation") == {"name": "柏林镇"}
        assert uow.one("SELECT count(*) AS n FROM session_ended") == {"n": 1}
        assert uow.one("SELECT count(*) AS n FROM received") == {"n": 3}


def test_an_event_whose_subject_is_no_case_is_an_error_of_its_own(reporting: Database, take: Take) -> None:
    bus = Bus()
    good = Case(bus).register(at("2016-11-07 09:30"))
    bad = bus.tell(
        "case.archived", {"archived_at": instant(at("2016-11-07 10:00")), "by": None}, at("2016-11-07 10:00"), subject="x"
    )
    with pytest.raises(ValueError, match="UUID"):
        take([good, bad])
    assert case_row(reporting) is None
    take([good])
    assert case_row(reporting).number


# -- rebuild --------------------------------------------------------------------------------------------------------
def several_cases() -> list[Event]:
    bus = Bus()
    article(bus)
    for number in range(20):
        case = Case(bus, UUID(int=(1 << 120) + number), number=f"永信〔2016〕{number}号")
        case.register(at("2016-11-08 09:00") + timedelta(hours=number))
        case.bar(at("2016-11-08 09:00"), officials=[f"o-{number}"])
        key = case.assign(at("2016-11-09 09:00"), 1, VICE)
        case.receive(at("2016-11-09 10:00"), key, VICE)
        case.owe(at("2016-11-09 10:00"), at("2016-11-19 10:00"), "conclude")
    return bus.sent


@pytest.mark.parametrize("at_once", [5, 2000])
def test_a_rebuilt_read_model_equals_the_live_one(
    reporting: Database, deliver: Take, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(rebuilding, "AT_ONCE", at_once)
    events = several_cases()
    deliver(next(interleavings(events, 0)), size=9)
    live = model(reporting)
    assert rebuilding.differences(reporting) == dict.fromkeys(live, 0)
    assert rebuilding.rebuild(reporting) == len(events)
    assert model(reporting) == live


def test_a_lost_or_spoilt_read_model_is_noticed_and_made_anew(reporting: Database, take: Take) -> None:
    take(several_cases())
    live = model(reporting)
    with reporting.unit_of_work() as uow:
        uow.all("DELETE FROM case_unit")
        uow.all("UPDATE case_row SET title = '改过' WHERE case_id = %(id)s", id=CASE)
        uow.all("DELETE FROM case_bar")
        uow.all("UPDATE tally SET n = 99 WHERE figure = 'registered' AND dimension = 'all' AND day = '2016-11-07'")
        uow.all("INSERT INTO case_text SELECT gen_random_uuid(), '多出', '{}'")
    wrong = {name: count for name, count in rebuilding.differences(reporting).items() if count}
    assert wrong == {"case_row": 2, "case_unit": len(live["case_unit"]), "case_text": 1, "case_bar": 20, "tally": 2}
    rebuilding.rebuild(reporting)
    assert model(reporting) == live


def test_events_that_come_during_a_rebuild_are_in_the_new_model(
    reporting: Database, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = several_cases()
    take(events[:40])
    monkeypatch.setattr(rebuilding, "AT_ONCE", 10)

    def by_case_and_be_overtaken(*args: Any) -> Any:
        done = by_case(*args)
        take(events[40:])
        return done

    monkeypatch.setattr(rebuilding, "by_case", by_case_and_be_overtaken)
    assert rebuilding.rebuild(reporting) == len(events)
    assert rebuilding.differences(reporting) == dict.fromkeys(model(reporting), 0)


def test_a_switch_waits_for_whoever_is_projecting(reporting: Database, take: Take, settings: Any) -> None:
    events = several_cases()
    take(events[:40])
    done = threading.Event()
    with reporting.unit_of_work() as uow:
        projecting.preload(events[40:60], uow)

        def rebuild_and_say() -> None:
            rebuilding.rebuild(reporting)
            done.set()

        thread = threading.Thread(target=rebuild_and_say)
        thread.start()
        assert not done.wait(0.5)
        for event in events[40:60]:
            projecting.HEARS[event.contract.name](event, uow)
    thread.join(30)
    assert done.is_set()
    assert rebuilding.differences(reporting) == dict.fromkeys(model(reporting), 0)


def _empty(database: Database) -> None:
    """As if nothing had been taken in yet, but for the archive."""
    with database.unit_of_work() as uow:
        for table in (*(each.name for each in store.READ_MODEL), "inbox"):
            uow.all(f"DELETE FROM {table}")
