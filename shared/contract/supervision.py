"""Events of deadlines, charges, scores. Told by supervision."""

from typing import Any

from marshmallow import fields as f

from shared.contract import fields
from shared.contract.cases import PAUSES, WITHDRAWALS
from shared.contract.catalogue import event

# Why nothing is owed any longer: why the assignment ended, or what became of the case.
ENDINGS = (
    *WITHDRAWALS, "approved", "class_changed", "reopened", "satisfied", "decision", "withdrawn", "lapsed", "replied", "moved",
)  # fmt: skip
OBLIGATIONS = ("receive", "objection", "progress", "reply", "conclude", "follow_up", "review")

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
_GIVEN_BY: dict[str, f.Field[Any]] = {"by": fields.person(required=False), "category": fields.code(*PAUSES, required=False)}
_deadline(
    "paused", "The clock stands still, because somebody with authority stopped it.", paused_at=fields.instant(), **_GIVEN_BY
)
_deadline(
    "moved",
    "What is owed is owed by another instant: somebody with authority gave time, let the clock go on, or had it counted anew after the"
    " working calendar had changed; or a hearing was held, whose days do not count (art. 36).",
    was_due_at=fields.instant(), cause=fields.code("extended", "resumed", "recounted", "hearing"), moved_at=fields.instant(),
    reason=fields.text(required=False), **_GIVEN_BY,
)  # fmt: skip
_deadline("withdrawn", "What was owed is no longer owed: the case ended in another way.",
          withdrawn_at=fields.instant(), reason=fields.code(*ENDINGS))  # fmt: skip

# -- charge: who takes a case on until it is over, and what he does for it -------------------------------------------
GROUNDS = ("overdue", "backlog", "difficult", "key", "rounds")
CHARGE_ENDINGS = ("settled", "decision", "withdrawn", "handed_over", "conflict")
DUTIES = ("situation", "resolution", "ending", "support", "reception")
EVIDENCE = ("visit", "reception", "call", "site", "meeting", "help", "document")
LEVELS = ("city", "province", "nation")
_CHARGE: dict[str, f.Field[Any]] = {"charge_id": fields.identifier(), "leader": fields.person()}

event(
    "charge.proposed", "A case should be carried by a leader until it is over; the first-in-command decides, or a leader takes it.",
    told_by="supervision followup", heard_by="routing supervision reporting", local=True,
    fields={"reason": fields.code(*GROUNDS), "words": fields.text(required=False), "by": fields.person(required=False), "at": fields.instant()},
)  # fmt: skip
event("charge.taken", "A leader carries the case until it is over; `by` is he himself, or who decided it.",
      told_by="supervision", heard_by="routing followup reporting",
      fields={**_CHARGE, "ground": fields.code(*GROUNDS), "by": fields.person(), "at": fields.instant()})  # fmt: skip
event(
    "charge.ended", "A leader carries the case no longer: it is settled, or somebody decided so, with reasons.",
    told_by="supervision", heard_by="routing followup reporting",
    fields={**_CHARGE, "reason": fields.code(*CHARGE_ENDINGS), "words": fields.text(required=False), "by": fields.person(required=False),
            "at": fields.instant()},
)  # fmt: skip
event("duty.recorded", "What was done for one of the five duties of a charge. The words stay in supervision.",
      told_by="supervision", heard_by="reporting",
      fields={**_CHARGE, "duty_id": fields.identifier(), "duty": fields.code(*DUTIES), "form": fields.code(*EVIDENCE), "done_on": fields.day(),
              "by": fields.person(), "at": fields.instant()})  # fmt: skip

