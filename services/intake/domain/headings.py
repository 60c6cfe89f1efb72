"""The columns of a file of old cases, and which heading means which column. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MOST_HEADINGS = 200


class Column(StrEnum):
    """What a file of old cases tells."""

    NUMBER = "old_number"
    CHANNEL = "channel"
    RECEIVED = "received_on"
    REGISTERED = "registered_on"
    MATTER = "matter_type"
    CATEGORY = "category"
    PLACE = "place"
    PLACE_DETAIL = "place_detail"
    IDENTITY = "identity"
    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    EMAIL = "email"
    ID_NUMBER = "id_number"
    GROUP_SIZE = "group_size"
    TITLE = "title"
    TEXT = "text"
    BRIEF_TITLE = "brief_title"
    BRIEF = "brief"
    UNIT = "unit"
    OUTCOME = "outcome"
    ANSWER = "answer"
    CONCLUDED = "concluded_on"
    CLOSED = "closed_on"
    SATISFIED = "satisfied"


REQUIRED = (Column.NUMBER, Column.CHANNEL, Column.RECEIVED, Column.TITLE, Column.TEXT)
# The template's own heading first, in Chinese and in English; then what other systems call it.
HEADINGS: dict[Column, tuple[str, ...]] = {
    Column.NUMBER: ("原编号", "Old number", "旧编号", "编号", "信访编号", "信访件编号", "登记编号", "old_number"),
    Column.CHANNEL: ("渠道", "Channel", "信访形式", "信访方式", "来源渠道"),
    Column.RECEIVED: ("收到日期", "Received on", "收到时间", "来信日期", "信访日期", "信访时间", "received date"),
    Column.REGISTERED: ("登记日期", "Registered on", "登记时间", "registered date"),
    Column.MATTER: ("信访目的", "Matter type", "信访事项类型"),
    Column.CATEGORY: ("问题类别", "Category", "内容分类", "类别"),
    Column.PLACE: ("发生地", "Place", "问题属地", "属地"),
    Column.PLACE_DETAIL: ("具体地点", "Place in detail"),
    Column.IDENTITY: ("身份", "Identity", "身份类型", "实名情况", "identity kind"),
    Column.NAME: ("姓名", "Name", "信访人", "信访人姓名"),
    Column.PHONE: ("电话", "Phone", "联系电话", "手机", "手机号码", "telephone"),
    Column.ADDRESS: ("住址", "Address", "地址", "联系地址"),
    Column.EMAIL: ("电子邮箱", "Email", "邮箱", "电子邮件", "e-mail"),
    Column.ID_NUMBER: ("证件号码", "ID number", "身份证号", "身份证号码"),
    Column.GROUP_SIZE: ("人数", "Group size", "信访人数"),
    Column.TITLE: ("标题", "Title", "信访标题", "事项标题"),
    Column.TEXT: ("内容", "Text", "信访内容", "正文", "反映内容"),
    Column.BRIEF_TITLE: ("摘要标题", "Brief title"),
    Column.BRIEF: ("交办摘要", "Brief", "内容摘要", "摘要"),
    Column.UNIT: ("承办单位", "Unit responsible", "责任单位", "办理单位"),
    Column.OUTCOME: ("处理结果", "Outcome", "办理结果"),
    Column.ANSWER: ("答复", "Answer", "答复意见", "答复内容"),
    Column.CONCLUDED: ("办结日期", "Concluded on", "办结时间"),
    Column.CLOSED: ("结案日期", "Closed on", "结案时间"),
    Column.SATISFIED: ("是否满意", "Satisfied", "满意度", "满意度评价", "satisfied?"),
}
_MARKS = re.compile(r"[\s*＊:：?？·/_-]|[（(][^（()）]*[)）]")


def plain(text: str) -> str:
    """A heading or a code as it is compared: without blanks, stars, remarks in brackets, full-width forms and capitals."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).lower()


_ADDED = frozenset(map(plain, ("行号", "错误", "Row", "Error")))  # what we put beside rows that are to be corrected
_KNOWN = {plain(heading): column for column, headings in HEADINGS.items() for heading in headings}


@dataclass(frozen=True, kw_only=True)
class Headings:
    """The file's headings: which cell of a row is which column, and the headings that nobody knows, each with a name of its own."""

    columns: dict[Column, int]
    others: dict[str, int]
    missing: tuple[Column, ...]
    doubled: tuple[Column, ...]


def read_headings(cells: Sequence[str]) -> Headings | None:
    """The headings of a row, or None when it is no row of headings: they are known by the old number and one more."""
    columns: dict[Column, int] = {}
    others: dict[str, int] = {}
    doubled = []
    for at, text in enumerate(cells[:MOST_HEADINGS]):
        column, heading = _KNOWN.get(plain(text)), " ".join(text.split())
        if plain(text) in _ADDED:
            continue
        if column and column in columns:
            doubled.append(column)
        elif column:
            columns[column] = at
        elif heading:
            others[heading if heading not in others else f"{heading} ({at + 1})"] = at
    if Column.NUMBER not in columns or len(columns) < 2:
        return None
    missing = tuple(column for column in REQUIRED if column not in columns)
    return Headings(columns=columns, others=others, missing=missing, doubled=tuple(doubled))
