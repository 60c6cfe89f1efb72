"""Every move that the tables of follow-up allow, and every one that they refuse."""

import pytest

from services.followup.workflow import CASE, REVIEW, TASK, CaseStage, ReviewStage, TaskStage
from shared.errors import Conflict

ALLOWED = {
    ("satisfy", TaskStage.OPEN): TaskStage.SATISFIED,
    ("dissatisfy", TaskStage.OPEN): TaskStage.NOT_SATISFIED,
    ("satisfy", TaskStage.UNREACHABLE): TaskStage.SATISFIED,
    ("dissatisfy", TaskStage.UNREACHABLE): TaskStage.NOT_SATISFIED,
    ("give_up", TaskStage.OPEN): TaskStage.UNREACHABLE,
    ("overturn", TaskStage.SATISFIED): TaskStage.NOT_SATISFIED,
    ("mend", TaskStage.NOT_SATISFIED): TaskStage.SATISFIED,
    ("withdraw", TaskStage.OPEN): TaskStage.WITHDRAWN,
    ("withdraw", TaskStage.UNREACHABLE): TaskStage.WITHDRAWN,
    ("archive", CaseStage.FOLLOWED): CaseStage.ARCHIVED,
    ("take_up_again", CaseStage.ARCHIVED): CaseStage.FOLLOWED,
    ("assign", ReviewStage.ASKED): ReviewStage.ASSIGNED,
    ("assign", ReviewStage.ASSIGNED): ReviewStage.ASSIGNED,
    ("decide", ReviewStage.ASSIGNED): ReviewStage.DECIDED,
}
EVERY = [
    (flow, action, stage)
    for flow, stages in ((TASK, TaskStage), (CASE, CaseStage), (REVIEW, ReviewStage))
    for action in flow.moves
    for stage in stages
]


@pytest.mark.parametrize(("flow", "action", "stage"), EVERY)
def test_a_task_a_case_or_a_review_moves_as_listed_here_and_in_no_other_way(flow, action, stage):
    if (action, stage) in ALLOWED:
        assert flow.move(stage, action) is ALLOWED[action, stage]
    else:
        with pytest.raises(Conflict):
            flow.move(stage, action)


def test_the_list_names_every_action():
    assert {action for action, _ in ALLOWED} == set(TASK.moves) | set(CASE.moves) | set(REVIEW.moves)
