"""Every number of the overview and of the page of statistics leads to as many cases, and what is in hand is one thing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.reporting.domain.picture import Stage
from services.reporting.domain.statistics import IN_HAND, Period
from services.reporting.handlers import counting, listing, preparing
from services.reporting.web.links import Links
from shared.contract.envelope import instant
from shared.database import Database
from tests.integration.reporting.conftest import SignIn, Take
from tests.integration.reporting.periods import WEEK, ended, frozen
from tests.integration.reporting.site import two_cases
from tests.integration.reporting.story import CASE, COUNTY, EPB, VICE, Bus, Case, at, person
from tests.integration.reporting.test_reporting_tally import many_cases

OFFICE = person("o-office", "林主任", "办公室主任", "431023-office")
PAGES = (
    "/reporting/dashboard",
    *(f"/reporting/statistics?from=2016-10-01&to=2016-12-31&by={by}" for by in ("unit", "leader", "place")),
)
# What is counted by times, rounds or person-times is behind as many cases or fewer; an interview may be about several.
TIMES = re.compile(r"figure=(instructed|(dis)?satisfied_\w+|answered_\w+|contested|interviewed)&")
LASTING = re.compile(r"[\d.]+ (分钟|小时|天)")
UNTOLD = ("越级上访",)  # which case it was is told nobody, and the definition says so

HOLD_NOTHING = ("input", "meta", "link", "br", "hr", "line", "rect", "img", "use", "path", "circle")


class Numbers(HTMLParser):
    """The numbers above nought that a page's cells, tiles and drawings show: (row's head, number, address or None).

    Not shares, times and differences, which are no numbers of cases.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, int, str | None]] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self._row = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in HOLD_NOTHING:
            self._open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while tag not in HOLD_NOTHING and self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        here = [(tag, attrs.get("class") or "") for tag, attrs in self._open]
        if ("th", "") in here:
            self._row = data
        shown = ("td", "number") in here or ("text", "") in here or any(kind.split()[:1] == ["stat"] for _, kind in here)
        told = LASTING.sub("", re.sub(r"（.*", "", data, flags=re.DOTALL)).strip()
        href = next((attrs.get("href") for tag, attrs in reversed(self._open) if tag == "a"), None)
        for number in re.findall(r"(?<![\d.+−])\d+(?![\d.%])", told) if shown else ():
            if int(number):
                self.found.append((self._row, int(number), href))


def numbers_of(page: str) -> list[tuple[str, int, str | None]]:
    found = Numbers()
    found.feed(page)
    return found.found


def length(client: FlaskClient, href: str) -> int:
    answer = client.get(href)
    assert answer.status_code == 200, href
    told = re.search(r"共 (\d+) 件", answer.text)
    return int(told[1]) if told else 0


def wrong(client: FlaskClient, page: str) -> Iterator[str]:
    """The numbers of a page that lead nowhere, or to another number of cases."""
    for row, number, href in numbers_of(client.get(page).text):
        if href is None:
            if row not in UNTOLD:
                yield f"{row} {number} leads nowhere"
            continue
        listed = length(client, href)
        few = listed > 0 and ("interviewed" in href or listed < number) if TIMES.search(href) else False
        if listed != number and not few:
            yield f"{row} {number}: {listed} cases behind {href}"


def whole_county() -> list[Any]:
    """Cases of every stage, answered, barred, late, taken to a higher level; one that somebody was called in for."""
    events = [*two_cases(), *many_cases(3, count=14)]
    bus = Bus(seed=50)
    bus.versions["/431023/supervision", str(CASE)] = 90
    held = at("2016-12-02 09:00")
    told = {"interview_id": bus.identifier(), "responsible": VICE, "at": instant(held), "attended": ["县委书记"], "demands": "限期办结。",
            "until": "2016-12-31", "held_at": instant(held), "by": VICE}  # fmt: skip
    bus.tell("interview.held", told, held, subject=CASE)
    for case in (UUID(int=(7 << 120) + 500 + n) for n in range(3)):
        one = Case(bus, case, number=f"{case.int % 1000}号")
        one.register(at("2016-12-10 09:00"))
        if not case.int % 3:
            continue
        one.instruct(at("2016-12-10 10:00"), 1, "请办理。", [EPB])
        one.receive(at("2016-12-10 12:00"), one.assign(at("2016-12-10 11:00"), 1, EPB), EPB)
        if case.int % 3 == 1:
            one.conclude(at("2016-12-11 09:00"), 1)
            one.tell(
                "case.reopened",
                at("2016-12-12 09:00"),
                round=2,
                cause="dissatisfied",
                reopened_at=instant(at("2016-12-12 09:00")),
            )
    return events + bus.sent


