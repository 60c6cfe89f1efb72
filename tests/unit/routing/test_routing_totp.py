"""One-time passwords by time, held to the numbers of RFC 6238, and the limits of trying them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.routing.domain import totp
from services.routing.domain.totp import Factor

RFC = b"12345678901234567890"
NOW = datetime(2026, 3, 2, 1, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"), (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)  # fmt: skip
def test_the_codes_of_the_standards_appendix(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_at(RFC, totp.step_of(moment), digits=8) == code
    assert totp.code_at(RFC, totp.step_of(moment)) == code[2:]


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephones_clock_may_differ_by_one_step(steps: int, fits: bool) -> None:
    step = totp.step_of(NOW) + steps
    assert totp.matching_step(RFC, totp.code_at(RFC, step), 0, NOW) == (step if fits else None)


def test_a_code_is_good_once_and_none_before_it_either() -> None:
    step = totp.step_of(NOW)
    assert totp.matching_step(RFC, totp.code_at(RFC, step), step, NOW) is None
    assert totp.matching_step(RFC, totp.code_at(RFC, step - 1), step, NOW) is None
    assert totp.matching_step(RFC, totp.code_at(RFC, step + 1), step, NOW) == step + 1


def test_blanks_and_hyphens_do_not_matter_and_anything_may_be_typed() -> None:
    code = totp.code_at(RFC, totp.step_of(NOW))
    assert totp.matching_step(RFC, f" {code[:3]} {code[3:]}", 0, NOW) is not None
    for wrong in ("", "000000", "１２３４５６", "字", "9" * 40):
        assert totp.matching_step(RFC, wrong, 0, NOW) is None
    assert totp.plain("ab2c-3d4e ") == "AB2C3D4E"


def test_wrong_codes_cost_time_wherever_they_come_from() -> None:
    factor = Factor(official="o", secret=b"", made_at=NOW, not_before=NOW)
    waits = []
    for _ in range(30):
        factor = factor.failed(NOW)
        waits.append(factor.wait(NOW))
    assert waits[:5] == [timedelta(0)] * 4 + [timedelta(seconds=1)]
    assert waits[-1] == totp.LONGEST_WAIT
    # An hour for each try leaves a guesser some 26,000 codes of three in a million a year, and he needs the password first.
    done = factor.succeeded(7, NOW)
    assert (done.failures, done.last_step, done.confirmed_at, done.wait(NOW)) == (0, 7, NOW, timedelta(0))
    again = done.succeeded(None, NOW + timedelta(days=1))
    assert (again.last_step, again.confirmed_at) == (7, NOW)


def test_what_an_app_is_told() -> None:
    assert totp.secret_text(RFC) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    address = totp.address(RFC, "o-431023-x", "直达 431023")
    assert address.startswith("otpauth://totp/%E7%9B%B4%E8%BE%BE%20431023%3Ao-431023-x?secret=GEZDGNBV")
    assert totp.recovery_code(bytes(10)) == "AAAA-AAAA-AAAA-AAAA"
    assert totp.is_required({"clerk", "office"}, frozenset({"office"}))
    assert not totp.is_required({"clerk"}, frozenset({"office"}))
