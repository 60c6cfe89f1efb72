"""The section `scores` of a policy: what cannot be meant is refused, with its place."""

import re

import pytest

from services.supervision.policy_file import SHIPPED, BadPolicy, read_policy
from services.supervision.score_rules import Kind

YONGXING = (SHIPPED / "yongxing.yaml").read_text(encoding="utf-8")
PLACE = "scores.rules"


def faults_of(tmp_path, *changes: tuple[str, str]) -> list[str]:
    text = YONGXING
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadPolicy) as refused:
        read_policy(path)
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("points: 5\n", "points: -5\n", "scores.rules[0].points: settled 的分值须为正数。"),
        ("points: -5\n", "points: 5\n", "scores.rules[1].points: unsettled 的分值须为负数。"),
        ("points: 1\n", "points: 0\n", "scores.rules[3].points: duty_done 的分值须为正数。"),
        ("cap: 30", "cap: 4", "scores.rules[0].cap: 年度封顶不得小于一次的分值。"),
        ("only: [conclude]", "only: [support]", "scores.rules[5].only: late 没有 support。"),
        ("only: [conclude]", "only: [objection]", None),
        ("unless_overdue: true", "unless_overdue: false", "本件已经超期的，越级上访不得扣分"),
        ("unless_overdue: true", "unless_overdue: perhaps", "须为 true 或 false。"),
        ("occasion: duty_late\n      whom: leader", "occasion: duty_late\n      whom: unit", "duty_late 只能计在包案领导名下"),
        ("rule: skip-level", "rule: settled", "scores.rules: 规则“settled”出现了两次。"),
        ("objection_days: 15", "objection_days: 0", "scores.objection_days: 须为 1 至 365 的整数。"),
        ("duties_within_days: 30\n", "", None),
        ("occasion: returned", "occasion: visited", None),
        ("only: [progress, reply, conclude]\n      whom: unit", "only: [conclude]\n      whom: leader", "会重复计算"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(tmp_path, old, new, said):
    found = faults_of(tmp_path, (old, new))
    assert said is None or any(said in fault for fault in found), found
    assert all(fault.startswith("scores") for fault in found)


def test_another_policy_than_the_countys_own_does_not_score_skip_level_petitions(tmp_path):
    (fault,) = faults_of(tmp_path, ("policy: yongxing", "policy: neighbour"))
    assert fault == "scores: 越级上访只在 yongxing 政策中计分。"


def test_without_the_section_nobody_is_scored(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(re.sub(r"(?ms)^scores:\n.*?(?=^\S|\Z)", "", YONGXING), encoding="utf-8")
    assert read_policy(path).scores is None


@pytest.mark.parametrize("name", ["yongxing", "regulation-2022"])
def test_each_shipped_rule_speaks_both_languages_and_says_what_it_rests_on(name):
    scores = read_policy(name).scores
    assert scores is not None
    assert all(set(words) == {"zh", "en"} for rule in scores.rules for words in (rule.words, rule.basis))
    settled = scores.rule("settled")
    assert settled is not None
    assert settled.kind is Kind.SETTLED
    assert scores.rule("none") is None
