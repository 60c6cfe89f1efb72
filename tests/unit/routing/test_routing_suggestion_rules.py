"""Rules: what matches, which of two is wider, what is refused, who is the head."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.domain import rules as policy
from services.routing.domain.directory import Post
from services.routing.domain.rules import Broken, Rule, broken, check, check_order, covers, heads, unreached
from shared.errors import Refused
from tests.unit.routing.suggesting import COUNTY, UNITS, county, head, rule, traits


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ({"category": "environment"}, True),
        ({"category": "environment.water"}, True),
        ({"category": "environment.air"}, False),
        ({"category": "environ"}, False),
        ({"place": "431023"}, True),
        ({"place": "431023104"}, True),
        ({"place": "431023101"}, False),
        ({"channel": "letter"}, True),
        ({"channel": "call"}, False),
        ({"keywords": ("饮水", "噪声")}, True),
        ({"keywords": ("噪声",)}, False),
        ({"keywords": ("饮水", "污 水"), "every_keyword": True}, True),
        ({"keywords": ("饮水", "噪声"), "every_keyword": True}, False),
        ({"keywords": ("水造",)}, False),  # title and brief do not run together
        ({"category": "environment", "place": "431023101"}, False),
        ({"category": "environment", "keywords": ("排污",), "place": "431023104", "channel": "letter"}, True),
    ],
)
def test_a_rule_matches_when_every_condition_holds(conditions, holds):
    assert rule(**conditions).matches(traits()) is holds


def test_words_are_compared_whatever_their_width_case_and_blanks():
    assert rule(keywords=("ＰＸ项目",)).matches(traits("反对 px 项目"))


def test_a_place_that_is_not_known_meets_no_condition_on_it():
    assert not rule(place="431023").matches(traits(place=None))


@pytest.mark.parametrize(
    ("wide", "narrow", "is_wider"),
    [
        ({"category": "environment"}, {"category": "environment.water"}, True),
        ({"category": "environment"}, {"category": "environment", "place": "431023104"}, True),
        ({"category": "environment.water"}, {"category": "environment"}, False),
        ({"category": "environment"}, {"place": "431023104"}, False),
        ({"place": "431023"}, {"place": "431023104"}, True),
        ({"place": "431023104"}, {"category": "land"}, False),
        ({"channel": "call"}, {"channel": "call", "category": "land"}, True),
        ({"channel": "call"}, {"category": "land"}, False),
        ({"keywords": ("污水",)}, {"category": "land"}, False),
        ({"category": "land"}, {"category": "land", "keywords": ("污水",)}, True),
        ({"keywords": ("水", "气")}, {"keywords": ("污水", "废气")}, True),
        ({"keywords": ("水",)}, {"keywords": ("污水", "废气")}, False),
        ({"keywords": ("水",)}, {"keywords": ("污水", "废气"), "every_keyword": True}, True),
        ({"keywords": ("水", "气"), "every_keyword": True}, {"keywords": ("污水", "废气"), "every_keyword": True}, True),
        ({"keywords": ("水", "声"), "every_keyword": True}, {"keywords": ("污水", "废气"), "every_keyword": True}, False),
        ({"keywords": ("污", "水"), "every_keyword": True}, {"keywords": ("污水", "脏污的水")}, True),
        ({"keywords": ("污", "水"), "every_keyword": True}, {"keywords": ("污水", "废气")}, False),
    ],
)
def test_which_of_two_rules_is_wider(wide, narrow, is_wider):
    assert covers(rule(1, **wide), rule(2, **narrow)) is is_wider


WORDS = st.lists(st.sampled_from(["水", "污水", "污", "气", "废气"]), max_size=3).map(tuple)
RULES = st.builds(
    lambda category, place, channel, keywords, every: rule(1, category=category, place=place, channel=channel, keywords=keywords,
    every_keyword=every),
    st.sampled_from([None, "a", "a.b"]), st.sampled_from([None, "431023", "431023104"]), st.sampled_from([None, "call"]), WORDS, st.booleans(),
)  # fmt: skip
CASES = st.builds(
    traits, brief=st.text("水污气废声", max_size=6), title=st.just(""), category=st.sampled_from(["a", "a.b", "c"]),
    place=st.sampled_from([None, "431023101", "431023104"]), channel=st.sampled_from(["call", "letter"]),
)  # fmt: skip


def matches_less(wide: Rule, narrow: Rule, case) -> bool:
    """Whether a rule that was called wider misses a case of the narrower one."""
    return covers(wide, narrow) and narrow.matches(case) and not wide.matches(case)


@settings(max_examples=400)
@given(RULES, RULES, CASES)
def test_a_wider_rule_matches_whatever_the_narrower_one_does(wide, narrow, case):
    assert not matches_less(wide, narrow, case)


def test_a_rule_called_wider_wrongly_is_caught(monkeypatch):
    monkeypatch.setattr(policy, "_covers_words", lambda wide, narrow: True)
    assert matches_less(rule(1, keywords=("气",)), rule(2, keywords=("水",)), traits())


def test_rules_that_are_never_reached_are_told_with_the_one_that_shuts_them_out():
    found = [rule(1, category="land"), rule(2, category="land.ownership"), rule(3, keywords=("水",)), rule(4, keywords=("水",))]
    assert [(f.number, f.by, f.same) for f in unreached(found)] == [(2, 1, False), (4, 3, True)]
    off = [replace(one, active=False) for one in found[:1]]
    assert [f.number for f in unreached([*off, *found[1:]])] == [4]
    assert [f.number for f in unreached([found[0], replace(found[1], active=False)])] == []


def test_a_change_that_shuts_a_rule_out_is_refused_and_one_that_finds_it_shut_out_is_not():
    wide, narrow, other = rule(1, category="land"), rule(2, category="land.ownership"), rule(3, channel="call")
    check_order([narrow, wide], [narrow, wide, other])
    with pytest.raises(Refused, match=r"第2条规则的情形已全部包含在第1条中"):
        check_order([narrow, wide], [wide, narrow])
    check_order([wide, narrow], [wide, narrow, other])
    with pytest.raises(Refused, match=r"第2条规则与第1条的条件相同"):
        check_order([wide], [wide, replace(wide, id=narrow.id)])


def test_there_are_not_endlessly_many_rules():
    with pytest.raises(Refused, match="最多300条"):
        check_order([], [rule(n, keywords=(f"词{n}",)) for n in range(policy.MOST_RULES + 1)])


@pytest.mark.parametrize(
    ("given_rule", "field", "words"),
    [
        (rule(), "category", "没有任何条件"),
        (rule(organisation=COUNTY, category="land"), "organisation", "不能交办给本人"),
        (rule(organisation="431023-gone", category="land"), "organisation", "没有单位“431023-gone”"),
        (rule(organisation="431023-water", category="land"), "organisation", "没有可交办的在任负责人"),
    ],
)
def test_a_rule_that_says_nothing_or_leads_to_nobody_is_refused(given_rule, field, words):
    with pytest.raises(Refused, match=words) as refusal:
        check(given_rule, county(head("431023-epb"), head("431023-water", active=False)))
    assert refusal.value.field == field


@pytest.mark.parametrize("condition", [{"category": "land"}, {"place": "431023"}, {"channel": "call"}, {"keywords": ("水",)}])
def test_one_condition_is_enough(condition):
    check(rule(**condition), county())


def test_a_rule_breaks_when_its_organisation_or_its_head_is_gone():
    known = county(head("431023-epb"), head("431023-edu", active=False))
    found = [broken(rule(organisation=code), known, heads(known)) for code in ("431023-epb", "431023-edu", "431023-gone")]
    assert found == [None, Broken.NO_HEAD, Broken.NO_ORGANISATION]


def test_the_head_is_the_units_head_or_else_its_only_leader():
    second = Post(organisation="431023-edu", title="兼任局长", roles=frozenset({"unit_head"}))
    found = heads(
        county(
            head("431023-epb", role="leader"), head("431023-water", role="leader", name="a"), head("431023-water", role="leader", name="b"),
            head("431023104", second, name="c"), head("431023-edu", name="z"), head("431023101", role="officer"),
            head(UNITS[3], role="leader", name="d"),
        )
    )  # fmt: skip
    assert {code: person.official for code, person in found.items()} == {
        "431023-epb": "o-431023-epb", "431023104": "o-c", "431023-edu": "o-z",
    }  # fmt: skip
    assert heads(county(head("431023104", second, name="c")))["431023-edu"].organisation == "431023104"  # where he is addressed


def test_two_rules_ask_the_same_however_their_words_are_written():
    assert rule(1, keywords=("PX", "水")).condition == rule(2, keywords=("水", "ｐｘ")).condition
    assert rule(1, keywords=("水",), every_keyword=True).condition == rule(2, keywords=("水",)).condition
    assert rule(1, category="land").says != rule(1, category="land", note="x").says
