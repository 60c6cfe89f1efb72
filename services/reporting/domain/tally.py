"""What a case contributes to the figures. Pure, and a function of its row alone.

A mark is one thing that counts: what, when, and for a limit when it was kept. A cell is how often it counts on one day under
one value of one dimension; cells do not grow with the cases, so that a report costs what its days cost. What changes when an
event comes is the difference between the marks before and after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from services.reporting.domain.picture import CaseRow, Stage, answers, instructions
from services.reporting.domain.statistics import ZONE, Period, by_cut_off, fell_due, within

DIMENSIONS = ("all", "channel", "category", "place", "unit", "leader")
DUE = ("due_reply", "due_closing")
# Of these nothing is told but how many: neither which case it was nor whose.
UNDIVIDED = frozenset({"skip_level"})
STANDING = date.min  # the day of what stands now
NEVER = date.max  # when what is not done was done
_FIRST = datetime.min.replace(tzinfo=ZONE) + timedelta(days=2)
_LAST = datetime.max.replace(tzinfo=ZONE) - timedelta(days=2)
_TOWNSHIP = 9  # digits of a township's code, which a village's begins with


Key = tuple[str, str, date, str, str, date]  # organisation, dimension, day, figure, value, done


class Mark(NamedTuple):
    """One thing that counts: `at` is None for what stands now, `done_at` for what is not done; who answers for it."""

    organisation: str
    figure: str
    at: datetime | None
    done_at: datetime | None
    values: tuple[str, ...]  # of each dimension, in order


@dataclass(frozen=True)
class Cell:
    """How often a figure counts on a day, under one value of one dimension."""

    organisation: str
    dimension: str
    day: date
    figure: str
    value: str
    done: date
    n: int


def day_of(at: datetime) -> date:
    """The day in Asia/Shanghai that an instant lies in."""
    return max(_FIRST, min(at, _LAST)).astimezone(ZONE).date()


def day_ended_by(at: datetime) -> date:
    """The same for limits: midnight belongs to the day that it ends."""
    return day_of(max(_FIRST, at) - timedelta(microseconds=1))


def marks(row: CaseRow) -> Counter[Mark]:
    """Everything of a case that counts. Nothing, before anything was told that a list could show."""
    if row.number is None or row.organisation is None:
        return Counter()
    return Counter(_marks(row, row.organisation, _values(row)))


def _marks(row: CaseRow, own: str, values: tuple[str, ...]) -> Iterator[Mark]:
    for figure in ("registered", "accepted", "replied", "concluded", "closed", "withdrawn"):
        at = getattr(row, f"{figure}_at")
        if at is not None:
            yield Mark(own, figure, at, None, values)
    if row.repeat_of and row.registered_at is not None:
        yield Mark(own, "repeat", row.registered_at, None, values)
    yield Mark(own, f"stage_{row.stage.value}", None, None, values)
    if row.reply_waiting and row.stage in (Stage.INSTRUCTED, Stage.IN_HAND):
        yield Mark(own, "reply_waiting", None, None, values)
    yield from _due(row, own, values)
    yield from _told(row, own, values)


def _due(row: CaseRow, own: str, values: tuple[str, ...]) -> Iterator[Mark]:
    for figure, at, by, done_at in (
        ("due_reply", row.reply_limit_at, row.reply_owed_by, row.replied_at),
        ("due_closing", row.conclude_limit_at, row.conclude_owed_by, row.closed_at),
    ):
        if at is not None:
            yield Mark(own, figure, at, done_at, (*values[:-2], by.organisation, by.official) if by else values)


def _told(row: CaseRow, own: str, values: tuple[str, ...]) -> Iterator[Mark]:
    """What may count more than once for a case."""
    for given in instructions(row.case_id, row.facts):
        if given.organisation == own:
            yield Mark(own, "instructions", given.instructed_at, None, values)
    for answer in (said for said in answers(row.case_id, row.facts) if said.organisation == own):
        yield Mark(own, f"{answer.result}_{answer.source}", answer.answered_at, None, values)
        if answer.contested_at is not None:
            yield Mark(own, "contested", answer.contested_at, None, values)
    for on in row.facts.get(f"/{own}/supervision", {}).get("skip_levels", {}).values():
        yield Mark(own, "skip_level", datetime.combine(date.fromisoformat(on), time(12), ZONE), None, values)


def _values(row: CaseRow) -> tuple[str, ...]:
    who = row.responsible
    return (
        "", row.channel or "", row.category or "", (row.place or "")[:_TOWNSHIP],
        who.organisation if who else "", who.official if who else "",
    )  # fmt: skip


def cells(counted: Mapping[Mark, int]) -> Counter[Key]:
    """The cells that these marks add to. `counted` may hold differences."""
    found: Counter[Key] = Counter()
    for mark, n in counted.items():
        day_of_mark = day_ended_by if mark.figure in DUE else day_of
        day = day_of_mark(mark.at) if mark.at else STANDING
        done = day_ended_by(mark.done_at) if mark.done_at else NEVER
        for dimension, value in zip(DIMENSIONS, mark.values, strict=True):
            if dimension == "all" or mark.figure not in UNDIVIDED:
                found[mark.organisation, dimension, day, mark.figure, value, done] += n
    return found


def difference(before: CaseRow | None, after: CaseRow) -> Counter[Key]:
    """What changes in the tally when a case's row changes; nothing where it makes no difference."""
    changed = marks(after)
    changed.subtract(marks(before) if before else ())
    return cells({mark: n for mark, n in changed.items() if n})


def figures(counted: Mapping[Mark, int], period: Period, dimension: str = "all") -> dict[str, Counter[str]]:
    """How often each figure counts in a period, under each value of a dimension, to the instant; what stands now is always told."""
    found: dict[str, Counter[str]] = {}
    for mark, n in counted.items():
        if dimension != "all" and mark.figure in UNDIVIDED:
            continue
        counts = found.setdefault(mark.values[DIMENSIONS.index(dimension)], Counter())
        if mark.figure in DUE:
            due = n * fell_due(mark.at, period)
            counts.update({mark.figure: due, f"{mark.figure}_done": due * by_cut_off(mark.done_at, period)})
        else:
            counts[mark.figure] += n * (mark.at is None or within(mark.at, period))
    return found


def as_cells(counted: Counter[Key]) -> list[Cell]:
    """Cells as rows of the table; none where plus and minus make nothing."""
    return [Cell(*key, n) for key, n in counted.items() if n]
