"""What lists of routing's pages say and in which order."""

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from services.routing.handlers.files import unreadable
from services.routing.web.assignments import most_pressing

DAYS = [datetime(2016, 12, day, tzinfo=UTC) for day in (1, 5, 9)]


def test_what_is_due_first_stands_first_and_what_has_no_limit_last():
    rows: list[dict[str, Any]] = [
        {"id": "later", "due_at": DAYS[2], "issued_at": DAYS[0]},
        {"id": "new", "due_at": None, "issued_at": DAYS[1]},
        {"id": "overdue", "due_at": DAYS[0], "issued_at": DAYS[1]},
        {"id": "old", "due_at": None, "issued_at": DAYS[0]},
    ]
    assert [row["id"] for row in most_pressing(rows)] == ["overdue", "later", "old", "new"]


@pytest.mark.parametrize(
    ("text", "words"), [("a: [1", "第 1 行第 6 列"), ("a: 1\n b: 2", "第 2 行"), ("a: 2016-99-99", "不存在的日期")]
)
def test_a_file_that_is_no_yaml_is_told_by_its_place_and_not_in_the_parsers_words(text, words):
    with pytest.raises((yaml.YAMLError, ValueError)) as caught:
        yaml.safe_load(text)
    said = unreadable(caught.value)
    assert words in said
    assert "expected" not in said
