"""What is frozen of a period of the office, drawn from its cases as they stood at the cut-off. Pure.

The same cases give the same bytes, whatever order they come in: so a report can be made again from the archive, to the letter.
No list names a case from which anybody is barred, and none tells what a confidential one is about, nor why its unit is named.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from services.reporting.domain import tally
from services.reporting.domain.picture import CaseRow, Stage
from services.reporting.domain.ranking import ranked
from services.reporting.domain.statistics import IN_HAND, OPEN, ZONE, Figures, Period, fell_due, within

FORMAT = 1  # of the data; what was frozen in another format is shown as it is and not made again
WEEK, HALF_MONTH, TWO_MONTHS = KINDS = ("week", "half_month", "two_months")
COUNTED = ("registered", "accepted", "instructions", "replied", "concluded", "closed", "withdrawn")
_DAY = timedelta(days=1)
_NOTHING = {"reply": {"done": 0, "of": 0}, "closing": {"done": 0, "of": 0}, "overdue": 0}  # of a unit in the ranking
Data = dict[str, Any]


class Cut(NamedTuple):
    """A period with its cut-off: nothing after `until` is counted, and nothing that was heard after row `place` of the archive."""

    kind: str
    first: date
    last: date
    number: int
    until: datetime
    place: int

    @property
    def period(self) -> Period:
        """The period as figures count it."""
        return Period.of_days(self.first, self.last, self.until)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a report tells beside its cases: what organisations were called, which cases name nobody, steps taken of cases.

    `hushed` are the cases that are confidential by the latest word that was heard, also one after the end of the period.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    guarded: Collection[UUID] = ()
    hushed: Collection[UUID] = ()
    steps: Mapping[str, Sequence[Data]] = field(default_factory=dict)
    circular: Sequence[Data] = ()
    interviews: int = 0


def counts_in(row: CaseRow, own: str, period: Period) -> bool:
    """Whether a case has to do with a report of an organisation: it was open at the end, or something of it counts."""
    if row.organisation != own or row.number is None:
        return False
    return row.stage in OPEN or any(_counts(mark, period) for mark in tally.marks(row))


def _counts(mark: tally.Mark, period: Period) -> bool:
    return mark.at is not None and (fell_due(mark.at, period) if mark.figure in tally.DUE else within(mark.at, period))


def due_at(row: CaseRow) -> datetime | None:
    """What is owed first."""
    return min((at for at in (row.conclude_due_at, row.reply_due_at) if at is not None), default=None)


def overdue(row: CaseRow, until: datetime) -> bool:
    """Owed since before the cut-off."""
    due = due_at(row)
    return due is not None and due <= until


def lists(rows: Iterable[CaseRow], cut: Cut) -> dict[str, list[CaseRow]]:
    """The lists of a report, each in its order."""
    known, period = sorted(rows, key=_registered), cut.period
    late = sorted(
        (row for row in known if overdue(row, cut.until)), key=lambda row: (due_at(row) or cut.until, *_registered(row))
    )
    if cut.kind != WEEK:
        return {"overdue": late}
    return {
        "accepted": [row for row in known if within(row.accepted_at, period)],
        "in_hand": [row for row in known if row.stage in IN_HAND],
        "concluded": [row for row in known if within(row.concluded_at, period)],
    }


def _registered(row: CaseRow) -> tuple[datetime, str, str]:
    return row.registered_at or datetime.min.replace(tzinfo=ZONE), row.number or "", str(row.case_id)


def draw(cut: Cut, own: str, rows: Sequence[CaseRow], told: Told) -> Data:
    """What is frozen. `rows` are the cases for which `counts_in` holds, as they stood at the cut-off."""
    marks: Counter[tally.Mark] = Counter()
    for row in rows:
        marks.update(tally.marks(row))
    found = {
        name: [_item(row, cut.until, told) for row in named if row.case_id not in told.guarded]
        for name, named in lists(rows, cut).items()
    }
    data: Data = {
        "format": FORMAT, "kind": cut.kind, "first": cut.first.isoformat(), "last": cut.last.isoformat(), "number": cut.number,
        "until": _spelt(cut.until), "place": cut.place, "organisation": own,
        "figures": _figures(rows, tally.figures(marks, cut.period).get("", Counter()), cut.until),
        "channels": _registered_by_channel(marks, cut.period),
        "lists": found, "lengths": {name: len(named) for name, named in lists(rows, cut).items()},
    }  # fmt: skip
    data |= PARTS[cut.kind](cut, rows, marks, told)
    data["names"] = {code: told.names.get(code, code) for code in sorted({own, *_codes(data)})}
    return data


def _figures(rows: Sequence[CaseRow], counted: Counter[str], until: datetime) -> Data:
    figures = Figures.of(counted)
    told: Data = {name: getattr(figures, name) for name in COUNTED}
    told |= {
        name: {"done": rate.done, "of": rate.of}
        for name, rate in (("reply_rate", figures.reply_rate), ("closing_rate", figures.closing_rate))
    }
    told["in_hand"] = sum(row.stage in IN_HAND for row in rows)
    told["to_follow_up"] = sum(row.stage is Stage.CONCLUDED for row in rows)
    told["overdue"] = sum(overdue(row, until) for row in rows)
    return told


def _registered_by_channel(marks: Counter[tally.Mark], period: Period) -> Data:
    by_channel = tally.figures(marks, period, "channel")
    return {channel: counted["registered"] for channel, counted in sorted(by_channel.items()) if counted["registered"]}


def _item(row: CaseRow, until: datetime, told: Told) -> Data:
    who, due, hushed = row.responsible, due_at(row), row.case_id in told.hushed
    item: Data = {
        "case": str(row.case_id), "number": row.number, "title": None if hushed else row.title,
        "confidential": hushed, "channel": row.channel, "category": row.category, "place": (row.place or "")[:9] or None,
        "unit": who.organisation if who else None, "leader": who.name if who else None, "post": who.post if who else None,
        "stage": row.stage.value, "registered": _day(row.registered_at), "accepted": _day(row.accepted_at),
        "concluded": _day(row.concluded_at), "due": _spelt(due), "days_over": days_over(due, until),
    }  # fmt: skip
    steps = told.steps.get(str(row.case_id))
    return {**item, "steps": list(steps)} if steps else item


def days_over(due: datetime | None, until: datetime) -> int:
    """How many days, begun ones counted, something has been owed for at the cut-off."""
    return max(0, -((due - until) // _DAY)) if due is not None else 0


def _of_week(cut: Cut, rows: Sequence[CaseRow], marks: Counter[tally.Mark], told: Told) -> Data:
    return {}


def _of_half_month(cut: Cut, rows: Sequence[CaseRow], marks: Counter[tally.Mark], told: Told) -> Data:
    return {"fallen": sum(overdue(row, cut.until) and not overdue(row, cut.period.start) for row in rows)}


def _of_two_months(cut: Cut, rows: Sequence[CaseRow], marks: Counter[tally.Mark], told: Told) -> Data:
    by_unit = {unit: Figures.of(counted) for unit, counted in tally.figures(marks, cut.period, "unit").items() if unit}
    late = Counter(row.responsible.organisation for row in rows if row.responsible and overdue(row, cut.until))
    hushed = {str(case) for case in told.hushed}
    listed = [_told_of(each, each["case"] not in hushed) for each in told.circular if UUID(each["case"]) not in told.guarded]
    return {"ranking": ranked(by_unit, late), "circular": listed, "interviews": told.interviews}


PARTS: Mapping[str, Callable[[Cut, Sequence[CaseRow], Counter[tally.Mark], Told], Data]] = {
    WEEK: _of_week, HALF_MONTH: _of_half_month, TWO_MONTHS: _of_two_months,
}  # fmt: skip


def _codes(data: Data) -> set[str]:
    """The organisations and townships that it names."""
    items = [item for named in data["lists"].values() for item in named]
    found = {item[name] for item in items for name in ("unit", "place") if item[name]}
    return found | {row["unit"] for row in data.get("ranking", ())} | {each["unit"] for each in data.get("circular", ())}


def _spelt(at: datetime | None) -> str | None:
    return at.astimezone(ZONE).isoformat(timespec="microseconds") if at else None


def _day(at: datetime | None) -> str | None:
    return tally.day_of(at).isoformat() if at else None


def spelt(data: Data) -> bytes:
    """The data as bytes, in one spelling."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(body: bytes) -> str:
    """What tells one from another."""
    return hashlib.sha256(body).hexdigest()


