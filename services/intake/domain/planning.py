"""What may be done to the reception calendar, and what whoever plans it is told before saving. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from services.intake.domain.reception import HORIZON, Act, Change, Key, Plan, Reason, Rule, RuleKind, Session, sessions
from services.intake.domain.submission import CHINA
from shared.contract.person import Person
from shared.errors import Conflict, NotFound, Refused

SHORTEST_SLOT, LONGEST_SLOT = 5, 120  # minutes
END = "end"  # the one order that is neither a rule's kind nor a change's act
FURTHEST = timedelta(days=730)  # how far ahead a rule may begin, or a session be moved


class Doubt(StrEnum):
    """What is odd about a session. Whoever plans is told, and decides."""

    OFF_DAY = "off_day"
    ROOM_TAKEN = "room_taken"
    OFFICIAL_TWICE = "official_twice"
    NOT_IN_POST = "not_in_post"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A session as it was and as it would be; None where there is none."""

    before: Session | None
    after: Session | None


@dataclass(frozen=True, kw_only=True)
class Order:
    """What whoever plans asks for: a rule's kind, END, or an act; `id` is the form's own, so that the same form counts once."""

    kind: str
    id: UUID
    values: dict[str, Any]


def rule_order(
    kind: RuleKind, officials: Sequence[str], weekdays: Sequence[int], starts: time, ends: time, *, id: UUID, room: str,
    from_on: date, weeks: Sequence[int] = (), until_on: date | None = None, slot_minutes: int = 15,
) -> Order:  # fmt: skip
    """An order for a rule, out of plain values."""
    return Order(
        kind=kind.value, id=id,
        values={
            "officials": tuple(officials), "weekdays": tuple(sorted(set(weekdays))), "weeks": tuple(sorted(set(weeks))),
            "starts": starts, "ends": ends, "room": room, "from_on": from_on, "until_on": until_on, "slot_minutes": slot_minutes,
        },
    )  # fmt: skip


def apply(plan: Plan, order: Order, *, by: Person, now: datetime) -> Plan:
    """The plan after an order. Raises Refused, NotFound, Conflict."""
    if order.kind == END:
        return end_rule(plan, order.values["rule"], order.values["last_on"], by=by, now=now)
    if order.kind in set(RuleKind):
        return add_rule(plan, Rule(id=order.id, kind=RuleKind(order.kind), made_by=by, made_at=now, **order.values), now)
    return add_change(plan, Change(id=order.id, number=0, act=Act(order.kind), made_by=by, made_at=now, **order.values), now)


def day_of(now: datetime) -> date:
    """The day in China."""
    return now.astimezone(CHINA).date()


def add_rule(plan: Plan, rule: Rule, now: datetime) -> Plan:
    """The plan with one more rule; the same rule again changes nothing. Raises Refused."""
    if rule.id in plan.by_id:
        return plan
    today = day_of(now)
    _check_officials(rule)
    if not rule.weekdays or not set(rule.weekdays) <= set(range(1, 8)):
        raise Refused("weekdays", "至少选择一个星期几。", "请选择接访的星期几。")
    if not set(rule.weeks) <= {1, 2, 3, 4, -1}:
        raise Refused("weeks", "每月的第几个只能是第一至第四个或最后一个。", "请重新选择；不选就是每周。")
    if not SHORTEST_SLOT <= rule.slot_minutes <= LONGEST_SLOT:
        raise Refused("slot_minutes", "每位的时间须为 5 至 120 分钟。", "请改为范围内的分钟数。")
    if datetime.combine(today, rule.starts) + timedelta(minutes=rule.slot_minutes) > datetime.combine(today, rule.ends):
        raise Refused("ends", "结束时间须晚于开始时间，并容得下至少一位来访人。", "请核对开始、结束时间和每位的时间。")
    if not today <= rule.from_on <= today + FURTHEST:
        raise Refused("from_on", "开始日期不得早于今天，也不得晚于两年后。", "请改为今天或以后的日期。")
    if rule.until_on and rule.until_on < rule.from_on:
        raise Refused("until_on", "截止日期不得早于开始日期。", "请改正截止日期，或不填。")
    return replace(plan, rules=(*plan.rules, rule))


