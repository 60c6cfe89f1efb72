"""Deadlines as events tell them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.supervision.domain import Deadline
from shared.contract.envelope import instant
from shared.contract.person import Person


def deadline_data(deadline: Deadline, extra: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a `deadline.*` event; `extra` is what that event's schema asks for beside the deadline."""
    return {
        "deadline_id": str(deadline.id), "obligation": str(deadline.obligation), "round": deadline.round,
        "due_at": instant(deadline.due_at),
        "responsible": deadline.responsible and deadline.responsible.as_data(),
        "policy": deadline.policy, "rule": deadline.rule,
        "assignment_id": str(deadline.assignment_id) if deadline.assignment_id else None, "limited_by": deadline.limited_by,
        **{name: _plain(value) for name, value in extra.items()},
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, Person):
        return value.as_data()
    return instant(value) if isinstance(value, datetime) else value