def narrowed(data: Data, seen: Mapping[str, bool]) -> Data:
    """The report for a reader who sees only some of the cases that it lists; what is left out is counted as not listed.

    `seen` says of each case that he sees whether what it is about is his to read.
    """

    def left(items: Iterable[Data]) -> list[Data]:
        return [_told_of(item, seen[item["case"]]) for item in items if item["case"] in seen]

    found: Data = {**data, "lists": {name: left(named) for name, named in data["lists"].items()}}
    return {**found, "circular": left(data["circular"])} if "circular" in data else found


def _told_of(item: Data, readable: bool) -> Data:
    """What stands in a list or in the circular, for whoever may read what the case is about, or may not."""
    if readable:
        return item
    return {**item, "title": None, **({"reasons": None} if "reasons" in item else {"confidential": True})}


def without(data: Data, less: Data) -> Data:
    """The report as it would be without some of its cases; `less` is what is drawn of these alone, for the same cut-off."""
    found: Data = {**data, "figures": _less(data["figures"], less["figures"]), "lengths": _less(data["lengths"], less["lengths"])}
    channels: Counter[str] = Counter(data["channels"])
    channels.subtract(less["channels"])
    found["channels"] = {channel: n for channel, n in channels.items() if n > 0}
    found |= {name: data[name] - less[name] for name in ("fallen", "interviews") if name in data}
    return {**found, "ranking": _ranked_without(data["ranking"], less["ranking"])} if "ranking" in data else found


def _less(counted: Data, less: Data) -> Data:
    """Each number less another of the same name; rates are two of them."""
    return {name: _less(n, less[name]) if isinstance(n, dict) else n - less[name] for name, n in counted.items()}


def _ranked_without(ranking: Sequence[Data], less: Sequence[Data]) -> list[Data]:
    hidden = {row["unit"]: row for row in less}
    rows = {row["unit"]: _less(_counted(row), _counted(hidden.get(row["unit"], _NOTHING))) for row in ranking}
    figures = {
        unit: Figures(
            due_reply=row["reply"]["of"], due_reply_done=row["reply"]["done"],
            due_closing=row["closing"]["of"], due_closing_done=row["closing"]["done"],
        )
        for unit, row in rows.items()
    }  # fmt: skip
    return ranked(figures, {unit: row["overdue"] for unit, row in rows.items()})


def _counted(row: Data) -> Data:
    return {name: row[name] for name in ("reply", "closing", "overdue")}


def cases_of(data: Data) -> list[str]:
    """The cases that a report lists, each once."""
    items = [item for named in data["lists"].values() for item in named] + list(data.get("circular", ()))
    return sorted({item["case"] for item in items})
