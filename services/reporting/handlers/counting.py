"""The figures of a period, for the whole instance or as far as one reader sees.

Whoever sees everything is answered from the tally, less what he is barred from; everybody else by the rows that he sees. Both are
counted by the same marks, so that what stands on the page is the length of the list behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from services.reporting.domain import statistics, tally
from services.reporting.domain.picture import CaseRow, Stage
from services.reporting.domain.statistics import OPEN, ZONE, Figures, Period
from services.reporting.domain.tally import DUE, STANDING, Mark, day_ended_by, day_of
from services.reporting.handlers import listing
from services.reporting.handlers.seeing import Sight
from services.reporting.store import CASES, SQL
from shared.database import UnitOfWork

STAGES = tuple(f"stage_{stage}" for stage in Stage)
IN_HAND = tuple(f"stage_{stage}" for stage in sorted(statistics.IN_HAND))
# Which of what stands now makes up a queue of the list.
QUEUES = {
    "all": STAGES, "in_hand": IN_HAND, "review": ("stage_registered", "stage_reopened"), "receipt": ("stage_instructed",),
    "received": ("stage_in_hand",),
    "reply": ("reply_waiting",), "followup": ("stage_concluded",), "closed": ("stage_closed", "stage_archived"),
}  # fmt: skip
_TIMED = ", ".join(f"('{step}', {since}, {till})" for step, (since, till) in listing.TIMED.items())
Counts = dict[str, Counter[str]]  # value of the dimension -> figure -> how often
# Not for those about whose work the petitioner was asked, nor about whom he complained further up.
ANSWERED = (*listing.ANSWERS, "contested")
NOT_OF_UNITS = (*ANSWERED, "repeat", "skip_level")


def figures(uow: UnitOfWork, period: Period, sees: Sight | None = None, organisation: str | None = None) -> Figures:
    """The figures of a period over what a reader sees; without one, over all cases of the instance or of another organisation."""
    return Figures.of(counts(uow, period, sees, organisation=organisation).get("", {}))


def counts(
    uow: UnitOfWork, period: Period, sees: Sight | None = None, dimension: str = "all", organisation: str | None = None
) -> Counts:
    """How often each figure counts in a period under each value of a dimension, and what stands now beside it."""
    whose = organisation or uow.org
    if sees is not None and not (sees.everything and whose.startswith(uow.org)):
        return _of_units(uow, sees, period, dimension, whose if sees.everything else None)
    found = _tallied(uow, whose, dimension, period)
    if sees is not None:
        hidden = _hidden(uow, sees, whose) + _worked(uow, sees, whose)
        _add(found, tally.figures(hidden, period, dimension), -1)
    return {value: counted for value, counted in found.items() if any(counted.values())}


def queues(uow: UnitOfWork, sees: Sight, *, now: datetime) -> dict[str, int]:
    """How many cases wait in each queue, for this reader; `all` is everything that he sees."""
    if not sees.everything:
        return listing.queue_counts(uow, sees, now=now)
    found = counts(uow, Period(now, now, now), sees).get("", Counter())
    own = {queue: sum(found[standing] for standing in stood) for queue, stood in QUEUES.items()}
    own["overdue"] = listing.count(uow, sees, listing.Filter(organisation=uow.org, overdue=True), now=now)
    others = [whose for whose in tallied(uow) if whose != uow.org]
    below = [whose for whose in others if whose.startswith(uow.org)]
    for organisations in (below, [whose for whose in others if whose not in below]):
        for queue, n in listing.queue_counts(uow, sees, now=now, organisations=organisations).items() if organisations else ():
            own[queue] += n
    return own


def in_hand(counted: Mapping[str, int]) -> int:
    """What of these figures is in hand now."""
    return sum(counted.get(stage, 0) for stage in IN_HAND)


def trend(uow: UnitOfWork, sees: Sight, first: date, last: date, names: Sequence[str]) -> Counter[tuple[date, str]]:
    """How often some figures count on each day, over what a reader sees: of the whole instance without what he is barred from."""
    if not sees.everything:
        seen = _marks(_seen(uow, sees, Period.of_days(first, last, uow.now), None), names)
        return _by_day(seen, first, last)
    rows = uow.all(SQL["tally_by_day"], organisation=uow.org, first=first, last=last, figures=list(names))
    found = Counter({(row["day"], row["figure"]): int(row["n"]) for row in rows})
    found.subtract(_by_day(_only(_hidden(uow, sees, uow.org), names), first, last))
    return found


def _by_day(counted: Counter[Mark], first: date, last: date) -> Counter[tuple[date, str]]:
    found: Counter[tuple[date, str]] = Counter()
    for mark, n in counted.items():
        if mark.at is not None and first <= day_of(mark.at) <= last:
            found[day_of(mark.at), mark.figure] += n
    return found


def tallied(uow: UnitOfWork) -> list[str]:
    """The organisations whose cases there are figures of."""
    return [row["organisation"] for row in uow.all(SQL["tallied"], standing=STANDING)]


def _tallied(uow: UnitOfWork, organisation: str, dimension: str, period: Period) -> Counts:
    """From the tally; what of the cut-off's own day had fallen due by then is counted from the rows.

    What was done on that day counts as done: nothing is done later than now, but for minutes by which a township's clock is fast.
    """
    found: Counts = {}
    open_day, done = day_of(period.cut_off), day_ended_by(period.cut_off)
    asked = {"organisation": organisation, "dimension": dimension, "done": done, "open_day": open_day}
    for first, last in ((day_of(period.start), day_ended_by(period.end)), (STANDING, STANDING)):
        for row in uow.all(SQL["tally"], **asked, first=first, last=last):
            counted = found.setdefault(row["value"], Counter())
            counted[row["figure"]] += int(row["n"])
            if row["figure"] in DUE:
                counted[f"{row['figure']}_done"] += int(row["done"])
    if open_day > done:  # the cut-off is midnight: no day is open
        return found
    opened = max(period.start, _midnight(open_day))
    rows = _rows(uow, "rows_due", organisation=organisation, start=opened, cut_off=period.cut_off)
    due = _marks(rows, DUE)
    _add(found, tally.figures(due, Period(opened, period.end, period.cut_off), dimension))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def _hidden(uow: UnitOfWork, sees: Sight, organisation: str) -> Counter[Mark]:
    """What of an organisation's figures a reader must not learn of: not even that there is one more."""
    barred = _barred(uow, sees, organisation)
    repeats = _rows(uow, "rows_repeating_barred", organisation=organisation, me=sees.official, posts=list(sees.posts))
    return _marks(barred.values()) + _marks((row for row in repeats if row.case_id not in barred), ("repeat",))


