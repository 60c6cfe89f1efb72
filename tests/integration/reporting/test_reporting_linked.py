"""A file speaks of another case to those alone who may see that one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from shared.contract.envelope import instant
from tests.integration.reporting.conftest import SignIn, Take
from tests.integration.reporting.story import CASE, EPB, Bus, Case, at

OTHER = UUID(int=CASE.int + 77)
CLERK = {"official": "o-clerk", "name": "何文", "post": "登记员", "organisation": "431023-xf"}
LINK: dict[str, Any] = {
    "link_id": str(UUID(int=9)),
    "relation": "repeat_of",
    "other": str(OTHER),
    "other_number": "永信〔2016〕99号",
    "by": CLERK,
}


def two(bus: Bus) -> tuple[Case, Case]:
    """A case that repeats an earlier one, which was answered."""
    earlier, case = Case(bus, OTHER, number="永信〔2016〕99号"), Case(bus)
    earlier.register(at("2016-11-01 09:30"))
    case.register(at("2016-11-07 09:30"))
    when = at("2016-11-07 10:00")
    told = {"case": str(OTHER), "number": "永信〔2016〕99号", "registered_at": instant(at("2016-11-01 09:30")), "outcome": "explained",
            "answer": "已当面说明。"}  # fmt: skip
    case.tell("case.linked", when, **LINK, why="same_matter", earlier=[told], at=instant(when))
    case.tell("case.unlinked", at("2016-11-08 10:00"), **LINK, undone_for="slip", at=instant(at("2016-11-08 10:00")))
    return earlier, case


def test_a_link_and_its_undoing_stand_in_the_file_with_who_and_why(take: Take, office: FlaskClient) -> None:
    bus = Bus()
    two(bus)
    take(bus.sent)
    page = office.get(f"/reporting/cases/{CASE}").text
    for said in ("关联", "重复信访，此前还有", "永信〔2016〕99号", "已当面说明。", "解释说明", "撤销关联", "操作失误", "何文"):
        assert said in page
    entries = office.get(f"/api/reporting/cases/{CASE}/dossier").get_json()["entries"]
    assert [entry["name"] for entry in entries][1:] == ["case.linked", "case.unlinked"]


def test_whoever_is_barred_from_the_other_case_reads_nothing_of_it(take: Take, office: FlaskClient, sign_in: SignIn) -> None:
    bus = Bus()
    earlier, case = two(bus)
    case.assign(at("2016-11-07 11:00"), 1, EPB)
    earlier.bar(at("2016-11-09 10:00"), officials=["o-office"])
    take(bus.sent)
    barred = sign_in({"official": "o-office", "name": "某", "post": "某职", "organisation": "431023"}, "office")
    outside = sign_in(EPB, "unit_head")  # the other case is not this unit's
    for client in (barred, outside):
        page, told = client.get(f"/reporting/cases/{CASE}"), client.get(f"/api/reporting/cases/{CASE}/dossier")
        assert page.status_code == told.status_code == 200
        for hidden in ("99号", "已当面说明", "重复信访", "操作失误", str(OTHER)):
            assert hidden not in page.text + told.text


def test_what_names_no_case_is_not_shown(take: Take, office: FlaskClient) -> None:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:30"))
    when = at("2016-11-07 10:00")
    case.tell("case.linked", when, **LINK | {"other": "x" * 36}, why="found", earlier=[], at=instant(when))
    take(bus.sent)
    assert "99号" not in office.get(f"/reporting/cases/{CASE}").text
