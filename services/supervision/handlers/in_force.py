"""Which policy a case is held to: the version it began under, or for a new case the version in force."""

from __future__ import annotations

import json
from weakref import WeakKeyDictionary

from services.supervision.policy import Policy
from services.supervision.policy_file import BadPolicy, Fault, policy_from, read_policy
from services.supervision.store import SQL
from services.supervision.working_calendar import WorkingCalendar
from shared.database import UnitOfWork

DEFAULT = "yongxing"
# A version never changes, so it is read once in a process's life; what is in force, once in a unit of work.
_versions: dict[str, Policy] = {}
_in_force: WeakKeyDictionary[UnitOfWork, Policy] = WeakKeyDictionary()
_calendars: WeakKeyDictionary[UnitOfWork, WorkingCalendar] = WeakKeyDictionary()


def adopt_policy(uow: UnitOfWork, given: str = DEFAULT) -> Policy:
    """Put the shipped policy of that name, or a file, in force for new cases. Harmless to repeat.

    Raises BadPolicy with every fault, also when that version is known here with another content: nothing was
    changed.
    """
    policy = read_policy(given)
    uow.all(SQL["lock_policies"])
    uow.all(
        SQL["record_policy"],
        id=policy.id,
        document=json.dumps(policy.document, ensure_ascii=False),
        now=uow.now,
    )
    known = uow.one(SQL["policy_of_id"], id=policy.id)
    if known is None or known["document"] != policy.document:
        raise BadPolicy(given, [Fault("version", f"{policy.id} 已以其他内容施行过，请把 version 加一。")])
    uow.all(SQL["put_in_force"], id=policy.id, now=uow.now)
    _in_force[uow] = policy
    return policy


def policy_in_force(uow: UnitOfWork) -> Policy:
    """The version for new cases; where none was ever adopted, the county's own becomes it."""
    if uow not in _in_force:
        found = uow.one(SQL["policy_in_force"])
        _in_force[uow] = policy_from(found["document"], found["id"]) if found else adopt_policy(uow)
    return _in_force[uow]


def policy_of(uow: UnitOfWork, policy_id: str | None) -> Policy:
    """That version, or the one in force."""
    if policy_id is None:
        return policy_in_force(uow)
    if policy_id not in _versions:
        found = uow.one(SQL["policy_of_id"], id=policy_id)
        if found is None:
            raise LookupError(f"policy {policy_id} is not recorded")
        _versions[policy_id] = policy_from(found["document"], policy_id)
    return _versions[policy_id]


def calendar_of(uow: UnitOfWork) -> WorkingCalendar:
    """The working calendar as the table has it."""
    if uow not in _calendars:
        coverage = uow.one(SQL["coverage"]) or {}
        rows = uow.all(SQL["calendar"])
        _calendars[uow] = WorkingCalendar(
            first=coverage["first"], last=coverage["last"], days={row["day"]: row["working"] for row in rows},
            names={row["day"]: row["name"] for row in rows},
        )  # fmt: skip
    return _calendars[uow]


def calendar_changed(uow: UnitOfWork) -> None:
    """Read the table again when the calendar is next asked for in this unit of work."""
    _calendars.pop(uow, None)
