"""Suggestions: the rule first, then what was learnt; nobody barred; a broken rule is shown."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.domain.guard import Bars, posts_of
from services.routing.domain.learning import Model, Record, learn, record_key
from services.routing.domain.rules import Broken
from services.routing.domain.suggestion import MOST, Guide
from tests.unit.routing.suggesting import COUNTY, UNITS, county, head, past, rule, traits

EPB, WATER, EDU, TOWN, MATIAN = UNITS
WORDS = frozenset({"污水", "饮水", "学校"})


def taught() -> Model:
    """Water cases went to four units, most to the bureau."""
    units = [EPB] * 8 + [WATER] * 6 + [TOWN] * 4 + [MATIAN] * 3
    cases = [past(n, "污水", unit, category="environment", place=TOWN) for n, unit in enumerate(units)]
    return learn([*cases, *(past(n, "学校", EDU, category="education") for n in range(30, 60))], WORDS)


def guide(**more) -> Guide:
    return Guide(**({"rules": [], "model": None, "directory": county()} | more))


def codes(found) -> list[str]:
    return [one.organisation for one in found.suggestions]


CASE = traits("污水", category="environment")


def test_without_rules_and_learning_nobody_is_suggested():
    assert guide().suggest(CASE).suggestions == ()


def test_the_first_rule_that_matches_wins_and_names_its_number():
    rules = [rule(1, EDU, category="land"), rule(2, TOWN, category="environment", active=False), rule(3, WATER, keywords=("污水",)), rule(4,
    EPB, category="environment")]  # fmt: skip
    (one,) = guide(rules=rules).suggest(CASE).suggestions
    assert (one.person.official, one.number, one.rule, one.evidence) == (f"o-{WATER}", 3, rules[2], None)


def test_what_was_learnt_follows_the_rule_three_in_all_each_with_a_reason():
    found = guide(rules=[rule(1, TOWN, category="environment")], model=taught()).suggest(CASE)
    assert codes(found) == [TOWN, EPB, WATER]
    assert [one.number for one in found.suggestions] == [1, None, None]
    assert all(one.evidence for one in found.suggestions)  # the rule's too: past cases speak for it as well
    assert len(found.suggestions) == MOST


def test_a_rule_that_the_past_speaks_against_comes_second_and_says_so():
    one, record = rule(1, TOWN, category="environment"), Record(1, 30)
    found = guide(rules=[one], model=taught(), records={record_key(one): record}).suggest(CASE)
    assert codes(found) == [EPB, TOWN, WATER]
    assert [each.record for each in found.suggestions] == [None, record, None]
    agreed = guide(rules=[replace(one, organisation=EPB)], model=taught(), records={record_key(one): record}).suggest(CASE)
    assert (codes(agreed), agreed.suggestions[0].number) == ([EPB, WATER, TOWN], 1)
    assert agreed.suggestions[0].evidence


def test_a_unit_for_which_nothing_speaks_is_not_suggested_to_fill_the_list():
    assert codes(guide(model=taught()).suggest(traits("学校", category="education", place=None))) == [EDU]


def test_whoever_is_the_author_or_has_no_head_in_office_is_left_out():
    known = county(head(EPB, active=False), head(WATER), head(TOWN), head(MATIAN))
    assert codes(guide(model=taught(), directory=known, author=f"o-{WATER}").suggest(CASE)) == [TOWN, MATIAN]


@pytest.mark.parametrize(("code", "why"), [("431023-gone", Broken.NO_ORGANISATION), (EDU, Broken.NO_HEAD)])
def test_a_broken_rule_is_shown_and_the_next_one_does_not_take_its_place(code, why):
    known = county(*(head(unit, active=unit != EDU) for unit in UNITS))
    rules = [rule(1, EPB, category="land"), rule(2, code, category="environment"), rule(3, WATER, category="environment")]
    found = guide(rules=rules, directory=known, model=taught()).suggest(CASE)
    assert found.broken == (2, rules[1], why)
    assert all(one.rule is None for one in found.suggestions)
    assert codes(found)[0] == EPB  # what was learnt still helps


def test_a_rule_that_leads_to_somebody_barred_is_passed_over_without_a_word():
    rules = [rule(1, EPB, keywords=("污水",)), rule(2, "431023-gone", keywords=("污",)), rule(3, WATER, category="environment")]
    nobody = Bars(case_id=UUID(int=1), organisations=frozenset({EPB, "431023-gone"}))
    found = guide(rules=rules, bars=nobody).suggest(CASE)
    assert (codes(found), found.broken) == ([WATER], None)


BARS = st.builds(
    lambda organisations, officials: Bars(case_id=UUID(int=1)).complain(organisations, officials, county()),
    st.sets(st.sampled_from([COUNTY, *UNITS, "431023-gone"])), st.sets(st.sampled_from([f"o-{unit}" for unit in UNITS])),
)  # fmt: skip
RULES = st.lists(st.builds(lambda n, unit, category: rule(n, unit, category=category), st.integers(1, 9), st.sampled_from([*UNITS, "431023-gone"]),
                           st.sampled_from(["environment", "education"])), max_size=4)  # fmt: skip


def barred_among(bars: Bars, rules) -> list[str]:
    """Who of those suggested or named is barred."""
    known = county()
    found = Guide(rules=rules, model=taught(), directory=known, bars=bars).suggest(CASE)
    named = [found.broken[1].organisation] if found.broken else []
    barred = [
        one.person.official for one in found.suggestions if bars.bar(one.person.official, posts_of(one.person.official, known))
    ]
    return barred + [code for code in [*codes(found), *named] if code in bars.organisations]


@settings(max_examples=300, deadline=None)
@given(BARS, RULES)
def test_nobody_barred_is_ever_suggested_nor_named(bars, rules):
    assert barred_among(bars, rules) == []


def test_a_suggestion_that_forgot_the_bars_is_caught(monkeypatch):
    monkeypatch.setattr(Guide, "_may_have", lambda self, organisation: True)
    bars = replace(Bars(case_id=UUID(int=1)), organisations=frozenset({EPB}))
    assert barred_among(bars, [rule(1, EPB, category="environment")])
