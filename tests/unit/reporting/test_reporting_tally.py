"""What a case contributes to the figures: a function of its row, of which events add the differences."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.domain import facts, picture, tally
from services.reporting.domain.picture import CaseRow
from services.reporting.domain.statistics import FIGURES, RATES, Figures, Instants, Period, figures
from services.reporting.domain.tally import DIMENSIONS, NEVER, STANDING, Mark
from shared.contract.envelope import instant
from tests.integration.reporting.story import CASE, CLERK, EPB, TOWN_HEAD, TOWNSHIP, VICE, Bus, Case, article, at, interleavings

YEAR = Period.of_days(date(2016, 1, 1), date(2016, 12, 31), at("2017-01-05 10:00"))
OTHER = str(UUID(int=2, version=4))


@pytest.fixture
def case() -> Case:
    return Case(Bus())


def rows(events: Any) -> list[CaseRow]:
    """The case's row after each event."""
    known: facts.Facts = {}
    found = []
    for event in events:
        if event.contract.name in facts.FOLDS:
            told = {"tellers": [TOWNSHIP]} if event.contract.name == "assignment.issued" else {}
            known = facts.absorb(known, event.source, event.contract.name, {**event.data, **told})
            found.append(picture.draw(CASE, known))
    return found


def counted(case: Case, period: Period = YEAR, dimension: str = "all") -> dict[str, Counter[str]]:
    return tally.figures(tally.marks(rows(case.bus.sent)[-1]), period, dimension)


def told(case: Case, name: str, when: datetime, **data: Any) -> None:
    case.tell(name, when, **data, at=instant(when))


@pytest.mark.parametrize("satisfied", [True, False])
def test_the_differences_of_all_events_are_what_the_case_contributes_in_the_end(satisfied: bool) -> None:
    for events in interleavings(article(satisfied_in_the_end=satisfied), 6):
        course = rows(events)
        summed: Counter[tally.Key] = Counter()
        for before, after in zip([None, *course], course, strict=False):
            summed.update(tally.difference(before, after))
        assert Counter({key: n for key, n in summed.items() if n}) == tally.cells(tally.marks(course[-1]))


def test_what_changes_nothing_that_counts_makes_no_difference(case: Case) -> None:
    case.register(at("2016-11-07 09:30"))
    told_twice = [*case.bus.sent, *case.bus.sent]
    first, again = rows(told_twice)
    assert tally.difference(first, again) == Counter()
    assert tally.as_cells(Counter({("431023", "all", STANDING, "registered", "", NEVER): 0})) == []


NEAR = st.integers(0, 90 * 24 * 4).map(lambda quarters: at("2016-09-01 00:00") + timedelta(minutes=15 * quarters))
MOMENTS = st.none() | NEAR


@given(
    st.lists(st.builds(Instants, **{field.name: MOMENTS for field in fields(Instants)}), max_size=5),
    NEAR,
)
def test_marks_count_to_the_instant_what_the_definitions_say(cases: list[Instants], now: datetime) -> None:
    period = Period.of_days(date(2016, 10, 1), date(2016, 10, 31), now)
    marks: Counter[Mark] = Counter()
    for known in cases:
        for name in ("registered", "accepted", "withdrawn", "replied", "concluded", "closed"):
            if (when := getattr(known, f"{name}_at")) is not None:
                marks[Mark("431023", name, when, None, ("",) * 6)] += 1
        for name, limit, done in (
            ("due_reply", known.reply_limit_at, known.replied_at), ("due_closing", known.conclude_limit_at, known.closed_at),
        ):  # fmt: skip
            if limit is not None:
                marks[Mark("431023", name, limit, done, ("",) * 6)] += 1
    assert Figures.of(tally.figures(marks, period).get("", {})) == figures(cases, [], period)


def test_a_limit_at_midnight_belongs_to_the_day_that_it_ends_and_all_else_to_the_day_that_begins(case: Case) -> None:
    midnight = at("2016-11-17 00:00")
    case.register(midnight)
    case.owe(at("2016-11-07 10:00"), midnight, "conclude")
    days = {key[3]: key[2] for key in tally.cells(tally.marks(rows(case.bus.sent)[-1])) if key[1] == "all"}
    assert (days["registered"], days["due_closing"], days["stage_registered"]) == (
        date(2016, 11, 17),
        date(2016, 11, 16),
        STANDING,
    )


