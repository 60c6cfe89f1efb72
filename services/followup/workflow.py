"""Where a follow-up task and a followed case can stand; what the tables do not name is refused."""

from enum import StrEnum

from shared.transitions import Workflow


class TaskStage(StrEnum):
    """A task is one asking: of one case, in one round."""

    OPEN = "open"
    SATISFIED = "satisfied"
    NOT_SATISFIED = "not_satisfied"
    WITHDRAWN = "withdrawn"


class CaseStage(StrEnum):
    """A case is followed until it is closed, and then archived in the same breath."""

    FOLLOWED = "followed"
    ARCHIVED = "archived"


T, C = TaskStage, CaseStage

TASK = Workflow(
    name="task",
    moves={
        "satisfy": (frozenset({T.OPEN}), T.SATISFIED),
        "dissatisfy": (frozenset({T.OPEN}), T.NOT_SATISFIED),
        # The petition was withdrawn, or a further conclusion is asked about instead.
        "withdraw": (frozenset({T.OPEN}), T.WITHDRAWN),
    },
)

CASE = Workflow(name="followed_case", moves={"archive": (frozenset({C.FOLLOWED}), C.ARCHIVED)})
