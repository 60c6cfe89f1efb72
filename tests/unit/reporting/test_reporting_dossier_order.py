"""The dossier: what stands in it, in which order, and what stands in nobody's."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from services.reporting.domain import dossier
from services.reporting.handlers import archive
from shared.contract.envelope import instant
from tests.integration.reporting.story import CASE, Bus, Case, article, at, interleavings


@pytest.fixture
def case() -> Case:
    return Case(Bus())


def test_the_dossier_is_in_the_order_in_which_things_happened() -> None:
    events = article()
    *_, mixed = interleavings(events, 1, seed=3)
    assert [entry.event_id for entry in dossier.entries(mixed, answers=True)] == [str(event.id) for event in events]


def test_who_did_it_stands_with_every_entry_that_somebody_did() -> None:
    found = {entry.name: entry.by.name if entry.by else None for entry in dossier.entries(article(), answers=True)}
    nobody = {name for name, who in found.items() if who is None}
    assert nobody == {
        "deadline.set", "deadline.missed", "deadline.met", "followup.due", "case.dissatisfied", "case.reopened", "case.satisfied",
        "case.archived",
    }  # fmt: skip
    assert (found["case.instructed"], found["assignment.replied"], found["assignment.received"]) == ("赵宇", "周清", "周清")


def test_what_the_petitioner_answered_is_shown_to_those_only_who_may_see_it(case: Case) -> None:
    events = article()
    hidden = dossier.entries(events, answers=False)
    assert len(hidden) == len(dossier.entries(events, answers=True)) - 3
    assert [entry.data["reason"] for entry in hidden if entry.name == "case.closed"] == [None]
    assert [entry.data["cause"] for entry in hidden if entry.name == "case.reopened"] == [None]
    assert "satisfied" not in str([entry.data for entry in hidden])


def test_who_is_barred_stands_in_nobodys_dossier(case: Case) -> None:
    case.bar(at("2016-11-07 09:00"), officials=["o-1"])
    assert dossier.entries(case.bus.sent, answers=True) == []


def test_that_a_case_went_up_is_for_those_who_manage_bars(case: Case) -> None:
    when = instant(at("2016-11-07 09:00"))
    told: dict[str, Any] = {"cause": "conflict", "round": 0, "number": "XF1", "channel": "letter", "matter_type": "appeal",
    "category": "water", "place": "",
            "title": "饮水", "brief": "饮水", "identity": "named", "group_size": 1, "registered_at": when, "received_at": when, "by": None,
            "at": when}  # fmt: skip
    case.tell("case.referred_up", at("2016-11-07 09:00"), **told)
    case.tell("case.bars_passed", at("2016-11-07 09:00"), organisations=[], officials=["o-1"], barred_at=when)
    assert dossier.entries(case.bus.sent, answers=True) == []
    assert [entry.name for entry in dossier.entries(case.bus.sent, answers=True, recusals=True)] == ["case.referred_up"]


def test_a_deadline_stands_once_with_its_latest_standing(case: Case) -> None:
    missed = case.owe(at("2016-11-07 10:00"), at("2016-11-17 10:00"), "conclude")
    met = case.owe(at("2016-11-07 10:00"), at("2016-11-12 10:00"), "reply")
    gone = case.owe(at("2016-11-07 10:00"), at("2016-11-08 10:00"), "receive")
    when = at("2016-11-17 10:00")
    case.tell("deadline.missed", when, **missed, fired_at=instant(when), late=False)
    case.met(at("2016-11-11 10:00"), met)
    case.tell(
        "deadline.withdrawn", at("2016-11-07 11:00"), **gone, withdrawn_at=instant(at("2016-11-07 11:00")), reason="replaced"
    )
    found = dossier.deadlines(dossier.entries(case.bus.sent, answers=True))
    standing = [(d["obligation"], d["missed"], d["done_at"], d["withdrawn"]) for d in found]
    assert standing == [
        ("receive", False, None, True),
        ("reply", False, at("2016-11-11 10:00"), False),
        ("conclude", True, None, False),
    ]


def test_an_event_of_the_archive_is_read_as_it_was_received() -> None:
    event = article()[0]
    again = archive.read(event.stream, event.body)
    assert (again.id, again.data, again.stream, again.sequence) == (event.id, event.data, event.stream, event.sequence)
    assert isinstance(again.time, datetime)
    assert UUID(again.subject) == CASE
