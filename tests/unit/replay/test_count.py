"""The count straight from the event logs, on logs of a few lines: what counts, what does not, and by which day."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deploy.replay import count

CHINA = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2016, 8, 1), date(2017, 2, 28)
Told = tuple[str, str, dict[str, Any]]


def at(month: int, day: int, hour: int = 9) -> str:
    return datetime(2017 if month < 8 else 2016, month, day, hour, tzinfo=CHINA).isoformat()


def limit(obligation: str, due: str, **more: Any) -> dict[str, Any]:
    return {"obligation": obligation, "deadline_id": f"{obligation} {due}", "due_at": due, **more}


def life(case: str = "a") -> list[Told]:
    """A case that was replied to and closed in time."""
    return [
        ("case.registered", case, {"registered_at": at(11, 7)}),
        ("case.instructed", case, {"instructed_at": at(11, 7)}),
        ("assignment.issued", case, {"assignment_id": f"{case} 1", "part": "handling"}),
        ("deadline.set", case, limit("conclude", at(11, 18, 0))),
        ("deadline.set", case, limit("reply", at(11, 18, 0))),
        ("assignment.replied", case, {"assignment_id": f"{case} 1", "replied_at": at(11, 9)}),
        ("case.closed", case, {"closed_at": at(11, 12)}),
    ]


def counted(told: list[Told]) -> dict[str, int]:
    """Each service's log holds what it tells."""
    teller = {"case.registered": "intake", "case.instructed": "routing", "assignment": "routing", "deadline": "supervision",
              "interview": "supervision", "case.closed": "followup", "case.dissatisfied": "followup"}  # fmt: skip

    def query(statement: str) -> list[tuple[Any, ...]]:
        service = statement.split(" FROM ")[-1].split(".")[0]
        return [
            (name, case, json.dumps({"data": data}))
            for name, case, data in told
            if teller.get(name, teller.get(name.split(".")[0])) == service
        ]

    return count.of_logs(query, FIRST, LAST, year=2016)


def test_a_case_that_went_its_way_counts_everywhere_once() -> None:
    names = ("cases", "instructions", "replied", "closed", "due", "due_replied", "due_closing", "due_closed")
    assert counted(life()) == dict.fromkeys(names, 1) | {"interviews": 0}


@pytest.mark.parametrize("name", ["replied", "due_replied"])
def test_a_joint_units_reply_is_not_the_cases(name: str) -> None:
    told = [(event, case, {**data, "part": "joint"} if event == "assignment.issued" else data) for event, case, data in life()]
    assert counted(told)[name] == 0


def test_a_case_that_goes_on_is_not_closed_until_it_is_again() -> None:
    told = [*life(), ("case.dissatisfied", "a", {})]
    assert (counted(told)["closed"], counted(told)["due_closed"]) == (0, 0)
    assert counted([*told, ("case.closed", "a", {"closed_at": at(12, 1)})])["closed"] == 1


def test_a_limit_that_was_taken_back_before_it_was_over_does_not_count_and_one_after_it_does() -> None:
    before, after = (limit("conclude", at(11, 18, 0), withdrawn_at=at(11, day)) for day in (17, 19))
    told = [each for each in life() if each[2].get("obligation") != "reply"]
    assert counted([*told, ("deadline.withdrawn", "a", before)])["due"] == 0
    assert counted([*told, ("deadline.withdrawn", "a", after)])["due"] == 1


def test_a_reply_without_a_limit_of_its_own_is_due_with_the_conclusion() -> None:
    told = [each for each in life() if each[2].get("obligation") != "reply"]
    assert counted(told)["due"] == 1


def test_midnight_after_the_last_day_still_falls_due_and_what_is_done_later_is_not_done() -> None:
    told = [("deadline.set", "b", limit("conclude", at(3, 1, 0))), ("case.closed", "b", {"closed_at": at(3, 1, 9)})]
    assert (counted(told)["due_closing"], counted(told)["due_closed"], counted(told)["closed"]) == (1, 0, 0)
    later = datetime.fromisoformat(at(3, 1, 0)) + timedelta(days=1)
    assert counted([("deadline.set", "b", limit("conclude", later.isoformat()))])["due_closing"] == 0


def test_an_interview_counts_once_however_many_cases_it_is_about_and_in_its_year_only() -> None:
    held = {"responsible": {"official": "o-1"}, "interview_id": "i-1", "held_at": at(12, 30)}
    told = [("interview.held", case, held) for case in "ab"]
    assert counted(told)["interviews"] == 1
    told.append(("interview.held", "c", held | {"interview_id": "i-2"}))
    told.append(("interview.held", "d", held | {"interview_id": "i-3", "held_at": at(1, 1, 0)}))
    assert counted(told)["interviews"] == 2
