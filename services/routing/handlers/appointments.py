"""Changes of the directory by page: each with a reason and a day, each done once, none that leaves the directory broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.routing import store
from services.routing.domain import announcing
from services.routing.domain import roster as domain
from services.routing.domain.announcing import Head, Proposal
from services.routing.domain.roster import Roster, Unit
from services.routing.domain.terms import EARLIEST, Term
from services.routing.handlers import roster
from services.routing.handlers.common import logged
from services.routing.handlers.directory import check_reason
from services.routing.handlers.roster import Change
from shared.contract.envelope import Event, uuid7
from shared.database import UnitOfWork
from shared.errors import Conflict, NotFound, Refused

EDITORS = ("administrator", "office")


@dataclass(frozen=True, kw_only=True)
class Editing:
    """Who changes the directory and why; `key` is the form's, `now` is real time."""

    by: str
    key: UUID
    reason: str
    now: datetime

    def __str__(self) -> str:
        return self.by  # in logs: nobody's name, and a reason may hold one


def _edit(uow: UnitOfWork, editing: Editing, kind: str, on: date, change: Callable[[Roster, date], Roster], *roles: str) -> bool:
    """Do one change; False when this form has been done already. Raises Forbidden, Refused, Conflict, NotFound."""
    before = roster.load(uow)
    directory = store.directory(uow)
    by = directory.acting(editing.by, *(roles or EDITORS))
    if roster.is_done(uow, editing.key):
        return False
    reason, day = check_reason(editing.reason), roster.today(uow)
    if on < EARLIEST:
        raise Refused("on", "日期 %(day)s 不合情理", "请核对日期。", day=on.isoformat())
    after = change(before, day)
    domain.check_hand(before, after, editing.by, administrator=_administers(directory, editing.by))
    domain.check(before, after, day)
    roster.save(uow, before, after, Change(key=editing.key, kind=kind, reason=reason, effective_on=on, by=by, now=editing.now))
    return True


def _administers(directory: Any, official: str) -> bool:
    return any("administrator" in post.roles for post in directory.active(official).posts)


def _not_to_come(on: date, day: date) -> None:
    if on > day:
        raise Refused("on", "单位的变动当日生效，日期不能晚于今天。", "请到当日办理，或填写文件日期。")


@logged
def add_unit(uow: UnitOfWork, editing: Editing, unit: Unit, on: date) -> bool:
    """A unit that is new here. Raises Conflict for a code that is taken."""

    def change(known: Roster, day: date) -> Roster:
        _not_to_come(on, day)
        return domain.add_unit(known, unit)

    return _edit(uow, editing, "unit_added", on, change)


@logged
def change_unit(uow: UnitOfWork, editing: Editing, code: str, on: date, **changes: Any) -> bool:
    """Another name, superior, kind. Whether a unit has an instance of its own is the administrator's to say."""

    def change(known: Roster, day: date) -> Roster:
        _not_to_come(on, day)
        if changes.get("has_instance", known.unit(code).has_instance) != known.unit(code).has_instance:
            store.directory(uow).acting(editing.by, "administrator")
        after = domain.change_unit(known, code, **changes)
        if after == known:
            raise Refused("name", "没有任何改动。", "请修改后提交。")
        return after

    return _edit(uow, editing, "unit_changed", on, change)


@logged
def dissolve(uow: UnitOfWork, editing: Editing, code: str, on: date) -> bool:
    """A unit is no more. Raises Conflict while it has cases in hand, people or units."""

    def change(known: Roster, day: date) -> Roster:
        _not_to_come(on, day)
        row = uow.one(store.SQL["in_hand_of_unit"], code=code)
        return domain.dissolve(known, code, on, row["n"] if row else 0)

    return _edit(uow, editing, "unit_dissolved", on, change)


@logged
def appoint(uow: UnitOfWork, editing: Editing, term: Term, *, name: str | None, first: bool) -> bool:
    """An official takes a post from a day on; a day to come takes effect by itself."""
    on = term.from_on or EARLIEST
    return _edit(uow, editing, "appointed", on, lambda known, day: domain.appoint(known, term, name=name, first=first))


