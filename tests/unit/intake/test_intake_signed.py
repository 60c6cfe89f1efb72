"""A signature counts for one body, for a while, by a secret that is in force."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.intake.signed import WINDOW, sign, verify

SECRET, OTHER, BODY, NOW = b"a-secret", b"another-secret", b'{"items": []}', 1_479_780_000


@pytest.mark.parametrize("late", [0, WINDOW, -WINDOW])
def test_a_signature_counts_within_the_window(late):
    assert verify([SECRET], sign(SECRET, BODY, NOW), BODY, NOW + late)


@pytest.mark.parametrize("late", [WINDOW + 1, -WINDOW - 1, 10**9])
def test_outside_the_window_it_does_not(late):
    assert not verify([SECRET], sign(SECRET, BODY, NOW), BODY, NOW + late)


def test_another_body_time_or_secret_is_another_signature():
    header = sign(SECRET, BODY, NOW)
    assert not verify([SECRET], header, BODY + b" ", NOW)
    assert not verify([SECRET], header.replace(str(NOW), str(NOW + 1)), BODY, NOW)
    assert not verify([OTHER], header, BODY, NOW)
    assert not verify([], header, BODY, NOW)


def test_while_a_secret_changes_both_count_on_either_side():
    assert verify([OTHER, SECRET], sign(SECRET, BODY, NOW), BODY, NOW)
    both = sign(OTHER, BODY, NOW) + "," + sign(SECRET, BODY, NOW).partition(",")[2]
    assert verify([SECRET], both, BODY, NOW)


@pytest.mark.parametrize(
    "header", ["", "t=", "v1=", "t=1", "t=x,v1=y", "t=-1,v1=00", "t=١٢٣,v1=00", "t=9" * 1000, ",,,", "v1=00,t=1479780000"]
)
def test_what_is_no_signature_is_none(header):
    assert not verify([SECRET], header, BODY, NOW)


def test_a_second_time_is_not_believed_and_order_and_blanks_are_free():
    at, signature = sign(SECRET, BODY, NOW).split(",")
    assert verify([SECRET], f"{signature.upper().replace('V1', 'v1')} , {at}", BODY, NOW)
    assert not verify([SECRET], f"t=1,{at},{signature}", BODY, NOW)


@given(some.text(max_size=200))
def test_no_header_raises(header):
    assert verify([SECRET], header, BODY, NOW) is False
