"""Whom the messages of a telephone system name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.intake.domain.call_reports import message_of, number_of, unknown_fields


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


def test_a_message_is_the_same_however_it_was_written():
    data = {
        "event_id": "e1",
        "kind": "missed",
        "call_id": "c1",
        "at": datetime(2016, 11, 7, tzinfo=UTC),
        "caller": "tel:13899887766",
        "extension": "8",
    }
    one = message_of(data, {"kind": "missed", "from": "tel:13899887766", "trunk": 3})
    other = message_of(data, {"trunk": 3, "from": "tel:13899887766", "kind": "missed"})
    assert one == other
    assert (one.number, one.unknown) == ("13899887766", 1)
    assert one.content != message_of(data, {"trunk": 4, "from": "tel:13899887766", "kind": "missed"}).content
