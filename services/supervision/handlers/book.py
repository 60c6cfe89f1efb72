"""The score book, written from what happened: each occasion is judged once, in sets, by whoever comes first.

An occasion is kept in the transaction that tells or hears of it; what it gives or costs is found here soon after. Its entry's id is
derived from rule and cause, so that it is there exactly once, with any number of schedulers and however they die.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.supervision import domain as clocks
from services.supervision import store
from services.supervision.domain.charge import lacking
from services.supervision.domain.scores import IN_VAIN, Correction, Entry, Occasion, amended, correct, judge, rebuild, undone
from services.supervision.handlers.in_force import policy_of
from services.supervision.score_rules import Kind, Scores
from services.supervision.store import SQL
from shared.contract.envelope import instant
from shared.contract.person import Person
from shared.database import UnitOfWork

_WRITE = f"INSERT INTO score_entry ({store.ENTRIES.columns}) VALUES %s ON CONFLICT DO NOTHING RETURNING id"
_CLAIM = SQL["claim_occasions"]


def keep_book(uow: UnitOfWork, limit: int = 500) -> int:
    """Judge at most `limit` occasions and find the duties whose limit has passed; how many. Repeat while it is not 0."""
    if not (uow.one(SQL["try_book"]) or {})["mine"]:
        return 0
    lapsed = _lapse(uow, limit)
    uow.flush(store.CHARGES, store.OCCASIONS)
    judged = _judge(uow, uow.all(_CLAIM, cause=None, limit=limit))
    return lapsed + judged + _undo_misses(uow, limit)


def missed(uow: UnitOfWork, told: UUID, deadline: clocks.Deadline) -> None:
    """A deadline was missed, as event `told` says."""
    uow.rows(store.OCCASIONS).put(
        Occasion(
            cause=told, detail=str(deadline.obligation), kind=Kind.LATE, case_id=deadline.case_id, at=deadline.due_at,
            responsible=deadline.responsible, deadline_id=deadline.id,
        )
    )  # fmt: skip


def missed_in_vain(uow: UnitOfWork, told: UUID, deadline: clocks.Deadline) -> None:
    """What had been taken for a miss was none, as event `told` says: word came late of what was done, or decided, in time."""
    uow.rows(store.IN_VAIN).put(store.InVain(deadline_id=deadline.id, case_id=deadline.case_id, told=told))


def missed_together(uow: UnitOfWork, told: Sequence[tuple[UUID, UUID]]) -> None:
    """Deadlines were missed, as events told: (event, deadline) each. The scheduler's way, in one statement for all of them."""
    uow.later(SQL["note_misses"], told)


def _lapse(uow: UnitOfWork, limit: int) -> int:
    rows = uow.all(SQL["claim_lapsing"], now=uow.now, limit=limit)
    charges = uow.rows(store.CHARGES)
    charges.load(sorted(row["id"] for row in rows))
    for row in rows:
        charge = charges.get(row["id"])
        if charge is None or charge.duties_by is None:
            continue  # neither can be, for both were asked for
        charges.put(replace(charge, lapsed_at=uow.now))
        for duty in lacking(row["done"]):
            uow.rows(store.OCCASIONS).put(
                Occasion(
                    cause=charge.told, detail=duty, kind=Kind.DUTY_LATE, case_id=charge.case_id, at=charge.duties_by,
                    responsible=None, carrier=charge.leader,
                )
            )  # fmt: skip
    return len(rows)


def _undo_misses(uow: UnitOfWork, limit: int) -> int:
    """What was no miss costs nothing; how many there were."""
    rows = uow.all(SQL["claim_in_vain"], now=uow.now, limit=limit)
    for row in rows:
        uow.rows(store.IN_VAIN).put(store.InVain(**{**row, "corrected_at": uow.now}))
        for made in uow.all(SQL["entries_of_misses"], deadline=row["deadline_id"]):
            put_right(uow, Correction(id=row["told"], entry_id=made["id"], becomes=0, by=None, reasons=IN_VAIN, at=uow.now))
    return len(rows)