# -- score book -----------------------------------------------------------------------------------------------------
event(
    "score.recorded", "An entry of the score book, by a rule, from an event (`cause`); `corrects` names the entry that it puts right.",
    told_by="supervision", heard_by="reporting", local=True,
    fields={
        "entry_id": fields.identifier(), "policy": fields.code(), "rule": fields.code(), "points": f.Integer(required=True, strict=True),
        "official": fields.code(required=False), "organisation": fields.code(required=False), "cause": fields.identifier(),
        "corrects": fields.identifier(required=False), "at": fields.instant(),
    },
)  # fmt: skip
event(
    "skip_level.recorded",
    "The case was taken to a higher level. It measures the work of whoever carries the case, and is no ground for hindering anyone.",
    told_by="supervision", heard_by="reporting", local=True,
    fields={"record_id": fields.identifier(), "level": fields.choice(*LEVELS), "on": fields.day(), "source": fields.text(), "by": fields.person(),
            "at": fields.instant()},
)  # fmt: skip
event("skip_level.annulled", "That the case was taken to a higher level was recorded wrongly, for these reasons.",
      told_by="supervision", heard_by="reporting", local=True,
      fields={"record_id": fields.identifier(), "reasons": fields.text(), "by": fields.person(), "at": fields.instant()})  # fmt: skip
# -- the ladder: what is sent to the person responsible is addressed to his instance, as assignments are ---------------
STEPS = ("reminder", "notice", "interview", "suggestion", "circular", "bundle")
PERIODS = ("week", "half_month", "two_months")
_STEP: dict[str, f.Field[Any]] = {
    "step_id": fields.identifier(), "step": fields.choice(*STEPS), "deadline_id": fields.identifier(), "obligation": fields.choice(*OBLIGATIONS),
    "round": fields.round_number(), "responsible": fields.person(), "document": fields.text(), "due_at": fields.instant(), "at": fields.instant(),
}  # fmt: skip
_SAID: dict[str, f.Field[Any]] = {"reasons": fields.text(), "by": fields.person()}
_INTERVIEW: dict[str, f.Field[Any]] = {
    "interview_id": fields.identifier(),
    "responsible": fields.person(),
    "at": fields.instant(),
}
_HEARD = "routing supervision reporting"  # an instance may carry routing alone

event("supervision.reminded", "The person responsible was reminded of what he missed. `late` says that an outage delayed it.",
      told_by="supervision", heard_by=_HEARD, fields={**_STEP, "late": fields.flag()})  # fmt: skip
event("supervision.noticed", "A numbered notice or suggestion of the supervision office: what is demanded, of whom, by when.",
      told_by="supervision", heard_by=_HEARD, fields={**_STEP, **_SAID, "demand": fields.text(), "until": fields.day()})  # fmt: skip
event("supervision.annulled", "A step of the ladder was wrong: who says so, and why. It stays on record.",
      told_by="supervision", heard_by=_HEARD,
      fields={**_SAID, **{name: _STEP[name] for name in ("step_id", "step", "responsible", "document", "at")}})  # fmt: skip
event("interview.called", "The first-in-command calls the person responsible in. Told of each case that it is about.",
      told_by="supervision", heard_by=_HEARD, fields={**_STEP, **_SAID, "interview_id": fields.identifier()})  # fmt: skip
event("interview.appointed", "Where and when; told again when that changes.",
      told_by="supervision", heard_by=_HEARD,
      fields={**_INTERVIEW, "place": fields.text(), "meets_at": fields.instant(), "by": fields.person()})  # fmt: skip
event("interview.held", "It was held: who attended, what was demanded until when. What was said stays with its record.",
      told_by="supervision", heard_by=_HEARD,
      fields={**_INTERVIEW, "attended": f.List(f.String(), required=True), "demands": fields.text(), "until": fields.day(),
              "held_at": fields.instant(), "by": fields.person()})  # fmt: skip
event("interview.cancelled", "It was called off, with reasons.",
      told_by="supervision", heard_by=_HEARD, fields={**_INTERVIEW, **_SAID})  # fmt: skip
event("circular.listed", "What goes into the circular of a period of two months, and why.",
      told_by="supervision", heard_by=_HEARD,
      fields={**_STEP, **_SAID, "period_first": fields.day(), "period_last": fields.day()})  # fmt: skip
event("period.ended", "A week, half month or two months of the office is over; told once. `late` says that an outage delayed it.",
      told_by="supervision", heard_by="reporting", local=True,
      fields={"period": fields.choice(*PERIODS), "first": fields.day(), "last": fields.day(), "number": fields.count(),
              "until": fields.instant(), "ended_at": fields.instant(), "late": fields.flag()})  # fmt: skip
