"""The assignment protocol in figures, lists and dossier: time that was given, parts handed on, posts that changed hands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.reporting import store
from services.reporting.domain import picture
from services.reporting.domain.picture import CaseRow
from services.reporting.handlers import rebuilding
from shared.contract import Event
from shared.contract.envelope import instant
from shared.database import Database
from tests.integration.reporting.conftest import Take, reasons
from tests.integration.reporting.story import CASE, COUNTY, EPB, SECRETARY, TOWN_HEAD, TOWNSHIP, VICE, Bus, Case, at, person

ISSUED, DUE = at("2016-11-07 10:00"), at("2016-11-18 00:00")
NEW_HEAD = TOWN_HEAD | {"official": "o-431023104-new", "name": "龙继任"}
STATION = person("o-431023104-env", "曹建军", "环保站站长", f"{TOWNSHIP}-env")


class Told:
    """A case that was handed to the township, with its limit."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.case = Case(self.bus)
        self.case.register(at("2016-11-07 09:30"))
        self.key = self.case.assign(ISSUED, 1, TOWN_HEAD)
        self.limit = self.case.owe(ISSUED, DUE, "conclude")

    def say(
        self, name: str, when: datetime = ISSUED, *, told_by: str = COUNTY, addressed: str | None = None, **data: Any
    ) -> Event:
        told = {"assignment_id": self.key, "at": instant(when)} | data
        return self.bus.tell(name, told, when, org=told_by, subject=CASE, to=addressed)

    def hand_over(self, *, told_by: str = TOWNSHIP) -> Event:
        people: dict[str, Any] = {"from": TOWN_HEAD, "to": NEW_HEAD, "by": NEW_HEAD}
        return self.say("assignment.handed_over", told_by=told_by, addressed=COUNTY, reason="left", **people)

    def part(self) -> str:
        key = self.bus.identifier()
        self.say(
            "assignment.issued", told_by=TOWNSHIP, addressed=STATION["organisation"], assignment_id=key, parent=self.key, round=1,
            instruction_id=self.bus.identifier(), part="handling", responsible=STATION, issued_by=TOWN_HEAD, text="请取样。",
            issued_at=instant(ISSUED), case_class="ordinary", number=self.case.number, channel="email", category="environment",
            title=self.case.title, brief=self.case.brief,
        )  # fmt: skip
        return key

    def clock(self, verb: str, due: datetime, **more: str) -> Event:
        return self.bus.tell(f"deadline.{verb}", {**self.limit, "due_at": instant(due), **more}, ISSUED, subject=CASE)


@pytest.fixture
def told() -> Told:
    return Told()


def row(database: Database) -> CaseRow:
    with database.unit_of_work() as uow:
        found = uow.rows(store.CASES).get(CASE)
    assert found is not None
    return found


def test_the_figures_go_by_the_moved_limit_and_by_none_while_the_clock_stands_still(
    reporting: Database, deliver: Take, told: Told
) -> None:
    told.clock("paused", DUE, paused_at=instant(ISSUED))
    deliver(told.bus.sent)
    assert (row(reporting).conclude_due_at, row(reporting).conclude_limit_at) == (None, None)
    moved = DUE + timedelta(days=20)
    deliver([told.clock("moved", moved, was_due_at=instant(DUE), cause="resumed", moved_at=instant(ISSUED))])
    assert (row(reporting).conclude_due_at, row(reporting).conclude_limit_at) == (moved, moved)
    assert not any(rebuilding.differences(reporting).values())


def test_whoever_holds_the_post_now_is_responsible_sees_the_case_and_speaks_for_it(
    reporting: Database, deliver: Take, told: Told
) -> None:
    told.hand_over()
    deliver(told.bus.sent)
    assert row(reporting).responsible == picture.Person.of(NEW_HEAD)
    with reporting.unit_of_work() as uow:
        assert uow.all("SELECT official FROM case_unit") == [{"official": NEW_HEAD["official"]}]
    deliver([told.say("assignment.received", told_by=TOWNSHIP, addressed=COUNTY, by=NEW_HEAD, received_at=instant(ISSUED))])
    assert row(reporting).received_at == ISSUED
    assert reasons(reporting) == []
    assert not any(rebuilding.differences(reporting).values())


