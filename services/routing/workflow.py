"""Where a case and an assignment can stand, and every move between; what no table names is refused."""

from enum import StrEnum

from shared.transitions import Workflow


class CaseStage(StrEnum):
    """Where the handling of a case stands in this instance."""

    REGISTERED = "registered"
    REVIEWED = "reviewed"
    INSTRUCTED = "instructed"
    IN_HAND = "in_hand"
    CONCLUDED = "concluded"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    ARCHIVED = "archived"
    REFERRED = "referred"


class AssignmentStage(StrEnum):
    """Where one person's responsibility for a case stands."""

    ISSUED = "issued"
    RECEIVED = "received"
    OBJECTED = "objected"
    PROGRESSED = "progressed"
    REPLIED = "replied"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class ExtensionStage(StrEnum):
    """Where a request for more time stands."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


C, A, E = CaseStage, AssignmentStage, ExtensionStage

AWAITING_INSTRUCTION = frozenset({C.REGISTERED, C.REVIEWED, C.REOPENED})
UNDER_WAY = frozenset({C.INSTRUCTED, C.IN_HAND})

CASE = Workflow(
    name="case",
    moves={
        # Read in person: opening the case is the review; reading it again changes nothing.
        "review": (AWAITING_INSTRUCTION, C.REVIEWED),
        "instruct": (AWAITING_INSTRUCTION | UNDER_WAY, C.INSTRUCTED),
        "escalate": (AWAITING_INSTRUCTION | UNDER_WAY, C.INSTRUCTED),
        # A superior's assignment opens the case here, or wakes it after this instance's part was over.
        "assign": (UNDER_WAY | {C.CONCLUDED, C.REFERRED}, C.INSTRUCTED),
        "receive": (frozenset({C.INSTRUCTED}), C.IN_HAND),
        "conclude": (UNDER_WAY, C.CONCLUDED),
        # From the archive too: "satisfied" written down by staff can be contested for 30 days after it closed
        # the case.
        "reopen": (frozenset({C.CONCLUDED, C.CLOSED, C.ARCHIVED}), C.REOPENED),
        "withdraw": (AWAITING_INSTRUCTION | UNDER_WAY | {C.CONCLUDED, C.REFERRED}, C.WITHDRAWN),
        "close": (frozenset({C.CONCLUDED, C.WITHDRAWN}), C.CLOSED),
        # Its petitioner was not satisfied, and no further round is to be.
        "close_by_decision": (frozenset({C.CONCLUDED, C.REOPENED, C.REVIEWED}) | UNDER_WAY, C.CLOSED),
        "archive": (frozenset({C.CLOSED}), C.ARCHIVED),
        # Against the own head or organisation: the superior decides, and it may hand a part of the work down again.
        "refer": (AWAITING_INSTRUCTION | UNDER_WAY, C.REFERRED),
        "refer_again": (frozenset({C.CONCLUDED, C.CLOSED, C.ARCHIVED}), C.REFERRED),
        "conclude_above": (UNDER_WAY | {C.CONCLUDED, C.REFERRED}, C.CONCLUDED),
    },
)

AT_WORK = frozenset({A.RECEIVED, A.OBJECTED, A.PROGRESSED})
OPEN = AT_WORK | {A.ISSUED, A.REPLIED, A.RETURNED}

ASSIGNMENT = Workflow(
    name="assignment",
    moves={
        "receive": (frozenset({A.ISSUED}), A.RECEIVED),
        # The clock goes on while an objection stands (art. 23), so the work may go on too.
        "object": (AT_WORK, A.OBJECTED),
        # Dismissed: whoever has gone on working meanwhile stays where he is.
        "dismiss": (frozenset({A.OBJECTED}), A.RECEIVED),
        "progress": (AT_WORK | {A.RETURNED}, A.PROGRESSED),
        "reply": (AT_WORK | {A.RETURNED}, A.REPLIED),
        "return_reply": (frozenset({A.REPLIED}), A.RETURNED),
        "approve": (frozenset({A.REPLIED}), A.APPROVED),
        "withdraw": (OPEN, A.WITHDRAWN),
    },
)

EXTENSION = Workflow(
    name="extension",
    moves={
        "grant": (frozenset({E.ASKED}), E.GRANTED),
        "refuse": (frozenset({E.ASKED}), E.REFUSED),
    },
)


class AlertMessageStage(StrEnum):
    """Where a message to an official stands."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"


M = AlertMessageStage

ALERT_MESSAGE = Workflow(
    name="alert_message",
    moves={
        "try_again": (frozenset({M.WAITING}), M.WAITING),
        "send": (frozenset({M.WAITING}), M.SENT),
        "drop": (frozenset({M.WAITING}), M.DROPPED),
        "give_up": (frozenset({M.WAITING}), M.FAILED),
    },
)
