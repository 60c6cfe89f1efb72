"""The plan of a replay: it comes to its aims, and each case goes a course that the county's people can follow."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from deploy.replay import aims, plan
from deploy.replay.aims import Aims
from deploy.replay.course import Act, Fate, Pace, Round
from deploy.replay.plan import Planned
from services.intake.domain.submission import Channel
from tests.unit.replay.calendar import days, is_working
from tests.unit.replay.test_aims import FIGURES

UNITS = tuple(f"unit-{number}" for number in range(8))
ARTICLE = aims.of_figures(json.loads(FIGURES.read_text(encoding="utf-8")))
SEEDS = range(1, 6)


def made(aim: Aims, seed: int) -> list[Planned]:
    return plan.make(aim, days(aim.first, aim.last), seed, UNITS)


def wanted(aim: Aims) -> dict[str, int]:
    names = ("cases", "instructions", "replied", "closed", "due", "due_replied", "due_closed", "interviews")
    return {name: getattr(aim, name) for name in names}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_articles_county_comes_to_the_articles_figures(seed: int) -> None:
    assert plan.expected(made(ARTICLE, seed), days()) == wanted(ARTICLE)


@pytest.mark.parametrize(("cases", "seed"), [*itertools.product((5, 12, 60, 400), range(1, 6))])
def test_any_county_comes_to_its_own_figures(cases: int, seed: int) -> None:
    aim = aims.of_seed(cases, seed)
    assert plan.expected(made(aim, seed), days()) == wanted(aim)


@pytest.mark.parametrize("last", [date(2016, 10, 31), date(2016, 12, 31), date(2017, 7, 31)])
def test_a_shorter_or_longer_period_is_filled_as_well(last: date) -> None:
    aim = aims.of_seed(20, 3, last=last)
    assert plan.expected(made(aim, 3), days(last=last)) == wanted(aim)


def test_a_county_without_time_for_it_is_refused() -> None:
    with pytest.raises(ArithmeticError):
        made(replace(ARTICLE, last=date(2016, 8, 20), story=False), 1)


def test_the_same_seed_plans_the_same_and_another_one_something_else() -> None:
    assert made(ARTICLE, 1) == made(ARTICLE, 1)
    assert made(ARTICLE, 1) != made(ARTICLE, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_day_of_a_course_is_worked_and_lies_in_the_period_in_order(seed: int) -> None:
    for case in made(ARTICLE, seed):
        found = [(step.day, step.part) for step in case.course.steps]
        assert found == sorted(found)
        assert all(is_working(day) and ARTICLE.first <= day <= ARTICLE.last for day, _ in found)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_case_is_registered_instructed_and_received_on_one_day(seed: int) -> None:
    for case in made(ARTICLE, seed):
        assert [step.act for step in case.course.steps[:3]] == [Act.REGISTER, Act.INSTRUCT, Act.RECEIVE]
        assert {step.day for step in case.course.steps[:3]} == {case.course.begun}


def test_what_follows_on_an_act_is_possible_after_it() -> None:
    """A reply is owed before it is given, decided on after; a petitioner is asked once it is concluded."""
    follows = {
        Act.REGISTER: {Act.INSTRUCT}, Act.INSTRUCT: {Act.RECEIVE}, Act.RECEIVE: {Act.REPLY, Act.INSTRUCT, Act.PROGRESS},
        Act.PROGRESS: {Act.REPLY, Act.INSTRUCT}, Act.REPLY: {Act.INSTRUCT, Act.CONCLUDE}, Act.CONCLUDE: {Act.ASK}, Act.ASK: {Act.INSTRUCT},
    }  # fmt: skip
    why = {Act.REGISTER: None, Act.RECEIVE: Round.URGED, Act.PROGRESS: Round.URGED, Act.ASK: Round.DISSATISFIED}
    for case in made(ARTICLE, 1):
        for before, after in itertools.pairwise(case.course.steps):
            assert after.act in follows[before.act]
            if after.act is Act.INSTRUCT and before.act is not Act.REPLY:
                assert after.why is why[before.act]
            if after.act is Act.INSTRUCT and before.act is Act.REPLY:
                assert after.why in (Round.RETURNED, Round.FURTHER)


@pytest.mark.parametrize("seed", SEEDS)
def test_only_whom_the_plan_has_called_in_can_be_called_in_within_the_year(seed: int) -> None:
    found = days()
    for case in made(ARTICLE, seed):
        limit = found.limit(case.course.begun, case.case_class)
        ended = next((step.day for step in case.course.steps if step.act is Act.CONCLUDE), date.max)
        if case.article or limit >= ended:
            continue
        if case.draft and case.draft.pace is Pace.CALLED:
            assert found.latest_held(limit) < ended
            assert found.latest_held(limit) <= ARTICLE.interviews_by
        else:
            assert ended < found.earliest_call(limit) or found.earliest_call(limit) > ARTICLE.interviews_by


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_called_in_twice_at_one_time(seed: int) -> None:
    called = [case for case in made(ARTICLE, seed) if case.draft and case.draft.pace is Pace.CALLED]
    for one, other in itertools.combinations(called, 2):
        assert one.unit != other.unit or abs(one.course.begun - other.course.begun) > timedelta(days=16)


def test_everything_of_the_mechanism_is_in_it() -> None:
    cases = made(ARTICLE, 1)
    assert {case.channel for case in cases} == set(Channel)
    assert {case.unit for case in cases} >= set(UNITS)
    assert {step.why for case in cases for step in case.course.steps} >= set(Round)
    assert Counter(case.case_class for case in cases)["complex"] > 20
    assert {case.draft.fate for case in cases if case.draft} >= {Fate.CLOSED, Fate.SILENT, Fate.WAITING}


def test_the_articles_case_has_the_articles_days() -> None:
    (case,) = [case for case in made(ARTICLE, 1) if case.article]
    story = {date.fromisoformat(each["on"]) for each in json.loads(FIGURES.read_text(encoding="utf-8"))["story"]}
    assert case.channel is Channel.EMAIL
    assert story <= {step.day for step in case.course.steps}
    assert [step.day.day for step in case.course.steps if step.act is Act.INSTRUCT][:3] == [7, 22, 25]
    assert not any(each.article for each in made(aims.of_seed(12, 1), 1))
