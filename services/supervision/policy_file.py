"""Reading a policy: the shipped ones by name, a county's own by its path; every fault told with its place and
its remedy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError, fields, post_load, validates_schema

from services.supervision import policy_fields as f
from services.supervision.policy import CASE_CLASSES, PARTS, Obligation, Policy, Rule, Start, Words
from services.supervision.policy_ladder import LadderSchema
from services.supervision.policy_scores import ScoresSchema, check_skip_level
from services.supervision.working_calendar import DayKind
from shared.errors import ZhidaError

SHIPPED = Path(__file__).parent / "policies"
LARGEST = 256 * 1024
MOST_DAYS = 3650
# What an obligation's limit may run from; those of the whole case, from its first dispatch or its reopening.
_STARTS = {
    Obligation.RECEIVE: (Start.ASSIGNMENT,), Obligation.REPLY: (Start.ASSIGNMENT,), Obligation.OBJECTION: (Start.RECEIPT,),
    Obligation.FOLLOW_UP: (Start.CONCLUSION,), Obligation.REVIEW: (Start.REVIEW, Start.FINAL_REVIEW),
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What is wrong at a place such as `rules[2].calendar_days`; the sentence says the rule."""

    place: str
    rule: str

    def __str__(self) -> str:
        return f"{self.place}: {self.rule}" if self.place else self.rule


class BadPolicy(ZhidaError):
    """Tell the person: this policy cannot be used; `faults` says where and why. Nothing was changed."""

    def __init__(self, name: str, faults: list[Fault]) -> None:
        super().__init__(f"{name}: " + "；".join(map(str, faults)))
        self.name, self.faults = name, faults


