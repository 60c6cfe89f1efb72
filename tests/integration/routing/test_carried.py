"""The pages of a case say which leader carries it, as supervision tells it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from shared.contract import Event
from shared.contract.envelope import instant
from tests.integration.routing.world import AT, EPB, SECRETARY, event, instruct

MAYOR = {"official": "o-431023-magistrate", "name": "周明远", "post": "县长", "organisation": "431023-gov"}
VICE = {"official": "o-431023-vice-env", "name": "唐立新", "post": "副县长", "organisation": "431023-gov"}


def told(verb: str, case_id: UUID, charge: UUID, leader: dict[str, str]) -> Event:
    data: dict[str, Any] = {"charge_id": str(charge), "leader": leader, "by": leader, "at": instant(AT)}
    data |= {"ground": "overdue"} if verb == "taken" else {"reason": "handed_over", "words": None}
    return event(f"charge.{verb}", case_id, data, source="/431023/supervision", at=AT)


def test_the_case_and_its_assignment_say_who_carries_it_until_nobody_does(county, browser, case_id):
    instruct(county, case_id, EPB)
    first, second = uuid4(), uuid4()
    county.hear(told("taken", case_id, first, MAYOR))
    for who, path in ((SECRETARY, f"/routing/cases/{case_id}"), (EPB, f"/routing/assignments/{county.assignment(case_id, EPB)}")):
        one = browser(who)
        one.get(path)
        assert "包案领导" in one.page
        assert "周明远 县长" in one.page
    # The hand-over: heard in order, and heard again.
    county.hear(told("ended", case_id, first, MAYOR), told("taken", case_id, second, VICE), told("ended", case_id, first, MAYOR))
    one = browser(SECRETARY)
    one.get(f"/routing/cases/{case_id}")
    assert "唐立新 副县长" in one.page
    county.hear(told("ended", case_id, second, VICE))
    one.get(f"/routing/cases/{case_id}")
    assert "包案领导" not in one.page
