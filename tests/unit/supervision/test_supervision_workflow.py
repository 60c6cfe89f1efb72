"""Every move that the table of deadlines allows, and every one that it refuses."""

import pytest

from services.supervision.workflow import DEADLINE, OWED, RUNNING, Stage
from shared.errors import Conflict

S = Stage
ALLOWED = {
    ("warn", S.PENDING): S.APPROACHING,
    ("warn", S.APPROACHING): S.APPROACHING,
    ("miss", S.PENDING): S.MISSED,
    ("miss", S.APPROACHING): S.MISSED,
    ("meet", S.PENDING): S.MET,
    ("meet", S.APPROACHING): S.MET,
    ("meet", S.MISSED): S.MET,
    ("meet_late", S.PENDING): S.MET_LATE,
    ("meet_late", S.APPROACHING): S.MET_LATE,
    ("meet_late", S.MISSED): S.MET_LATE,
    ("withdraw", S.PENDING): S.WITHDRAWN,
    ("withdraw", S.APPROACHING): S.WITHDRAWN,
    ("withdraw", S.MISSED): S.WITHDRAWN,
    ("withdraw", S.PAUSED): S.WITHDRAWN,
    ("meet", S.PAUSED): S.MET,
    ("pause", S.PENDING): S.PAUSED,
    ("pause", S.APPROACHING): S.PAUSED,
    ("resume", S.PAUSED): S.PENDING,
    ("resume_warned", S.PAUSED): S.APPROACHING,
}
EVERY = [(action, stage) for action in DEADLINE.moves for stage in Stage]


@pytest.mark.parametrize(("action", "stage"), EVERY)
def test_a_deadline_moves_as_listed_here_and_in_no_other_way(action, stage):
    if (action, stage) in ALLOWED:
        assert DEADLINE.move(stage, action) is ALLOWED[action, stage]
    else:
        with pytest.raises(Conflict):
            DEADLINE.move(stage, action)


def test_the_list_names_every_action():
    assert {action for action, _ in ALLOWED} == set(DEADLINE.moves)


def test_what_is_over_stays_over():
    assert all(stage in OWED for stage, _ in DEADLINE.pairs())
    assert RUNNING < OWED
