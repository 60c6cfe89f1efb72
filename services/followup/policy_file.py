"""Reading a follow-up policy: the shipped ones by name, a county's own by its path; every fault told with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from services.followup.domain.policy import SATISFIED, SETTLED, FollowPolicy, Question
from shared.errors import ZhidaError

SHIPPED = Path(__file__).parent / "policies"
LARGEST = 64 * 1024
_LACKS: dict[str, Any] = {"required": "缺少该项。", "null": "该项不能为空。", "invalid": "须为文字，含特殊字符时请加引号。"}
_NUMBER: dict[str, Any] = {**_LACKS, "invalid": "须为整数。"}


class BadPolicy(ZhidaError):
    """Tell the person: this policy cannot be used; `faults` says where and why. Nothing was changed."""

    def __init__(self, name: str, faults: list[str]) -> None:
        super().__init__(f"{name}: " + "；".join(faults))
        self.name, self.faults = name, faults


class _Base(Schema):
    class Meta:
        """An unknown key is a misspelt one."""

        unknown = RAISE

    error_messages = {"unknown": "没有这一项，请检查拼写。", "type": "须为“键: 值”形式的一组内容。"}


def _text(**options: Any) -> fields.String:
    within = validate.Length(1, 200, error="须有 1 至 200 个字。")
    return fields.String(validate=within, error_messages=_LACKS, **options)


def _code() -> fields.String:
    shape = validate.Regexp(r"[a-z][a-z0-9_-]{0,31}\Z", error="须以小写字母开头，只含小写字母、数字、_ 和 -，不超过 32 个字符。")
    return fields.String(required=True, validate=shape, error_messages=_LACKS)


def _whole(least: int, most: int) -> fields.Integer:
    within = validate.Range(least, most, error=f"须为 {least} 至 {most} 的整数。")
    return fields.Integer(required=True, strict=True, validate=within, error_messages=_NUMBER)


class _WordsSchema(_Base):
    zh = _text(required=True)
    en = _text()


class _QuestionSchema(_Base):
    question = _code()
    words = fields.Nested(_WordsSchema, required=True, error_messages=_LACKS)


class _TriesSchema(_Base):
    count = _whole(1, 20)
    days = _whole(1, 20)

    @validates_schema(skip_on_field_errors=True)
    def _possible(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        if data["days"] > data["count"]:
            raise ValidationError("days（不同的日子）不能多于 count（次数）。", "days")


class _PolicySchema(_Base):
    policy = _code()
    version = _whole(1, 9999)
    title = fields.Nested(_WordsSchema, required=True, error_messages=_LACKS)
    limit_days = _whole(1, 365)
    tries = fields.Nested(_TriesSchema, required=True, error_messages=_LACKS)
    rounds = _whole(1, 100)
    sample_percent = _whole(1, 100)
    correct_hours = _whole(0, 72)
    link_days = _whole(1, 90)
    # A county may give its petitioners more than arts. 35 and 36 do, and nothing less.
    contest_days = _whole(30, 365)
    reopen_days = _whole(0, 3650)
    review_days = _whole(30, 365)
    decide_days = _whole(1, 30)
    questions = fields.List(
        fields.Nested(_QuestionSchema),
        required=True,
        validate=validate.Length(2, 12, error="须有 2 至 12 个问题。"),
        error_messages={**_LACKS, "invalid": "须为列表，每项以“- question:”开头。"},
    )

    @validates_schema(skip_on_field_errors=True)
    def _sound(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        codes = [each["question"] for each in data["questions"]]
        faults = [f"问题“{code}”出现了两次。" for code in sorted({code for code in codes if codes.count(code) > 1})]
        faults += [f"缺少问题“{code}”：两项都答“是”才算满意。" for code in (SETTLED, SATISFIED) if code not in codes]
        if faults:
            raise ValidationError(faults, "questions")


class _Strict(yaml.SafeLoader):
    """A key given twice is a fault, not the last one's victory; references can be nested into bombs."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """The next node, unless it is a reference."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(None, None, "不支持引用（*别名）", self.peek_event().start_mark)
        return super().compose_node(parent, index)


def _mapping(loader: _Strict, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [str(loader.construct_object(key)) for key, _ in node.value]
    if twice := [key for key in keys if keys.count(key) > 1]:
        raise yaml.constructor.ConstructorError(None, None, f"键“{twice[0]}”出现了两次", node.start_mark)
    return loader.construct_mapping(node, deep=True)


_Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def policy_from(document: Any, name: str) -> FollowPolicy:
    """The policy of a parsed document. Raises BadPolicy with every fault."""
    if not isinstance(document, dict):
        raise BadPolicy(name, ["文件须为“键: 值”形式，以 policy: 开头。"])
    try:
        data = _PolicySchema().load(document)
    except ValidationError as wrong:
        raise BadPolicy(name, list(_flat(wrong.messages))) from wrong
    plain = {key: data[key] for key in data if key not in ("policy", "title", "tries", "questions")}
    asked = [{"code": each["question"], **each["words"]} for each in data["questions"]]
    return FollowPolicy(
        name=data["policy"], tries=data["tries"]["count"], try_days=data["tries"]["days"],
        questions=tuple(Question(**each) for each in asked), document=json.loads(json.dumps(document)), **plain,
    )  # fmt: skip


def read_policy(given: str | Path) -> FollowPolicy:
    """The shipped policy of that name, or the one in that file. Raises BadPolicy with every fault."""
    shipped = SHIPPED / f"{given}.yaml"
    path = shipped if isinstance(given, str) and "/" not in given and shipped.is_file() else Path(given)
    name = str(given)
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as fault:
        known = "、".join(sorted(file.stem for file in SHIPPED.glob("*.yaml")))
        raise BadPolicy(name, [f"无法读取该文件（{type(fault).__name__}）。自带的政策有：{known}。"]) from fault
    if len(raw) > LARGEST:
        raise BadPolicy(name, [f"文件超过 {LARGEST // 1024} KB。"])
    try:
        document = yaml.load(raw.decode("utf-8"), _Strict)  # noqa: S506 (a SafeLoader)
    except UnicodeDecodeError as fault:
        raise BadPolicy(name, ["文件须为 UTF-8 编码。"]) from fault
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        mark, problem = getattr(fault, "problem_mark", None), getattr(fault, "problem", None)
        where = f"第 {mark.line + 1} 行: " if mark else ""
        raise BadPolicy(name, [f"{where}不是正确的 YAML：{problem or type(fault).__name__}。"]) from fault
    return policy_from(document, name)


def _flat(messages: Any, place: str = "") -> Iterator[str]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            step = f"[{key}]" if isinstance(key, int) else "" if key == "_schema" else f".{key}"
            yield from _flat(inner, f"{place}{step}".lstrip("."))
    else:
        yield from (f"{place}: {message}" if place else str(message) for message in messages)
