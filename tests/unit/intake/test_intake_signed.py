"""A signature counts for one payload, for a while, by a secret that is in force."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.vault.signed import check_signature
from shared.errors import Refused
from shared.signed import sign
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


def test_a_second_time_is_not_believed_and_order_and_blanks_are_free():
    at, signature = sign(OLD, AT, b"body").split(",")
    check_signature(f"{signature} , {at}", b"body", [OLD], NOW)
    with pytest.raises(Refused):
        check_signature(f"t=1,{at},{signature}", b"body", [OLD], NOW)


@pytest.mark.parametrize(
    "header", ["t=", "v1=", "t=1", "t=x,v1=y", "t=-1,v1=00", "t=١٢٣,v1=00", "t=9" * 1000, ",,,", "v1=00,t=1479780000"]
)
def test_what_is_no_signature_is_none(header):
    with pytest.raises(Refused):
        check_signature(header, b"body", [OLD], NOW)
