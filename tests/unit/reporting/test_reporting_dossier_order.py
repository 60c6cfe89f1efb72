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


@pytest.mark.parametrize("template", ["case_closed", "closed_on_record", "closed_by_decision", "not_reached"])
def test_a_message_that_follows_from_an_answer_tells_it_to_nobody_else(case: Case, template: str) -> None:
    when = at("2016-12-07 09:00")
    told = {"message_id": str(CASE), "medium": "email", "at": instant(when)}
    case.tell("message.sent", when, **told, template=template)
    case.tell("message.failed", when, **told, template=template, reason="refused")
    case.tell("message.sent", when, **told, template="followup_due")
    assert [entry.data["template"] for entry in dossier.entries(case.bus.sent, answers=False)] == ["followup_due"]
    assert len(dossier.entries(case.bus.sent, answers=True)) == 3


def test_who_closed_a_case_tells_whose_word_it_was_and_is_hidden_with_it(case: Case) -> None:
    by = {"official": "o-1", "name": "何平", "post": "主任", "organisation": "431023"}
    when = at("2016-12-07 09:00")
    case.tell("case.closed", when, reason="decision", by=by, closed_at=instant(when), round=2, authority="会议", reasons="理由")
    case.tell("case.archived", when, archived_at=instant(when), by=by)
    assert [(entry.by, entry.data["by"]) for entry in dossier.entries(case.bus.sent, answers=False)] == [(None, None)] * 2
    assert [entry.by.name for entry in dossier.entries(case.bus.sent, answers=True) if entry.by] == ["何平"] * 2


def test_who_was_responsible_his_unit_and_who_carried_the_case_took_part_and_nobody_else(case: Case) -> None:
    events = article()
    responsible = [event.data["responsible"] for event in events if event.contract.name == "assignment.issued"]
    for who in responsible:
        assert dossier.took_part(events, who["official"], ())
        assert dossier.took_part(events, "o-other", {who["organisation"]})
    assert not dossier.took_part(events, "o-other", {"431023-other"})
    when = at("2016-12-07 09:00")
    person = {"official": "o-1", "name": "何平", "post": "主任", "organisation": "431023"}
    case.tell("charge.taken", when, charge_id=str(CASE), leader=person, ground="overdue", by=person, at=instant(when))
    moved: dict[str, Any] = {
        "assignment_id": str(CASE),
        "from": person | {"official": "o-2"},
        "to": person | {"official": "o-3"},
        "by": person,
    }
    case.tell("assignment.handed_over", when, **moved, reason="left", at=instant(when))
    assert [dossier.took_part(case.bus.sent, f"o-{n}", ()) for n in (1, 2, 3, 4)] == [True, True, True, False]


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
