"""What officials are told beside what stands on their pages (提醒): never what a case is about, and its number where they may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from services.routing.domain.directory import Directory
from shared.contract.person import Person

CHINA = ZoneInfo("Asia/Shanghai")
MAIL, WEBHOOK = "mail", "webhook"
MEDIA = (MAIL, WEBHOOK)
APPROACHING_FROM = 75  # per cent of the time; before that a page says it well enough
LATE = timedelta(hours=6)  # a day's digest that an outage delayed by more is not made: the next one says it all
OWED = frozenset({"receive", "progress", "reply", "conclude", "review"})  # of whom nobody is told that he may still object


class Kind(NamedTuple):
    """What is told, in both languages. `chased`: somebody waits for it, so it is told again, and then to who stands above.

    `daily` joins the day's digest instead of being told within minutes.
    """

    zh: str
    en: str
    chased: bool = False
    daily: bool = False


KINDS: dict[str, Kind] = {
    "issued": Kind("有一件新的交办", "A case has been assigned to you", chased=True),
    "handed_over": Kind("有一件交办移交给您", "An assignment has been handed over to you", chased=True),
    "passed_on": Kind("您的一件交办已移交他人", "An assignment of yours has been handed over to somebody else"),
    "withdrawn": Kind("一件交办已撤回", "An assignment has been withdrawn"),
    "returned": Kind("一份回复被退回重办", "A reply has been returned; another one is owed", chased=True),
    "approved": Kind("一份回复已审核通过", "A reply has been approved"),
    "objection_decided": Kind("一项异议已有决定", "An objection has been decided", chased=True),
    "extended": Kind("一件交办准予延期", "The limit of an assignment has been extended"),
    "extension_refused": Kind("一项延期申请未获准", "More time was not given", chased=True),
    "approaching": Kind("一件交办的期限临近", "A limit is approaching"),
    "missed": Kind("一件交办已超过期限", "A limit has been missed", chased=True),
    "reminded": Kind("收到一次催办", "A reminder has been sent to you", chased=True),
    "noticed": Kind("收到一份督办单", "A supervision notice has been sent to you", chased=True),
    "interview_called": Kind("收到约谈通知", "You are called to an interview", chased=True),
    "interview_appointed": Kind("约谈的时间和地点已定", "Time and place of an interview are set", chased=True),
    "interview_cancelled": Kind("一次约谈已取消", "An interview has been called off"),
    "circular": Kind("一件交办将列入通报", "An assignment goes into the circular"),
    "charge_proposed": Kind("有一件包案建议等待决定", "It is proposed that a leader takes charge of a case", daily=True),
    "charge_taken": Kind("有一件由您包案", "You are in charge of a case until it is over", chased=True),
    "review_assigned": Kind("有一件复查或复核交您办理", "A review has been assigned to you", chased=True),
    "review_approaching": Kind("一件复查或复核的期限临近", "The limit of a review is approaching"),
    "review_missed": Kind("一件复查或复核已超过期限", "The limit of a review has been missed", chased=True),
    "waiting": Kind("今天等待您办理的事项", "Waiting for you today", daily=True),
    "unread": Kind("有一条提醒逾时未读，请您督促", "An alert of somebody below you is still unread"),
}
SUPERVISED = frozenset({"reminded", "noticed", "interview_called", "interview_appointed", "interview_cancelled", "circular"})
# What nobody needs to be told of any more once the assignment is taken back or handed over.
OF_REVIEW = frozenset({"review_assigned", "review_approaching", "review_missed"})
OF_ASSIGNMENT = frozenset(KINDS) - OF_REVIEW - {"charge_proposed", "charge_taken", "waiting", "unread"}
WAITING: dict[str, tuple[str, str]] = {
    "reviews": ("批阅", "to read"), "replies": ("审核回复", "replies to decide on"), "objections": ("决定异议", "objections"),
    "extensions": ("决定延期", "requests for more time"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Alert:
    """That one official is told of one event (`cause`), once. `about` is what it is about: an assignment, a charge, a review."""

    id: UUID
    official: str
    cause: UUID
    kind: str
    case_id: UUID | None
    about: UUID | None
    at: datetime
    figures: dict[str, int] = field(default_factory=dict)
    wait_until: datetime | None = None
    gathered_at: datetime | None = None  # it went into a message, or there is no way to send him one
    read_at: datetime | None = None
    over_at: datetime | None = None  # overtaken, or not his to know any more
    again_at: datetime | None = None
    raised_at: datetime | None = None
    raised_to: Person | None = None


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Under what an official is told, and what he wants to be told how. `*_failed` says why an address is no good any more."""

    official: str
    mail: str = ""
    webhook: str = ""
    mail_on: bool = True
    webhook_on: bool = True
    digest: bool = False
    mail_failed: str = ""
    webhook_failed: str = ""

    def addresses(self) -> dict[str, str]:
        """What of it the directory records."""
        return {MAIL: self.mail, WEBHOOK: self.webhook}

    def with_addresses(self, *, mail: str, webhook: str) -> Contact:
        """The same with other addresses; what failed of an old one is no fault of a new one."""
        return replace(
            self, mail=mail, webhook=webhook, mail_failed=self.mail_failed if mail == self.mail else "",
            webhook_failed=self.webhook_failed if webhook == self.webhook else "",
        )  # fmt: skip

    def failed(self, medium: str, failure: str) -> Contact:
        """The same after its address was refused for good."""
        return replace(self, mail_failed=failure) if medium == MAIL else replace(self, webhook_failed=failure)


