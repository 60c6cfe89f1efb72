"""Filters of the case list kept under a name: what a name may say, and how many there may be. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from services.reporting.domain.search import normal
from shared.errors import Refused

MOST, LONGEST = 30, 30
# Eleven digits of a mobile telephone, eighteen of an identity card, addresses of mail and web: these tell who a petitioner is.
_PERSONAL = re.compile(
    r"(?<!\d)1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)\d{17}[\dx](?!\d)|[\w.+-]+@[\w-]+\.[\w.]+|https?:|www\.", re.ASCII
)


def check_name(name: str) -> str:
    """The name as it is kept, its blanks made one. Raises Refused."""
    kept = " ".join(name.split())
    if not kept:
        raise Refused("name", "名称没有填写。", "请填写名称，如“马田镇超期件”。")
    if len(kept) > LONGEST:
        raise Refused("name", "名称最多 %(max)s 个字。", "请缩短名称。", max=LONGEST)
    _check_words("name", kept)
    return kept


def check_filter(asked: Mapping[str, Any]) -> None:
    """Raises Refused for one that narrows nothing, and for one that looks for a person."""
    if not set(asked) - {"sort"}:
        raise Refused("name", "没有可以保存的筛选条件。", "请先在信访件列表中筛选，再保存。")
    _check_words("q", asked.get("q", ""))


def tells_who(text: str) -> bool:
    """Whether there is a number or an address in it by which a person is found."""
    return bool(_PERSONAL.search(normal(text)))


def _check_words(field: str, text: str) -> None:
    if tells_who(text):
        raise Refused(
            field, "保存的筛选里不得有电话、证件号码、邮箱或网址。", "请写查什么样的信访件，不写是谁；信访人的姓名也不要写。"
        )
