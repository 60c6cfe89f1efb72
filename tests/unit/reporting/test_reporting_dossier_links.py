"""What a dossier tells of other cases and of what is no longer owed, and what of it which reader learns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.reporting.domain import dossier
from shared.contract.envelope import instant
from tests.integration.reporting.story import CLERK, Bus, Case, at

OTHER, THIRD = (str(UUID(int=number, version=4)) for number in (2, 3))


@pytest.fixture
def case() -> Case:
    return Case(Bus())


def link(case: Case) -> None:
    when = at("2016-11-07 10:00")
    earlier: list[dict[str, Any]] = [
        {"case": other, "number": other[-2:], "registered_at": instant(when), "outcome": "explained", "answer": "已说明。"}
        for other in (OTHER, THIRD)
    ]
    case.tell("case.linked", when, link_id=case.bus.identifier(), other=OTHER, other_number="2", relation="repeat_of", why="same_matter", by=CLERK,
              earlier=earlier, at=instant(when))  # fmt: skip


def test_a_dossier_names_every_case_that_it_speaks_of(case: Case) -> None:
    link(case)
    assert dossier.others(case.bus.sent) == {OTHER, THIRD}


def test_of_other_cases_only_those_are_told_that_the_reader_may_see(case: Case) -> None:
    link(case)
    assert dossier.entries(case.bus.sent, answers=True, seen={THIRD}) == []
    (entry,) = dossier.entries(case.bus.sent, answers=True, seen={OTHER})
    assert [earlier["case"] for earlier in entry.data["earlier"]] == [OTHER]


@pytest.mark.parametrize(("reason", "told"), [("satisfied", None), ("decision", None), ("replied", "replied")])
def test_why_something_is_no_longer_owed_does_not_tell_what_the_petitioner_answered(
    case: Case, reason: str, told: str | None
) -> None:
    when = at("2016-11-08 10:00")
    owed = case.owe(at("2016-11-07 10:00"), at("2016-11-17 10:00"), "conclude")
    case.tell("deadline.withdrawn", when, **owed, withdrawn_at=instant(when), reason=reason)
    (*_, entry) = dossier.entries(case.bus.sent, answers=False, recusals=True)
    assert entry.data["reason"] == told


def test_what_was_no_deadline_stands_in_no_list_of_deadlines_and_rounds_are_the_instructions(case: Case) -> None:
    case.register(at("2016-11-07 09:30"))
    case.instruct(at("2016-11-07 10:02"), 1, "请办理。", [])
    entries = dossier.entries(case.bus.sent, answers=True)
    assert dossier.deadlines(entries) == []
    assert [entry.name for entry in dossier.rounds(entries)] == ["case.instructed"]
    told = dossier.as_json(entries[0])
    assert (told["name"], told["by"], told["data"]["number"]) == ("case.registered", CLERK, case.number)
