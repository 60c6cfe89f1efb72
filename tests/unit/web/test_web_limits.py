"""The counters behind the limits: a window begins with its first request and is over after its time."""

from __future__ import annotations

import pytest
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from shared.web import limits
from shared.web.limits import Counters


class Time:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(limits, "time", time)
    return time


def test_a_window_begins_with_its_first_request_and_ends_after_its_time(clock: Time) -> None:
    counters, rate = Counters(), parse("2 per minute")
    hit = FixedWindowRateLimiter(counters).hit
    assert [hit(rate, "visitor", "view") for _ in range(3)] == [True, True, False]
    assert hit(rate, "another", "view")
    clock.now += 59.9
    assert not hit(rate, "visitor", "view")
    clock.now += 0.2
    assert hit(rate, "visitor", "view")


def test_a_counter_says_what_it_stands_at_and_until_when(clock: Time) -> None:
    counters = Counters()
    assert (counters.get("a"), counters.get_expiry("a")) == (0, clock.now)
    assert [counters.incr("a", 60), counters.incr("a", 60, amount=2)] == [1, 3]
    assert (counters.get("a"), counters.get_expiry("a")) == (3, clock.now + 60)
    clock.now += 60
    assert counters.get("a") == 0
    counters.incr("b", 60)
    counters.clear("b")
    assert (counters.get("b"), counters.check(), counters.reset(), counters.reset()) == (0, True, 1, 0)


def test_counters_whose_window_is_over_are_forgotten_when_there_are_many(clock: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counters, "MANY", 10)
    counters = Counters()
    for number in range(10):
        counters.incr(f"old {number}", 30)
    clock.now += 31
    counters.incr("new", 30)
    assert list(counters._counts) == ["new"]
    for number in range(11):
        counters.incr(f"newer {number}", 30)
    assert len(counters._counts) == 12, "none of them is over, and they are looked through once a minute at most"
