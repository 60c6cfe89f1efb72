"""What agencies are told of a case, in the transaction that takes its events in; and what they are not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
import pytest

import services.reporting
from services.reporting.handlers import rebuilding, subscribing
from services.reporting.public import redacting
from shared.config import Settings
from shared.contract import EVENTS, fields
from shared.contract import public as contracts
from shared.contract.catalogue import EventSchema
from shared.contract.envelope import instant
from shared.contract.quick import compiled
from shared.database import Database
from tests.integration.reporting.conftest import Take
from tests.integration.reporting.story import CASE, COUNTY, EPB, TOWN_HEAD, TOWNSHIP, Bus, Case, article, at

WORDS = ("十里洞", "造纸厂", "饮水", "赵宇", "李志强", "周清", "永信〔2016〕101号", "取水口", "o-431023", "大事化小")
TOLD_OF_THE_ARTICLES = [
    "case.registered", "case.instructed", "assignment.issued", "assignment.received", "deadline.missed", "deadline.missed",
    "assignment.replied", "assignment.returned",
]  # fmt: skip


@pytest.fixture
def listening(reporting: Database) -> Database:
    """The water bureau subscribes."""
    with reporting.unit_of_work() as uow:
        subscribing.subscribe(uow, "water-bureau", ["#"], [COUNTY], "tests")
    return reporting


def told(database: Database) -> list[dict[str, Any]]:
    """What agencies are told, in order, as it will travel."""
    with database.unit_of_work() as uow:
        rows = uow.all("SELECT name, addressee, subject, draft FROM event_log ORDER BY id")
    assert all(row["name"].startswith("public.") for row in rows)
    return [{**row, "draft": bytes(row["draft"]), "event": json.loads(bytes(row["draft"]) + b"}")} for row in rows]


def names(database: Database) -> list[str]:
    return [row["name"].removeprefix("public.") for row in told(database)]


def suggestion(bus: Bus, case_id: UUID = CASE, *, matter: str = "suggestion", identity: str = "named", **beside: Any) -> Case:
    """A case up to its handling by the environment bureau."""
    case = Case(bus, case_id)
    case.tell(
        "case.registered", at("2016-11-07 09:30"), number=case.number, channel="email", matter_type=matter, category="environment.water",
        place="431023104201", title=case.title, brief=case.brief, identity=identity, group_size=1,
        received_at=instant(at("2016-11-07 09:20")), registered_at=instant(at("2016-11-07 09:30")), registered_by=None,
    )  # fmt: skip
    case.instruct(at("2016-11-07 10:00"), 1, "请查取水口。", [EPB], **beside)
    case.assign(at("2016-11-07 10:00"), 1, EPB, text="请查取水口。", **beside)
    return case


def as_suggestions(bus: Bus) -> list[Any]:
    """The article's case, told from the beginning as a suggestion of somebody who gave his name."""
    first, *others = article(bus)
    told = {**first.data, "matter_type": "suggestion", "identity": "named"}
    return [Bus().tell(first.contract.name, told, first.time, subject=CASE), *others]


def test_the_articles_case_is_told_in_codes_as_a_suggestion_would_be(listening: Database, take: Take) -> None:
    take(as_suggestions(Bus()), size=5)
    found = told(listening)
    assert names(listening)[: len(TOLD_OF_THE_ARTICLES)] == TOLD_OF_THE_ARTICLES
    assert names(listening)[-2:] == ["case.closed", "case.archived"]
    assert {row["addressee"] for row in found} == {COUNTY}
    [public_id] = {row["subject"] for row in found}
    assert public_id != str(CASE)
    assert {row["event"]["data"]["case"] for row in found} == {public_id}
    assert [row["event"]["caseversion"] for row in found] == [*range(1, len(found) + 1)]
    assert found[2]["event"]["data"]["unit"] == TOWNSHIP
    assert found[-1]["event"]["data"]["stage"] == "archived"


