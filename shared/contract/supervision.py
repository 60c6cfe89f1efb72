"""Events of deadlines. Told by supervision."""

from shared.contract import fields
from shared.contract.cases import WITHDRAWALS
from shared.contract.catalogue import event

# Why nothing is owed any longer: why the assignment ended, or what became of the case.
ENDINGS = (*WITHDRAWALS, "approved", "class_changed", "reopened", "satisfied", "decision", "withdrawn")
OBLIGATIONS = ("receive", "progress", "reply", "conclude", "follow_up")

_DEADLINE = {
    "deadline_id": fields.identifier(), "obligation": fields.choice(*OBLIGATIONS), "round": fields.round_number(),
    "due_at": fields.instant(), "responsible": fields.person(required=False), "policy": fields.code(), "rule": fields.code(),
}  # fmt: skip

event(
    "deadline.set", "Something is owed by an instant, under a rule of a policy's version.",
    told_by="supervision", heard_by="routing reporting", fields={**_DEADLINE, "set_at": fields.instant()},
)  # fmt: skip
event(
    "deadline.approaching", "A share of the time has passed and nothing has been done yet.",
    told_by="supervision", heard_by="routing reporting", fields={**_DEADLINE, "percent": fields.count(), "fired_at": fields.instant()},
)  # fmt: skip
event(
    "deadline.missed", "The time is over. `late` says that an outage delayed this event.",
    told_by="supervision", heard_by="routing reporting", fields={**_DEADLINE, "fired_at": fields.instant(), "late": fields.flag()},
)  # fmt: skip
event(
    "deadline.met", "What was owed was done, in time or not.",
    told_by="supervision", heard_by="routing reporting", fields={**_DEADLINE, "met_at": fields.instant(), "in_time": fields.flag()},
)  # fmt: skip
event(
    "deadline.withdrawn", "What was owed is no longer owed: the case ended in another way.",
    told_by="supervision", heard_by="routing reporting", fields={**_DEADLINE, "withdrawn_at": fields.instant(), "reason": fields.code(*ENDINGS)},
)  # fmt: skip
