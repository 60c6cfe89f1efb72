"""Where a follow-up task, a followed case and a review can stand; what the tables do not name is refused."""

from enum import StrEnum

from shared.transitions import Workflow


class TaskStage(StrEnum):
    """A task is one asking: of one case, in one round."""

    OPEN = "open"
    SATISFIED = "satisfied"
    NOT_SATISFIED = "not_satisfied"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"


class CaseStage(StrEnum):
    """A case is followed until it is closed, and then archived in the same breath."""

    FOLLOWED = "followed"
    ARCHIVED = "archived"


class ReviewStage(StrEnum):
    """Where a review stands that the petitioner asked for."""

    ASKED = "asked"
    ASSIGNED = "assigned"
    DECIDED = "decided"


T, C, R = TaskStage, CaseStage, ReviewStage

TASK = Workflow(
    name="task",
    moves={
        # Whoever could not be reached may still answer by himself.
        "satisfy": (frozenset({T.OPEN, T.UNREACHABLE}), T.SATISFIED),
        "dissatisfy": (frozenset({T.OPEN, T.UNREACHABLE}), T.NOT_SATISFIED),
        "give_up": (frozenset({T.OPEN}), T.UNREACHABLE),
        # Corrected by whoever said it, contested by the petitioner, or found otherwise by the supervision office.
        "overturn": (frozenset({T.SATISFIED}), T.NOT_SATISFIED),
        "mend": (frozenset({T.NOT_SATISFIED}), T.SATISFIED),
        # The petition was withdrawn, or a further conclusion is asked about instead.
        "withdraw": (frozenset({T.OPEN, T.UNREACHABLE}), T.WITHDRAWN),
    },
)

CASE = Workflow(
    name="followed_case",
    moves={
        "archive": (frozenset({C.FOLLOWED}), C.ARCHIVED),
        "take_up_again": (frozenset({C.ARCHIVED}), C.FOLLOWED),
    },
)

REVIEW = Workflow(
    name="review",
    moves={
        # The reviewer may be changed until he has decided.
        "assign": (frozenset({R.ASKED, R.ASSIGNED}), R.ASSIGNED),
        "decide": (frozenset({R.ASSIGNED}), R.DECIDED),
    },
)