def test_no_word_name_number_or_way_back_to_the_case_is_in_it(listening: Database, take: Take) -> None:
    events = as_suggestions(Bus())
    take(events)
    ways_back = {
        str(CASE),
        *(str(one.id) for one in events),
        *(one.correlation_id for one in events if len(one.correlation_id) > 8),
    }
    for row in told(listening):
        text = row["draft"].decode()
        assert [word for word in (*WORDS, *ways_back) if word in text] == []
        assert "causationid" not in row["event"]
        assert row["event"]["correlationid"] == row["event"]["id"]


@pytest.mark.parametrize(
    "case",
    [{"matter": "accusation"}, {"identity": "confidential"}, {"confidential": True}],
    ids=["accusation", "hidden name", "confidential"],
)
def test_a_case_that_protects_somebody_is_told_nobody(listening: Database, take: Take, case: dict[str, Any]) -> None:
    bus = Bus()
    suggestion(bus, **case).conclude(at("2016-12-01 09:00"), 1)
    take(bus.sent)
    assert told(listening) == []


def test_before_it_was_read_nothing_is_told_and_who_is_barred_by_then_counts(listening: Database, take: Take) -> None:
    bus = Bus()
    case = suggestion(bus)
    take(bus.sent[:1])
    assert told(listening) == []
    barred = Bus(seed=2)
    other = UUID("01583a11-0000-7000-8000-00000000000b")
    Case(barred, other).bar(at("2016-11-07 09:40"), organisations=["431023-epb"])
    suggestion(barred, other)
    take([*bus.sent[1:], *barred.sent])
    assert {row["subject"] for row in told(listening)} == {told(listening)[0]["subject"]}
    assert len(told(listening)) == 3
    case.bar(at("2016-11-08 09:00"), officials=["o-431023-epb"])
    case.conclude(at("2016-12-01 09:00"), 1)
    take(bus.sent[-2:])
    assert names(listening) == ["case.registered", "case.instructed", "assignment.issued"]


def test_a_case_that_may_be_told_later_begins_then_with_how_it_stands(listening: Database, take: Take) -> None:
    bus = Bus()
    case = Case(bus)
    case.bar(at("2016-11-07 09:31"), officials=["o-431023-epb"])
    suggestion(bus)
    case.bar(at("2016-11-08 09:00"))
    case.conclude(at("2016-12-01 09:00"), 1)
    take(bus.sent)
    assert names(listening) == ["case.registered", "case.concluded"]
    first = told(listening)[0]["event"]["data"]
    assert (first["stage"], first["dispatched_on"], first["category"]) == ("concluded", "2016-11-07", "environment.water")


def test_a_townships_own_cases_are_not_the_countys_to_tell(listening: Database, take: Take) -> None:
    bus = Bus()
    case = Case(bus, org=TOWNSHIP, number="柏信〔2016〕3号")
    case.register(at("2016-12-02 09:00"))
    case.instruct(at("2016-12-02 10:00"), 1, "请办理。", [TOWN_HEAD])
    take(bus.sent)
    assert told(listening) == []


def test_while_nobody_subscribes_nothing_is_told(reporting: Database, take: Take) -> None:
    bus = Bus()
    case = suggestion(bus)
    take(bus.sent)
    with reporting.unit_of_work() as uow:
        subscribing.subscribe(uow, "water-bureau", ["#"], [COUNTY], "tests")
        subscribing.unsubscribe(uow, "water-bureau")
    case.conclude(at("2016-12-01 09:00"), 1)
    take(bus.sent[-1:])
    assert told(reporting) == []


def test_a_rebuild_tells_nothing_anew(listening: Database, take: Take) -> None:
    take(as_suggestions(Bus()))
    before = told(listening)
    rebuilding.rebuild(listening)
    assert told(listening) == before


def test_a_months_counts_hold_those_that_are_not_told_unless_these_are_too_few(listening: Database, take: Take) -> None:
    buses = []
    for number in range(8):  # five are told, three are not
        bus = Bus(seed=number)
        suggestion(
            bus, UUID(int=0x01583A11_0000_7000_8000_000000000100 + number), matter="accusation" if number > 4 else "appeal"
        )
        buses += bus.sent
    take(buses)
    office = Bus(seed=99)
    for last, number in (("2016-11-15", 1), ("2016-11-30", 2)):
        office.tell(
            "period.ended",
            {"period": "half_month", "first": f"{last[:8]}01", "last": last, "number": number, "until": instant(at("2016-12-01 00:00")),
             "ended_at": instant(at("2016-12-01 00:00")), "late": False},
            at("2016-12-01 00:00"), subject=str(UUID(int=number)),
        )  # fmt: skip
    take(office.sent)
    [counted] = [row for row in told(listening) if row["name"] == redacting.COUNTED]
    assert counted["event"]["data"] == {
        "organisation": COUNTY,
        "month": "2016-11-01",
        "read": 8,
        "concluded": None,
        "closed": None,
    }


