"""What `zhida doctor` looks at for supervision: the policy, and how far the working calendar reaches; and how late deadlines are told."""

from __future__ import annotations

from typing import Any

from services.supervision.domain.calendar import Alarm
from services.supervision.handlers.calendar import coverage
from services.supervision.policy_file import read_policy
from services.supervision.store import SQL
from shared.config import Settings
from shared.operation import Check, NotLooked, reading
from shared.operation.checks import agree


def policy(settings: Settings) -> str:
    """The policy that ZHIDA_POLICY names can be used, and is the one in force."""
    named = read_policy(settings.policy)
    with reading(settings, "supervision") as uow:
        found = uow.one(SQL["policy_in_force"])
    if found is None:
        return f"{named.id}; none is in force yet, a worker's start adopts it"
    return agree([f"{found['id']} is in force, ZHIDA_POLICY names {named.id}"] if found["id"] != named.id else [], named.id)


def calendar(settings: Settings) -> str:
    """The working calendar does not end soon, where limits count working days."""
    with reading(settings, "supervision") as uow:
        if uow.one(SQL["policy_in_force"]) is None:
            raise NotLooked("no policy is in force yet")
        left, alarm = coverage(uow)
    near = alarm in (Alarm.URGENT, Alarm.OVER)
    return agree([f"it ends in {left} days"] if near else [], f"{left} days left{', enter the next year soon' if alarm else ''}")


def deadlines(settings: Settings) -> list[dict[str, Any]]:
    """For how long a deadline has been due that nobody was told of, and how many cases owe anything; for `zhida status`."""
    with reading(settings, "supervision") as uow:
        owed = uow.all(SQL["owed_by_unit"], now=uow.now)
        unfired = uow.all(SQL["unfired"], now=uow.now)[0]["age"]
    cases = next(row["cases"] for row in owed if row["unit"] is None)
    overdue = sum(row["overdue"] for row in owed if row["unit"] is not None)
    return [{"due and untold for (s)": round(float(unfired)), "cases that owe": cases, "limits overdue": overdue}]


CHECKS = (
    Check(
        "supervision: policy",
        policy,
        "`zhida supervision policy check FILE` says what is wrong; `policy adopt` puts it in force, as a worker's start does.",
    ),
    Check(
        "supervision: working calendar",
        calendar,
        "Enter the next year's holidays on the page 工作日历; docs/runbooks/ZhidaCalendarEnds.md.",
    ),
)
