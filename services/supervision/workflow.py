"""Where a deadline can stand, and every move between; what the table does not name is refused."""

from enum import StrEnum

from shared.transitions import Workflow


class Stage(StrEnum):
    """`pending` and `approaching` run; `missed` is still owed; the others are over."""

    PENDING = "pending"
    APPROACHING = "approaching"
    MISSED = "missed"
    MET = "met"
    MET_LATE = "met_late"
    WITHDRAWN = "withdrawn"


S = Stage

RUNNING = frozenset({S.PENDING, S.APPROACHING})
OWED = RUNNING | {S.MISSED}

DEADLINE = Workflow(
    name="deadline",
    moves={
        # Again at each further share of the time.
        "warn": (RUNNING, S.APPROACHING),
        "miss": (RUNNING, S.MISSED),
        # From missed too: what was done in time may become known late, by a link that was cut.
        "meet": (OWED, S.MET),
        # From the running ones too: when the clocks stood still, the firing is told in the same breath.
        "meet_late": (OWED, S.MET_LATE),
        # From missed too: it was missed, that stays on record, and is no longer owed.
        "withdraw": (OWED, S.WITHDRAWN),
    },
)