def month(listening: Database, take: Take, sent: list[Any]) -> tuple[int, int | None]:
    """How many conclusions an agency was told one by one, and how many the count of November says."""
    office = Bus(seed=99)
    office.tell(
        "period.ended",
        {"period": "half_month", "first": "2016-11-16", "last": "2016-11-30", "number": 22, "until": instant(at("2016-12-01 00:00")),
         "ended_at": instant(at("2016-12-01 00:00")), "late": False},
        at("2016-12-01 00:00"), subject=str(UUID(int=7)),
    )  # fmt: skip
    take([*sent, *office.sent])
    found = told(listening)
    [counted] = [row["event"]["data"]["concluded"] for row in found if row["name"] == redacting.COUNTED]
    return sum(row["name"] == "public.case.concluded" for row in found), counted


def five_of_which_one_is_told_no_further(*, concluded_before: bool = False) -> list[Any]:
    """All concluded in November; one is barred before it, or after it and then reopened."""
    sent = []
    for number in range(5):
        bus = Bus(seed=number)
        case = suggestion(bus, UUID(int=0x01583A11_0000_7000_8000_000000000100 + number))
        if number == 4 and not concluded_before:
            case.bar(at("2016-11-08 09:00"), officials=["o-431023-epb"])
        case.conclude(at("2016-11-20 09:00"), 1)
        if number == 4 and concluded_before:
            case.bar(at("2016-11-21 09:00"), officials=["o-431023-epb"])
            case.tell(
                "case.reopened",
                at("2016-11-22 09:00"),
                round=2,
                cause="dissatisfied",
                reopened_at=instant(at("2016-11-22 09:00")),
            )
        sent += bus.sent
    return sent


@pytest.mark.parametrize(("before", "seen"), [(False, 4), (True, 5)], ids=["concluded unheard", "reopened unheard"])
def test_no_months_count_tells_apart_the_one_case_that_is_told_no_further(
    listening: Database, take: Take, before: bool, seen: int
) -> None:
    assert month(listening, take, five_of_which_one_is_told_no_further(concluded_before=before)) == (seen, seen)


def test_were_it_not_kept_which_steps_were_told_the_count_would_tell_it_apart(
    listening: Database, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    monkeypatch.setattr(redacting, "steps", lambda row: (None, None, None))
    assert month(listening, take, five_of_which_one_is_told_no_further()) == (4, 5)


def test_what_was_told_before_steps_were_kept_is_found_in_the_log(
    listening: Database, take: Take, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = five_of_which_one_is_told_no_further()
    monkeypatch.setattr(redacting, "steps", lambda row: (None, None, None))
    take(sent)
    text = (Path(services.reporting.__file__).parent / "migrations/0175_told_steps.sql").read_text("utf-8")
    connection = psycopg2.connect(settings.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET search_path TO reporting; " + text[text.index("UPDATE") :])
    connection.close()
    assert month(listening, take, []) == (4, 4)


# -- the twin -----------------------------------------------------------------------------------------------------------
def test_a_brief_that_got_into_the_contract_by_mistake_is_found_in_the_log(
    listening: Database, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "public.case.concluded"
    wide = EventSchema.from_dict({**contracts.CASE, "brief": fields.text()})()
    monkeypatch.setitem(EVENTS, name, replace(EVENTS[name], schema=wide, fits=compiled(wide)))
    case = redacting.case
    monkeypatch.setattr(redacting, "case", lambda row, public_id: {**case(row, public_id), "brief": row.brief})
    take(as_suggestions(Bus()))
    leaked = [row for row in told(listening) if any(word in row["draft"].decode() for word in WORDS)]
    assert {row["name"] for row in leaked} == {name}
