"""Where a deadline can stand, and every move between; what the table does not name is refused."""

from enum import StrEnum

from shared.transitions import Workflow


class Stage(StrEnum):
    """`pending` and `approaching` run; `paused` and `missed` are still owed; the others are over."""

    PENDING = "pending"
    APPROACHING = "approaching"
    PAUSED = "paused"
    MISSED = "missed"
    MET = "met"
    MET_LATE = "met_late"
    WITHDRAWN = "withdrawn"


S = Stage

RUNNING = frozenset({S.PENDING, S.APPROACHING})
STARTED = RUNNING | {S.MISSED}
OWED = STARTED | {S.PAUSED}

DEADLINE = Workflow(
    name="deadline",
    moves={
        # Again at each further share of the time.
        "warn": (RUNNING, S.APPROACHING),
        "miss": (RUNNING, S.MISSED),
        # From missed too: what was done in time may become known late, by a link that was cut.
        "meet": (OWED, S.MET),
        # From the running ones too: when the clocks stood still, the firing is told in the same breath.
        "meet_late": (STARTED, S.MET_LATE),
        # By authority alone. A clock that goes on is where it was: what was told of its shares stays told.
        "pause": (RUNNING, S.PAUSED),
        "resume": (frozenset({S.PAUSED}), S.PENDING),
        "resume_warned": (frozenset({S.PAUSED}), S.APPROACHING),
        # From missed too: it was missed, that stays on record, and is no longer owed.
        "withdraw": (OWED, S.WITHDRAWN),
    },
)


class InterviewStage(StrEnum):
    """An interview is called, appointed at a place and time, and held, unless it was cancelled with reasons."""

    CALLED = "called"
    APPOINTED = "appointed"
    HELD = "held"
    CANCELLED = "cancelled"


I = InterviewStage  # noqa: E741 - as wide as one letter

INTERVIEW = Workflow(
    name="interview",
    moves={
        # Again, for another place or time.
        "appoint": (frozenset({I.CALLED, I.APPOINTED}), I.APPOINTED),
        "hold": (frozenset({I.APPOINTED}), I.HELD),
        "cancel": (frozenset({I.CALLED, I.APPOINTED}), I.CANCELLED),
    },
)
