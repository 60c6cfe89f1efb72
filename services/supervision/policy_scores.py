"""The section `scores` of a policy's file: what gives or costs points, whom, and how many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from services.supervision import policy_fields as f
from services.supervision.policy import Words
from services.supervision.score_rules import DETAILS, GOOD, OF_THE_LEADER, Kind, ScoreRule, Scores, Whom

MOST_DAYS = 365
MOST_POINTS = 100
# Points for going over the county's head are that county's own rule (decision 14); nobody else's policy brings them back.
SKIP_LEVEL_IN = "yongxing"


class _ScoreRuleSchema(f.Base):
    rule = f.code()
    occasion = f.choice(tuple(Kind), required=True)
    whom = f.choice(tuple(Whom), required=True)
    points = f.whole(-MOST_POINTS, MOST_POINTS, required=True)
    cap = f.whole(1, 100 * MOST_POINTS, load_default=None)
    details = f.choices(
        tuple(dict.fromkeys(detail for details in DETAILS.values() for detail in details)), load_default=list, data_key="only"
    )
    unless_overdue = fields.Boolean(
        load_default=False, truthy={True}, falsy={False}, error_messages={**f.REQUIRED, "invalid": "须为 true 或 false。"}
    )
    words = f.words()
    basis = f.words()

    @validates_schema(skip_on_field_errors=True)
    def _sound(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        kind, points = Kind(data["occasion"]), data["points"]
        if points == 0 or (points > 0) != (kind in GOOD):
            raise ValidationError(f"{kind} 的分值须为{'正' if kind in GOOD else '负'}数。", "points")
        if data["cap"] is not None and data["cap"] < abs(points):
            raise ValidationError("年度封顶不得小于一次的分值。", "cap")
        if foreign := sorted(set(data["details"]) - set(DETAILS.get(kind, ()))):
            raise ValidationError(f"{kind} 没有 {'、'.join(foreign)}。", "only")
        if kind in OF_THE_LEADER and data["whom"] != Whom.LEADER:
            raise ValidationError(f"{kind} 只能计在包案领导名下，须为 leader。", "whom")
        if kind is Kind.SKIP_LEVEL and not data["unless_overdue"]:
            raise ValidationError("本件已经超期的，越级上访不得扣分，须写 unless_overdue: true。", "unless_overdue")

    @post_load
    def _made(self, data: dict[str, Any], **kwargs: Any) -> ScoreRule:
        return ScoreRule(
            id=data["rule"], kind=Kind(data["occasion"]), whom=Whom(data["whom"]), points=data["points"], cap=data["cap"],
            only=frozenset(data["details"]), unless_overdue=data["unless_overdue"],
            words=Words(data["words"]), basis=Words(data["basis"]),
        )  # fmt: skip


class ScoresSchema(f.Base):
    """Where there is no such section, nobody is scored."""

    duties_within_days = f.whole(1, MOST_DAYS, required=True)
    objection_days = f.whole(1, MOST_DAYS, required=True)
    rules = fields.List(
        fields.Nested(_ScoreRuleSchema),
        required=True,
        error_messages={**f.REQUIRED, "invalid": "须为列表，每项以“- rule:”开头。"},
    )

    @validates_schema(skip_on_field_errors=True)
    def _sound(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        if faults := list(_clashes(data["rules"])):
            raise ValidationError(faults, "rules")

    @post_load
    def _made(self, data: dict[str, Any], **kwargs: Any) -> Scores:
        return Scores(
            duties_within_days=data["duties_within_days"], objection_days=data["objection_days"], rules=tuple(data["rules"])
        )


def _clashes(rules: list[ScoreRule]) -> Iterator[str]:
    for number, rule in enumerate(rules):
        for other in rules[:number]:
            if rule.id == other.id:
                yield f"规则“{rule.id}”出现了两次。"
            same = (rule.kind, rule.whom) == (other.kind, other.whom)
            if same and (not rule.only or not other.only or rule.only & other.only):
                yield f"规则“{other.id}”与“{rule.id}”对同一件事给同一方计分，会重复计算。"


def check_skip_level(policy: str, scores: Scores | None) -> None:
    """Raises ValidationError where another policy than the county's own scores skip-level petitions."""
    if policy != SKIP_LEVEL_IN and scores and any(rule.kind is Kind.SKIP_LEVEL for rule in scores.rules):
        raise ValidationError(f"越级上访只在 {SKIP_LEVEL_IN} 政策中计分。", "scores")