@pytest.mark.parametrize("when", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_ends_of_time_have_their_days(when: datetime) -> None:
    assert tally.day_of(when).year in (1, 9999)
    assert abs(tally.day_ended_by(when) - tally.day_of(when)) <= timedelta(days=1)


def test_before_anything_was_told_that_a_list_could_show_nothing_counts(case: Case) -> None:
    case.owe(at("2016-11-07 10:00"), at("2016-11-17 10:00"), "conclude")
    assert tally.marks(rows(case.bus.sent)[-1]) == Counter()


def test_a_case_counts_once_under_each_dimension(case: Case) -> None:
    case.register(at("2016-11-07 09:30"))
    case.assign(at("2016-11-07 10:00"), 1, EPB)
    values = {dimension: set(counted(case, dimension=dimension)) for dimension in DIMENSIONS}
    assert values == {
        "all": {""}, "channel": {"email"}, "category": {"environment"}, "place": {"431023104"}, "unit": {"431023-epb"},
        "leader": {"o-431023-epb"},
    }  # fmt: skip


def test_a_limit_counts_for_whoever_owed_it_and_not_for_whoever_has_the_case_since(case: Case) -> None:
    case.register(at("2016-11-07 09:30"))
    case.assign(at("2016-11-07 10:00"), 1, TOWN_HEAD)
    case.owe(at("2016-11-07 10:00"), at("2016-11-17 10:00"), "conclude")
    case.assign(at("2016-11-22 15:05"), 2, VICE, "lead")
    found = counted(case, dimension="leader")
    assert (found[TOWN_HEAD["official"]]["due_closing"], found[VICE["official"]]["registered"]) == (1, 1)
    assert found[VICE["official"]]["due_closing"] == 0


def test_a_limit_that_names_nobody_counts_for_whoever_has_the_case(case: Case) -> None:
    case.register(at("2016-11-07 09:30"))
    case.assign(at("2016-11-07 10:00"), 1, EPB)
    owed: dict[str, Any] = {
        "deadline_id": case.bus.identifier(),
        "obligation": "reply",
        "round": 1,
        "due_at": instant(at("2016-11-17 10:00")),
    }
    case.tell("deadline.set", at("2016-11-07 10:00"), **owed, policy="yongxing", rule="r", set_at=instant(at("2016-11-07 10:00")))
    assert counted(case, dimension="unit")["431023-epb"]["due_reply"] == 1


def test_what_a_petitioner_says_of_a_round_counts_once_his_own_words_and_the_staffs_apart(case: Case) -> None:
    case.register(at("2016-11-07 09:30"))
    told(case, "case.satisfied", at("2016-11-20 09:00"), round=1, source="staff")
    assert counted(case)[""]["satisfied_staff"] == 1
    told(case, "case.contested", at("2016-11-21 09:00"), round=1)
    told(case, "case.dissatisfied", at("2016-11-21 09:00"), round=1, source="petitioner", cause="contested")
    told(case, "case.satisfied", at("2016-11-28 09:00"), round=2, source="petitioner")
    told(case, "case.dissatisfied", at("2016-12-28 09:00"), round=2, source="petitioner", cause="reopen_requested")
    found = Figures.of(counted(case)[""])
    assert (found.satisfied_petitioner, found.dissatisfied_petitioner, found.satisfied_staff, found.contested) == (1, 1, 0, 1)
    assert found.rate("satisfied_by_petitioners") == (1, 2)
    assert found.rate("satisfied_by_record").percent is None


def test_an_answer_of_another_instance_counts_for_that_one(case: Case) -> None:
    case.register(at("2016-11-07 09:30"))
    when = at("2016-11-20 09:00")
    case.tell("case.satisfied", when, told_by=TOWNSHIP, round=1, source="staff", at=instant(when))
    case.tell("case.instructed", when, told_by=TOWNSHIP, instruction_id=case.bus.identifier(), round=1, text="请办。", author=TOWN_HEAD,
              addressees=[], case_class="ordinary", instructed_at=instant(when))  # fmt: skip
    assert (counted(case)[""]["satisfied_staff"], counted(case)[""]["instructions"]) == (0, 0)


def test_a_repeat_counts_as_long_as_it_is_linked(case: Case) -> None:
    case.register(at("2016-11-07 09:30"))
    link = {"link_id": case.bus.identifier(), "other": OTHER, "other_number": "2", "by": CLERK}
    when = at("2016-11-08 10:00")
    told(case, "case.linked", when, **link | {"link_id": case.bus.identifier()}, relation="related_to", why="found", earlier=[])
    assert counted(case)[""]["repeat"] == 0
    told(case, "case.linked", when, **link, relation="repeat_of", why="same_matter", earlier=[])
    assert Figures.of(counted(case)[""]).rate("repeats") == (1, 1)
    told(case, "case.unlinked", when, **link, relation="repeat_of", undone_for="slip")
    assert counted(case)[""]["repeat"] == 0


def test_of_a_skip_level_nothing_is_told_but_that_there_was_one(case: Case) -> None:
    case.register(at("2016-11-07 09:30"))
    record = {"record_id": case.bus.identifier(), "by": CLERK}
    told(case, "skip_level.recorded", at("2016-11-20 09:00"), **record, level="province", on="2016-11-19", source="省信访局转来")
    assert counted(case)[""]["skip_level"] == 1
    assert all("skip_level" not in counts for counts in counted(case, dimension="unit").values())
    assert {key[1] for key in tally.cells(tally.marks(rows(case.bus.sent)[-1])) if key[3] == "skip_level"} == {"all"}
    told(case, "skip_level.annulled", at("2016-11-21 09:00"), **record, reasons="误记")
    assert counted(case)[""]["skip_level"] == 0


def test_a_reply_that_waits_for_the_verdict_stands_among_what_stands_now(case: Case) -> None:
    case.register(at("2016-11-07 09:30"))
    case.instruct(at("2016-11-07 10:00"), 1, "请办。", [EPB])
    key = case.assign(at("2016-11-07 10:00"), 1, EPB)
    case.receive(at("2016-11-07 11:00"), key, EPB)
    reply = case.reply(at("2016-11-09 10:00"), key, 1, EPB)
    assert (counted(case)[""]["stage_in_hand"], counted(case)[""]["reply_waiting"]) == (1, 1)
    case.approve(at("2016-11-10 10:00"), key, reply)
    assert counted(case)[""]["reply_waiting"] == 0


def test_every_rate_is_made_of_figures() -> None:
    known = {field.name for field in fields(Figures)}
    assert set(FIGURES) < known
    assert {figure for done, of in RATES.values() for figure in (*done, *of)} < known
