"""What is frozen of a period: lists, figures, the ranking of units, and that order changes nothing."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.reporting.domain import picture, reports
from services.reporting.domain.picture import CaseRow, Stage
from services.reporting.domain.ranking import ranked
from services.reporting.domain.reports import Cut, Told
from services.reporting.domain.statistics import Figures
from shared.contract.person import Person

OWN = "431023"
UNTIL = datetime(2016, 11, 13, 16, tzinfo=UTC)
WEEK = Cut("week", date(2016, 11, 7), date(2016, 11, 13), 45, UNTIL, 99)
HALF = Cut("half_month", date(2016, 11, 1), date(2016, 11, 15), 21, datetime(2016, 11, 15, 16, tzinfo=UTC), 99)
TWO = Cut("two_months", date(2016, 11, 1), date(2016, 12, 31), 6, datetime(2016, 12, 31, 16, tzinfo=UTC), 99)
CHIEF = Person(official="o-1", name="李志强", post="镇党委书记", organisation="431023104")


def case(n: int, **changed: Any) -> CaseRow:
    """A case in hand, registered and accepted in the week."""
    blank = picture.draw(UUID(int=n), {})
    at = datetime(2016, 11, 8, tzinfo=UTC)
    known: dict[str, Any] = {
        "organisation": OWN, "number": f"永信〔2016〕{n}号", "channel": "letter", "title": f"第{n}件", "place": "431023104201",
        "stage": Stage.IN_HAND, "registered_at": at, "accepted_at": at + timedelta(hours=1), "responsible": CHIEF,
    }  # fmt: skip
    return dataclasses.replace(blank, **{**known, **changed})


def drawn(cut: Cut, *rows: CaseRow, **told: Any) -> dict[str, Any]:
    return reports.draw(cut, OWN, rows, Told(**told))


def numbers(items: list[Mapping[str, Any]]) -> list[str]:
    return [item["number"] for item in items]


def test_the_order_in_which_cases_come_changes_no_byte() -> None:
    rows = [case(n) for n in range(1, 6)]
    assert reports.spelt(drawn(WEEK, *rows)) == reports.spelt(drawn(WEEK, *rows[::-1]))


def test_a_weekly_report_lists_what_was_accepted_is_in_hand_and_was_concluded() -> None:
    at = datetime(2016, 11, 10, tzinfo=UTC)
    old = case(2, registered_at=at - timedelta(days=60), accepted_at=None)
    over = case(3, stage=Stage.CONCLUDED, concluded_at=at)
    gone = case(4, stage=Stage.WITHDRAWN, withdrawn_at=at)
    data = drawn(WEEK, case(1), old, over, gone)
    assert numbers(data["lists"]["accepted"]) == ["永信〔2016〕1号", "永信〔2016〕3号", "永信〔2016〕4号"]
    assert numbers(data["lists"]["in_hand"]) == ["永信〔2016〕2号", "永信〔2016〕1号"]
    assert numbers(data["lists"]["concluded"]) == ["永信〔2016〕3号"]
    figures = data["figures"]
    assert (figures["registered"], figures["in_hand"], figures["to_follow_up"], figures["withdrawn"]) == (3, 2, 1, 1)
    assert data["channels"] == {"letter": 3}


def test_a_supervision_list_holds_what_is_owed_since_before_the_cut_off_the_longest_first() -> None:
    due = HALF.until - timedelta(days=20)
    rows = [
        case(1, conclude_due_at=HALF.until - timedelta(hours=1)), case(2, reply_due_at=due, conclude_due_at=HALF.until),
        case(3, conclude_due_at=HALF.until + timedelta(seconds=1)), case(4),
    ]  # fmt: skip
    steps = {str(UUID(int=2)): [{"step": "reminder", "on": "2016-11-02", "document": "催1"}]}
    data = drawn(HALF, *rows, steps=steps)
    assert [(item["number"][-2], item["days_over"]) for item in data["lists"]["overdue"]] == [("2", 20), ("1", 1)]
    assert data["fallen"] == 1
    assert data["lists"]["overdue"][0]["steps"] == steps[str(UUID(int=2))]
    assert "steps" not in data["lists"]["overdue"][1]


@pytest.mark.parametrize(
    ("owed", "days"), [(timedelta(), 0), (timedelta(seconds=1), 1), (timedelta(days=1), 1), (timedelta(hours=25), 2)]
)
def test_a_day_that_has_begun_counts(owed: timedelta, days: int) -> None:
    assert reports.days_over(UNTIL - owed, UNTIL) == days


def test_nothing_owed_is_no_day_late() -> None:
    assert reports.days_over(None, UNTIL) == reports.days_over(UNTIL + timedelta(days=3), UNTIL) == 0


def test_a_guarded_case_is_counted_and_nowhere_listed() -> None:
    listed = {"case": str(UUID(int=2)), "unit": "431023104", "number": "永信〔2016〕2号"}
    rows = [case(n, conclude_due_at=UNTIL) for n in (1, 2)]
    data = drawn(TWO, *rows, guarded={UUID(int=2)}, circular=[listed, {**listed, "case": str(UUID(int=1))}])
    assert (data["lengths"]["overdue"], numbers(data["lists"]["overdue"])) == (2, ["永信〔2016〕1号"])
    assert [each["case"] for each in data["circular"]] == [str(UUID(int=1))]


def test_of_a_confidential_case_nobody_reads_what_it_is_about() -> None:
    """By the latest word, whatever stood at the cut-off."""
    said = {"unit": "431023104", "number": "x", "title": "第1件", "reasons": "逾期", "document": "d"}
    circular = [{**said, "case": str(UUID(int=n))} for n in (1, 2)]
    rows = [case(1, conclude_due_at=UNTIL), case(2, confidential=True, conclude_due_at=UNTIL)]
    data = drawn(TWO, *rows, hushed={UUID(int=1)}, circular=circular)
    told = {item["number"]: (item["title"], item["confidential"]) for item in data["lists"]["overdue"]}
    assert told == {"永信〔2016〕1号": (None, True), "永信〔2016〕2号": ("第2件", False)}
    assert [(each["title"], each["reasons"]) for each in data["circular"]] == [(None, None), ("第1件", "逾期")]


def test_a_reader_who_may_not_read_a_case_finds_its_number_alone() -> None:
    said = {"unit": "431023104", "number": "x", "title": "第1件", "reasons": "逾期", "document": "d"}
    rows = [case(n, conclude_due_at=UNTIL) for n in (1, 2)]
    data = drawn(TWO, *rows, circular=[{**said, "case": str(UUID(int=n))} for n in (1, 2)])
    found = reports.narrowed(data, {str(UUID(int=1)): False, str(UUID(int=2)): True})
    assert [(item["title"], item["confidential"]) for item in found["lists"]["overdue"]] == [(None, True), ("第2件", False)]
    assert [(each["title"], each["reasons"]) for each in found["circular"]] == [(None, None), ("第1件", "逾期")]
    assert data["lists"]["overdue"][0]["title"] == "第1件", "what is frozen stays"


@pytest.mark.parametrize("cut", [WEEK, HALF, TWO], ids=lambda cut: cut.kind)
def test_a_report_without_some_cases_is_the_report_of_the_others(cut: Cut) -> None:
    """For whoever is barred from them: in no number of his is one of them counted, and he sees that nothing is missing."""
    at = cut.until - timedelta(days=1)
    late: dict[str, Any] = {"conclude_due_at": at, "conclude_limit_at": at, "reply_limit_at": at}
    other = dataclasses.replace(CHIEF, organisation="431023-epb")
    known = [case(n, **late, channel="visit", replied_at=at) for n in range(1, 8)] + [case(8, **late, responsible=other)]
    hidden = [case(n, **late) for n in range(11, 14)] + [
        case(14, **late, responsible=dataclasses.replace(CHIEF, organisation="x"))
    ]
    whole, less = drawn(cut, *known, *hidden, interviews=5), drawn(cut, *hidden, interviews=2)
    found, expected = reports.without(whole, less), drawn(cut, *known, interviews=3)
    seen = dict.fromkeys(reports.cases_of(expected), True)
    assert {**reports.narrowed(found, seen), "names": {}} == {**expected, "names": {}}
    assert found["lengths"] != whole["lengths"]


def test_what_nobody_has_been_told_is_left_open() -> None:
    (item,) = drawn(WEEK, case(1, responsible=None, place=None))["lists"]["accepted"]
    assert (item["unit"], item["leader"], item["place"], item["due"]) == (None, None, None, None)


@pytest.mark.parametrize(
    ("changed", "counts"),
    [({}, True), ({"organisation": "431023104"}, False), ({"number": None}, False), ({"stage": Stage.CLOSED}, True),
     ({"stage": Stage.CLOSED, "registered_at": None, "accepted_at": None}, False)],
)  # fmt: skip
def test_which_cases_have_to_do_with_a_report(changed: dict[str, Any], counts: bool) -> None:
    assert reports.counts_in(case(1, **changed), OWN, WEEK.period) is counts


def test_a_report_tells_what_its_organisations_were_called() -> None:
    data = drawn(WEEK, case(1), names={OWN: "永兴县", "431023104": "柏林镇", "431023105": "别镇"})
    assert data["names"] == {OWN: "永兴县", "431023104": "柏林镇"}
    assert drawn(WEEK, case(1))["names"][OWN] == OWN, "by its code where nobody said"


def test_a_reader_finds_what_he_may_see_and_the_rest_not_listed() -> None:
    listed = [{"case": str(UUID(int=n)), "unit": "431023104", "number": "x"} for n in (1, 2)]
    data = drawn(TWO, *(case(n, conclude_due_at=UNTIL) for n in (1, 2, 3)), circular=listed)
    assert reports.cases_of(data) == [str(UUID(int=n)) for n in (1, 2, 3)]
    found = reports.narrowed(data, {str(UUID(int=2)): True})
    assert (numbers(found["lists"]["overdue"]), found["lengths"]["overdue"]) == (["永信〔2016〕2号"], 3)
    assert [each["case"] for each in found["circular"]] == [str(UUID(int=2))]
    assert "circular" not in reports.narrowed(drawn(WEEK, case(1)), {})


def test_units_without_a_name_or_a_limit_are_not_ranked() -> None:
    at = TWO.until - timedelta(days=9)
    late = case(2, conclude_due_at=at, conclude_limit_at=at, reply_limit_at=at, replied_at=at)
    (row,) = drawn(TWO, case(1, responsible=None), late, interviews=3)["ranking"]
    told = {"place": None, "unit": "431023104", "reply": {"done": 1, "of": 1}, "closing": {"done": 0, "of": 1}, "overdue": 1}
    assert row == told


def test_bytes_are_readable_and_told_apart() -> None:
    body = reports.spelt(drawn(WEEK, case(1)))
    assert json.loads(body)["until"] == "2016-11-14T00:00:00.000000+08:00"
    assert reports.digest(body) != reports.digest(body + b" ")


def figures(done: int, of: int, replied: int | None = None) -> Figures:
    return Figures(due_closing=of, due_closing_done=done, due_reply=of, due_reply_done=of if replied is None else replied)


RANKS = [
    ({"a": figures(9, 10), "b": figures(5, 5)}, {}, [("b", 1), ("a", 2)]),
    ({"a": figures(9, 10, 8), "b": figures(9, 10, 9)}, {}, [("b", 1), ("a", 2)]),
    ({"a": figures(9, 10), "b": figures(9, 10)}, {"a": 1}, [("b", 1), ("a", 2)]),
    ({"a": figures(9, 10), "b": figures(18, 20), "c": figures(1, 10)}, {}, [("a", 1), ("b", 1), ("c", 3)]),
    ({"a": figures(4, 4), "b": figures(1, 5)}, {}, [("b", 1), ("a", None)]),
    ({"a": Figures(registered=3)}, {"z": 2}, [("z", None)]),
    ({"a": Figures(due_closing=5, due_closing_done=5)}, {}, [("a", 1)]),
    # Not as printed: 2/3 and 667/1000 are both 66.7 %.
    ({"a": figures(667, 1000), "b": figures(4, 6)}, {}, [("a", 1), ("b", 2)]),
]  # fmt: skip


@pytest.mark.parametrize(("by_unit", "late", "expected"), RANKS)
def test_units_are_ranked_by_the_published_rules(
    by_unit: dict[str, Figures], late: dict[str, int], expected: list[tuple[str, int | None]]
) -> None:
    assert [(row["unit"], row["place"]) for row in ranked(by_unit, late)] == expected
