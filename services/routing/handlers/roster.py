"""The directory loaded whole and saved as a difference: rows, history, events, ended sessions, bars, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.routing import store
from services.routing.domain import announcing, sign_in
from services.routing.domain.directory import Directory
from services.routing.domain.guard import Bars, posts_of
from services.routing.domain.recusal import Recusal
from services.routing.domain.roster import UNIT, Roster, Unit
from services.routing.domain.terms import Term, day_of, posts_on
from services.routing.handlers import accounts
from services.routing.handlers.common import bars_of, put_bars, take_back_from_barred
from services.routing.handlers.passing import pass_on
from shared.contract.envelope import instant, uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.directory import OFFICIALS, ORGANISATIONS, Official, Organisation

BASE = ("code", "name", "name_en", "superior", "has_instance")


@dataclass(frozen=True, kw_only=True)
class Change:
    """Why the directory changes: `key` is the form's, `now` is real time, `by` is None for a command on the server."""

    key: UUID
    kind: str
    reason: str
    effective_on: date
    by: Person | None
    now: datetime


class Difference(NamedTuple):
    """What a change makes of one unit or official; `before` is None for one who is new."""

    kind: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any]


def today(uow: UnitOfWork) -> date:
    """The calendar day of business time."""
    return day_of(uow.now)


def load(uow: UnitOfWork) -> Roster:
    """The whole directory, locked until this unit of work ends: one change at a time, and no sign-in from posts that change."""
    uow.all(store.SQL["directory_lock"])
    more = {row.code: row for row in uow.rows(store.UNITS).where("true")}
    units = {
        o.code: Unit(
            **vars(o), kind=more[o.code].kind if o.code in more else UNIT,
            dissolved_on=more[o.code].dissolved_on if o.code in more else None,
        )
        for o in uow.rows(ORGANISATIONS).where("true")
    }  # fmt: skip
    names = {o.official: o.name for o in uow.rows(OFFICIALS).where("true")}
    return Roster(own=uow.org, units=units, names=names, terms={t.id: t for t in uow.rows(store.TERMS).where("true")})


def read(uow: UnitOfWork) -> Roster:
    """The whole directory as it stands, for a page: not locked."""
    more = {row["code"]: row for row in uow.all(store.SQL["units_more"])}
    units = {row["code"]: Unit(**row | more.get(row["code"], {})) for row in uow.all(store.SQL["organisations"])}
    names = {row["official"]: row["name"] for row in uow.all(store.SQL["officials"])}
    terms = [Term(**row | {"roles": frozenset(row["roles"])}) for row in uow.all(store.SQL["terms"])]
    return Roster(own=uow.org, units=units, names=names, terms={term.id: term for term in terms})


def is_done(uow: UnitOfWork, key: UUID) -> bool:
    """Whether the form of this key has been done. Asked under the lock that `load` takes."""
    row = uow.one(store.SQL["is_changed"], key=key)
    return bool(row and row["done"])


def save(uow: UnitOfWork, before: Roster, after: Roster, change: Change) -> list[Difference]:
    """Write what differs and tell it; sessions of those who lost something end. Returns what differed."""
    found = list(differences(before, after))
    rows = uow.rows(OFFICIALS).where("true")
    was = _directory(uow.org, before.units.values(), rows)
    for code in {d.subject for d in found if d.kind == "organisation"}:
        _put_unit(uow, before.units.get(code), after.units[code])
    for term_id, term in after.terms.items():
        if before.terms.get(term_id) != term:
            uow.rows(store.TERMS).put(term)
    touched = {d.subject for d in found if d.kind == "official"}
    put_officials(uow, after, touched)
    remember(uow, found, change)
    _follow(uow, was, before, after, change.now)
    if before.own in before.units:  # a first import sets up, and changes nothing that anybody else knows
        _announce(uow, before, after, change)
    return found


def differences(before: Roster, after: Roster) -> Iterator[Difference]:
    """What a change makes of each unit and official, units first."""
    for code, unit in after.units.items():
        known = before.units.get(code)
        if known != unit:
            yield Difference("organisation", code, known.as_data() if known else None, unit.as_data())
    for official, name in after.names.items():
        pairs = [(before.terms.get(term.id), term) for term in after.terms_of(official)]
        old = [term.as_data() for term, new in pairs if term is not None and term != new]
        new = [term.as_data() for known, term in pairs if known != term]
        if new or before.names.get(official) != name:
            was = {"name": before.names[official], "terms": old} if official in before.names else None
            yield Difference("official", official, was, {"name": name, "terms": new})


def _put_unit(uow: UnitOfWork, known: Unit | None, unit: Unit) -> None:
    base = {name: getattr(unit, name) for name in BASE}
    if known is None or any(getattr(known, name) != value for name, value in base.items()):
        uow.rows(ORGANISATIONS).put(Organisation(**base))
        uow.tell("directory.organisation_recorded", unit.code, base)
    uow.rows(store.UNITS).put(store.UnitMore(code=unit.code, kind=unit.kind, dissolved_on=unit.dissolved_on))


def put_officials(uow: UnitOfWork, roster: Roster, officials: Iterable[str]) -> list[str]:
    """Write and tell the posts in force of these officials, where they are not what stands there. Returns of whom."""
    changed, day = [], today(uow)
    for official in sorted(officials):
        active, posts = posts_on(roster.terms_of(official), day)
        now = Official(official=official, name=roster.names[official], active=active, posts=posts)
        if uow.rows(OFFICIALS).get(official) != now:
            uow.rows(OFFICIALS).put(now)
            uow.tell("directory.official_recorded", official, {**vars(now), "posts": list(posts)})
            changed.append(official)
    uow.flush(ORGANISATIONS, store.UNITS, store.TERMS, OFFICIALS)
    uow.all(store.SQL["mark_counted"], day=day)
    store.forget_directory(uow)
    return changed


