"""Figures three ways: from the tally, from the rows, from the events; each number leads to as many cases, and no bar is counted out."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.reporting import store
from services.reporting.domain import facts, picture, tally
from services.reporting.domain.statistics import Figures, Period
from services.reporting.handlers import counting, listing, projecting
from services.reporting.handlers.rebuilding import differences, rebuild
from services.reporting.handlers.seeing import Sight
from shared.contract import Event
from shared.contract.envelope import instant
from shared.database import Database
from tests.integration.reporting.conftest import SignIn, Take
from tests.integration.reporting.story import CDI, CLERK, COUNTY, EPB, NOW, TOWNSHIP, VICE, Bus, Case, at

OFFICE = Sight(official="o-office", own=COUNTY, everything=True, posts=("431023-office",), units=())
PERIOD = Period.of_days(date(2016, 10, 1), date(2016, 12, 31), NOW)
LISTS = {"instructions": "instructed"}


def many_cases(seed: int, count: int = 25) -> list[Event]:
    """Cases whose lives fall about the period, at midnights too; some answered, repeated, taken to a higher level, barred."""
    bus, chance = Bus(seed), random.Random(seed)

    def near() -> Any:
        return at("2016-12-19 00:00") + timedelta(hours=12 * chance.randrange(-190, 3))

    for number in range(count):
        case = Case(bus, UUID(int=(7 << 120) + number), number=f"永信〔2016〕{number}号")
        case.channel, case.category = chance.choice(("letter", "visit", "email")), chance.choice(("environment", "roads"))
        case.register(near())
        units = chance.sample((EPB, VICE, CDI), 2)
        for turn, who in enumerate(units, 1):
            case.instruct(near(), turn, "请办理。", [who])
            case.assign(near(), turn, who)
            owed: dict[str, Any] = {"deadline_id": bus.identifier(), "obligation": chance.choice(("conclude", "reply")), "round": turn,
                    "due_at": instant(near()), "responsible": who, "policy": "yongxing", "rule": "r"}  # fmt: skip
            case.tell("deadline.set", near(), **owed, set_at=instant(near()))
        _end(case, chance, near, number)
    return bus.sent


def _end(case: Case, chance: random.Random, near: Any, number: int) -> None:
    when = near()
    case.conclude(near(), 2)
    for turn in range(1, chance.randrange(1, 4)):
        name = chance.choice(("case.satisfied", "case.dissatisfied"))
        case.tell(name, when, round=turn, source=chance.choice(("staff", "petitioner")), at=instant(near()))
    if chance.random() < 0.3:
        case.tell("case.contested", when, round=1, at=instant(near()))
    if chance.random() < 0.6:
        case.close(near())
    if chance.random() < 0.3:
        case.tell("case.linked", when, link_id=case.bus.identifier(), other=str(UUID(int=(7 << 120) + number // 2)), other_number="1",
                  relation="repeat_of", why="found", by=CLERK, earlier=[], at=instant(when))  # fmt: skip
    if chance.random() < 0.2:
        case.tell("skip_level.recorded", when, record_id=case.bus.identifier(), level="province", on="2016-11-19", source="转来",
                  by=CLERK, at=instant(when))  # fmt: skip
    if chance.random() < 0.3:
        case.bar(when, officials=[OFFICE.official])


def from_events(events: Sequence[Event], period: Period) -> dict[str, Counter[str]]:
    """The figures of the events, with no database in between."""
    told: dict[str, facts.Facts] = {}
    for event in events:
        if event.contract.name in facts.FOLDS:
            more = {"tellers": [TOWNSHIP]} if event.contract.name == "assignment.issued" else {}
            told[event.subject] = facts.absorb(
                told.get(event.subject, {}), event.source, event.contract.name, {**event.data, **more}
            )
    marks: Counter[tally.Mark] = Counter()
    for case, known in told.items():
        marks.update(tally.marks(picture.draw(UUID(case), known)))
    return {dimension: Counter(flat(tally.figures(marks, period, dimension))) for dimension in tally.DIMENSIONS}


def flat(found: dict[str, Counter[str]]) -> dict[str, int]:
    return {f"{value} {figure}": n for value, counted in found.items() for figure, n in counted.items() if n}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("last", [date(2016, 11, 30), date(2016, 12, 31)])
def test_tally_rows_and_events_agree_on_every_figure(reporting: Database, take: Take, seed: int, last: date) -> None:
    events = many_cases(seed)
    take(events, 7)
    period = Period.of_days(date(2016, 10, 1), last, NOW)
    expected = from_events(events, period)
    with reporting.unit_of_work() as uow:
        for dimension in tally.DIMENSIONS:
            assert flat(counting.counts(uow, period, dimension=dimension)) == expected[dimension]


@pytest.mark.parametrize("seed", range(3))
def test_every_number_is_the_length_of_the_list_behind_it(reporting: Database, take: Take, seed: int) -> None:
    """For a reader with bars, under every dimension; what counts more than once for a case is behind no fewer cases than one."""
    take(many_cases(seed))
    with reporting.unit_of_work() as uow:
        for by, narrows in (
            ("all", None),
            ("unit", "owner"),
            ("leader", "leader"),
            ("channel", "channel"),
            ("category", "category"),
        ):
            for value, counted in counting.counts(uow, PERIOD, OFFICE, by).items():
                for figure in [name for name in vars(Figures()) if name != "skip_level"]:
                    narrowed: dict[str, Any] = {narrows: value or "-"} if narrows else {}
                    only = listing.Filter(period=PERIOD, figure=LISTS.get(figure, figure), organisation=COUNTY, **narrowed)
                    found, n = listing.count(uow, OFFICE, only, now=NOW), counted[figure]
                    assert found == n or (0 < found < n and figure in ("instructions", *listing.ANSWERS, "contested")), (
                        figure,
                        value,
                    )


def test_whoever_is_barred_finds_nothing_counted_that_he_may_not_know_of(reporting: Database, take: Take) -> None:
    """The twin: without the subtraction the figures tell that there is one more."""
    events = many_cases(1)
    take(events)
    barred = {event.subject for event in events if event.contract.name == "case.barred"}
    assert barred
    other = Sight(official="o-other", own=COUNTY, everything=True, posts=("431023-office",), units=())
    with reporting.unit_of_work() as uow:
        his, everybodys = (counting.figures(uow, PERIOD, sees) for sees in (OFFICE, other))
        queues, all_queues = (counting.queues(uow, sees, now=NOW) for sees in (OFFICE, other))
        assert queues == listing.queue_counts(uow, OFFICE, now=NOW)
        assert all_queues == listing.queue_counts(uow, other, now=NOW)
        days, all_days = (
            counting.trend(uow, sees, date(2016, 9, 1), date(2016, 12, 31), ["registered"]) for sees in (OFFICE, other)
        )
    assert sum(all_days.values()) - sum(days.values()) == len(barred)
    assert all_queues["all"] - queues["all"] == len(barred)
    left = [event for event in events if event.subject not in barred]
    assert his.registered == Figures.of(_total(from_events(left, PERIOD)["all"])).registered < everybodys.registered


def _total(found: Counter[str]) -> dict[str, int]:
    return {name.strip(): n for name, n in found.items()}


def test_a_repeat_of_a_case_that_one_is_barred_from_is_no_repeat(reporting: Database, take: Take) -> None:
    bus = Bus()
    first, second = (Case(bus, UUID(int=(7 << 120) + number), number=f"{number}") for number in (1, 2))
    for case in (first, second):
        case.register(at("2016-11-07 09:30"))
    second.tell("case.linked", at("2016-11-08 09:00"), link_id=bus.identifier(), other=str(first.id), other_number="1", by=CLERK,
                relation="repeat_of", why="found", earlier=[], at=instant(at("2016-11-08 09:00")))  # fmt: skip
    take(bus.sent)
    only = listing.Filter(period=PERIOD, figure="repeat")
    with reporting.unit_of_work() as uow:
        assert (counting.figures(uow, PERIOD, OFFICE).repeat, listing.count(uow, OFFICE, only, now=NOW)) == (1, 1)
    first.bar(at("2016-11-09 09:00"), officials=[OFFICE.official])
    take(bus.sent[-1:])
    with reporting.unit_of_work() as uow:
        found = counting.figures(uow, PERIOD, OFFICE)
        assert (found.registered, found.repeat, listing.count(uow, OFFICE, only, now=NOW)) == (1, 0, 0)


def test_a_unit_counts_its_own_cases_and_learns_nothing_of_what_petitioners_said(
    reporting: Database, take: Take, sign_in: SignIn
) -> None:
    events = many_cases(2)
    take(events)
    unit = Sight(official=EPB["official"], own=COUNTY, everything=False, posts=("431023-epb",), units=("431023-epb",))
    with reporting.unit_of_work() as uow:
        found = counting.figures(uow, PERIOD, unit)
        only = listing.Filter(period=PERIOD, figure="registered")
        assert found.registered == listing.count(uow, unit, only, now=NOW) > 0
        assert not any(getattr(found, figure) for figure in counting.NOT_OF_UNITS)
        for figure in (*listing.ANSWERS, "contested", "repeat"):
            assert listing.count(uow, unit, listing.Filter(period=PERIOD, figure=figure), now=NOW) == 0
    page = sign_in(EPB, "unit_head").get("/reporting/statistics?from=2016-10-01&to=2016-12-31").text
    assert "越级上访" not in page
    assert "信访人自评" not in page


def test_a_county_has_the_figures_of_townships_below_it_and_not_their_cases(take: Take, office: FlaskClient) -> None:
    bus = Bus()
    Case(bus, UUID(int=9), org=TOWNSHIP, number="柏信〔2016〕3号").register(at("2016-12-02 09:00"))
    Case(bus).register(at("2016-12-02 09:00"))
    take(bus.sent)
    own, below = (
        office.get(f"/reporting/statistics?from=2016-12-01&to=2016-12-31&of={code}").text for code in (COUNTY, TOWNSHIP)
    )
    assert re.search(r'figure=registered&amp;from=2016-12-01&amp;to=2016-12-31&amp;of=431023">1</a>', own)
    assert "下级机关自行登记" in below
    assert "figure=registered" not in below
    assert re.search(r"<b>1</b>\s*<span>登记</span>", below)


def test_a_change_of_what_is_counted_leaves_no_empty_cell(reporting: Database, take: Take) -> None:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:30"))
    take(bus.sent)
    case.tell("case.supplemented", at("2016-11-08 09:30"), title="改", brief="改", category="roads", place="431023105", by=CLERK,
              at=instant(at("2016-11-08 09:30")))  # fmt: skip
    take(bus.sent[1:])
    with reporting.unit_of_work() as uow:
        rows = uow.all("SELECT value, n FROM tally WHERE dimension = 'category' AND figure = 'registered'")
    assert rows == [{"value": "roads", "n": 1}]


def test_without_the_difference_the_tally_would_go_wrong(
    reporting: Database, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin of the agreement: a projection that adds what a case contributes without taking away what it contributed."""
    monkeypatch.setattr(projecting.tally, "difference", lambda before, after: tally.cells(tally.marks(after)))
    events = many_cases(0, count=3)
    take(events)
    with reporting.unit_of_work() as uow:
        assert flat(counting.counts(uow, PERIOD)) != from_events(events, PERIOD)["all"]
        assert uow.all(f"SELECT FROM {store.TALLY.name}")


