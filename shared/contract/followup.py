"""Events of follow-up and closing. Told by followup."""

from shared.contract import fields
from shared.contract.catalogue import event

MANNERS = ("visit", "telephone", "letter", "email", "posted_answer", "tracking_page")
RESULTS = ("satisfied", "not_satisfied", "not_reached")

event(
    "followup.due", "The petitioner is to be asked whether the matter is settled.",
    told_by="followup", heard_by="intake supervision reporting",
    fields={
        "task_id": fields.identifier(), "round": fields.round_number(), "manner": fields.choice(*MANNERS), "due_at": fields.instant(),
    },
)  # fmt: skip
event(
    "followup.recorded", "A try to ask the petitioner, with its result. What was said is not in the event.",
    told_by="followup", heard_by="supervision reporting",
    fields={
        "task_id": fields.identifier(), "round": fields.round_number(), "manner": fields.choice(*MANNERS),
        "result": fields.choice(*RESULTS), "recorded_by": fields.person(required=False), "recorded_at": fields.instant(),
    },
)  # fmt: skip
event(
    "case.satisfied", "The petitioner says that the matter is settled.",
    told_by="followup", heard_by="supervision reporting",
    fields={"round": fields.round_number(), "at": fields.instant(), "source": fields.choice("petitioner", "staff")},
)  # fmt: skip
event(
    "case.dissatisfied", "The petitioner says that the matter is not settled: a new round is owed.",
    told_by="followup", heard_by="routing supervision reporting",
    fields={"round": fields.round_number(), "at": fields.instant(), "source": fields.choice("petitioner", "staff")},
)  # fmt: skip
event(
    "case.closed", "The case is closed.",
    told_by="followup", heard_by="intake routing supervision reporting",
    fields={"reason": fields.choice("satisfied", "decision", "withdrawn"), "by": fields.person(required=False), "closed_at": fields.instant()},
)  # fmt: skip
event(
    "case.archived", "The dossier is complete and sealed; no more is added to it.",
    told_by="followup", heard_by="intake routing reporting",
    fields={"archived_at": fields.instant(), "by": fields.person(required=False)},
)  # fmt: skip