def test_a_neighbour_hands_nothing_over(reporting: Database, deliver: Take, told: Told) -> None:
    told.hand_over(told_by="431023101")
    deliver(told.bus.sent)
    assert reasons(reporting) == ["failed"]
    assert row(reporting).responsible == picture.Person.of(TOWN_HEAD)


def test_a_part_is_seen_by_whoever_has_it_and_counts_in_no_figure(reporting: Database, deliver: Take, told: Told) -> None:
    key = told.part()
    told.say(
        "assignment.received", told_by=TOWNSHIP, addressed=TOWNSHIP, assignment_id=key, by=STATION, received_at=instant(ISSUED)
    )
    deliver(told.bus.sent)
    assert row(reporting).responsible == picture.Person.of(TOWN_HEAD)
    assert row(reporting).received_at is None
    with reporting.unit_of_work() as uow:
        assert {one["official"] for one in uow.all("SELECT official FROM case_unit")} == {
            TOWN_HEAD["official"],
            STATION["official"],
        }
    assert not any(rebuilding.differences(reporting).values())


def test_a_joint_units_receipt_does_not_put_the_case_in_hand(reporting: Database, deliver: Take, told: Told) -> None:
    told.case.instruct(ISSUED, 2, "请牵头。", [VICE, EPB])
    joint = told.case.assign(ISSUED, 2, EPB, "joint")
    lead = told.case.assign(ISSUED, 2, VICE, "lead")
    told.case.receive(ISSUED, joint, EPB)
    deliver(told.bus.sent)
    assert row(reporting).stage == "instructed"
    told.case.receive(ISSUED, lead, VICE)
    deliver(told.bus.sent[-1:])
    assert row(reporting).stage == "in_hand"


def test_the_dossier_says_what_was_asked_for_decided_and_given(deliver: Take, office: FlaskClient, told: Told) -> None:
    county: dict[str, Any] = {"by": SECRETARY}
    extension: dict[str, Any] = {"extension_id": told.bus.identifier()}
    pause: dict[str, Any] = {"pause_id": told.bus.identifier(), "category": "hearing", "authority": SECRETARY}
    told.say("assignment.received", told_by=TOWNSHIP, addressed=COUNTY, by=TOWN_HEAD, received_at=instant(ISSUED))
    told.say(
        "assignment.objected", told_by=TOWNSHIP, addressed=COUNTY, by=TOWN_HEAD, reasons="不属本镇。", objected_at=instant(ISSUED)
    )
    told.say("assignment.objection_decided", decision="dismissed", reasons="属地管辖。", **county)
    told.say(
        "assignment.extension_requested",
        told_by=TOWNSHIP,
        addressed=COUNTY,
        by=TOWN_HEAD,
        days=20,
        reasons="送检须二十日。",
        **extension,
    )
    told.say("assignment.extension_refused", reasons="期限足够。", **county, **extension)
    told.say("assignment.extended", authority=SECRETARY, days=15, reasons="水质送检。", extension_id=told.bus.identifier())
    told.say("assignment.paused", reasons="依法听证。", **pause)
    told.say("assignment.resumed", reasons="听证结束。", **pause)
    told.clock("moved", DUE, was_due_at=instant(DUE), cause="extended", moved_at=instant(ISSUED))
    told.hand_over()
    told.part()
    deliver(told.bus.sent)
    page = office.get(f"/reporting/cases/{CASE}").text
    for words in ("异议不成立", "属地管辖。", "申请延期", "送检须二十日。", "不予延期", "准予延期", "水质送检。", "听证", "恢复计时",
                  "移交责任人", "原责任人离任", "龙继任", "分派", "请取样。", "原期限"):  # fmt: skip
        assert words in page, words