@pytest.mark.parametrize("path", ["/reporting/dashboard", "/reporting/statistics?by=leader", "/reporting/statistics?by=category"])
def test_overview_and_statistics_open_for_everybody_who_has_to_do_with_cases(
    take: Take, office: FlaskClient, sign_in: SignIn, path: str
) -> None:
    for client in (office, sign_in(EPB, "unit_head")):
        assert client.get(path).status_code == 200
    take(many_cases(0))
    for client in (office, sign_in(EPB, "unit_head")):
        assert client.get(path).status_code == 200
    assert office.get("/reporting/statistics?by=weather").status_code == 422


def test_the_overview_says_what_is_late_and_whose(take: Take, office: FlaskClient) -> None:
    bus = Bus()
    for number in range(3):
        case = Case(bus, UUID(int=(7 << 120) + number), number=f"{number}号")
        case.register(at("2016-12-01 09:00"))
        case.assign(at("2016-12-01 10:00"), 1, EPB if number else VICE)
        case.owe(at("2016-12-01 10:00"), at("2016-12-11 10:00"), "conclude")
    take(bus.sent)
    page = office.get("/reporting/dashboard").text
    assert re.findall(r'leader=([\w-]+)&amp;owner=[\w-]+">(\d+)</a>', page)[:2] == [("o-431023-epb", "2"), ("o-431023-vice", "1")]
    listed = office.get("/reporting/cases?overdue=true&leader=o-431023-epb").text
    assert listed.count("data-key-open") == 2


def test_an_archive_in_which_two_cases_claim_one_assignment_is_projected_event_by_event(
    reporting: Database, take: Take, caplog: pytest.LogCaptureFixture
) -> None:
    """Live the second issue is refused; archives from before that hold it."""
    bus = Bus()
    one, other = (Case(bus, UUID(int=(7 << 120) + number), number=f"{number}") for number in (1, 2))
    for case in (one, other):
        case.register(at("2016-11-07 09:30"))
    key = one.assign(at("2016-11-07 10:00"), 1, EPB)
    take(bus.sent)
    issued = bus.sent[-1]
    stolen = bus.tell("assignment.issued", dict(issued.data), at("2016-11-08 10:00"), subject=other.id, to=EPB["organisation"])
    with reporting.unit_of_work() as uow:
        projecting.preload([stolen], uow)
    rebuild(reporting)
    assert "two cases claim one key" in caplog.text
    with reporting.unit_of_work() as uow:
        assert uow.all("SELECT assignment_id, case_id FROM case_unit") == [{"assignment_id": UUID(key), "case_id": one.id}]
    assert not any(differences(reporting).values())