@logged
def end(uow: UnitOfWork, editing: Editing, official: str, terms: Iterable[UUID], on: date) -> bool:
    """An official is removed from posts on a day."""
    return _edit(uow, editing, "ended", on, lambda known, day: domain.end(known, terms, official, on, day))


@logged
def transfer(uow: UnitOfWork, editing: Editing, ended: Iterable[UUID], term: Term) -> bool:
    """An official goes from posts to another one on one day."""
    on = term.from_on or EARLIEST

    def change(known: Roster, day: date) -> Roster:
        known = domain.end(known, ended, term.official, on, day)
        return domain.appoint(known, term, name=None, first=True)

    return _edit(uow, editing, "transferred", on, change)


@logged
def leave(uow: UnitOfWork, editing: Editing, official: str, on: date) -> bool:
    """An official leaves altogether."""
    return _edit(uow, editing, "left", on, lambda known, day: domain.leave(known, official, on, day))


@logged
def rename(uow: UnitOfWork, editing: Editing, official: str, name: str, on: date) -> bool:
    """An official's name is corrected."""

    def change(known: Roster, day: date) -> Roster:
        if official not in known.names:
            raise NotFound("official", "通讯录中没有该人员。", "请核对人员代码。")
        if known.names[official] == name:
            raise Refused("name", "没有任何改动。", "请修改后提交。")
        return known.with_name(official, name)

    return _edit(uow, editing, "renamed", on, change)


# -- what other instances tell ----------------------------------------------------------------------------------------
def announced(event: Event, uow: UnitOfWork) -> None:
    """directory.unit_announced: kept for the administrator, who takes it over or not."""
    if event.organisation == uow.org:
        return
    data = event.data
    announcing.check_speaker(store.directory(uow), event.organisation, data["code"])
    uow.flush(store.ANNOUNCEMENTS)  # of one batch too the last word stands
    uow.all(store.SQL["supersede_announcement"], source=event.organisation, code=data["code"], now=uow.now)
    given = {name: data[name] for name in ("code", "name", "name_en", "reason")}
    uow.rows(store.ANNOUNCEMENTS).put(
        store.Announcement(
            id=event.id, source=event.organisation, heads=list(data["heads"]), at=datetime.fromisoformat(data["at"]),
            by=store.Person.of(data["by"]) if data.get("by") else None, **given,
        )
    )  # fmt: skip


def proposal(known: Roster, row: dict[str, Any] | store.Announcement, day: date) -> Proposal:
    """What taking an announcement over would change here."""
    told = row if isinstance(row, dict) else vars(row)
    heads = [Head.of(head) for head in told["heads"]]
    return announcing.difference(known, told["code"], (told["name"], told["name_en"]), heads, day)


def _open_announcement(uow: UnitOfWork, announcement_id: UUID) -> store.Announcement:
    found = uow.rows(store.ANNOUNCEMENTS).get(announcement_id)
    if found is None:
        raise NotFound("announcement", "没有找到该项通报。", "请刷新页面。")
    if found.superseded_at is not None or found.declined_at is not None:
        raise Conflict("announcement", "该项通报已处理，或已有更新的通报。", "请刷新页面。")
    return found


@logged
def take_over(uow: UnitOfWork, editing: Editing, announcement_id: UUID) -> bool:
    """What another instance told becomes part of this directory. By the administrator alone."""

    def change(known: Roster, day: date) -> Roster:
        found = _open_announcement(uow, announcement_id)
        wanted = proposal(known, found, day)
        return announcing.take(known, found.code, wanted, day, [uuid7() for _ in wanted.missing])

    return _edit(uow, editing, "taken_over", roster.today(uow), change, "administrator")


@logged
def decline(uow: UnitOfWork, editing: Editing, announcement_id: UUID) -> None:
    """What another instance told is not taken over, for a reason. Declined twice, the first word stands."""
    by = store.directory(uow).acting(editing.by, "administrator")
    found = uow.rows(store.ANNOUNCEMENTS).get(announcement_id)
    if found is not None and found.declined_at is not None:
        return
    found = _open_announcement(uow, announcement_id)
    reason = check_reason(editing.reason)
    uow.rows(store.ANNOUNCEMENTS).put(replace(found, declined_at=uow.now, declined_by=by, declined_reason=reason))


HEARS = {"directory.unit_announced": announced}