def take_office(uow: UnitOfWork, now: datetime) -> int:
    """Put in force what has begun and ended since the posts were written last. Returns of how many officials.

    `now` is real time, for the sessions that end.
    """
    turned = [row["official"] for row in uow.all(store.SQL["turned"], day=today(uow))]
    if not turned:
        return 0
    known = load(uow)
    before = {official: uow.rows(OFFICIALS).get(official) for official in turned}
    was = _directory(uow.org, known.units.values(), uow.rows(OFFICIALS).where("true"))
    changed = put_officials(uow, known, turned)
    found = [
        Difference("official", official, _posts(before[official]), _posts(uow.rows(OFFICIALS).get(official)) or {})
        for official in changed
    ]
    remember(uow, found, Change(key=uuid7(), kind="took_effect", reason="", effective_on=today(uow), by=None, now=now))
    _follow(uow, was, known, known, now)
    return len(changed)


def _posts(official: Official | None) -> dict[str, Any] | None:
    return {"name": official.name, "posts": list(official.posts) if official.active else []} if official else None


def remember(uow: UnitOfWork, found: Iterable[Difference], change: Change) -> None:
    """Keep what was changed, of whom, by whom and why."""
    by = json.dumps(change.by.as_data(), ensure_ascii=False) if change.by else None
    rows = [
        (
            uuid7(), change.key, change.kind, d.kind, d.subject, d.before and json.dumps(d.before, ensure_ascii=False),
            json.dumps(d.after, ensure_ascii=False), change.reason, change.effective_on, by, uow.now,
        )
        for d in found
    ]  # fmt: skip
    uow.many(store.SQL["add_changes"], rows)


def _follow(uow: UnitOfWork, was: Directory, before: Roster, after: Roster, now: datetime) -> None:
    """What follows from the changed directory: sessions end whose rights it took, and bars reach what came under them."""
    directory = store.directory(uow)
    for official in was.officials:
        if sign_in.rights_changed(was, directory, official):
            accounts.end_sessions(uow, official, now)
    moved = [
        code for code, unit in after.units.items()
        if code not in before.units or (before.units[code].superior, before.units[code].has_instance) != (unit.superior, unit.has_instance)
    ]  # fmt: skip
    codes = sorted({above for code in moved for above in directory.chain(code)})
    people = [one for one, o in directory.officials.items() if one in was.officials and was.officials[one].posts != o.posts]
    widen_bars(uow, codes if before.units else [], people, was)


def widen_bars(uow: UnitOfWork, codes: list[str], officials: list[str], was: Directory) -> None:
    """Bars that rest on these units or officials cover what they cover in the directory of now; what they covered stays barred.

    Whoever a new post keeps from a case gives back what he holds of it, and an instance to which somebody moved who is barred is
    told of him. `was` is the directory before.
    """
    now = store.directory(uow)
    left = {one: posts_of(one, was) - posts_of(one, now) for one in officials}
    touched = sorted({*codes, *(code for posts in left.values() for code in posts)})
    cases = [row["case_id"] for row in uow.all(store.SQL["bars_touched"], codes=touched, officials=officials, own=uow.org)]
    uow.rows(store.CASES).load(cases)
    for case_id in cases:
        before = bars_of(uow, case_id)
        if before is not None:
            case = uow.rows(store.CASES).get(case_id)
            after = _keep_out(uow, before.widened(now), [one for one in officials if before.organisations & left[one]], now)
            put_bars(uow, case, before, after)
            pass_on(uow, case, after, after, was)
            take_back_from_barred(uow, after)  # also from who moved into a unit that was barred all along


def _keep_out(uow: UnitOfWork, bars: Bars, leavers: list[str], now: Directory) -> Bars:
    """The bars with a recusal of each who left a barred unit and whom nothing else keeps out; the first-in-command can end it."""
    open_to = [one for one in leavers if not bars.bar(one, posts_of(one, now))]
    for official in open_to:
        uow.rows(store.RECUSALS).put(
            Recusal(
                id=uuid7(), case_id=bars.case_id, official=official, organisation=None, ground="other", note="原任职单位应当回避本件。",
                by=None, at=uow.now,
            )
        )  # fmt: skip
    return bars.recuse((), open_to, now)


def _announce(uow: UnitOfWork, before: Roster, after: Roster, change: Change) -> None:
    """Tell the instances that know a unit of its new name or heads."""
    day = today(uow)
    for code, unit in after.units.items():
        known = before.units.get(code)
        said = (unit.name, unit.name_en, announcing.heads_of(after, code, day))
        if known is not None and said == (known.name, known.name_en, announcing.heads_of(before, code, day)):
            continue
        data = {
            "code": code, "name": unit.name, "name_en": unit.name_en, "heads": [head.as_data() for head in said[2]],
            "reason": change.reason, "by": change.by.as_data() if change.by else None, "at": instant(uow.now),
        }  # fmt: skip
        for instance in announcing.hearers(after, code):
            uow.tell("directory.unit_announced", code, data, addressee=instance)


def _directory(own: str, units: Iterable[Unit], officials: Iterable[Official]) -> Directory:
    rows: list[Mapping[str, Any]] = [{name: getattr(unit, name) for name in BASE} for unit in units]
    return store.make_directory(own, rows, map(vars, officials))
