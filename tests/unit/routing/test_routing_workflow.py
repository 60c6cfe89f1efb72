"""Every move of both tables, and every move that they do not have."""

import itertools
from typing import Any

import pytest

from services.routing.workflow import (
    ALERT_MESSAGE,
    ASSIGNMENT,
    CASE,
    EXTENSION,
    AlertMessageStage,
    AssignmentStage,
    CaseStage,
    ExtensionStage,
)
from shared.errors import Conflict

A, C, E, M = AssignmentStage, CaseStage, ExtensionStage, AlertMessageStage

# Written out by hand, so that a change of the table is a change of this list too.
CASE_MOVES = {
    "review": ({C.REGISTERED, C.REVIEWED, C.REOPENED}, C.REVIEWED),
    "instruct": ({C.REGISTERED, C.REVIEWED, C.REOPENED, C.INSTRUCTED, C.IN_HAND}, C.INSTRUCTED),
    "escalate": ({C.REGISTERED, C.REVIEWED, C.REOPENED, C.INSTRUCTED, C.IN_HAND}, C.INSTRUCTED),
    "assign": ({C.INSTRUCTED, C.IN_HAND, C.CONCLUDED, C.REFERRED}, C.INSTRUCTED),
    "receive": ({C.INSTRUCTED}, C.IN_HAND),
    "conclude": ({C.INSTRUCTED, C.IN_HAND}, C.CONCLUDED),
    "reopen": ({C.CONCLUDED, C.CLOSED, C.ARCHIVED}, C.REOPENED),
    "withdraw": ({C.REGISTERED, C.REVIEWED, C.REOPENED, C.INSTRUCTED, C.IN_HAND, C.CONCLUDED, C.REFERRED}, C.WITHDRAWN),
    "close": ({C.CONCLUDED, C.WITHDRAWN}, C.CLOSED),
    "close_by_decision": ({C.CONCLUDED, C.REOPENED, C.REVIEWED, C.INSTRUCTED, C.IN_HAND}, C.CLOSED),
    "archive": ({C.CLOSED}, C.ARCHIVED),
    "refer": ({C.REGISTERED, C.REVIEWED, C.REOPENED, C.INSTRUCTED, C.IN_HAND}, C.REFERRED),
    "refer_again": ({C.CONCLUDED, C.CLOSED, C.ARCHIVED}, C.REFERRED),
    "conclude_above": ({C.REFERRED, C.INSTRUCTED, C.IN_HAND, C.CONCLUDED}, C.CONCLUDED),
}
WORK = {A.RECEIVED, A.OBJECTED, A.PROGRESSED}
ASSIGNMENT_MOVES = {
    "receive": ({A.ISSUED}, A.RECEIVED),
    "object": (WORK, A.OBJECTED),
    "dismiss": ({A.OBJECTED}, A.RECEIVED),
    "progress": (WORK | {A.RETURNED}, A.PROGRESSED),
    "reply": (WORK | {A.RETURNED}, A.REPLIED),
    "return_reply": ({A.REPLIED}, A.RETURNED),
    "approve": ({A.REPLIED}, A.APPROVED),
    "withdraw": (WORK | {A.ISSUED, A.REPLIED, A.RETURNED}, A.WITHDRAWN),
}
EXTENSION_MOVES = {"grant": ({E.ASKED}, E.GRANTED), "refuse": ({E.ASKED}, E.REFUSED)}
MESSAGE_MOVES = {
    "try_again": ({M.WAITING}, M.WAITING),
    "send": ({M.WAITING}, M.SENT),
    "drop": ({M.WAITING}, M.DROPPED),
    "give_up": ({M.WAITING}, M.FAILED),
}
TABLES: list[tuple[Any, Any, Any]] = [
    (CASE, C, CASE_MOVES), (ASSIGNMENT, A, ASSIGNMENT_MOVES), (EXTENSION, E, EXTENSION_MOVES), (ALERT_MESSAGE, M, MESSAGE_MOVES),
]  # fmt: skip
PAIRS = [
    pytest.param(flow, moves, stage, action, id=f"{flow.name}-{stage}-{action}")
    for flow, stages, moves in TABLES
    for stage, action in itertools.product(stages, moves)
]


@pytest.mark.parametrize(("flow", "stages", "moves"), TABLES, ids=["case", "assignment", "extension", "alert_message"])
def test_the_table_names_these_actions_and_no_others(flow, stages, moves):
    assert set(flow.moves) == set(moves)


@pytest.mark.parametrize(("flow", "moves", "stage", "action"), PAIRS)
def test_a_move_is_allowed_from_its_stages_and_refused_from_every_other(flow, moves, stage, action):
    sources, target = moves[action]
    assert flow.allows(stage, action) == (stage in sources)
    if stage in sources:
        assert flow.move(stage, action) is target
    else:
        with pytest.raises(Conflict):
            flow.move(stage, action)


@pytest.mark.parametrize(("flow", "stages", "moves"), TABLES, ids=["case", "assignment", "extension", "alert_message"])
def test_every_stage_but_the_first_can_be_reached(flow, stages, moves):
    assert {target for _, target in flow.pairs()} | {C.REGISTERED, A.ISSUED, E.ASKED} >= set(stages)


def test_an_approved_or_withdrawn_assignment_is_over():
    assert not [action for action in ASSIGNMENT.moves for stage in (A.APPROVED, A.WITHDRAWN) if ASSIGNMENT.allows(stage, action)]