def _barred(uow: UnitOfWork, sees: Sight, organisation: str) -> dict[UUID, CaseRow]:
    rows = _rows(uow, "rows_barred", organisation=organisation, me=sees.official, posts=list(sees.posts))
    return {row.case_id: row for row in rows}


def _worked(uow: UnitOfWork, sees: Sight, organisation: str) -> Counter[Mark]:
    """What petitioners said of the reader's own work and his units', which is not his to read: a count less its list would tell it."""
    barred = _barred(uow, sees, organisation)
    rows = _rows(uow, "rows_worked", {"worked": SQL["worked"]}, organisation=organisation, **sees.params)
    return _marks((row for row in rows if row.case_id not in barred), ANSWERED)


def _of_units(uow: UnitOfWork, sees: Sight, period: Period, dimension: str, organisation: str | None) -> Counts:
    """By the rows that a reader sees; of what a superior handed down these are all that is known here."""
    found = tally.figures(_marks(_seen(uow, sees, period, organisation)), period, dimension)
    for counted in found.values():
        for figure in NOT_OF_UNITS:
            counted.pop(figure, None)
    return {value: counted for value, counted in found.items() if any(counted.values())}


def _seen(uow: UnitOfWork, sees: Sight, period: Period, organisation: str | None) -> list[CaseRow]:
    parts = {"where": _visible(sees), "of_period": SQL["of_period"]}
    whose = [organisation] if organisation else tallied(uow)
    return _rows(uow, "rows_seen", parts, **sees.params, **period._asdict(), whose=whose, open=sorted(OPEN))


def _visible(sees: Sight) -> str:
    return "\nAND ".join(f"({part}\n)" for part in listing.seen(sees))


def _marks(rows: Iterable[CaseRow], only: Iterable[str] = ()) -> Counter[Mark]:
    found: Counter[Mark] = Counter()
    for row in rows:
        found.update(tally.marks(row))
    return _only(found, only)


def _only(found: Counter[Mark], names: Iterable[str]) -> Counter[Mark]:
    """Those of some figures; of all, if none is named."""
    wanted = frozenset(names)
    return Counter({mark: n for mark, n in found.items() if not wanted or mark.figure in wanted})


def _rows(uow: UnitOfWork, statement: str, parts: dict[str, str] | None = None, **params: Any) -> list[CaseRow]:
    """The rows of a statement, not locked; where limits alone are asked for, without the facts, which are most of a row."""
    columns = CASES.columns if statement != "rows_due" else CASES.columns.replace("facts", "'{}'::jsonb AS facts")
    text = SQL[statement].replace("{columns}", columns)
    for name, part in (parts or {}).items():
        text = text.replace(f"{{{name}}}", part)
    return [CASES.from_row(tuple(row.values())) for row in uow.all(text, **params)]


def _add(found: Counts, others: Counts, sign: int = 1) -> None:
    for value, counted in others.items():
        known = found.setdefault(value, Counter())
        for figure, n in counted.items():
            known[figure] += sign * n


def times(uow: UnitOfWork, sees: Sight, period: Period) -> dict[str, dict[str, Any]]:
    """How long the cases registered in a period took, as far as that is over: {step: {n, median, p90}}."""
    own = " AND c.organisation = %(own)s" if sees.everything else ""
    statement = SQL["times"].replace("{where}", _visible(sees) + own).replace("{timed}", _TIMED)
    rows = uow.all(statement, **sees.params, start=period.start, end=period.end)
    return {
        row["step"]: {
            "n": row["n"], "median": timedelta(seconds=float(row["seconds"][0])), "p90": timedelta(seconds=float(row["seconds"][1])),
        }
        for row in rows
    }  # fmt: skip


def interviews(uow: UnitOfWork, period: Period, sees: Sight | None = None) -> int:
    """How many times somebody was called in and came, in a period; less those about a case that a reader is barred from."""
    who = {"me": sees.official if sees else "", "posts": list(sees.posts) if sees else []}
    statement = SQL["interviews_held"].replace("{held}", SQL["held"])
    found = uow.one(statement, own=uow.org, start=period.start, cut_off=period.cut_off, **who)
    return int(found["n"]) if found else 0


def late(uow: UnitOfWork, sees: Sight, *, now: datetime, limit: int = 10) -> list[dict[str, Any]]:
    """Who answers for what is late, those with the most first."""
    statement = SQL["late"].replace("{where}", _visible(sees))
    return uow.all(statement, **sees.params, now=now, limit=limit)
