"""Every allowed move, and every (stage, action) pair that the tables refuse."""

import pytest

from services.intake.workflow import (
    BOARD_ITEM,
    BOARD_REPLY,
    CALL_BACK,
    IMPORT_JOB,
    LINK,
    MESSAGE,
    PETITION,
    UNREAD_MAIL,
    VISIT,
    BoardItemStage,
    BoardReplyStage,
    CallBackStage,
    ImportStage,
    LinkStage,
    MessageStage,
    Stage,
    UnreadStage,
    VisitStage,
)
from shared.errors import Conflict

# Written out by hand: a table that is compared with itself proves nothing.
MOVES = {
    "petition": {
        ("registered", "accept"): "accepted",
        ("handling", "accept_in_hand"): "handling",
        ("registered", "hand_over"): "handling", ("accepted", "hand_over"): "handling", ("handling", "hand_over"): "handling",
        ("registered", "withdraw"): "withdrawn", ("accepted", "withdraw"): "withdrawn", ("handling", "withdraw"): "withdrawn",
        ("registered", "conclude"): "concluded", ("accepted", "conclude"): "concluded", ("handling", "conclude"): "concluded",
        ("concluded", "reopen"): "handling", ("closed", "reopen"): "handling", ("archived", "reopen"): "handling",
        ("handling", "close_by_decision"): "closed",
        ("concluded", "close"): "closed", ("withdrawn", "close"): "closed",
        ("closed", "archive"): "archived",
    },
    "message": {
        ("waiting", "send"): "sent", ("waiting", "show"): "shown", ("waiting", "try_again"): "waiting",
        ("waiting", "give_up"): "failed", ("waiting", "bounce"): "failed", ("sent", "bounce"): "failed",
    },
    "visit": {
        ("booked", "rebook"): "booked", ("booked", "cancel"): "cancelled", ("booked", "check_in"): "waiting",
        ("no_show", "check_in"): "waiting", ("waiting", "transfer"): "waiting", ("waiting", "call"): "called",
        ("called", "put_back"): "waiting", ("called", "begin"): "receiving", ("receiving", "finish"): "done",
        ("booked", "no_show"): "no_show", ("called", "no_show"): "no_show",
        ("waiting", "leave"): "left", ("called", "leave"): "left", ("receiving", "leave"): "left",
        ("cancelled", "reinstate"): "booked", ("no_show", "reinstate"): "booked", ("no_show", "come_back"): "waiting",
        ("left", "come_back"): "waiting",
    },
    "link": {("linked", "undo"): "undone"},
    "unread_mail": {("waiting", "register"): "registered", ("waiting", "dismiss"): "dismissed"},
    "call_back": {
        ("waiting", "miss_again"): "waiting", ("waiting", "try"): "waiting", ("waiting", "reach"): "reached",
        ("waiting", "answer"): "answered", ("waiting", "give_up"): "given_up",
    },
    "board_item": {
        ("waiting", "register"): "registered", ("waiting", "set_aside"): "aside", ("aside", "take_up"): "waiting",
    },
    "board_reply": {
        ("waiting", "send"): "sent", ("waiting", "try_again"): "waiting", ("waiting", "give_up"): "failed",
        ("failed", "send_anew"): "waiting", ("by_hand", "post_by_hand"): "posted", ("failed", "post_by_hand"): "posted",
    },
    "import_job": {
        ("waiting", "check"): "checking", ("checking", "check"): "checking", ("checking", "checked"): "checked",
        ("checked", "start"): "running", ("running", "pause"): "paused", ("paused", "go_on"): "running", ("running", "finish"): "done",
        ("checking", "give_up"): "unreadable", ("running", "give_up"): "unreadable",
        ("waiting", "cancel"): "cancelled", ("checking", "cancel"): "cancelled", ("checked", "cancel"): "cancelled",
        ("running", "cancel"): "cancelled", ("paused", "cancel"): "cancelled",
    },
}  # fmt: skip
STAGES = {
    PETITION.name: Stage,
    MESSAGE.name: MessageStage,
    UNREAD_MAIL.name: UnreadStage,
    CALL_BACK.name: CallBackStage,
    BOARD_ITEM.name: BoardItemStage,
    BOARD_REPLY.name: BoardReplyStage,
    VISIT.name: VisitStage,
    LINK.name: LinkStage,
    IMPORT_JOB.name: ImportStage,
}
FLOWS = (PETITION, MESSAGE, UNREAD_MAIL, CALL_BACK, BOARD_ITEM, BOARD_REPLY, VISIT, LINK, IMPORT_JOB)
PAIRS = [(flow, stage, action) for flow in FLOWS for stage in STAGES[flow.name] for action in flow.moves]


@pytest.mark.parametrize(("flow", "stage", "action"), PAIRS, ids=lambda value: str(getattr(value, "name", value)))
def test_a_move_happens_as_written_or_is_refused(flow, stage, action):
    expected = MOVES[flow.name].get((str(stage), action))
    assert flow.allows(stage, action) == (expected is not None)
    if expected is not None:
        assert flow.move(stage, action) == expected
    else:
        with pytest.raises(Conflict):
            flow.move(stage, action)


def test_every_written_move_was_tried():
    written = {(name, stage, action) for name, moves in MOVES.items() for stage, action in moves}
    assert written <= {(flow.name, str(stage), action) for flow, stage, action in PAIRS}
