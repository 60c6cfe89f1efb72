"""Learning: what is counted, who is ranked first, which reasons are named, what is too little."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from services.routing.domain import learning
from services.routing.domain.learning import (
    Alike,
    Model,
    Past,
    Record,
    assess,
    check_enough,
    divided,
    learn,
    order,
    record_key,
    records,
    vocabulary,
    words_in,
)  # fmt: skip
from shared.errors import Refused
from tests.unit.routing.suggesting import past, rule, traits

EPB, EDU, TOWN = "431023-epb", "431023-edu", "431023104"
WORDS = frozenset({"污水", "污水处理", "排放", "学校", "食堂", "没有"})


def taught() -> Model:
    """Ten cases each of two units, and one of a third, that hardly had any."""
    cases = [past(n, "造纸厂污水排放没有人管", EPB, category="environment.water", place=TOWN) for n in range(10)]
    cases += [past(n, "学校食堂没有人管", EDU, category="education") for n in range(10, 20)]
    return learn([*cases, past(20, "学校污水", TOWN, category="other")], WORDS)


def test_at_each_place_the_longest_known_word_is_found():
    assert words_in("污水处理厂的污水排放，污水", WORDS.__contains__) == ("污水处理", "污水", "排放")
    assert words_in("水", WORDS.__contains__) == ()


def test_words_are_worth_counting_when_they_are_chinese_of_some_length_and_not_rare(monkeypatch):
    texts = [["污水", "污水", "水", "排放", "PX", "一二三四五六七八九"]] * 3 + [["食堂"], ["食堂"]]
    assert vocabulary(texts) == {"污水", "排放"}
    monkeypatch.setattr(learning, "MOST_WORDS", 1)
    assert vocabulary([*texts, ["污水"]]) == {"污水"}


def test_who_had_such_cases_is_ranked_first_and_who_had_hardly_any_is_left_out():
    model = taught()
    assert model.units == (EDU, EPB)
    assert model.cases == (10, 10)
    assert model.ranking(traits("河里有污水", category="other", place=None)) == [EPB, EDU]
    assert model.ranking(traits("食堂", category="environment.air", place=None))[0] == EDU
    assert model.ranking(traits("什么都没听过", category="land", place=None)) == []


def test_a_unit_with_few_cases_does_not_win_by_that_alone():
    cases = [past(n, "污水", EPB) for n in range(60)] + [past(n, "学校", EDU, category="education") for n in range(60, 63)]
    model = learn(cases, WORDS)
    assert model.ranking(traits("污水", category="environment", place=None))[0] == EPB
    assert model.ranking(traits("学校", category="education", place=None))[0] == EDU


def test_reasons_are_like_cases_and_telling_words():
    model = taught()
    found = model.evidence(traits("污水没有人管", place=TOWN), EPB)
    assert found
    assert found.alike == Alike(given=10, of=10, category="environment.water", place=TOWN)
    assert found.words == ("污水",)  # "没有" stands in everybody's cases


def test_like_cases_are_of_the_narrowest_kind_of_which_there_are_enough():
    cases = [past(n, "污水", EPB, EDU, category="environment.water", place=TOWN) for n in range(4)]
    cases += [past(n, "学校", EDU, category="education") for n in range(4, 20)]
    cases += [past(20, "", EPB, category="environment.water"), past(21, "", EPB, category="environment.air")]
    model = learn(cases, WORDS)

    def alike(category: str, place: str | None) -> Alike | None:
        found = model.evidence(traits("污水", category=category, place=place), EPB)
        return found.alike if found else None

    assert alike("environment.water", TOWN) == Alike(given=4, of=8, category="environment.water", place=TOWN)
    assert alike("environment.water", "431023101") == Alike(given=5, of=9, category="environment.water", place="")
    assert alike("environment.noise", None) == Alike(given=6, of=10, category="environment", place="")
    assert alike("land", None) is None


def test_where_nothing_speaks_for_a_unit_no_reason_is_made_up():
    model = taught()
    assert model.evidence(traits("学校食堂", category="education", place=None), EPB) is None
    assert model.evidence(traits(), "431023-unknown") is None


def test_a_model_survives_being_kept():
    model = taught()
    assert Model.of(json.loads(json.dumps(model.as_data()))) == model


def test_a_model_of_one_trait_alone_weighs_nothing_and_does_not_fall_over():
    model = learn([past(n, "", EPB, category="land") for n in range(5)], WORDS)
    assert model.ranking(traits(category="land", place=None)) == [EPB]
    assert learn([], WORDS).ranking(traits()) == []


def test_a_fifth_is_held_out_by_the_case_itself():
    cases = [past(n, "污水", EPB) for n in range(100)]
    rest, held = divided(cases)
    assert len(held) == 20
    assert not {one.id for one in rest} & {one.id for one in held}
    assert divided(cases[::-1])[1][::-1] == held


@pytest.mark.parametrize(("count", "units"), [(49, (EPB, EDU)), (200, (EPB,))])
def test_too_little_teaches_nothing(count, units):
    with pytest.raises(Refused, match=f"只有{count}件"):
        check_enough([past(n, "", units[n % len(units)]) for n in range(count)])
    check_enough([past(n, "", (EPB, EDU)[n % 2]) for n in range(50)])


def test_the_rule_that_wins_comes_before_what_was_learnt():
    rules = [
        rule(1, EDU, category="land"),
        rule(2, TOWN, category="environment", active=False),
        rule(3, EDU, category="environment"),
    ]
    case = traits("污水", place=None)
    assert order(rules, taught(), {}, case) == [EDU, EPB]
    assert order(rules, None, {}, case) == [EDU]
    assert order([], taught(), {}, case) == [EPB, EDU]


def test_a_rule_has_a_record_until_it_says_something_else():
    first, second = rule(1, EPB, category="environment"), rule(2, EDU, channel="letter")
    cases = [past(1, "", EPB), past(2, "", EDU, TOWN), past(3, "", EDU, category="land"), past(4, "", TOWN, category="land")]
    kept = records(cases, [first, second])
    assert (kept[record_key(first)], kept[record_key(second)]) == (Record(1, 2), Record(1, 2))
    assert record_key(replace(first, revision=2)) not in kept
    assert records(cases, []) == {}


@pytest.mark.parametrize(("record", "against"), [((9, 20), True), ((10, 20), False), ((0, 19), False)])
def test_the_past_speaks_against_a_rule_when_most_went_elsewhere_and_not_of_a_few(record, against):
    assert Record(*record).against is against


def test_a_rule_that_the_past_speaks_against_comes_second():
    one = rule(1, EDU, category="environment")
    case = traits("污水", place=None)
    assert order([one], taught(), {record_key(one): Record(1, 30)}, case) == [EPB, EDU]
    assert order([one], taught(), {record_key(one): Record(29, 30)}, case) == [EDU, EPB]
    assert order([one], None, {record_key(one): Record(1, 30)}, case) == [EDU]


def test_accuracy_is_that_of_rules_of_learning_and_of_both():
    held = [
        past(1, "污水", EPB, category="environment.water"),
        past(2, "食堂", EDU, category="education"),
        past(3, "污水", TOWN, EPB),
    ]
    found = assess([], held, [rule(1, TOWN, category="environment"), rule(2, EDU, category="education")], taught())
    assert {way: (round(a.first, 2), round(a.among_three, 2)) for way, a in found.items()} == {
        "rules": (0.67, 0.67), "learning": (1.0, 1.0), "together": (0.67, 1.0),
    }  # fmt: skip
    assert assess([], [], [], taught())["together"] == (0, 0)


def test_a_case_of_units_that_hardly_had_any_teaches_nothing():
    lone = Past(past(1, "").id, traits(), ("431023-x",))
    assert learn([lone], WORDS).counts == {}