def _check_officials(rule: Rule) -> None:
    if rule.kind is RuleKind.FIXED and len(rule.officials) != 1:
        raise Refused("officials_in_turn", "定期接访须选定一位领导。", "请只选一位；多人轮流的请用“轮班接访”。")
    if rule.kind is RuleKind.ROTA and (len(rule.officials) < 2 or len(set(rule.officials)) < len(rule.officials)):
        raise Refused("officials_in_turn", "轮班接访须有两位以上领导，同一人只排一次。", "请按轮班次序选出每位领导。")


def end_rule(plan: Plan, rule_id: UUID, last_on: date, *, by: Person, now: datetime) -> Plan:
    """The rule's last day; the same again changes nothing. Sessions after it that were public are cancelled, and stay seen as such.

    Raises Refused, NotFound.
    """
    rule = plan.by_id.get(rule_id)
    if rule is None:
        raise NotFound("rule", "没有这条接访安排。", "请刷新页面后重新选择。")
    if last_on == rule.until_on:
        return plan
    today = day_of(now)
    if last_on < today or (rule.until_on and last_on > rule.until_on):
        raise Refused("last_on", "最后一天不得早于今天，也不得晚于原定的截止日期。", "请改正日期。")
    gone = [
        session for session in sessions(plan, today, today + HORIZON)
        if session.key.rule == rule_id and session.key.planned_on > last_on and session.cancelled is None
    ]  # fmt: skip
    ended = replace(plan, rules=tuple(replace(one, until_on=last_on) if one.id == rule_id else one for one in plan.rules))
    for session in gone:
        change = Change(
            id=uuid5(session.id, f"{Reason.ENDED} {plan.revision}"), number=0, act=Act.CANCEL, rule=rule_id,
            planned_on=session.key.planned_on, reason=Reason.ENDED, made_by=by, made_at=now,
        )  # fmt: skip
        ended = _append(ended, change)
    return ended


def add_change(plan: Plan, change: Change, now: datetime) -> Plan:
    """The plan with one more change, which gets its number here; the same change again changes nothing. Raises Refused, NotFound."""
    if any(known.id == change.id for known in plan.changes):
        return plan
    named = [upcoming(plan, key, now) for key in change.keys]
    if change.act in (Act.CLOSE_DAY, Act.OPEN_DAY):
        _check_day(plan, change, day_of(now))
    elif change.act is Act.SWAP:
        _check_swap(named)
    elif change.act is Act.MOVE:
        _check_move(named[0], change, now)
    elif change.act is Act.CANCEL and named[0].cancelled:
        raise Conflict("session", "这一场已经取消。", "请刷新页面，查看最新安排。")
    elif change.act is Act.RESTORE and not named[0].cancelled and named[0].held_on == named[0].key.planned_on:
        raise Conflict("session", "这一场没有取消，也没有改期。", "请刷新页面，查看最新安排。")
    return _append(plan, change)


def _append(plan: Plan, change: Change) -> Plan:
    number = plan.changes[-1].number + 1 if plan.changes else 1
    return replace(plan, changes=(*plan.changes, replace(change, number=number)))


def upcoming(plan: Plan, key: Key, now: datetime) -> Session:
    """A session of the plan that has not begun. Raises NotFound, Conflict."""
    session = session_of(plan, key)
    if session is None:
        raise NotFound("session", "没有这一场接访。", "请刷新页面后重新选择。")
    if session.begins_at <= now:
        raise Conflict("session", "这一场已经开始或已经过去，不能再改。", "请选择以后的场次。")
    return session