def media(contact: Contact, *, carried: frozenset[str], may_switch_off: frozenset[str]) -> list[str]:
    """By what he is told: where the site carries it, he has an address that works, and he did not switch off what may be."""
    wanted = {MAIL: contact.mail_on, WEBHOOK: contact.webhook_on}
    fit = {MAIL: contact.mail and not contact.mail_failed, WEBHOOK: contact.webhook and not contact.webhook_failed}
    return [one for one in MEDIA if one in carried and fit[one] and (wanted[one] or one not in may_switch_off)]


def next_daily(now: datetime, hour: time) -> datetime:
    """The next time that the clock in Beijing shows this."""
    today = now.astimezone(CHINA).replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


def last_daily(now: datetime, hour: time) -> datetime:
    """When the clock in Beijing showed this last."""
    return next_daily(now, hour) - timedelta(days=1)


def gather(
    pending: list[Alert], contact: Contact, now: datetime, *, hour: time, may_switch_off: frozenset[str]
) -> tuple[list[Alert], list[Alert]]:  # fmt: skip
    """(what goes into a message now, what waits for the day's digest) of what nobody has been sent yet.

    What is due takes along what came within the same minutes. Who wants one digest a day gets one, but for what is chased.
    """
    digest = contact.digest and "digest" in may_switch_off
    daily = {one.id for one in pending if KINDS[one.kind].daily or (digest and not KINDS[one.kind].chased)}
    waits = [replace(one, wait_until=next_daily(now, hour)) for one in pending if one.id in daily and one.wait_until is None]
    later = {one.id for one in waits} | {one.id for one in pending if one.wait_until is not None and one.wait_until > now}
    return [replace(one, gathered_at=now) for one in pending if one.id not in later], waits


def over(alert: Alert, now: datetime) -> Alert:
    """Overtaken, or not his to know any more."""
    return replace(alert, over_at=now)


def read(alert: Alert, now: datetime) -> Alert:
    """He has opened it."""
    return replace(alert, read_at=now)


def again(alert: Alert, now: datetime) -> Alert:
    """Told once more: it was not read."""
    return replace(alert, again_at=now)


def raised(alert: Alert, to: Person | None, *, now: datetime) -> tuple[Alert, Alert | None]:
    """Still not read: who stands above is told, by name. With nobody above it is recorded that there was nobody."""
    changed, key = replace(alert, raised_at=now, raised_to=to), uuid5(alert.id, "raised")
    if to is None:
        return changed, None
    told = Alert(id=key, official=to.official, cause=key, kind="unread", case_id=alert.case_id, about=alert.id, at=now)
    return changed, told


def above(directory: Directory, official: str) -> list[Person]:
    """Who stands one level up, the nearest first: the head of his unit, then the office, then the first-in-command here."""
    known = directory.officials.get(official)
    units = [post.organisation for post in known.posts if post.organisation != directory.own] if known else []
    found = [
        person for roles, codes in (({"unit_head"}, units), ({"office"}, None), ({"first_in_command"}, [directory.own]))
        for other in directory.officials.values() if other.active and other.official != official
        for code in (codes if codes is not None else [None])
        if (person := other.in_post(frozenset(roles), code)) is not None and not directory.works_elsewhere(person.organisation)
    ]  # fmt: skip
    return list({person.official: person for person in found}.values())


def words(kind: str, number: str, figures: Mapping[str, int]) -> tuple[str, str]:
    """One line of a message, in Chinese and English."""
    zh, en = KINDS[kind].zh, KINDS[kind].en
    if kind == "waiting":
        said = [(WAITING[name], figures[name]) for name in WAITING if figures.get(name)]
        zh += "：" + "，".join(f"{name[0]} {count} 件" for name, count in said)
        en += ": " + ", ".join(f"{count} {name[1]}" for name, count in said)
    return (f"{zh}，编号 {number}", f"{en}, number {number}") if number else (zh, en)
