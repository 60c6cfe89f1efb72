"""Events of deadlines. Told by supervision."""

from typing import Any

from marshmallow import fields as f

from shared.contract import fields
from shared.contract.cases import WITHDRAWALS
from shared.contract.catalogue import event

# Why nothing is owed any longer: why the assignment ended, or what became of the case.
ENDINGS = (
    *WITHDRAWALS, "approved", "class_changed", "reopened", "satisfied", "decision", "withdrawn", "lapsed", "replied", "moved",
)  # fmt: skip
OBLIGATIONS = ("receive", "objection", "progress", "reply", "conclude", "follow_up")

_DEADLINE: dict[str, f.Field[Any]] = {
    "deadline_id": fields.identifier(), "obligation": fields.choice(*OBLIGATIONS), "round": fields.round_number(),
    "due_at": fields.instant(), "responsible": fields.person(required=False), "policy": fields.code(), "rule": fields.code(),
    "assignment_id": fields.identifier(required=False), "limited_by": fields.code("instruction", required=False),
}  # fmt: skip


def _deadline(verb: str, meaning: str, **more: f.Field[Any]) -> None:
    event(f"deadline.{verb}", meaning, told_by="supervision", heard_by="routing reporting", fields=_DEADLINE | more)


_deadline("set", "Something is owed by an instant, under a rule of a policy's version.", set_at=fields.instant())
_deadline("approaching", "A share of the time has passed and nothing has been done yet.",
          percent=fields.count(), fired_at=fields.instant())  # fmt: skip
_deadline("missed", "The time is over. `late` says that an outage delayed this event.",
          fired_at=fields.instant(), late=fields.flag())  # fmt: skip
_deadline("met", "What was owed was done, in time or not.", met_at=fields.instant(), in_time=fields.flag())
_deadline("paused", "The clock stands still, because somebody with authority stopped it.", paused_at=fields.instant())
_deadline("moved", "What is owed is owed by another instant, because somebody with authority gave time or let the clock go on.",
          was_due_at=fields.instant(), cause=fields.code("extended", "resumed"), moved_at=fields.instant())  # fmt: skip
_deadline("withdrawn", "What was owed is no longer owed: the case ended in another way.",
          withdrawn_at=fields.instant(), reason=fields.code(*ENDINGS))  # fmt: skip
