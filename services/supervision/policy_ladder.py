"""The section `ladder` of a policy's file: what follows when a limit is missed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from services.supervision import policy_fields as f
from services.supervision.policy import Ladder, Obligation, PeriodKind, Rung, Step, Words

MOST_DAYS = 365
# A right to object is nothing that is owed, so nobody misses it.
_OWED = tuple(each for each in Obligation if each is not Obligation.OBJECTION)


class _RungSchema(f.Base):
    step = f.choice(tuple(Step), required=True)
    obligations = f.choices(_OWED, required=True)
    after_days = f.whole(0, MOST_DAYS, required=True)
    rounds = f.choice(tuple(PeriodKind))
    answer_days = f.whole(0, MOST_DAYS, load_default=0)
    document = fields.String(required=True, validate=validate.Length(1, 8, error="须有 1 至 8 个字。"), error_messages=f.REQUIRED)
    words = f.words()
    basis = f.words()

    @validates_schema(skip_on_field_errors=True)
    def _of_its_kind(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        if data["step"] == Step.REMINDER and ("rounds" in data or data["answer_days"]):
            raise ValidationError("提醒由系统自动发出，不分期，也不另给期限。")
        if data["step"] in (Step.NOTICE, Step.SUGGESTION) and not data["answer_days"]:
            raise ValidationError("督办和建议须写明几日内报结果。", "answer_days")

    @post_load
    def _made(self, data: dict[str, Any], **kwargs: Any) -> Rung:
        return Rung(
            step=Step(data["step"]), obligations=frozenset(map(Obligation, data["obligations"])), after_days=data["after_days"],
            rounds=PeriodKind(data["rounds"]) if "rounds" in data else None, answer_days=data["answer_days"],
            document=data["document"], words=Words(data["words"]), basis=Words(data["basis"]),
        )  # fmt: skip


class LadderSchema(f.Base):
    """Steps upwards, each once; where there is no such section nothing follows by itself."""

    urgent_from_round = f.whole(2, 99, load_default=None)
    steps = fields.List(
        fields.Nested(_RungSchema),
        required=True,
        validate=validate.Length(min=1, error="至少列出一项。"),
        error_messages={**f.REQUIRED, "invalid": "须为列表，每项以“- step:”开头。"},
    )

    @validates_schema(skip_on_field_errors=True)
    def _sound(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        rungs: list[Rung] = data["steps"]
        heights = [rung.step.height for rung in rungs]
        if heights != sorted(set(heights)):
            raise ValidationError(f"各步须按 {'、'.join(Step)} 的次序排列，不得重复。", "steps")
        marks = [rung.document for rung in rungs]
        if len(set(marks)) < len(marks):
            raise ValidationError("各步的文号代字不得相同。", "steps")
        for lower, upper in pairwise(rungs):
            if unreached := sorted(upper.obligations - lower.obligations):
                raise ValidationError(f"“{upper.step}”涉及的 {'、'.join(unreached)} 没有经过前一步“{lower.step}”。", "steps")

    @post_load
    def _made(self, data: dict[str, Any], **kwargs: Any) -> Ladder:
        return Ladder(rungs=tuple(data["steps"]), urgent_from_round=data["urgent_from_round"])
