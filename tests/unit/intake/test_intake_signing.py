"""What a telephone system signs, and whom its messages name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.telephone import check_signature, number_of, sign, unknown_fields
from shared.errors import Refused
from tests.unit.intake.intake_builders import NOW

OLD, NEW, AT = b"the old secret of the line, 32 characters", b"the new secret of the line, 32 characters", int(NOW.timestamp())


@pytest.mark.parametrize("secret", [OLD, NEW])
@pytest.mark.parametrize("late", [-300, 0, 300])
def test_either_secret_is_believed_within_five_minutes(secret, late):
    check_signature(sign(secret, AT, b"body"), b"body", [OLD, NEW], NOW + timedelta(seconds=late))


def test_a_sender_that_changes_its_secret_may_sign_by_both():
    both = f"{sign(b'x' * 32, AT, b'body')},{sign(NEW, AT, b'body').partition(',')[2]}"
    check_signature(both, b"body", [OLD, NEW], NOW)


@pytest.mark.parametrize(
    ("header", "body", "secrets", "late"),
    [
        (None, b"body", [OLD], 0), ("", b"body", [OLD], 0), (sign(OLD, AT, b"body"), b"Body", [OLD], 0),
        (sign(OLD, AT, b"body"), b"body", [NEW], 0), (sign(OLD, AT, b"body"), b"body", [], 0), (sign(OLD, AT, b"body"), b"body", [OLD], 301),
        (sign(OLD, AT, b"body").replace(f"t={AT}", f"t={AT + 1}"), b"body", [OLD], 0), (f"t={AT},v1=", b"body", [OLD], 0),
        (sign(OLD, AT, b"body").upper(), b"body", [OLD], 0),
    ],
)  # fmt: skip
def test_anything_else_is_refused(header, body, secrets, late):
    with pytest.raises(Refused):
        check_signature(header, body, secrets, NOW + timedelta(seconds=late))


@given(st.text())
def test_any_header_is_refused_in_clear_words(header):
    with pytest.raises(Refused):
        check_signature(header, b"body", [OLD], NOW)


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
