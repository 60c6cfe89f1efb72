"""What other agencies are told of a case: codes, days and stages, of cases that nobody has to be protected by not telling. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.reporting.domain import picture
from services.reporting.domain.picture import CaseRow
from shared.contract import EVENTS
from shared.contract.catalogue import PUBLIC
from shared.contract.public import CODE, OWED

CHINA = ZoneInfo("Asia/Shanghai")
TOWNSHIP = 9  # characters of a place's code; what follows names the village
# Complained of, an official is no reader of it, and neither is his agency (arts. 30 and 46).
TOLD_OF = frozenset({"suggestion", "appeal", "other"})
KNOWN = frozenset({"named", "anonymous"})
FIRST = "public.case.registered"
LEAST = 3  # a count below it is not told, nor is one that tells apart fewer
COUNTED = "public.figures.counted"
STEPS = ("read", "concluded", "closed")  # what is counted of a month
# What is told of what is heard. What is heard of and not named here is told nobody.
TOLD = {
    name.removeprefix(PUBLIC): name
    for name in (
        "public.case.instructed", "public.case.concluded", "public.case.reopened", "public.case.withdrawn", "public.case.closed",
        "public.case.archived", "public.assignment.issued", "public.assignment.received", "public.assignment.replied",
        "public.assignment.returned", "public.assignment.approved", "public.assignment.withdrawn", "public.deadline.missed",
    )
}  # fmt: skip


def may_be_told(row: CaseRow, *, own: str, barred: bool) -> bool:
    """Whether agencies are told of this case at all, one by one.

    Nothing before the first-in-command has read it: only then is it judged whether it is confidential and who must not see it.
    Nothing of other instances' cases: who must not see those is not known here.
    """
    registered = row.facts.get(f"/{own}/intake", {})
    return (
        row.organisation == own
        and row.reviewed_at is not None
        and not barred
        and not row.confidential
        and row.matter_type in TOLD_OF
        and registered.get("identity") in KNOWN
    )


def case(row: CaseRow, public_id: UUID) -> dict[str, Any]:
    """How the case stands."""
    return {
        "case": str(public_id), "organisation": row.organisation, "channel": row.channel, "category": _code(row.category),
        "township": _code((row.place or "")[:TOWNSHIP]), "case_class": row.case_class, "stage": row.stage.value, "round": row.round,
        "outcome": row.outcome, "registered_on": day(row.registered_at), "read_on": day(row.reviewed_at),
        "dispatched_on": day(row.dispatched_at), "replied_on": day(row.replied_at), "reply_due_on": day(row.reply_due_at),
        "conclude_due_on": day(row.conclude_due_at), "concluded_on": day(row.concluded_at), "closed_on": day(row.closed_at),
    }  # fmt: skip


def steps(row: CaseRow) -> tuple[date | None, date | None, date | None]:
    """The days of STEPS, as `case` tells them."""
    return _wall(row.reviewed_at), _wall(row.concluded_at), _wall(row.closed_at)


def more(name: str, data: Mapping[str, Any], row: CaseRow) -> dict[str, Any] | None:
    """What an event tells beside how its case stands; None: it is told nobody."""
    if name.startswith("assignment."):
        told = picture.assignments(row.facts).get(data["assignment_id"], {})
        if told.get("issuer") != row.organisation:
            return None  # a unit's handing on among its own people
        return {"unit": _code(told["responsible"]["organisation"]), "part": told["part"]}
    if name == "deadline.missed":
        if data["obligation"] not in OWED:
            return None  # when somebody is asked again is between him and the office
        owes = data.get("responsible") or {}
        return {
            "obligation": data["obligation"],
            "due_on": day(datetime.fromisoformat(data["due_at"])),
            "unit": _code(owes.get("organisation")),
        }
    return {}


def month_of(data: Mapping[str, Any]) -> tuple[date, date] | None:
    """The first day of the month that ends with this period of the office, and of the next; None: no month ends."""
    after = date.fromisoformat(data["last"]) + timedelta(days=1)
    if data["period"] != "half_month" or after.day != 1:
        return None
    return (after - timedelta(days=1)).replace(day=1), after


def count(counted: int, untold: int, undone: int) -> int | None:
    """A count as it may be told; `untold` of the cases are told nobody one by one, and `undone` are told and count no more.

    Whoever adds up what he was told and compares must not find one or two cases that somebody has to be protected from: where he
    would, he is told what he could add up himself.
    """
    found = (untold, undone, abs(untold - undone))
    shown = counted - untold + undone if any(0 < n < LEAST for n in found) else counted
    return shown if shown >= LEAST else None


def allowed(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Of `data` what the contract lists, and nothing else. Raises ValueError when something is missing or no code."""
    contract = EVENTS[name]
    kept = {field: data[field] for field in contract.schema.fields if field in data}
    if wrong := contract.faults(kept):
        raise ValueError(f"{name}: {wrong}")
    return kept


def day(moment: datetime | None) -> str | None:
    """The day on the county's wall."""
    found = _wall(moment)
    return None if found is None else found.isoformat()


def _wall(moment: datetime | None) -> date | None:
    return None if moment is None else moment.astimezone(CHINA).date()


def _code(value: str | None) -> str | None:
    """A code; null in place of anything that is none."""
    return value if value and re.match(CODE, value) else None
