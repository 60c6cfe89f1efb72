"""The figures of a county counted once more, from the services' event logs alone, by rules written here.

Nothing of reporting is used: neither its read model nor its definitions. The two must agree.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
SERVICES = ("intake", "routing", "supervision", "followup")
_LOG = "SELECT name, subject, convert_from(draft, 'UTF8') || '}}' FROM {service}.event_log ORDER BY id"
Query = Callable[..., list[tuple[Any, ...]]]


@dataclass
class _Case:
    """What the logs say of one case, as far as it counts."""

    registered: datetime | None = None
    instructed: list[datetime] = field(default_factory=list)
    main: set[str] = field(default_factory=set)  # assignments by which it is handled or led
    replied: list[datetime] = field(default_factory=list)
    closed: datetime | None = None
    limits: dict[str, dict[str, tuple[datetime, datetime | None]]] = field(
        default_factory=dict
    )  # obligation -> deadline -> due, ended


def of_logs(query: Query, first: date, last: date, *, year: int) -> dict[str, int]:
    """The figures of the days from `first` to `last`; `interviews`: person-times held in that year."""
    start, end = _midnight(first), _midnight(last + timedelta(days=1))
    told = [
        (name, case, json.loads(body)["data"]) for service in SERVICES for name, case, body in query(_LOG.format(service=service))
    ]
    cases: dict[str, _Case] = {}
    for name, subject, data in told:
        if name in _READ:
            _READ[name](cases.setdefault(subject, _Case()), data)
    known = list(cases.values())
    due_reply, due_closing = ([case for case in known if _fell(case, what, start, end)] for what in ("reply", "conclude"))
    return {
        "cases": sum(_within([case.registered], start, end) for case in known),
        "instructions": sum(start <= at < end for case in known for at in case.instructed),
        "replied": sum(_within([min(case.replied, default=None)], start, end) for case in known),
        "closed": sum(_within([case.closed], start, end) for case in known),
        "due": len(due_reply), "due_replied": sum(_by(min(case.replied, default=None), end) for case in due_reply),
        "due_closing": len(due_closing), "due_closed": sum(_by(case.closed, end) for case in due_closing),
        "interviews": len({
            (data["responsible"]["official"], data["interview_id"]) for name, _, data in told
            if name == "interview.held" and _at(data["held_at"]).astimezone(CHINA).year == year
        }),
    }  # fmt: skip


def _registered(case: _Case, data: dict[str, Any]) -> None:
    case.registered = _at(data["registered_at"])


def _instructed(case: _Case, data: dict[str, Any]) -> None:
    case.instructed.append(_at(data["instructed_at"]))


def _issued(case: _Case, data: dict[str, Any]) -> None:
    if data["part"] != "joint" and not data.get("parent"):
        case.main.add(data["assignment_id"])


def _replied(case: _Case, data: dict[str, Any]) -> None:
    if data["assignment_id"] in case.main:
        case.replied.append(_at(data["replied_at"]))


def _closed(case: _Case, data: dict[str, Any]) -> None:
    case.closed = _at(data["closed_at"])


def _dissatisfied(case: _Case, data: dict[str, Any]) -> None:
    case.closed = None


def _limit(case: _Case, data: dict[str, Any]) -> None:
    ended = data.get("withdrawn_at")
    case.limits.setdefault(data["obligation"], {})[data["deadline_id"]] = (_at(data["due_at"]), _at(ended) if ended else None)


_READ: dict[str, Callable[[_Case, dict[str, Any]], None]] = {
    "case.registered": _registered, "case.instructed": _instructed, "assignment.issued": _issued, "assignment.replied": _replied,
    "case.closed": _closed, "case.dissatisfied": _dissatisfied, "deadline.set": _limit, "deadline.moved": _limit,
    "deadline.withdrawn": _limit,
}  # fmt: skip


def _fell(case: _Case, obligation: str, start: datetime, end: datetime) -> bool:
    """Whether the first limit that stood until it was over was over within the period. A reply without one is due with the conclusion."""
    for what in (obligation, "conclude"):
        stood = [due for due, ended in case.limits.get(what, {}).values() if ended is None or ended >= due]
        if stood:
            return start < min(stood) <= end
    return False


def _within(found: Iterable[datetime | None], start: datetime, end: datetime) -> bool:
    return any(at is not None and start <= at < end for at in found)


def _by(at: datetime | None, end: datetime) -> bool:
    return at is not None and at <= end


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
