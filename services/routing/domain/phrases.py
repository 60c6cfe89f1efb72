"""Standard phrases: what may stand in one, and what takes the place of its placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from shared.errors import NotFound, Refused

PLACEHOLDERS = ("unit", "name", "days", "category", "number", "round")
MOST, LONGEST = 20, 300
_PLACE = re.compile(r"\{([^{}]*)\}")


def check(text: str) -> str:
    """The phrase as it is kept, in one line. Raises Refused for none, one that is too long, and a placeholder that nothing would fill."""
    plain = " ".join(text.split())
    if not plain:
        raise Refused("phrase", "常用语不能为空。", "请写一句话。")
    if len(plain) > LONGEST:
        raise Refused("phrase", "常用语最长%(most)s字。", "请改短。", most=LONGEST)
    known = "、".join(f"{{{name}}}" for name in PLACEHOLDERS)
    for name in _PLACE.findall(plain):
        if name not in PLACEHOLDERS:
            raise Refused("phrase", "不认识占位符{%(name)s}。", "可以用的占位符：%(known)s。", name=name, known=known)
    if re.search(r"[{}]", _PLACE.sub("", plain)):
        raise Refused("phrase", "花括号须成对，只用来写占位符。", "可以用的占位符：%(known)s。", known=known)
    return plain


def check_room(kept: int) -> None:
    """Raises Refused when an official keeps as many as he may."""
    if kept >= MOST:
        raise Refused("phrase", "每人最多保存%(most)s条常用语。", "请先删去不用的。", most=MOST)


def fill(text: str, known: Mapping[str, str]) -> str:
    """The text with what is known in its place; the rest stays open."""
    return _PLACE.sub(lambda place: known.get(place[1]) or place[0], text)


def check_filled(text: str) -> None:
    """Raises Refused while a placeholder is open in an instruction; other words in braces are its author's own."""
    for name in _PLACE.findall(text):
        if name in PLACEHOLDERS:
            raise Refused("text", "批示中的占位符{%(name)s}还没有内容。", "请填上相应的内容，或从批示中删去。", name=name)


def moved(kept: Sequence[UUID], phrase: UUID, *, up: bool) -> list[UUID]:
    """The order with one phrase a place further up or down; at the end it stays. Raises NotFound."""
    if phrase not in kept:
        raise NotFound("phrase", "没有找到该条常用语。", "请刷新页面查看。")
    order, at = list(kept), kept.index(phrase)
    to = min(max(at + (-1 if up else 1), 0), len(order) - 1)
    order.insert(to, order.pop(at))
    return order
