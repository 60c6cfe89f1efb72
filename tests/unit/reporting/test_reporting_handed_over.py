"""Who stands for an assignment in reports after it has changed hands."""

from typing import Any

from services.reporting.domain import picture
from shared.contract.envelope import instant
from tests.integration.reporting.story import CASE, EPB, SECRETARY, Bus, Case, at
from tests.unit.reporting.test_reporting_picture import told


def test_whoever_took_an_assignment_over_stands_for_it() -> None:
    case, when = Case(Bus()), at("2016-11-08 09:00")
    case.register(at("2016-11-07 09:00"))
    case.instruct(at("2016-11-07 10:00"), 1, "请办理。", [EPB])
    assignment = case.assign(at("2016-11-07 10:00"), 1, EPB)
    successor = {**EPB, "official": "o-431023-epb-next", "name": "李继任"}
    moved: dict[str, Any] = {"from": EPB, "to": successor, "by": SECRETARY, "reason": "职务变动", "at": instant(when)}
    case.tell("assignment.handed_over", when, assignment_id=assignment, **moved)
    assert [unit.official for unit in picture.units(CASE, told(case.bus.sent))] == ["o-431023-epb-next"]
