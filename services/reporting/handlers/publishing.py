"""From what is projected to what other agencies are told, as soon as there is one that listens.

Told in the transaction that takes the event in, by the schema's own log and relay, so nothing is told twice or lost. A rebuild
tells nothing: it prepares no unit of work for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time
from typing import Any
from uuid import UUID, uuid4
from weakref import WeakSet

from services.reporting.domain.picture import CaseRow
from services.reporting.public import redacting
from services.reporting.store import BARS, CASES, PUBLISHED, SQL, PublishedCase
from shared.contract import Event
from shared.database import UnitOfWork

_HEARD: WeakSet[UnitOfWork] = WeakSet()


def prepare(cases: Sequence[UUID], uow: UnitOfWork) -> None:
    """Load what is to be known of a batch's cases, if any agency listens."""
    found = uow.one(SQL["anybody_listens"])
    if found and found["listens"]:
        _HEARD.add(uow)
        uow.rows(BARS).load(cases)
        uow.rows(PUBLISHED).load(cases)


def follow(event: Event, row: CaseRow, uow: UnitOfWork) -> None:
    """Tell agencies what the event means for them. `row` is the case after it."""
    if uow not in _HEARD:
        return
    bar = uow.rows(BARS).get(row.case_id)
    if not redacting.may_be_told(row, own=uow.org, barred=bar is not None and bool(bar.organisations or bar.officials)):
        return
    known = uow.rows(PUBLISHED).get(row.case_id)
    published = known or PublishedCase(case_id=row.case_id, public_id=uuid4(), told_at=uow.now)
    stands = redacting.case(row, published.public_id)
    if known is None:
        tell(redacting.FIRST, published.public_id, stands, row.organisation, uow, first=True)
    name = redacting.TOLD.get(event.contract.name)
    beside = redacting.more(event.contract.name, event.data, row)
    if name is not None and beside is not None:
        tell(name, published.public_id, stands | beside, row.organisation, uow)
    elif known is not None:
        return
    read_on, concluded_on, closed_on = redacting.steps(row)
    uow.rows(PUBLISHED).put(replace(published, read_on=read_on, concluded_on=concluded_on, closed_on=closed_on))


def count(event: Event, uow: UnitOfWork) -> None:
    """period.ended: when a month has ended, tell each organisation's counts."""
    month = redacting.month_of(event.data)
    if month is None or uow not in _HEARD:
        return
    uow.flush(CASES, PUBLISHED)
    first, after = (datetime.combine(day, time.min, redacting.CHINA) for day in month)
    for row in uow.all(SQL["month_counted"], first=first, after=after, first_day=month[0], after_day=month[1]):
        counts = {name: redacting.count(row[name], row[f"{name}_untold"], row[f"{name}_undone"]) for name in redacting.STEPS}
        told = {"organisation": row["organisation"], "month": month[0].isoformat(), **counts}
        tell(redacting.COUNTED, f"{row['organisation']} {month[0]:%Y-%m}", told, row["organisation"], uow)


def tell(
    name: str, subject: UUID | str, data: dict[str, Any], organisation: str | None, uow: UnitOfWork, *, first: bool = False
) -> None:
    """Tell agencies, under the code of whose case it is."""
    with _by_itself(uow):
        uow.tell(name, subject, redacting.allowed(name, data), addressee=organisation, first=first)


@contextmanager
def _by_itself(uow: UnitOfWork) -> Iterator[None]:
    """What is told has no cause: the chain of causes would lead an agency to the case itself."""
    cause, uow.cause = uow.cause, None
    try:
        yield
    finally:
        uow.cause = cause
