"""What the ladder did stands in the supervision list and in the circular, but for steps that were annulled."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.reporting.documents.writing import Issue, write
from services.reporting.handlers import preparing
from shared.contract.envelope import instant
from shared.database import Database
from tests.integration.reporting.periods import HALF_MONTH, TWO_MONTHS, Ended, ended, frozen, remade
from tests.integration.reporting.story import EPB, SECRETARY, TOWNSHIP, Bus, Case, at
from tests.integration.reporting.test_reports_issued import post

SUPERVISOR = {"official": "o-supervisor", "name": "谢主任", "post": "督查室主任", "organisation": "431023"}


class Late(Case):
    """A case that the bureau owes since a day, and the steps taken on it."""

    def __init__(self, bus: Bus, n: int, due: str) -> None:
        super().__init__(bus, UUID(int=n), number=f"永信〔2016〕{n}号")
        self.register(at("2016-11-01 09:00"))
        self.instruct(at("2016-11-01 10:00"), 1, "请办理。", [EPB])
        self.assign(at("2016-11-01 10:00"), 1, EPB)
        self.owed = self.owe(at("2016-11-01 10:00"), at(due), "conclude")

    def step(self, name: str, step: str, when: str, document: str, **more: Any) -> str:
        key = self.bus.identifier()
        self.tell(
            name, at(when), step_id=key, step=step, deadline_id=self.owed["deadline_id"], obligation="conclude", round=1, responsible=EPB,
            document=document, due_at=self.owed["due_at"], at=instant(at(when)), **more,
        )  # fmt: skip
        return key

    def notice(self, when: str, document: str) -> str:
        said = {"reasons": "逾期", "by": SUPERVISOR, "demand": "限期办结", "until": "2016-12-01"}
        return self.step("supervision.noticed", "notice", when, document, **said)

    def list_in_circular(self, when: str, document: str, reasons: str, first: str = "2016-11-01") -> str:
        said = {"reasons": reasons, "by": SUPERVISOR, "period_first": first, "period_last": "2016-12-31"}
        return self.step("circular.listed", "circular", when, document, **said)

    def annul(self, when: str, key: str, step: str) -> None:
        self.tell(
            "supervision.annulled", at(when), step_id=key, step=step, responsible=EPB, document="x", reasons="有误", by=SUPERVISOR,
            at=instant(at(when)),
        )  # fmt: skip


def interview(bus: Bus, case: Case, when: datetime, key: str, told_by: str = "431023") -> None:
    case.tell(
        "interview.held", when, told_by=told_by, interview_id=key, responsible=EPB, at=instant(when), attended=["周清"], demands="整改",
        until="2016-12-31", held_at=instant(when), by=SECRETARY,
    )  # fmt: skip


@pytest.fixture
def draft(reporting: Database, take: Any) -> Any:
    """`draft(bus, period)`: the data of the period's draft, the same when made again."""

    def draft(bus: Bus, period: Ended) -> dict[str, Any]:
        take([*bus.sent, ended(bus, period)])
        with reporting.unit_of_work() as uow:
            preparing.prepare_owed(uow)
        body = frozen(reporting, period)["data"]
        assert remade(reporting, period) == body
        found: dict[str, Any] = json.loads(body)
        return found

    return draft


def test_a_supervision_list_says_what_was_done_about_each_case(draft: Any) -> None:
    bus = Bus()
    case, other = Late(bus, 1, "2016-11-11 10:00"), Late(bus, 2, "2016-11-20 10:00")
    case.step("supervision.reminded", "reminder", "2016-11-11 10:01", "催1", late=False)
    case.notice("2016-11-16 09:00", "永督〔2016〕1号")
    other.annul("2016-11-22 09:00", other.notice("2016-11-21 09:00", "永督〔2016〕2号"), "notice")
    case.notice("2016-12-02 09:00", "永督〔2016〕3号")  # after the cut-off
    data = draft(bus, HALF_MONTH)
    first, second = data["lists"]["overdue"]
    assert [(step["on"], step["step"]) for step in first["steps"]] == [("2016-11-11", "reminder"), ("2016-11-16", "notice")]
    assert (second["number"], second["days_over"], second.get("steps")) == ("永信〔2016〕2号", 11, None)
    assert data["fallen"] == 1, "the other one was late before"
    plain = write(data, Issue()).plain
    assert "11-11 催办；11-16 督办单" in plain
    assert "超期未完成的信访事项2件，其中2016年11月16日至11月30日期间新超期1件" in plain


