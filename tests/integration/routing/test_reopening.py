"""A case goes on for several reasons, and is closed by a decision although its petitioner was not satisfied (art. 35)."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.routing import handlers
from shared.contract.envelope import instant
from tests.integration.routing.test_story import reply
from tests.integration.routing.world import AT, EPB, OFFICE, REPLY, SECRETARY, Instance, event, instruct


@pytest.fixture
def concluded(county: Instance, case_id: UUID) -> UUID:
    instruct(county, case_id, EPB)
    answer = reply(county, county.assignment(case_id, EPB), EPB, REPLY)
    with county.work() as uow:
        handlers.approve(uow, answer.id, SECRETARY)
    with county.work() as uow:
        handlers.conclude(uow, case_id, OFFICE, outcome="supported", summary="已取缔", answer="已取缔。")
    return case_id


def say(county: Instance, name: str, case_id: UUID, **data: object) -> None:
    county.hear(event(name, case_id, data, source="/431023/followup", at=AT))


def dissatisfied(county: Instance, case_id: UUID, **more: object) -> None:
    say(county, "case.dissatisfied", case_id, round=1, source="petitioner", at=instant(AT), **more)


def close(county: Instance, case_id: UUID, reason: str, round: int) -> None:
    words = {"authority": "领导小组", "reasons": "没有依据。"} if reason == "decision" else {}
    say(county, "case.closed", case_id, reason=reason, by=None, closed_at=instant(AT), round=round, **words)
    say(county, "case.archived", case_id, archived_at=instant(AT), by=None)


def causes(county: Instance) -> list[str]:
    return [told.data["cause"] for told in county.told("case.reopened")]


@pytest.mark.parametrize("cause", ["contested", "checked", "corrected", "reopen_requested", "review"])
def test_an_archived_case_goes_on_and_says_why(county: Instance, concluded: UUID, cause: str) -> None:
    close(county, concluded, "satisfied", 1)
    assert county.stage(concluded) == "archived"
    dissatisfied(county, concluded, cause=cause)
    assert county.stage(concluded) == "reopened"
    assert causes(county) == [cause]


def test_a_teller_of_before_says_no_cause(county: Instance, concluded: UUID) -> None:
    dissatisfied(county, concluded)
    assert causes(county) == ["dissatisfied"]


def test_a_decision_closes_a_case_that_waits_for_a_further_round(county: Instance, concluded: UUID) -> None:
    dissatisfied(county, concluded)
    close(county, concluded, "decision", 2)
    assert county.stage(concluded) == "archived"


def test_what_was_handed_out_while_it_was_decided_is_taken_back(county: Instance, concluded: UUID) -> None:
    dissatisfied(county, concluded)
    instruct(county, concluded, EPB)
    close(county, concluded, "decision", 2)
    assert county.stage(concluded) == "archived"
    assert [told.data["reason"] for told in county.told("assignment.withdrawn")] == ["concluded"]
