"""Events of follow-up and closing. Told by followup."""

from typing import Any

from marshmallow import fields as f
from marshmallow import validate

from shared.contract import fields
from shared.contract.cases import REOPENINGS
from shared.contract.catalogue import event

MANNERS = ("visit", "telephone", "letter", "email", "posted_answer", "tracking_page")
RESULTS = ("satisfied", "not_satisfied", "not_reached")
WORDS = RESULTS[:2]  # what a petitioner may say
DECISIONS = ("upheld", "changed", "redo")
LEVELS = ("review", "final")
QUESTION: dict[str, f.Field[Any]] = {"code": fields.code(), "zh": fields.text(), "en": fields.text(required=False)}
TERMS: dict[str, f.Field[Any]] = {  # of the county's policy: what the petitioner may do, and for how long
    name: f.Integer(strict=True, required=True) for name in ("link_days", "correct_hours", "contest_days", "reopen_days", "review_days")
}  # fmt: skip

event(
    "followup.due", "The petitioner is to be asked whether the matter is settled.",
    told_by="followup", heard_by="intake supervision reporting",
    fields={
        "task_id": fields.identifier(), "round": fields.round_number(), "manner": fields.choice(*MANNERS), "due_at": fields.instant(),
        "policy": fields.code(required=False), "questions": f.List(f.Nested(QUESTION)), "terms": f.Nested(TERMS),
    },
)  # fmt: skip
event(
    "followup.recorded", "A try to ask the petitioner, with its result. What was said is not in the event.",
    told_by="followup", heard_by="supervision reporting",
    fields={
        "task_id": fields.identifier(), "round": fields.round_number(), "manner": fields.choice(*MANNERS),
        "result": fields.choice(*RESULTS), "recorded_by": fields.person(required=False), "recorded_at": fields.instant(),
        "corrects": f.Boolean(truthy={True}, falsy={False}),
    },
)  # fmt: skip
event(
    "followup.unreachable", "The petitioner could not be reached, after so many tries on different days. The case stays open.",
    told_by="followup", heard_by="supervision reporting",
    fields={"task_id": fields.identifier(), "round": fields.round_number(), "tries": fields.count(), "at": fields.instant()},
)  # fmt: skip
event(
    "followup.checked", "The supervision office asked again what staff had recorded. Where it differs, what it found counts.",
    told_by="followup", heard_by="reporting",
    fields={
        "task_id": fields.identifier(), "round": fields.round_number(), "manner": fields.choice(*MANNERS), "recorded": fields.choice(*WORDS),
        "found": fields.choice(*RESULTS), "differs": fields.flag(), "by": fields.person(), "at": fields.instant(),
    },
)  # fmt: skip
event("case.contested", "The petitioner says that he is not satisfied, although staff had written so.",
      told_by="followup", heard_by="reporting", fields={"round": fields.round_number(), "at": fields.instant()})  # fmt: skip
event(
    "case.satisfied", "The petitioner says that the matter is settled.",
    told_by="followup", heard_by="intake supervision reporting",
    fields={"round": fields.round_number(), "at": fields.instant(), "source": fields.choice("petitioner", "staff"),
            "contest_until": fields.instant(required=False)},
)  # fmt: skip
event(
    "case.dissatisfied", "The petitioner says that the matter is not settled: a new round is owed.",
    told_by="followup", heard_by="routing supervision reporting",
    fields={"round": fields.round_number(), "at": fields.instant(), "source": fields.choice("petitioner", "staff"),
            "cause": fields.code(*REOPENINGS, required=False)},
)  # fmt: skip
event(
    "case.closed", "The case is closed.",
    told_by="followup", heard_by="intake routing supervision reporting",
    fields={
        "reason": fields.choice("satisfied", "decision", "withdrawn"), "by": fields.person(required=False), "closed_at": fields.instant(),
        # The last round that it ends, whether that was concluded or not; for a decision who took it, and why.
        "round": fields.count(required=False), "authority": fields.text(required=False), "reasons": fields.text(required=False),
    },
)  # fmt: skip
event(
    "case.archived", "The dossier is complete and sealed; no more is added to it.",
    told_by="followup", heard_by="intake routing reporting",
    fields={"archived_at": fields.instant(), "by": fields.person(required=False)},
)  # fmt: skip
_REVIEW: dict[str, f.Field[Any]] = {"review_id": fields.identifier(), "level": fields.choice(*LEVELS)}
event("review.assigned", "Who reviews what was answered (art. 35, 36), and by when; an organ without an instance is named in words. Told again"
      " when a hearing was held (`heard`), whose days do not count.",
      told_by="followup", heard_by="intake routing supervision reporting",
      fields={**_REVIEW, "reviewer": fields.person(required=False), "organ": fields.text(), "due_at": fields.instant(),
              "hearing_days": f.Integer(strict=True, validate=validate.Range(0, 3650)), "heard": f.Boolean(truthy={True}, falsy={False}),
              "by": fields.person(), "at": fields.instant()})  # fmt: skip
event("review.decided", "The review is decided; the petitioner is told, and until when a final review may be asked for.",
      told_by="followup", heard_by="intake supervision reporting",
      fields={**_REVIEW, "decision": fields.choice(*DECISIONS), "answer": fields.text(), "document": fields.text(),
              "final_until": fields.instant(required=False), "by": fields.person(), "at": fields.instant()})  # fmt: skip
