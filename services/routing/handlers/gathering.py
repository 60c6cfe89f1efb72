"""Alerts on their way: joined into messages, told again when nobody reads them, then raised to who stands above; the day's digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5

from services.routing import store
from services.routing.domain import Directory, alerts
from services.routing.domain.alert_message import AlertMessage
from services.routing.domain.alerts import KINDS, Alert, Contact
from services.routing.workflow import AlertMessageStage
from shared.contract.envelope import uuid7
from shared.contract.person import Person
from shared.database import UnitOfWork

CHASED = sorted(kind for kind, one in KINDS.items() if one.chased)


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How this county tells its officials. `carried`: by which media it can; `may_switch_off`: media, and the digest."""

    together: timedelta = timedelta(minutes=3)
    unread: timedelta = timedelta(hours=24)
    daily_at: time = time(8, 0)
    may_switch_off: frozenset[str] = frozenset({"mail", "webhook", "digest"})
    carried: frozenset[str] = frozenset()


def work(uow: UnitOfWork, habits: Habits) -> dict[str, bool]:
    """What there is to do: gather, send, chase, daily. One look, for it is asked every few seconds."""
    now = uow.now
    day = _day(alerts.last_daily(now, habits.daily_at))
    found = uow.one(store.SQL["alert_work"], now=now, unread=now - habits.unread, chased=CHASED, day=day)
    return dict(found or {})


def contact_of(uow: UnitOfWork, official: str) -> Contact:
    """Under what he is told; nothing is known of one of whom nothing was recorded."""
    return uow.rows(store.CONTACTS).get(official) or Contact(official=official)


def read(uow: UnitOfWork, alert_id: UUID) -> None:
    """He has opened the page that it is about; the first time counts."""
    found = uow.rows(store.ALERTS).get(alert_id)
    if found is not None and found.read_at is None:
        uow.rows(store.ALERTS).put(alerts.read(found, uow.now))


def read_supervised(uow: UnitOfWork, official: str) -> None:
    """He has opened the page on which everything stands that supervision sent him."""
    uow.later(store.SQL["read_alerts_of_kinds"], [(official, uow.now.isoformat())], kinds=sorted(alerts.SUPERVISED))


def gather_next(uow: UnitOfWork, habits: Habits) -> bool:
    """Join what one official is to be told into a message for each medium. False when nobody's time has come."""
    due = uow.one(store.SQL["alert_pending"], now=uow.now, since=uow.now - habits.together)
    if due is None:
        return False
    rows = uow.rows(store.ALERTS)
    free = [row["id"] for row in uow.all(store.SQL["alert_gathering"], official=due["official"])]
    rows.load(free)
    pending = _kept(uow, [one for key in free if (one := rows.get(key)) is not None])
    contact = contact_of(uow, due["official"])
    now_, later = alerts.gather(pending, contact, uow.now, hour=habits.daily_at, may_switch_off=habits.may_switch_off)
    for one in (*now_, *later):
        rows.put(one)
    send(uow, habits, contact, now_)
    return True


def _kept(uow: UnitOfWork, pending: list[Alert]) -> list[Alert]:
    """Those that are still his to know; the others are over."""
    shut = {row["id"] for row in uow.all(store.SQL["alert_shut"], ids=[str(one.id) for one in pending])}
    for one in pending:
        if one.id in shut:
            uow.rows(store.ALERTS).put(alerts.over(one, uow.now))
    return [one for one in pending if one.id not in shut]


def send(uow: UnitOfWork, habits: Habits, contact: Contact, told: list[Alert]) -> None:
    """Put what he is told on its way, by each medium that serves him."""
    for medium in alerts.media(contact, carried=habits.carried, may_switch_off=habits.may_switch_off) if told else ():
        uow.rows(store.ALERT_MESSAGES).put(
            AlertMessage(
                id=uuid7(), official=contact.official, medium=medium, alerts=tuple(str(one.id) for one in told), made_at=uow.now,
                stage=AlertMessageStage.WAITING, attempts=0, next_attempt_at=uow.now,
            )
        )  # fmt: skip


def chase_next(uow: UnitOfWork, habits: Habits) -> bool:
    """Tell one official again of what he did not read in time; the next time, who stands above. False when nobody is late."""
    found = uow.one(store.SQL["alert_chased"], unread=uow.now - habits.unread, chased=CHASED)
    if found is None:
        return False
    rows = uow.rows(store.ALERTS)
    late = rows.get(found["id"])
    if late is None or not _kept(uow, [late]):
        return True
    if late.again_at is None:
        rows.put(alerts.again(late, uow.now))
        send(uow, habits, contact_of(uow, late.official), [late])
        return True
    changed, told = alerts.raised(late, _above(uow, late), now=uow.now)
    rows.put(changed)
    if told is not None:
        rows.put(told)
    return True


def _above(uow: UnitOfWork, late: Alert) -> Person | None:
    people = alerts.above(store.directory(uow), late.official)
    told = uow.all(store.SQL["may_be_told"], officials=[one.official for one in people], case=late.case_id)
    may = {row["who"] for row in told}
    return next((one for one in people if one.official in may), None)


# -- the day's digest -------------------------------------------------------------------------------------------------
def _day(hour: datetime) -> date:
    return hour.astimezone(alerts.CHINA).date()


def make_daily(uow: UnitOfWork, habits: Habits) -> bool:
    """Tell who decides how much waits for him, once a day. False when this day's digest has been made."""
    hour = alerts.last_daily(uow.now, habits.daily_at)
    day = _day(hour)
    if uow.one(store.SQL["begin_alert_day"], day=day) is None:
        return False
    if uow.now - hour > alerts.LATE:
        return True
    uow.all(store.SQL["overtake_digests"], now=uow.now)
    directory = store.directory(uow)
    readers = {row["official"] for row in uow.all(store.SQL["deputies_now"], now=uow.now)}
    for official, reads in _deciders(directory, readers).items():
        found = uow.one(store.SQL["waiting_for"], me=official, own=uow.org) or {}
        hidden = set() if reads else {"reviews", "extensions"}
        figures = {name: count for name, count in found.items() if count and name not in hidden}
        if figures:
            cause = uuid5(UUID(int=0), f"{uow.org} {official} {day}")
            uow.rows(store.ALERTS).put(
                Alert(
                    id=cause, official=official, cause=cause, kind="waiting", case_id=None, about=None, at=uow.now, figures=figures,
                    wait_until=uow.now,
                )
            )  # fmt: skip
    return True


def _deciders(directory: Directory, deputies: set[str]) -> dict[str, bool]:
    """Who decides on what comes back here, and whether he reads and instructs too."""
    found = {}
    for official in directory.officials.values():
        head = official.in_post(frozenset({"first_in_command"}), directory.own)
        office = official.in_post(frozenset({"office"}))
        here = office is not None and not directory.works_elsewhere(office.organisation)
        reads = head is not None or official.official in deputies
        if official.active and (reads or here):
            found[official.official] = reads
    return found