class _Strict(yaml.SafeLoader):
    """A key given twice is a fault, not the last one's victory; references can be nested into bombs."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """The next node, unless it is a reference."""
        if self.check_event(yaml.AliasEvent):
            raise _refusal("不支持引用（*别名）", self.peek_event().start_mark)
        return super().compose_node(parent, index)


def _refusal(problem: str, mark: Any) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, mark)


def _mapping(loader: _Strict, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    for key in keys:
        if not isinstance(key, str):
            raise _refusal(f"键“{key}”须为文字", node.start_mark)
        if keys.count(key) > 1:
            raise _refusal(f"键“{key}”出现了两次", node.start_mark)
    return loader.construct_mapping(node, deep=True)


_Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


class _RuleSchema(f.Base):
    rule = f.code()
    obligation = f.choice(tuple(Obligation), required=True)
    classes = f.choices(CASE_CLASSES, required=True)
    parts = f.choices(PARTS, load_default=list(PARTS))
    start = f.choice(tuple(Start), required=True, data_key="from")
    calendar_days = f.whole(1, MOST_DAYS)
    working_days = f.whole(1, MOST_DAYS)
    until = f.choice(("conclude",))
    words = f.words()
    basis = f.words()

    @validates_schema(skip_on_field_errors=True)
    def _one_limit(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        given = [name for name in ("calendar_days", "working_days", "until") if name in data]
        if len(given) != 1:
            raise ValidationError("calendar_days、working_days、until 三者须且只能写一项。")
        starts = _STARTS.get(data["obligation"], (Start.FIRST_DISPATCH, Start.REOPENING))
        if data["start"] not in starts:
            raise ValidationError(f"{data['obligation']} 的期限须从 {' 或 '.join(starts)} 起算。", "from")
        if "until" in data and data["obligation"] != Obligation.REPLY:
            raise ValidationError("只有 reply 可以随办结期限。", "until")

    @post_load
    def _made(self, data: dict[str, Any], **kwargs: Any) -> Rule:
        return Rule(
            id=data["rule"], obligation=Obligation(data["obligation"]), classes=frozenset(data["classes"]),
            parts=frozenset(data["parts"]), start=Start(data["start"]),
            days=data.get("calendar_days") or data.get("working_days"),
            kind=DayKind.WORKING if "working_days" in data else DayKind.CALENDAR,
            words=Words(data["words"]), basis=Words(data["basis"]),
        )  # fmt: skip


class _PolicySchema(f.Base):
    policy = f.code(longest=32)
    version = f.whole(1, 9999, required=True)
    title = f.words()
    source = f.words()
    warnings = fields.List(
        f.whole(1, 100), required=True, error_messages={**f.REQUIRED, "invalid": "须为列表，如 [50, 75, 90, 100]。"}
    )
    late_after_minutes = f.whole(1, 1440, required=True)
    rules = fields.List(
        fields.Nested(_RuleSchema),
        required=True,
        error_messages={**f.REQUIRED, "invalid": "须为列表，每项以“- rule:”开头。"},
    )
    scores = fields.Nested(ScoresSchema, load_default=None, error_messages=f.REQUIRED)
    ladder = fields.Nested(LadderSchema, load_default=None, error_messages=f.REQUIRED)

    @validates_schema(skip_on_field_errors=True)
    def _sound(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        if data["warnings"] != sorted(set(data["warnings"])):
            raise ValidationError("须从小到大排列，不得重复。", "warnings")
        faults = list(_clashes(data["rules"])) + list(_gaps(data["rules"]))
        if faults:
            raise ValidationError(faults, "rules")
        check_skip_level(data["policy"], data["scores"])


def _clashes(rules: list[Rule]) -> Iterator[str]:
    for number, rule in enumerate(rules):
        for other in rules[:number]:
            if rule.id == other.id:
                yield f"规则“{rule.id}”出现了两次。"
            same = (rule.obligation, rule.start) == (other.obligation, other.start)
            if same and rule.classes & other.classes and rule.parts & other.parts:
                yield f"规则“{other.id}”与“{rule.id}”管的是同一件事，无法确定用哪一条。"


def _gaps(rules: list[Rule]) -> Iterator[str]:
    for start in (Start.FIRST_DISPATCH, Start.REOPENING):
        for case_class in CASE_CLASSES:
            if not any(r.obligation is Obligation.CONCLUDE and r.start is start and case_class in r.classes for r in rules):
                yield f"缺少 {case_class} 类信访件从 {start} 起算的 conclude（办结）期限。"


def policy_from(document: Any, name: str) -> Policy:
    """The policy of a parsed document. Raises BadPolicy with every fault."""
    if not isinstance(document, dict):
        raise BadPolicy(name, [Fault("", "文件须为“键: 值”形式，以 policy: 开头。")])
    try:
        data = _PolicySchema().load(document)
    except ValidationError as wrong:
        raise BadPolicy(name, list(_flat(wrong.messages))) from wrong
    return Policy(
        name=data["policy"], version=data["version"], title=Words(data["title"]),
        source=Words(data["source"]), warnings=tuple(data["warnings"]),
        late_after=data["late_after_minutes"] * 60, rules=tuple(data["rules"]), ladder=data["ladder"], scores=data["scores"],
        document=json.loads(json.dumps(document)),
    )  # fmt: skip


def read_policy(given: str | Path) -> Policy:
    """The shipped policy of that name, or the one in that file. Raises BadPolicy with every fault."""
    shipped = SHIPPED / f"{given}.yaml"
    path = shipped if isinstance(given, str) and "/" not in given and shipped.is_file() else Path(given)
    name = str(given)
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as fault:
        known = "、".join(sorted(file.stem for file in SHIPPED.glob("*.yaml")))
        raise BadPolicy(name, [Fault("", f"无法读取该文件（{type(fault).__name__}）。自带的政策有：{known}。")]) from fault
    if len(raw) > LARGEST:
        raise BadPolicy(name, [Fault("", f"文件超过 {LARGEST // 1024} KB。")])
    try:
        document = yaml.load(raw.decode("utf-8"), _Strict)  # noqa: S506 (a SafeLoader)
    except UnicodeDecodeError as fault:
        raise BadPolicy(name, [Fault("", "文件须为 UTF-8 编码。")]) from fault
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        raise BadPolicy(name, [_yaml_fault(fault)]) from fault
    return policy_from(document, name)


def _yaml_fault(fault: Exception) -> Fault:
    mark, problem = (
        getattr(fault, "problem_mark", None),
        getattr(fault, "problem", None) or type(fault).__name__,
    )
    return Fault(f"第 {mark.line + 1} 行" if mark else "", f"不是正确的 YAML：{problem}。")


def _flat(messages: Any, place: str = "") -> Iterator[Fault]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            step = f"[{key}]" if isinstance(key, int) else "" if key == "_schema" else f".{key}"
            yield from _flat(inner, f"{place}{step}".lstrip("."))
    else:
        yield from (Fault(place, str(message)) for message in messages)
