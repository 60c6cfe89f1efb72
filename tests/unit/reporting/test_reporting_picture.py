"""What follows from what each source told of a case; the order in which sources are heard changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.domain import dossier, facts, picture
from services.reporting.domain.facts import Facts
from services.reporting.domain.picture import CaseRow, Stage
from services.reporting.domain.statistics import Instants, Period, figures
from services.reporting.handlers import projecting
from services.reporting.handlers.taking import BESIDES
from services.reporting.web import words
from shared.contract import Event, heard_by
from shared.contract.envelope import instant
from tests.integration.reporting.story import (
    CASE,
    CDI,
    COUNTY,
    EPB,
    SECRETARY,
    TOWN_HEAD,
    TOWNSHIP,
    VICE,
    Bus,
    Case,
    article,
    at,
    interleavings,
)  # fmt: skip


def told(events: Iterable[Event]) -> Facts:
    found: Facts = {}
    for event in events:
        if event.contract.name in facts.FOLDS:
            told_with = {"tellers": [TOWNSHIP]} if event.contract.name == "assignment.issued" else {}
            found = facts.absorb(found, event.source, event.contract.name, {**event.data, **told_with})
    return found


def drawn(events: Iterable[Event]) -> CaseRow:
    return picture.draw(CASE, told(events))


@pytest.fixture
def case() -> Case:
    return Case(Bus())


def test_reporting_hears_every_event_that_the_contract_sends_it() -> None:
    assert set(projecting.HEARS) == {contract.name for contract in heard_by("reporting")}


def test_every_fold_is_projected_and_every_projection_has_its_fold() -> None:
    said = [
        "objected", "progressed", "objection_decided", "extension_requested", "extended", "extension_refused", "paused", "resumed",
    ]  # fmt: skip
    kept = {f"assignment.{verb}" for verb in said}  # held against the issue, and then for the dossier alone
    projected = {name for name, handler in projecting.HEARS.items() if handler is projecting.project}
    assert projected - kept == {*facts.FOLDS, *BESIDES}


def test_every_event_of_a_case_has_a_title_and_a_look_in_the_dossier() -> None:
    shown = set(projecting.PROJECTED) - dossier.NEVER_SHOWN
    assert set(words.TITLES) == set(words.LOOKS) == shown


def test_every_stage_has_its_word_and_tone() -> None:
    assert set(words.STAGES) == set(words.TONES) == set(Stage)


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_order_in_which_sources_arrive_changes_nothing(seed: int, whole: bool) -> None:
    events = article(satisfied_in_the_end=whole)
    *_, mixed = interleavings(events, 1, seed=seed)
    assert told(mixed) == told(events)
    assert drawn(mixed) == drawn(events)
    assert sorted(picture.units(CASE, told(mixed)), key=str) == sorted(picture.units(CASE, told(events)), key=str)


def test_a_case_passes_its_stages(case: Case) -> None:
    passed = []
    for step in (
        lambda: case.register(at("2016-11-07 09:00")),
        lambda: case.instruct(at("2016-11-07 10:00"), 1, "请办理。", [VICE]),
        lambda: case.receive(at("2016-11-07 11:00"), case.assign(at("2016-11-07 10:00"), 1, VICE), VICE),
        lambda: case.instruct(at("2016-11-08 10:00"), 2, "再办。", [VICE]),
        lambda: case.conclude(at("2016-11-09 10:00"), 2),
        lambda: case.tell(
            "case.reopened", at("2016-11-10 10:00"), round=3, cause="x", reopened_at=instant(at("2016-11-10 10:00"))
        ),
        lambda: case.conclude(at("2016-11-11 10:00"), 3),
        lambda: case.close(at("2016-11-12 10:00")),
        lambda: case.tell("case.archived", at("2016-11-12 10:00"), archived_at=instant(at("2016-11-12 10:00")), by=None),
    ):
        step()
        passed.append(str(drawn(case.bus.sent).stage))
    assert passed == [
        "registered", "instructed", "in_hand", "instructed", "concluded", "reopened", "concluded", "closed", "archived",
    ]  # fmt: skip


def test_a_withdrawn_petition_is_withdrawn_until_it_is_closed(case: Case) -> None:
    case.register(at("2016-11-07 09:00"))
    case.tell("case.withdrawn", at("2016-11-08 09:00"), withdrawn_at=instant(at("2016-11-08 09:00")), by=None)
    assert drawn(case.bus.sent).stage is Stage.WITHDRAWN
    case.close(at("2016-11-08 09:00"), "withdrawn")
    assert (drawn(case.bus.sent).stage, drawn(case.bus.sent).close_reason) == (Stage.CLOSED, "withdrawn")


@pytest.mark.parametrize(
    ("reopened", "closed", "reason", "concluded_again", "stands"),
    [
        (None, None, "satisfied", False, False),
        (None, "09:00", "satisfied", False, True),
        ("08:00", "09:00", "satisfied", True, True),
        ("09:00", "08:00", "satisfied", False, False),
        ("09:00", None, "satisfied", False, False),
        # all at one simulated instant: only a concluded or withdrawn case is closed
        ("09:00", "09:00", "satisfied", True, True),
        ("09:00", "09:00", "satisfied", False, False),
        ("09:00", "09:00", "withdrawn", False, True),
    ],
)
def test_reopening_ends_a_closing_that_came_before_it(
    case: Case, reopened: str | None, closed: str | None, reason: str, concluded_again: bool, stands: bool
) -> None:
    case.register(at("2016-11-07 08:00"))
    if reopened:
        when = at(f"2016-11-10 {reopened}")
        case.tell("case.reopened", when, round=2, cause="dissatisfied", reopened_at=instant(when))
        if concluded_again:
            case.conclude(when, 2)
    if closed:
        case.close(at(f"2016-11-10 {closed}"), reason)
    row = drawn(case.bus.sent)
    assert (row.closed_at is not None) is (row.stage is Stage.CLOSED) is (row.close_reason is not None) is stands


def test_the_lead_of_the_latest_round_answers_for_the_case(case: Case) -> None:
    def responsible() -> str | None:
        found = drawn(case.bus.sent).responsible
        return found.official if found else None

    assert responsible() is None
    first = case.assign(at("2016-11-07 10:00"), 1, TOWN_HEAD)
    assert responsible() == TOWN_HEAD["official"]
    case.assign(at("2016-11-08 10:00"), 2, CDI, "joint")
    lead = case.assign(at("2016-11-08 10:00"), 2, VICE, "lead")
    assert responsible() == VICE["official"]
    case.withdraw(at("2016-11-09 10:00"), lead, VICE)
    assert responsible() == CDI["official"]
    case.withdraw(at("2016-11-09 10:00"), first, TOWN_HEAD)
    assert [unit.withdrawn_at is not None for unit in picture.units(CASE, told(case.bus.sent))] == [True, False, True]


def test_a_reply_waits_for_its_verdict(case: Case) -> None:
    def waits() -> bool:
        return drawn(case.bus.sent).reply_waiting

    key = case.assign(at("2016-11-07 10:00"), 1, EPB)
    assert not waits()
    first = case.reply(at("2016-11-08 10:00"), key, 1, EPB)
    assert waits()
    case.tell("assignment.returned", at("2016-11-08 11:00"), assignment_id=key, reply_id=first, round=1, reasons="不实",
              by=SECRETARY,              returned_at=instant(at("2016-11-08 11:00")))  # fmt: skip
    assert not waits()
    second = case.reply(at("2016-11-09 10:00"), key, 1, EPB)
    assert waits()
    assert drawn(case.bus.sent).replied_at == at("2016-11-08 10:00")
    case.approve(at("2016-11-09 11:00"), key, second)
    assert not waits()


def test_a_joint_units_receipt_and_reply_are_not_the_cases(case: Case) -> None:
    joint, lead = case.assign(at("2016-11-07 10:00"), 2, CDI, "joint"), case.assign(at("2016-11-07 10:01"), 2, VICE, "lead")
    case.receive(at("2016-11-07 11:00"), joint, CDI)
    case.reply(at("2016-11-08 10:00"), joint, 2, CDI)
    row = drawn(case.bus.sent)
    assert (row.dispatched_at, row.received_at, row.replied_at) == (at("2016-11-07 10:00"), None, None)
    assert row.reply_waiting  # somebody has to decide on it all the same
    case.receive(at("2016-11-08 11:00"), lead, VICE)
    case.reply(at("2016-11-09 10:00"), lead, 2, VICE)
    handling = case.assign(at("2016-11-07 12:00"), 1, EPB)
    row = drawn(case.bus.sent)
    assert (row.received_at, row.replied_at) == (at("2016-11-08 11:00"), at("2016-11-09 10:00"))
    case.reply(at("2016-11-08 12:00"), handling, 1, EPB)
    assert drawn(case.bus.sent).replied_at == at("2016-11-08 12:00")


def test_a_case_that_a_joint_unit_alone_has_replied_to_is_due_and_not_done(case: Case) -> None:
    case.owe(at("2016-11-07 10:00"), at("2016-11-17 10:00"), "reply")
    joint = case.assign(at("2016-11-07 10:00"), 1, CDI, "joint")
    case.reply(at("2016-11-08 10:00"), joint, 1, CDI)
    row = drawn(case.bus.sent)
    period = Period(at("2016-11-01 00:00"), at("2016-12-01 00:00"), at("2016-12-01 00:00"))
    found = figures([Instants(replied_at=row.replied_at, reply_limit_at=row.reply_limit_at)], [], period)
    assert (found.replied, found.reply_rate) == (0, (0, 1))


def test_an_assignment_of_which_only_the_handler_spoke_names_nobody_yet(case: Case) -> None:
    key = case.assign(at("2016-11-07 10:00"), 1, TOWN_HEAD)
    received = case.receive(at("2016-11-07 10:10"), key, TOWN_HEAD, told_by=TOWNSHIP)
    assert picture.units(CASE, told([received])) == []
    assert (drawn([received]).organisation, drawn([received]).stage) == (None, Stage.REGISTERED)
    assert picture.units(CASE, told([received, case.bus.sent[0]]))[0].issuer == COUNTY


def test_a_withdrawal_before_the_assignment_itself_already_ends_it(case: Case) -> None:
    key = case.assign(at("2016-11-07 10:00"), 1, VICE)
    withdrawn = case.withdraw(at("2016-11-07 11:00"), key, VICE)
    unit = picture.units(CASE, told([withdrawn]))[0]
    assert (unit.official, unit.issuer, unit.withdrawn_at) == (VICE["official"], None, at("2016-11-07 11:00"))


def test_intakes_words_stand_before_those_that_an_assignment_brings_along(case: Case) -> None:
    case.register(at("2016-11-07 09:00"))
    case.title = "别的标题"
    case.assign(at("2016-11-07 10:00"), 1, VICE)
    assert drawn(case.bus.sent).title == "永兴十里洞村民希望喝上健康的水"
    assert drawn(case.bus.sent[1:]).title == "别的标题"
    by: dict[str, Any] = {"by": SECRETARY, "at": instant(at("2016-11-07 11:00"))}
    case.tell("case.supplemented", at("2016-11-07 11:00"), title="改后", brief="改后的摘要", category="water", place="1", **by)
    row = drawn(case.bus.sent)
    assert (row.title, row.brief, row.category, row.number) == ("改后", "改后的摘要", "water", case.number)


@pytest.mark.parametrize(
    ("met", "withdrawn", "owed", "counts"),
    [(None, None, True, True), ("12", None, False, True), ("19", None, False, True), (None, "12", False, False),
     (None, "17", False, True), (None, "20", False, True)],
)  # fmt: skip
def test_a_limit_counts_unless_it_was_taken_back_before_it_fell_due(
    case: Case, met: str | None, withdrawn: str | None, owed: bool, counts: bool
) -> None:
    case.register(at("2016-11-07 09:00"))
    limits = [case.owe(at("2016-11-07 10:00"), at("2016-11-17 10:00"), kind) for kind in ("conclude", "reply", "progress")]
    for limit in limits:
        if met:
            case.met(at(f"2016-11-{met} 10:00"), limit)
        if withdrawn:
            ended = at(f"2016-11-{withdrawn} 10:00")
            case.tell("deadline.withdrawn", ended, **limit, withdrawn_at=instant(ended), reason="replaced")
    row = drawn(case.bus.sent)
    due = at("2016-11-17 10:00")
    assert (row.conclude_due_at, row.reply_due_at) == ((due, due) if owed else (None, None))
    assert (row.conclude_limit_at, row.reply_limit_at) == ((due, due) if counts else (None, None))


def test_without_a_reply_deadline_the_reply_is_due_with_the_conclusion(case: Case) -> None:
    case.register(at("2016-11-07 09:00"))
    case.owe(at("2016-11-07 10:00"), at("2016-11-17 10:00"), "conclude")
    case.owe(at("2016-11-20 10:00"), at("2016-11-30 10:00"), "conclude")
    assert drawn(case.bus.sent).reply_limit_at == drawn(case.bus.sent).conclude_limit_at == at("2016-11-17 10:00")


def test_a_closed_case_owes_nothing(case: Case) -> None:
    case.register(at("2016-11-07 09:00"))
    case.owe(at("2016-11-07 10:00"), at("2016-11-17 10:00"), "conclude")
    case.conclude(at("2016-11-08 10:00"), 1)
    case.close(at("2016-11-08 10:00"))
    assert drawn(case.bus.sent).conclude_due_at is None


def test_in_the_instance_that_handles_a_superiors_case_its_own_deadlines_show(case: Case) -> None:
    case.assign(at("2016-11-07 10:00"), 1, TOWN_HEAD)
    case.owe(at("2016-11-07 10:00"), at("2016-11-12 10:00"), "reply", told_by=TOWNSHIP)
    row = drawn(case.bus.sent)
    assert (row.organisation, row.reply_due_at) == (COUNTY, at("2016-11-12 10:00"))


def test_an_instant_that_no_calendar_has_is_an_error() -> None:
    with pytest.raises(ValueError, match="day"):
        picture.moment("2016-02-30T00:00:00.000Z")


def test_what_an_issue_settled_is_known_from_then_on(case: Case) -> None:
    begun = list(case.bus.sent)
    assert picture.assigned(CASE, told(begun), str(CASE)) is None
    key = case.assign(at("2016-11-07 10:00"), 1, TOWN_HEAD)
    found = picture.assigned(CASE, told(case.bus.sent), key)
    assert found is not None
    assert (found.issuer, found.tellers, found.responsible.official) == (COUNTY, (TOWNSHIP,), TOWN_HEAD["official"])
    assert (found.round, found.issued_at, found.replies) == (1, at("2016-11-07 10:00"), ())


def test_an_organisation_has_a_case_that_it_registered_or_was_handed(case: Case) -> None:
    case.register(at("2016-11-07 09:30"))
    assert [picture.holds(told(case.bus.sent), code) for code in (COUNTY, TOWNSHIP)] == [True, False]
    case.assign(at("2016-11-07 10:00"), 1, TOWN_HEAD)
    assert picture.holds(told(case.bus.sent), TOWNSHIP)
    own = told(case.bus.sent[1:])
    assert not picture.holds(own, COUNTY), "to hand it out is not to have been handed it"
