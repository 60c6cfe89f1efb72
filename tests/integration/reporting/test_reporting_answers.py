"""What single petitioners said is in no list, file or figure of those about whose work they were asked."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from services.reporting.handlers import counting, listing
from shared.contract import Event
from shared.contract.envelope import instant
from tests.integration.reporting.conftest import SignIn, Take
from tests.integration.reporting.site import exported, numbers
from tests.integration.reporting.story import CASE, COUNTY, EPB, SECRETARY, VICE, Bus, Case, article, at, person

OFFICE = person("o-office", "林主任", "办公室主任", COUNTY)
BETWEEN, NOW_HEAD = person("o-between", "高局长", "局长", "431023-epb"), person("o-now", "方局长", "局长", "431023-epb")
DEPUTY = person("o-deputy", "马副局长", "副局长", "431023-epb")
SATISFIED, CONTESTED = (
    "figure=satisfied_petitioner&from=2016-12-01&to=2016-12-20",
    "figure=contested&from=2016-12-01&to=2016-12-20",
)


def in_other_hands() -> list[Event]:
    """The article's case, in which its assignments were handed on twice and it was carried; satisfied in the end, and contested."""
    bus = Bus()
    article(bus)
    case = Case(bus, UUID(int=(7 << 120) + 1), number="2号")
    case.register(at("2016-11-07 09:30"))
    case.instruct(at("2016-11-07 10:00"), 1, "请办理。", [EPB])
    key = case.assign(at("2016-11-07 10:00"), 1, EPB)
    for n, (left, came) in enumerate(((EPB, BETWEEN), (BETWEEN, NOW_HEAD))):
        when = at(f"2016-11-0{8 + n} 09:00")
        people: dict[str, Any] = {"from": left, "to": came, "by": SECRETARY}
        case.tell("assignment.handed_over", when, assignment_id=key, reason="left", at=instant(when), **people)
    when = at("2016-11-20 09:00")
    case.tell("charge.taken", when, charge_id=bus.identifier(), leader=VICE, ground="overdue", by=SECRETARY, at=instant(when))
    case.conclude(at("2016-12-02 09:00"), 1)
    for name, said in (("case.satisfied", {"source": "petitioner"}), ("case.contested", {})):
        case.tell(name, at("2016-12-05 09:00"), round=1, at=instant(at("2016-12-05 09:00")), **said)
    return bus.sent


def read(client: Any, query: str) -> tuple[list[str], list[str], str]:
    """A figure's list, its file, and how the page of statistics shows the figure."""
    name = query.split("=")[1].split("&")[0]
    page = client.get("/reporting/statistics?from=2016-12-01&to=2016-12-20").text
    shown = [row for row in page.split("<tr>") if f"figure={name}&" in row]
    number = shown[-1].split("</a>")[0].rpartition(">")[2] if shown else "-"
    return sorted(numbers(client, f"?{query}")), sorted(exported(client, f"?{query}")), number


WORKED = {
    "who had it first": EPB, "who had it between": BETWEEN, "who has it": NOW_HEAD, "who carries it": VICE, "another of a unit that had it": DEPUTY,
}  # fmt: skip


@pytest.mark.parametrize("who", WORKED.values(), ids=WORKED)
def test_who_ever_worked_on_a_case_reads_its_petitioners_answer_nowhere(take: Take, sign_in: SignIn, who: dict[str, str]) -> None:
    """Though he has the office's role too, by which he sees every other case's."""
    take(in_other_hands())
    other = sign_in(OFFICE, "office")
    assert [len(found) for found in read(other, SATISFIED)[:2]] == [2, 2]
    assert read(other, SATISFIED)[2] == "2"
    assert read(other, CONTESTED) == (["2号"], ["2号"], "1")
    his_post = who if who is DEPUTY else {**who, "organisation": COUNTY}
    client = sign_in(his_post, "office")
    listed, filed, number = read(client, SATISFIED)
    assert "2号" not in listed
    assert filed == listed
    assert number in (str(len(listed)), "-" if not listed else "")
    assert read(client, CONTESTED)[:2] == ([], [])
    assert "异议" in client.get("/reporting/statistics").text
    assert not told_in(client, UUID(int=(7 << 120) + 1)) & {"case.satisfied", "case.contested"}
    if who in (EPB, DEPUTY):  # they had the article's case too
        assert listed == []
        assert not told_in(client, CASE) & {"case.satisfied", "case.dissatisfied"}


def told_in(client: Any, case: UUID) -> set[str]:
    return {entry["name"] for entry in client.get(f"/api/reporting/cases/{case}/dossier").get_json()["entries"]}


def test_the_page_says_what_is_left_out_for_whom(take: Take, sign_in: SignIn) -> None:
    take(in_other_hands())
    assert (
        "您本人或所在单位办理、包案的信访件"
        in sign_in({**EPB, "organisation": COUNTY}, "office").get("/reporting/statistics").text
    )


# -- the twins ----------------------------------------------------------------------------------------------------------
def test_a_count_that_held_his_own_would_tell_what_the_list_leaves_out(
    take: Take, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "_worked", lambda *_: Counter())
    take(in_other_hands())
    listed, _, number = read(sign_in({**BETWEEN, "organisation": COUNTY}, "office"), SATISFIED)
    assert (len(listed), number) == (1, "2")


def test_a_list_by_role_alone_would_name_it(take: Take, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = "SELECT NULL::uuid WHERE false"
    monkeypatch.setattr(listing, "ANSWERED", listing.SQL["figure_answered"].replace("{worked}", nothing))
    take(in_other_hands())
    assert "2号" in numbers(sign_in({**BETWEEN, "organisation": COUNTY}, "office"), f"?{SATISFIED}")