def judge_of(uow: UnitOfWork, cause: UUID) -> None:
    """Judge what one event is the cause of, if nobody has yet. The book and the case are locked already."""
    uow.flush(store.OCCASIONS)
    _judge(uow, uow.all(_CLAIM, cause=cause, limit=None))


def _judge(uow: UnitOfWork, rows: list[dict[str, Any]]) -> int:
    now = uow.now
    found = [replace(each, judged_at=now) for each in _occasions(rows)]
    write = store.OCCASIONS.codecs["carrier"][1]
    uow.many(SQL["judged"], [(o.cause, o.detail, write(o.carrier), o.overdue, o.policy, o.judged_at) for o in found])
    enter(uow, [made for each in found for made in judge(each, _scores_of(uow, each.policy))])
    return len(found)


def _occasions(rows: Iterable[dict[str, Any]]) -> Iterator[Occasion]:
    for row in rows:
        yield store.OCCASIONS.from_row([row[column] for column in store.OCCASIONS.codecs])


def _scores_of(uow: UnitOfWork, policy: str | None) -> Scores | None:
    return policy_of(uow, policy).scores if policy else None


def enter(uow: UnitOfWork, entries: Sequence[Entry]) -> None:
    """Write entries, and tell of each that is new."""
    new = {row[0] for row in uow.returning(_WRITE, [store.ENTRIES.to_row(each) for each in entries])}
    for each in entries:
        if each.id in new:
            uow.tell("score.recorded", each.case_id, _told(each))


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "entry_id": str(entry.id), "policy": entry.policy, "rule": entry.rule, "points": entry.points,
        "official": entry.code if entry.person else None, "organisation": None if entry.person else entry.code,
        "cause": str(entry.cause), "corrects": str(entry.corrects) if entry.corrects else None, "at": instant(entry.at),
    }  # fmt: skip


def put_right(uow: UnitOfWork, correction: Correction) -> None:
    """Correct an entry by a further one, in its case's lock."""
    entries = uow.rows(store.ENTRIES)
    wrong = entries.get(correction.entry_id)
    found = (entries.get(row["id"]) for row in uow.all(SQL["corrections_of"], entry=correction.entry_id))
    further = [each for each in found if each is not None]
    if wrong is not None and not undone(further):
        enter(uow, [correct(wrong, further, correction)])


def rebuilt(uow: UnitOfWork) -> dict[UUID, Entry]:
    """The book as it follows from what was judged and decided, whatever stands in it. Locks it meanwhile."""
    uow.all(SQL["lock_book"])
    base = rebuild(_occasions(uow.all(SQL["occasions_judged"])), lambda policy: _scores_of(uow, policy))
    made_by: dict[UUID, list[UUID]] = {}
    for each in base.values():
        made_by.setdefault(each.cause, []).append(each.id)
    corrections = [_correction(row, row["entry_id"]) for row in uow.all(SQL["objections_upheld"])]
    corrections += [
        _correction(row, made) for row in uow.all(SQL["skip_levels_annulled"]) for made in made_by.get(row["told"], [])
    ]
    corrections += [
        _correction(row | {"by": None, "reasons": IN_VAIN}, made)
        for row in uow.all(SQL["misses_undone"])
        for made in made_by.get(row["cause"], [])
    ]
    return amended(base, corrections)


def _correction(row: Mapping[str, Any], entry_id: UUID) -> Correction:
    return Correction(
        id=row["id"], entry_id=entry_id, becomes=row["becomes"], by=Person.of(row["by"]) if row["by"] else None, reasons=row["reasons"],
        at=row["at"],
    )  # fmt: skip


def live(uow: UnitOfWork) -> dict[UUID, Entry]:
    """The book as it stands."""
    rows = uow.all(SQL["entries_all"].format(columns=store.ENTRIES.columns))
    return {each.id: each for each in map(entry, rows)}


def entry(row: Mapping[str, Any]) -> Entry:
    """An entry of a row."""
    return store.ENTRIES.from_row([row[column] for column in store.ENTRIES.codecs])


def restore(uow: UnitOfWork, missing: Iterable[Entry]) -> None:
    """Write entries that are lost, as they were; nothing is told again."""
    uow.returning(_WRITE, [store.ENTRIES.to_row(each) for each in missing])
