"""The figures of a period: what each counts, and the traps that the due-rates are made against."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from services.reporting.domain.statistics import FIGURES, Instants, Period, Rate, figures
from services.reporting.store import SQL


def at(text: str) -> datetime:
    """An instant given in Shanghai time."""
    return datetime.fromisoformat(f"{text}:00+08:00").astimezone(UTC)


AFTERWARDS = at("2017-06-01 09:00")
PERIOD = Period.of_days(date(2016, 8, 1), date(2017, 2, 28), AFTERWARDS)


@pytest.mark.parametrize(
    ("done", "of", "percent"),
    [
        (217, 239, "90.8"), (208, 239, "87.0"),  # the article's rates: of what had fallen due
        (224, 247, "90.7"), (212, 247, "85.8"),  # what they are not: of all
        (0, 5, "0.0"), (5, 5, "100.0"), (1, 3, "33.3"), (2, 3, "66.7"), (1, 2000, "0.1"), (1, 2001, "0.0"),
    ],
)  # fmt: skip
def test_a_rate_has_one_decimal_and_rounds_half_upwards(done: int, of: int, percent: str) -> None:
    assert Rate(done, of).percent == Decimal(percent)


def test_without_a_denominator_there_is_no_rate() -> None:
    assert Rate(0, 0).percent is None
    empty = figures([], [], PERIOD)
    assert empty.reply_rate.percent is empty.closing_rate.percent is None
    assert (empty.registered, empty.instructions, empty.due_reply, empty.due_closing) == (0, 0, 0, 0)


def article() -> list[Instants]:
    """247 cases by decision 15: 239 due, 217 of them replied to, 208 closed; of 8 not due 7 replied to, 4 closed."""
    due = [
        Instants(
            registered_at=at("2016-09-01 09:00"), reply_limit_at=at("2016-09-11 09:00"), conclude_limit_at=at("2016-09-11 09:00"),
            replied_at=at("2016-09-20 09:00") if number < 217 else None,
            closed_at=at("2016-10-01 09:00") if number < 208 else None,
        )
        for number in range(239)
    ]  # fmt: skip
    early = [
        Instants(
            registered_at=at("2017-02-25 09:00"), reply_limit_at=at("2017-03-07 09:00"), conclude_limit_at=at("2017-03-07 09:00"),
            replied_at=at("2017-02-26 09:00") if number < 7 else None, closed_at=at("2017-02-28 18:00") if number < 4 else None,
        )
        for number in range(8)
    ]  # fmt: skip
    return due + early


def test_the_articles_account_gives_the_articles_rates() -> None:
    found = figures(article(), [at("2016-11-07 10:00")] * 472, PERIOD)
    assert (found.registered, found.instructions, found.replied, found.closed) == (247, 472, 224, 212)
    assert found.reply_rate == (217, 239)
    assert found.closing_rate == (208, 239)
    assert (found.reply_rate.percent, found.closing_rate.percent) == (Decimal("90.8"), Decimal("87.0"))


def test_what_was_done_before_it_was_due_raises_no_rate() -> None:
    case = Instants(replied_at=at("2016-09-01 09:00"), reply_limit_at=at("2017-03-07 09:00"))
    found = figures([case], [], PERIOD)
    assert (found.replied, found.reply_rate) == (1, Rate(0, 0))


@pytest.mark.parametrize(
    ("limit", "done", "counted"),
    [
        ("2016-08-01 00:00", None, (0, 0)),  # midnight belongs to the day that it ends: to 31 July
        ("2016-08-01 00:01", None, (0, 1)),
        ("2017-03-01 00:00", None, (0, 1)),  # the end of 28 February
        ("2017-03-01 00:01", None, (0, 0)),
        ("2016-09-11 09:00", "2016-09-01 09:00", (1, 1)),  # in time
        ("2016-09-11 09:00", "2016-12-01 09:00", (1, 1)),  # late, and yet done
        ("2016-09-11 09:00", "2017-03-01 00:00", (1, 1)),  # at the very end
        ("2016-09-11 09:00", "2017-03-01 00:01", (0, 1)),  # after the period
        (None, "2016-09-01 09:00", (0, 0)),
    ],
)
def test_due_and_done_have_exact_edges(limit: str | None, done: str | None, counted: tuple[int, int]) -> None:
    limit_at, done_at = limit and at(limit), done and at(done)
    case = Instants(
        reply_limit_at=limit_at or None, conclude_limit_at=limit_at or None, replied_at=done_at or None, closed_at=done_at or None
    )
    found = figures([case], [], PERIOD)
    assert (found.reply_rate, found.closing_rate) == (counted, counted)


@pytest.mark.parametrize(
    ("when", "counted"),
    [("2016-07-31 23:59", 0), ("2016-08-01 00:00", 1), ("2017-02-28 23:59", 1), ("2017-03-01 00:00", 0)],
)
def test_counts_take_the_first_day_whole_and_the_last(when: str, counted: int) -> None:
    case = Instants(registered_at=at(when), replied_at=at(when), concluded_at=at(when), closed_at=at(when))
    found = figures([case], [at(when)], PERIOD)
    assert {found.registered, found.replied, found.concluded, found.closed, found.instructions} == {counted}


def test_what_is_still_to_come_in_the_period_is_not_due() -> None:
    now = at("2016-09-10 12:00")
    running = Period.of_days(date(2016, 9, 1), date(2016, 9, 30), now)
    before, later = (Instants(conclude_limit_at=now + timedelta(minutes=minutes)) for minutes in (0, 1))
    assert figures([before, later], [], running).closing_rate == (0, 1)


def test_a_reopened_case_has_no_closing_and_counts_as_open() -> None:
    reopened = Instants(conclude_limit_at=at("2016-09-11 09:00"), concluded_at=None, closed_at=None)
    assert figures([reopened], [], PERIOD).closing_rate == (0, 1)


def test_a_period_runs_from_midnight_to_midnight_in_shanghai() -> None:
    period = Period.of_days(date(2016, 8, 1), date(2016, 8, 1), AFTERWARDS)
    assert (period.start.astimezone(UTC).isoformat(), period.end.astimezone(UTC).isoformat()) == (
        "2016-07-31T16:00:00+00:00", "2016-08-01T16:00:00+00:00",
    )  # fmt: skip
    assert period.cut_off == period.end
    assert Period.of_days(date.min, date.max, AFTERWARDS).cut_off == AFTERWARDS


def test_each_figure_has_its_condition_in_sql_and_each_condition_its_figure() -> None:
    conditions = {name.removeprefix("figure_") for name in SQL if name.startswith("figure_")}
    assert conditions == {*FIGURES, "instructed", "repeat", "answered", "contested", "took", "interviewed"}
