"""The cases that suggestions are measured on do not give their answer away."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
import rjieba

from bench.assignments import COUNTY, UNITS, County, Handled
from bench.suggestions import COUNT, SEED


@pytest.fixture(scope="module")
def made() -> list[Handled]:
    return list(County(SEED).handled(COUNT))


def shares(made: list[Handled]) -> dict[str, float]:
    """Of each word that stands in twenty cases or more, how much of them the unit that had most of them had."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in made:
        for word in {*rjieba.cut(f"{one.title}\n{one.brief}")}:
            found[word][one.unit] += 1
    return {word: max(units.values()) / units.total() for word, units in found.items() if units.total() >= 20}


def test_no_word_is_one_units_alone_and_most_are_many_units(made):
    found = sorted(shares(made).values())
    assert len(found) > 400
    assert found[-1] < 0.95
    assert found[len(found) // 2] < 0.55


def test_a_word_that_gives_the_answer_away_is_caught(made):
    leaking = [Handled(title=f"{one.title}某某局" if one.unit == UNITS[0] else one.title, brief=one.brief, category=one.category,
                       place=one.place, unit=one.unit) for one in made]  # fmt: skip
    assert max(shares(leaking).values()) >= 0.95


def test_no_unit_is_named_in_a_brief(made):
    assert [one for one in made if any(name in one.title + one.brief for name in COUNTY["bureaus"].values())] == []


def test_the_same_seed_makes_the_same_cases_and_every_unit_has_some(made):
    assert list(County(SEED).handled(50)) == made[:50]
    assert {one.unit for one in made} == set(UNITS)
    assert len(UNITS) == 25
