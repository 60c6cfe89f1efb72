"""What is copied in bulk is written as PostgreSQL's COPY reads it."""

from __future__ import annotations

from typing import Any

import pytest

from services.reporting.handlers.filling import _text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "\\N"), (True, "t"), (False, "f"), (3, "3"), ("a\tb\nc\rd\\e", "a\\tb\\nc\\rd\\\\e"), ([], "{}"), (["水", "路"], '{"水","路"}'),
        (['"', "\\"], '{"\\\\"","\\\\\\\\"}'), ([","], '{","}'), (["a\tb"], '{"a\\tb"}'),
    ],
)  # fmt: skip
def test_a_value_is_written_as_copy_reads_it(value: Any, written: str) -> None:
    assert _text(value) == written
