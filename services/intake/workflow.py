"""The stages of a petition as its petitioner sees them, of a message to the petitioner, of a mail nobody could read, of a link."""

from __future__ import annotations

from enum import StrEnum

from shared.transitions import Workflow


class Stage(StrEnum):
    """Where a petition stands, in the words of the tracking page."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    HANDLING = "handling"
    CONCLUDED = "concluded"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    ARCHIVED = "archived"


OPEN = frozenset({Stage.REGISTERED, Stage.ACCEPTED, Stage.HANDLING})

PETITION = Workflow(
    name="petition",
    moves={
        "accept": (frozenset({Stage.REGISTERED}), Stage.ACCEPTED),
        # Zero time difference: a case may be in a leader's hands before the clerk's notice of acceptance (art. 23).
        "accept_in_hand": (frozenset({Stage.HANDLING}), Stage.HANDLING),
        "hand_over": (OPEN, Stage.HANDLING),
        "withdraw": (OPEN, Stage.WITHDRAWN),
        # The first-in-command may conclude a case that nobody else was given.
        "conclude": (OPEN, Stage.CONCLUDED),
        # A closed case comes back when the petitioner contests a "satisfied" that staff recorded.
        "reopen": (frozenset({Stage.CONCLUDED, Stage.CLOSED}), Stage.HANDLING),
        "close": (frozenset({Stage.CONCLUDED, Stage.WITHDRAWN}), Stage.CLOSED),
        "archive": (frozenset({Stage.CLOSED}), Stage.ARCHIVED),
    },
)


class MessageStage(StrEnum):
    """Where a message to a petitioner stands; every message shows on the tracking page from the start."""

    WAITING = "waiting"
    SENT = "sent"
    SHOWN = "shown"  # only on the tracking page: there is no address, or no mail server
    FAILED = "failed"


MESSAGE = Workflow(
    name="message",
    moves={
        "send": (frozenset({MessageStage.WAITING}), MessageStage.SENT),
        "show": (frozenset({MessageStage.WAITING}), MessageStage.SHOWN),
        "try_again": (frozenset({MessageStage.WAITING}), MessageStage.WAITING),
        "give_up": (frozenset({MessageStage.WAITING}), MessageStage.FAILED),
    },
)


class UnreadStage(StrEnum):
    """Where a mail stands that was kept instead of registered."""

    WAITING = "waiting"
    REGISTERED = "registered"
    DISMISSED = "dismissed"


UNREAD_MAIL = Workflow(
    name="unread_mail",
    moves={
        "register": (frozenset({UnreadStage.WAITING}), UnreadStage.REGISTERED),
        "dismiss": (frozenset({UnreadStage.WAITING}), UnreadStage.DISMISSED),
    },
)


class LinkStage(StrEnum):
    """Whether two petitions are held to belong together. What was undone stays in the history and may be linked anew."""

    LINKED = "linked"
    UNDONE = "undone"


LINK = Workflow(name="link", moves={"undo": (frozenset({LinkStage.LINKED}), LinkStage.UNDONE)})
