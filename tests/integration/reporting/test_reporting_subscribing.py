"""Whose cases an agency can be told of here, and of whose it is told counts alone."""

from __future__ import annotations

import pytest

from services.reporting.handlers import subscribing
from shared.database import Database
from shared.errors import Refused
from tests.integration.reporting.conftest import Take
from tests.integration.reporting.story import COUNTY, TOWNSHIP, Bus, at

STATION, BUREAU, OTHER = f"{TOWNSHIP}-water", f"{COUNTY}-epb", f"{COUNTY}105"


@pytest.fixture
def county(reporting: Database, take: Take) -> Database:
    """One township works in an instance of its own, another in the county's."""
    bus = Bus()
    for code, superior, has_instance in (
        (COUNTY, None, True), (TOWNSHIP, COUNTY, True), (STATION, TOWNSHIP, False), (BUREAU, COUNTY, False), (OTHER, COUNTY, False),
    ):  # fmt: skip
        told = {
            "code": code,
            "name": code,
            "name_en": code,
            "superior": superior,
            "kind": "unit",
            "has_instance": has_instance,
            "active": True,
        }
        bus.tell("directory.organisation_recorded", told, at("2016-08-01 08:00"), subject=code)
    take(bus.sent)
    return reporting


@pytest.mark.parametrize(
    ("events", "organisations", "counts"),
    [
        (["case.*"], [COUNTY], []), (["#"], [TOWNSHIP], [TOWNSHIP]), (["case.*", "figures.*"], [COUNTY, TOWNSHIP], [TOWNSHIP]),
        (["case.*"], ["*"], [TOWNSHIP]), (["case.*"], ["431023999"], []),
    ],
)  # fmt: skip
def test_it_is_said_of_whose_cases_there_are_counts_alone(
    county: Database, events: list[str], organisations: list[str], counts: list[str]
) -> None:
    with county.unit_of_work() as uow:
        assert subscribing.counted_alone(uow, events, organisations) == counts


@pytest.mark.parametrize(
    ("events", "organisation", "said"),
    [(["case.*"], TOWNSHIP, "有自己的系统"), (["#"], STATION, TOWNSHIP), (["#"], BUREAU, COUNTY), (["#"], OTHER, COUNTY)],
)
def test_of_whom_nothing_would_be_told_nobody_subscribes(
    county: Database, events: list[str], organisation: str, said: str
) -> None:
    with county.unit_of_work() as uow, pytest.raises(Refused) as refused:
        subscribing.counted_alone(uow, events, [COUNTY, organisation])
    assert said in str(refused.value)
