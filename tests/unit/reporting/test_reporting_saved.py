"""What the name of a kept filter may say."""

from __future__ import annotations

import pytest

from services.reporting.domain.saved import LONGEST, check_filter, check_name
from shared.errors import Refused


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("马田镇超期件", "马田镇超期件"), ("  马田镇 \n 超期件 ", "马田镇 超期件"), ("字" * LONGEST, "字" * LONGEST), ("2016年11月来信", "2016年11月来信"),
        ("431023-2016-000101", "431023-2016-000101"), ("永信〔2016〕101号", "永信〔2016〕101号"),
    ],
)  # fmt: skip
def test_a_name_says_what_is_looked_for(name: str, kept: str) -> None:
    assert check_name(name) == kept


@pytest.mark.parametrize("name", ["", "  ", "字" * (LONGEST + 1)])
def test_a_name_has_some_characters_and_not_too_many(name: str) -> None:
    with pytest.raises(Refused) as refused:
        check_name(name)
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    "name",
    [
        "13800138000的件", "138-0013 8000", "１３８００１３８０００", "43102319700101123X", "43102319700101123x", "wang@example.org",
        "https://bbs", "WWW.bbs",
    ],
)  # fmt: skip
def test_nothing_tells_who_a_petitioner_is(name: str) -> None:
    for check in (check_name, lambda words: check_filter({"q": words, "sort": "due"})):
        with pytest.raises(Refused, match="证件号码"):
            check(name)


@pytest.mark.parametrize("asked", [{}, {"sort": "due"}])
def test_what_narrows_nothing_is_not_kept(asked: dict[str, str]) -> None:
    with pytest.raises(Refused, match="没有可以保存的筛选条件"):
        check_filter(asked)


def test_what_narrows_is_kept() -> None:
    check_filter({"stage": "in_hand"})
    check_filter({"q": "饮水"})
