"""Words that very many cases hold: the latest are found along the list, and no more is counted than anybody reads."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.reporting.handlers import listing
from services.reporting.handlers.listing import Filter
from services.reporting.handlers.seeing import Sight
from shared.database import Database
from tests.integration.reporting.conftest import Take
from tests.integration.reporting.story import COUNTY, Bus, Case, at

OFFICE = Sight(official="o-office", own=COUNTY, everything=True, posts=("431023-office",), units=())
NOW = at("2016-12-20 10:00")


@pytest.fixture
def many(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven cases; words that more than two hold are common."""
    monkeypatch.setattr(listing, "MOST_COUNTED", 2)
    bus = Bus()
    for number in range(7):
        case = Case(bus, UUID(int=(1 << 120) + number), number=f"永信〔2016〕{number}号")
        case.register(at("2016-11-08 09:00") + timedelta(hours=number))
        if number == 5:
            case.bar(at("2016-11-08 16:00"), officials=["o-office"])
    take(bus.sent)


def test_the_latest_are_listed_in_order_and_barred_ones_never(reporting: Database, many: None) -> None:
    with reporting.unit_of_work() as uow:
        along = listing.cases(uow, OFFICE, Filter(text="永信"), now=NOW, limit=3)
        by_index = listing.cases(uow, OFFICE, Filter(text="永信"), now=NOW, sort="oldest", limit=9)
        assert [row["number"] for row in along] == [f"永信〔2016〕{number}号" for number in (6, 4, 3)]
        assert [row["number"] for row in by_index] == [f"永信〔2016〕{number}号" for number in (0, 1, 2, 3, 4, 6)]
        assert listing.count(uow, OFFICE, Filter(text="永信"), now=NOW) == 3  # more than two
        assert listing.count(uow, OFFICE, Filter(text="永信 5号"), now=NOW) == 0
        assert listing.count(uow, OFFICE, Filter(text="永信 6号"), now=NOW) == 1


def test_the_page_says_that_there_are_more(office: FlaskClient, many: None) -> None:
    page = office.get("/reporting/cases?q=永信").text
    assert "超过 2 件" in page
    assert "写得再具体一些" in page
    assert office.get("/reporting/cases.csv?q=永信").data.decode("utf-8-sig").count("永信〔2016〕") == 6
    assert "超过" not in office.get("/reporting/cases?q=6号").text
