"""What the figures of a period mean. Pure: the one place where each is defined; queries/figures.sql says the same in SQL.

The trap that these definitions are made against (M25, decision 15): of 247 cases 224 were replied to, and yet the
due-reply rate was 90.8 %, not 224/247 = 90.7 %. A due-rate divides what was done *of what had fallen due* by what had
fallen due; what was done before it was due helps nobody's rate, and what is not due yet burdens nobody's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.reporting.domain.picture import Stage

ZONE = ZoneInfo("Asia/Shanghai")
OPEN = frozenset(Stage) - {Stage.CLOSED, Stage.ARCHIVED, Stage.WITHDRAWN}
# 在办 (M14: accepted, in hand, concluded), whoever has it at the moment; `queue_in_hand` in queries/listing.sql is the same condition.
IN_HAND = OPEN - {Stage.CONCLUDED}


class Period(NamedTuple):
    """A period from `start` up to `end`, which it does not hold. Nothing later than `cut_off` is counted as due or done."""

    start: datetime
    end: datetime
    cut_off: datetime

    @classmethod
    def of_days(cls, first: date, last: date, now: datetime) -> Period:
        """The calendar days of Asia/Shanghai from `first` to `last`, both included. What is to come is not due."""
        start = datetime.combine(first, time(), ZONE)
        end = datetime.combine(last + timedelta(days=1), time(), ZONE) if last < date.max else datetime.max.replace(tzinfo=ZONE)
        return cls(start, end, min(end, now))


@dataclass(frozen=True, kw_only=True)
class Instants:
    """What of a case the figures count: the columns of case_row."""

    registered_at: datetime | None = None
    accepted_at: datetime | None = None
    withdrawn_at: datetime | None = None
    replied_at: datetime | None = None
    concluded_at: datetime | None = None
    closed_at: datetime | None = None
    reply_limit_at: datetime | None = None
    conclude_limit_at: datetime | None = None


class Rate(NamedTuple):
    """`done` of `of`. Without a denominator there is no rate: that is neither 0 % nor 100 %."""

    done: int
    of: int

    @property
    def percent(self) -> Decimal | None:
        """To one decimal, half upwards; None when nothing had fallen due."""
        if self.of == 0:
            return None
        return (Decimal(100 * self.done) / Decimal(self.of)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def within(at: datetime | None, period: Period) -> bool:
    """Within the period."""
    return at is not None and period.start <= at < period.end


def fell_due(limit: datetime | None, period: Period) -> bool:
    """A limit at midnight belongs to the day that it ends, so the period holds its end here and not its start."""
    return limit is not None and period.start < limit <= period.cut_off


def by_cut_off(at: datetime | None, period: Period) -> bool:
    """Done by the cut-off."""
    return at is not None and at <= period.cut_off


def registered(case: Instants, period: Period) -> bool:
    """Registered within the period."""
    return within(case.registered_at, period)


def accepted(case: Instants, period: Period) -> bool:
    """Accepted within the period."""
    return within(case.accepted_at, period)


def withdrawn(case: Instants, period: Period) -> bool:
    """Withdrawn by the petitioner within the period."""
    return within(case.withdrawn_at, period)


def replied(case: Instants, period: Period) -> bool:
    """The first signed reply by whoever handles or leads came within the period, whether or not it was returned later."""
    return within(case.replied_at, period)


def concluded(case: Instants, period: Period) -> bool:
    """Concluded within the period, and not reopened since."""
    return within(case.concluded_at, period)


def closed(case: Instants, period: Period) -> bool:
    """Closed within the period, and not reopened since."""
    return within(case.closed_at, period)


def due_reply(case: Instants, period: Period) -> bool:
    """The limit for the signed reply fell within the period and has passed; a limit taken back before it does not count."""
    return fell_due(case.reply_limit_at, period)


def due_reply_done(case: Instants, period: Period) -> bool:
    """Of those due for reply: a signed reply had come by the cut-off, in time or late."""
    return due_reply(case, period) and by_cut_off(case.replied_at, period)


def due_closing(case: Instants, period: Period) -> bool:
    """The case's first limit for conclusion fell within the period and has passed; rounds do not restart it."""
    return fell_due(case.conclude_limit_at, period)


def due_closing_done(case: Instants, period: Period) -> bool:
    """Of those due for closing: closed by the cut-off, in time or late, and not reopened since."""
    return due_closing(case, period) and by_cut_off(case.closed_at, period)


# Each counts cases; `figure_<name>` in queries/figures.sql is the same condition.
FIGURES: Mapping[str, Callable[[Instants, Period], bool]] = {
    "registered": registered,
    "accepted": accepted,
    "withdrawn": withdrawn,
    "replied": replied,
    "concluded": concluded,
    "closed": closed,
    "due_reply": due_reply,
    "due_reply_done": due_reply_done,
    "due_closing": due_closing,
    "due_closing_done": due_closing_done,
}


# What may count more than once for a case: instructions, what petitioners said of a round, recorded skip-levels.
COUNTED = (
    "instructions", "satisfied_petitioner", "dissatisfied_petitioner", "satisfied_staff", "dissatisfied_staff", "contested",
    "repeat", "skip_level",
)  # fmt: skip
# rate: (what was done, of what)
RATES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "reply_rate": (("due_reply_done",), ("due_reply",)),
    "closing_rate": (("due_closing_done",), ("due_closing",)),
    "satisfied_by_petitioners": (("satisfied_petitioner",), ("satisfied_petitioner", "dissatisfied_petitioner")),
    "satisfied_by_record": (("satisfied_staff",), ("satisfied_staff", "dissatisfied_staff")),
    "repeats": (("repeat",), ("registered",)),
}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of a period. Those of FIGURES and `repeat` count cases; each of the others counts what its name says."""

    registered: int = 0
    accepted: int = 0
    withdrawn: int = 0
    instructions: int = 0
    replied: int = 0
    concluded: int = 0
    closed: int = 0
    due_reply: int = 0
    due_reply_done: int = 0
    due_closing: int = 0
    due_closing_done: int = 0
    satisfied_petitioner: int = 0
    dissatisfied_petitioner: int = 0
    satisfied_staff: int = 0
    dissatisfied_staff: int = 0
    contested: int = 0
    repeat: int = 0
    skip_level: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Figures:
        """The figures that these counts hold, by name; others may stand beside them."""
        return cls(**{field.name: counts.get(field.name, 0) for field in fields(cls)})

    def rate(self, name: str) -> Rate:
        """A rate of RATES."""
        done, of = (sum(getattr(self, figure) for figure in figures) for figures in RATES[name])
        return Rate(done, of)

    @property
    def reply_rate(self) -> Rate:
        """The due-reply rate (到期回复率)."""
        return self.rate("reply_rate")

    @property
    def closing_rate(self) -> Rate:
        """The due-closing rate (到期结案率)."""
        return self.rate("closing_rate")


def figures(cases: Iterable[Instants], instructed: Iterable[datetime], period: Period) -> Figures:
    """The figures of these cases, and of instructions given at these instants."""
    known = list(cases)
    counts = {name: sum(counts_in(case, period) for case in known) for name, counts_in in FIGURES.items()}
    return Figures.of({**counts, "instructions": sum(within(at, period) for at in instructed)})