READERS = {
    "the office, which is barred from some": (OFFICE, "office"),
    "a unit": (EPB, "unit_head"),
    "an office member who handled some": ({**EPB, "organisation": COUNTY}, "office"),
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_every_number_leads_to_as_many_cases(take: Take, sign_in: SignIn, reader: tuple[dict[str, str], str]) -> None:
    take(whole_county())
    client = sign_in(*reader)
    told = "\n".join(told for page in PAGES for told in wrong(client, page))
    assert told == ""
    found = {href for page in PAGES for _, _, href in numbers_of(client.get(page).text) if href}
    wanted = ["queue=in_hand", "figure=due_reply_done", "figure=took_receipt", "queue=received"]
    if reader[1] == "office":
        wanted += ["figure=interviewed", "figure=answered_staff", "from=2016-12-05&to=2016-12-11", "figure=repeat"]
    assert [part for part in wanted if not any(part in href for href in found)] == []


def test_what_is_in_hand_is_one_thing_in_rows_marks_and_definition(reporting: Database, take: Take) -> None:
    take(whole_county())
    with reporting.unit_of_work() as uow:
        rows = uow.all(
            f"SELECT stage, {listing.SQL['queue_in_hand']}\n AS counts FROM case_row c WHERE organisation = %(own)s", own=COUNTY
        )
        told = counting.counts(uow, Period(uow.now, uow.now, uow.now))[""]
    assert len({row["stage"] for row in rows}) > 4
    assert all(row["counts"] == (Stage(row["stage"]) in IN_HAND) for row in rows)
    assert sum(row["counts"] for row in rows) == counting.in_hand(told) > 0
    assert not IN_HAND & {Stage.CONCLUDED, Stage.WITHDRAWN, Stage.CLOSED, Stage.ARCHIVED}


def test_the_report_counts_the_same_in_hand_as_the_page_which_says_what_that_is(
    reporting: Database, take: Take, sign_in: SignIn
) -> None:
    """One is with a unit, one waits to be read, one is concluded and waits to be followed up."""
    bus = Bus()
    for number, stage in enumerate(("registered", "in_hand", "concluded")):
        case = Case(bus, UUID(int=(7 << 120) + number), number=f"{number}号")
        case.register(at("2016-11-07 09:30"))
        if stage != "registered":
            case.receive(at("2016-11-07 10:30"), case.assign(at("2016-11-07 10:00"), 1, EPB), EPB)
        if stage == "concluded":
            case.conclude(at("2016-11-08 10:00"), 1)
    take([*bus.sent, ended(bus, WEEK)])
    with reporting.unit_of_work() as uow:
        preparing.prepare_owed(uow)
    client = sign_in(OFFICE, "office")
    assert json.loads(frozen(reporting, WEEK)["data"])["figures"]["in_hand"] == 2
    for page in ("/reporting/dashboard", "/reporting/statistics?from=2016-11-07&to=2016-11-13", "/reporting/cases"):
        shown = client.get(page).text
        assert "已登记、尚未办结和撤回的信访件" in shown, page
        assert re.findall(r"queue=in_hand[^>]*>(?:<[^>]*>|[^<\d])*(\d+)", shown), page
        counted = {number for _, number, href in numbers_of(shown) if href and "queue=in_hand" in href and "owner=" not in href}
        assert counted <= {2}, page
    assert length(client, "/reporting/cases?queue=in_hand") == 2
    assert length(client, "/reporting/cases?queue=received") == 1


# -- the twins ----------------------------------------------------------------------------------------------------------
def test_a_number_without_its_list_is_found(take: Take, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Links, "in_hand", lambda *_: None)
    take(whole_county())
    assert any("leads nowhere" in told for told in wrong(sign_in(OFFICE, "office"), PAGES[1]))


def test_a_list_of_something_else_is_found(take: Take, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "IN_HAND", (*counting.IN_HAND, "stage_concluded"))
    take(whole_county())
    assert any("queue=in_hand" in told for told in wrong(sign_in(OFFICE, "office"), PAGES[1]))
