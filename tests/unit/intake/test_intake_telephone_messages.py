"""Whom the messages of a telephone system name."""

from __future__ import annotations

import pytest

from services.intake.domain.call_reports import number_of, unknown_fields


@pytest.mark.parametrize(
    ("caller", "number"),
    [
        ("13899887766", "13899887766"), ("+86 138-9988-7766", "+8613899887766"), ("sip:13899887766@10.0.0.1:5060", "13899887766"),
        ("tel:+86-735-5550000;ext=1", "+867355550000"), ("(0735) 5550000", "07355550000"), ("anonymous", ""), ("Restricted", ""),
        ("sip:anonymous@anonymous.invalid", ""), ("", ""), ("110", ""), ("1" * 21, ""), ("alice5550000", ""),
    ],
)  # fmt: skip
def test_a_number_is_what_can_be_rung_back(caller, number):
    assert number_of(caller) == number


def test_unknown_fields_are_shown_without_the_number():
    raw = '{"kind": "missed", "from": "+8613899887766", "display": "陈 13899887766", "trunk": 3}'.encode()
    shown = unknown_fields(raw, "+8613899887766")
    assert "13899887766" not in shown
    assert '"trunk": 3' in shown
