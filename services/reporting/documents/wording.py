"""The words of official documents. They are Chinese whoever reads: a document of record has one text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from services.reporting.domain.reports import HALF_MONTH, TWO_MONTHS, WEEK
from services.reporting.domain.statistics import Rate

CHANNELS = {"letter": "来信", "visit": "来访", "call": "来电", "email": "来邮", "post": "来贴"}
RUNGS = {
    "reminder": "催办",
    "notice": "督办单",
    "interview": "约谈",
    "suggestion": "追责建议",
    "circular": "通报",
    "bundle": "四联四包",
}
CONFIDENTIAL = "（保密件）"
NONE = "—"
_MARKS = {WEEK: "信周", HALF_MONTH: "信督", TWO_MONTHS: "信通"}
_NUMERALS = "零一二三四五六七八九十"
_COUNTY = ("县", "市", "区", "旗")


def masthead(kind: str, name: str) -> str:
    """The red head."""
    if kind == TWO_MONTHS:
        return f"中共{name}委通报" if name.endswith(_COUNTY) else f"{name}党委通报"
    return f"{name}信访工作周报" if kind == WEEK else f"{name}信访事项督办清单"


def number(kind: str, name: str, year: int, serial: int) -> str:
    """The document's number: whose, which year's, and the how manieth of it."""
    return f"{name[:1]}{_MARKS[kind]}〔{year}〕{serial}号"


def title(data: Mapping[str, Any]) -> str:
    """The title."""
    first, number = date.fromisoformat(data["first"]), data["number"]
    if data["kind"] == WEEK:
        return f"{first.isocalendar().year}年第{number}周信访工作情况"
    if data["kind"] == HALF_MONTH:
        return f"关于{first.year}年{first.month}月{'下' if first.day > 1 else '上'}半月超期信访事项督办情况的清单"
    return f"关于{first.year}年{first.month}至{first.month + 1}月信访事项办理情况的通报"


def addressee(kind: str) -> str:
    """Whom it is for."""
    return "党委、政府主要负责同志：" if kind == WEEK else "各承办单位："


def day(text: str | None) -> str:
    """A day as tables have it."""
    return text or NONE


def long_day(on: date) -> str:
    """A day as documents spell it: no zeros before."""
    return f"{on.year}年{on.month}月{on.day}日"


def span(data: Mapping[str, Any]) -> str:
    """From the first day to the last."""
    first, last = date.fromisoformat(data["first"]), date.fromisoformat(data["last"])
    return f"{long_day(first)}至{'' if last.year == first.year else f'{last.year}年'}{last.month}月{last.day}日"


def until(data: Mapping[str, Any]) -> str:
    """The cut-off: midnight belongs to the day that it ends."""
    end = datetime.fromisoformat(data["until"]) - timedelta(days=1)
    return f"{end.month}月{end.day}日24时"


def numeral(n: int) -> str:
    """一, 二, …"""
    return _NUMERALS[n]


def limit(item: Mapping[str, Any]) -> str:
    """What is owed until when. What ends at midnight ends on the day before."""
    if not item["due"]:
        return NONE
    due = datetime.fromisoformat(item["due"])
    ends_with_day = (due.hour, due.minute) == (0, 0)
    return (due - timedelta(minutes=ends_with_day)).date().isoformat()


def over(item: Mapping[str, Any]) -> str:
    """By how much it is late."""
    return f"超期{item['days_over']}天" if item["days_over"] else "未超期"


def rate(told: Mapping[str, int]) -> str:
    """A rate with its denominator."""
    percent = Rate(told["done"], told["of"]).percent
    return NONE if percent is None else f"{percent}%（{told['done']}/{told['of']}）"


def who(item: Mapping[str, Any]) -> str:
    """The person responsible."""
    return item["leader"] or "待交办"


def headline(item: Mapping[str, Any]) -> str:
    """What a case is called."""
    return CONFIDENTIAL if item.get("confidential") else item["title"] or NONE