def test_a_circular_names_what_was_listed_for_its_period_and_counts_interviews(draft: Any) -> None:
    bus = Bus()
    case, other, barred = (Late(bus, n, "2016-11-11 10:00") for n in (1, 2, 3))
    case.list_in_circular("2016-12-20 09:00", "永通〔2016〕1号", "逾期一月未办结。")
    other.annul("2016-12-22 09:00", other.list_in_circular("2016-12-21 09:00", "永通〔2016〕2号", "有误。"), "circular")
    other.list_in_circular("2016-12-23 09:00", "永通〔2016〕3号", "上期。", first="2016-09-01")
    barred.list_in_circular("2016-12-24 09:00", "永通〔2016〕4号", "回避。")
    barred.bar(at("2016-12-25 09:00"), officials=["o-somebody"])
    when, key = at("2016-12-26 09:00"), bus.identifier()
    interview(bus, case, when, key)
    interview(bus, other, when, key)  # one interview about two cases
    interview(bus, case, when + timedelta(days=1), bus.identifier())
    interview(bus, case, at("2017-01-02 09:00"), bus.identifier())
    data = draft(bus, TWO_MONTHS)
    assert data["interviews"] == 2
    assert [(each["document"], each["number"]) for each in data["circular"]] == [("永通〔2016〕1号", "永信〔2016〕1号")]
    ranking = {row["unit"]: (row["place"], row["closing"]["of"], row["overdue"]) for row in data["ranking"]}
    assert ranking == {"431023-epb": (None, 0, 3), TOWNSHIP: (None, 3, 0)}, (
        "a limit is his who owed it, what is late his who has it"
    )
    plain = write(data, Issue()).plain
    assert "约谈责任人2人次" in plain
    assert (
        "1．431023-epb周清（局长）：永信〔2016〕1号《永兴十里洞村民希望喝上健康的水》。逾期一月未办结。（永通〔2016〕1号）"
        in plain
    )
    assert "永信〔2016〕3号" not in plain
    assert "回避" not in plain


def test_an_interview_that_a_township_held_is_the_townships(draft: Any) -> None:
    bus = Bus()
    interview(bus, Late(bus, 1, "2016-11-11 10:00"), at("2016-12-26 09:00"), bus.identifier(), told_by=TOWNSHIP)
    assert draft(bus, TWO_MONTHS)["interviews"] == 0


def test_what_is_listed_when_the_two_months_are_over_comes_in_when_it_is_prepared_anew(
    reporting: Database, draft: Any, take: Any, sign_in: Any
) -> None:
    bus = Bus()
    case = Late(bus, 1, "2016-11-11 10:00")
    before = draft(bus, TWO_MONTHS)
    told = len(bus.sent)
    case.list_in_circular("2017-01-01 09:00", "永通〔2017〕1号", "逾期未办结。")
    case.list_in_circular("2017-01-01 09:00", "永通〔2017〕2号", "下期。", first="2017-01-01")
    take(bus.sent[told:])
    assert remade(reporting, TWO_MONTHS) == frozen(reporting, TWO_MONTHS)["data"], "the draft stays what it is"
    office, page = sign_in(SUPERVISOR, "supervision_office"), f"/reporting/reports/{frozen(reporting, TWO_MONTHS)['id']}"
    assert "此后又有 1 件列入本期通报" in office.get(page).text
    assert post(office, page, f"{page}/anew", reasons="写入列入通报的信访件").status_code == 303
    data = json.loads(frozen(reporting, TWO_MONTHS)["data"])
    assert [each["document"] for each in data["circular"]] == ["永通〔2017〕1号"]
    assert {**data, "circular": [], "place": before["place"]} == before, "and nothing else has changed"
    assert remade(reporting, TWO_MONTHS) == frozen(reporting, TWO_MONTHS)["data"]
    assert post(office, page, f"{frozen_page(reporting)}/issue").status_code == 403, "which the first-in-command issues"


def frozen_page(reporting: Database) -> str:
    return f"/reporting/reports/{frozen(reporting, TWO_MONTHS)['id']}"
