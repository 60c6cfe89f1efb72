"""A change of the directory on its way: over the real link, both ways, with the rights that each side has there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

from deploy.dev.county import County
from deploy.dev.instance import Instance
from services.routing.domain.terms import Term
from services.routing.handlers import appointments
from services.routing.handlers.appointments import Editing

TOWN = "431023104"


def appoint(instance: Instance, administrator: str, official: str, role: str) -> None:
    """A further head of the town."""
    term = Term(
        id=uuid4(), official=official, organisation=TOWN, title="柏林镇镇长", roles=frozenset({role}), from_on=date(2020, 1, 1)
    )
    editing = Editing(by=administrator, key=uuid4(), reason="永组干〔2016〕30号", now=datetime.now(UTC))
    with instance.unit_of_work("routing") as uow:
        appointments.appoint(uow, editing, term, name="新镇长", first=False)


def announced(instance: Instance, source: str) -> list[str]:
    """The heads that the last word of a source names."""
    rows = instance.query(
        "SELECT jsonb_path_query_array(heads, '$[*].official') FROM routing.announcement WHERE source = %s AND superseded_at IS NULL",
        source,
    )
    return [official for (heads,) in rows for official in heads]


def test_each_side_hears_of_a_head_whom_the_other_appoints(county: County) -> None:
    down, up = f"o-{TOWN}-down", f"o-{TOWN}-up"
    appoint(county.county, "o-431023-administrator", down, "unit_head")
    appoint(county.town, f"o-{TOWN}-administrator", up, "first_in_command")
    county.driver.rest.wait()
    assert down in announced(county.town, "431023")
    assert up in announced(county.county, TOWN)
    for instance, stranger in ((county.town, down), (county.county, up)):
        assert instance.query("SELECT 1 FROM routing.official WHERE official = %s", stranger) == [], (
            "nothing of it takes effect by itself"
        )
    coming = county.county.query("SELECT count(*) FROM routing.parked WHERE dismissed_at IS NULL")
    assert coming == [(0,)]