def session_of(plan: Plan, key: Key) -> Session | None:
    """The session of this name as it stands now, on whatever day."""
    rule = plan.by_id.get(key.rule)
    planned = rule is not None and key in {found for found, _ in rule.keys(key.planned_on, key.planned_on)}
    if not planned and key not in plan.by_key:
        return None
    moved = [change.to_on for change in plan.by_key.get(key, []) if change.to_on]
    days = [key.planned_on, *moved]
    return next((session for session in sessions(plan, min(days), max(days)) if session.key == key), None)


def _check_day(plan: Plan, change: Change, today: date) -> None:
    if change.to_on is None or not today <= change.to_on <= today + FURTHEST:
        raise Refused("to_on", "日期不得早于今天，也不得晚于两年后。", "请改正日期。")
    closed = plan.closed(change.to_on)
    if change.act is Act.CLOSE_DAY and closed is not None:
        raise Conflict("to_on", "这一天已经停止接访。", "请刷新页面，查看最新安排。")
    if change.act is Act.OPEN_DAY and closed is None:
        raise Conflict("to_on", "这一天没有停止接访。", "请刷新页面，查看最新安排。")


def _check_swap(named: list[Session]) -> None:
    if len(named) != 2 or named[0].key == named[1].key:
        raise Refused("other_session", "调班须选两场不同的接访。", "请另选一场。")
    if any(session.cancelled for session in named):
        raise Conflict("session", "已取消的场次不能调班。", "请先恢复这一场，或另选一场。")
    if named[0].official == named[1].official:
        raise Refused("other_session", "两场都由同一位领导接访，无须调班。", "请另选一场。")


def _check_move(session: Session, change: Change, now: datetime) -> None:
    if change.to_on is None or change.starts is None or not change.room:
        raise Refused("to_on", "改期须写明日期、开始时间和地点。", "请补全后再保存。")
    begins = datetime.combine(change.to_on, change.starts, CHINA)
    if begins <= now or change.to_on > day_of(now) + FURTHEST:
        raise Refused("to_on", "新的时间须在现在以后、两年以内。", "请改正日期和时间。")
    if (begins + (session.ends_at - session.begins_at)).date() != change.to_on:
        raise Refused("starts", "改期后的接访须在当天结束。", "请把开始时间提前。")
    if not session.cancelled and (session.begins_at, session.room) == (begins, change.room):
        raise Conflict("to_on", "这一场已经在这个时间和地点。", "请刷新页面，查看最新安排。")


def differences(before: Plan, after: Plan, first: date, last: date) -> list[Difference]:
    """The sessions that differ between two plans, in the order of time. A session moved across an end shows from its one side."""
    old, new = ({session.key: session for session in sessions(plan, first, last)} for plan in (before, after))
    found = [Difference(before=old.get(key), after=new.get(key)) for key in old.keys() | new.keys()]
    return sorted(
        (one for one in found if one.before != one.after),
        key=lambda one: min(session.begins_at for session in (one.before, one.after) if session),
    )


def doubts(held: Collection[Session], in_post: Collection[str]) -> dict[Key, list[Doubt]]:
    """What is odd about sessions that are to take place: no working day, a room or an official that is taken, somebody not in post."""
    found: dict[Key, list[Doubt]] = {}
    standing = [session for session in held if session.cancelled is None]
    for session in standing:
        beside = [
            other for other in standing
            if other.key != session.key and other.begins_at < session.ends_at and session.begins_at < other.ends_at
        ]  # fmt: skip
        said = {
            Doubt.OFF_DAY: session.off_day, Doubt.ROOM_TAKEN: any(other.room == session.room for other in beside),
            Doubt.OFFICIAL_TWICE: any(other.official == session.official for other in beside),
            Doubt.NOT_IN_POST: session.official not in in_post,
        }  # fmt: skip
        if any(said.values()):
            found[session.key] = [doubt for doubt, holds in said.items() if holds]
    return found
