"""The fields of a policy's file, with what is said when one is wrong."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

REQUIRED: dict[str, Any] = {
    "required": "缺少该项。",
    "null": "该项不能为空。",
    "invalid": "须为文字，含特殊字符时请加引号。",
}
WHOLE: dict[str, Any] = {**REQUIRED, "invalid": "须为整数。"}


class Base(Schema):
    """A section of the file."""

    class Meta:
        """An unknown key is a misspelt one."""

        unknown = RAISE

    error_messages = {"unknown": "没有这一项，请检查拼写。", "type": "须为“键: 值”形式的一组内容。"}


class _WordsSchema(Base):
    zh = fields.String(
        required=True,
        validate=validate.Length(1, 500, error="须有 1 至 500 个字。"),
        error_messages=REQUIRED,
    )
    en = fields.String(validate=validate.Length(1, 500, error="须有 1 至 500 个字。"), error_messages=REQUIRED)


def words() -> fields.Nested:
    """A text in the languages of the pages."""
    return fields.Nested(_WordsSchema, required=True, error_messages=REQUIRED)


def choices(values: tuple[str, ...], **options: Any) -> fields.List:
    """A list of some of these values."""
    one = validate.OneOf(values, error=f"须为以下之一：{'、'.join(values)}。")
    listed = validate.Length(min=1, error="至少列出一项。")
    messages = {**REQUIRED, "invalid": "须为列表，如 [a, b]。"}
    return fields.List(
        fields.String(validate=one, error_messages=REQUIRED),
        validate=listed,
        error_messages=messages,
        **options,
    )


def choice(values: tuple[str, ...], **options: Any) -> fields.String:
    """One of these values."""
    one = validate.OneOf(values, error=f"须为以下之一：{'、'.join(values)}。")
    return fields.String(validate=one, error_messages=REQUIRED, **options)


def whole(least: int, most: int, **options: Any) -> fields.Integer:
    """A whole number within a range."""
    within = validate.Range(least, most, error=f"须为 {least} 至 {most} 的整数。")
    return fields.Integer(strict=True, validate=within, error_messages=WHOLE, **options)


def code(longest: int = 48) -> fields.String:
    """A name as codes are spelt."""
    rule = f"须以小写字母开头，只含小写字母、数字和连字符，不超过 {longest} 个字符。"
    shape = validate.Regexp(rf"[a-z][a-z0-9-]{{0,{longest - 1}}}\Z", error=rule)
    return fields.String(required=True, validate=shape, error_messages=REQUIRED)
