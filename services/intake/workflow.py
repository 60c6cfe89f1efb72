"""The stages of what intake keeps: a petition as its petitioner sees it, a message, a call-back, a visit, a link."""

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
        # A closed case comes back when the petitioner contests a "satisfied" that staff recorded, or asks for it, or a review says so.
        "reopen": (frozenset({Stage.CONCLUDED, Stage.CLOSED, Stage.ARCHIVED}), Stage.HANDLING),
        "close": (frozenset({Stage.CONCLUDED, Stage.WITHDRAWN}), Stage.CLOSED),
        # The petitioner was not satisfied, and it was decided that there is no further round.
        "close_by_decision": (frozenset({Stage.HANDLING}), Stage.CLOSED),
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
        # The report may overtake our own record that it was sent.
        "bounce": (frozenset({MessageStage.WAITING, MessageStage.SENT}), MessageStage.FAILED),
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


class CallBackStage(StrEnum):
    """Where the duty stands to ring somebody back whose call nobody answered."""

    WAITING = "waiting"
    REACHED = "reached"
    ANSWERED = "answered"  # the caller got through by himself
    GIVEN_UP = "given_up"


CALL_BACK = Workflow(
    name="call_back",
    moves={
        "miss_again": (frozenset({CallBackStage.WAITING}), CallBackStage.WAITING),
        "try": (frozenset({CallBackStage.WAITING}), CallBackStage.WAITING),
        "reach": (frozenset({CallBackStage.WAITING}), CallBackStage.REACHED),
        "answer": (frozenset({CallBackStage.WAITING}), CallBackStage.ANSWERED),
        "give_up": (frozenset({CallBackStage.WAITING}), CallBackStage.GIVEN_UP),
    },
)


class BoardItemStage(StrEnum):
    """Where something stands that was written on a board the county names."""

    WAITING = "waiting"
    REGISTERED = "registered"
    ASIDE = "aside"  # it asks the county for nothing


BOARD_ITEM = Workflow(
    name="board_item",
    moves={
        "register": (frozenset({BoardItemStage.WAITING}), BoardItemStage.REGISTERED),
        "set_aside": (frozenset({BoardItemStage.WAITING}), BoardItemStage.ASIDE),
        # Its author wrote on, or a clerk thinks better of it.
        "take_up": (frozenset({BoardItemStage.ASIDE}), BoardItemStage.WAITING),
    },
)


class BoardReplyStage(StrEnum):
    """Where an answer stands that is to be read under the post."""

    WAITING = "waiting"
    BY_HAND = "by_hand"  # the board has no interface: a clerk posts it
    SENT = "sent"
    FAILED = "failed"
    POSTED = "posted"  # a clerk did, and says where


BOARD_REPLY = Workflow(
    name="board_reply",
    moves={
        "send": (frozenset({BoardReplyStage.WAITING}), BoardReplyStage.SENT),
        "try_again": (frozenset({BoardReplyStage.WAITING}), BoardReplyStage.WAITING),
        "give_up": (frozenset({BoardReplyStage.WAITING}), BoardReplyStage.FAILED),
        "send_anew": (frozenset({BoardReplyStage.FAILED}), BoardReplyStage.WAITING),
        "post_by_hand": (frozenset({BoardReplyStage.BY_HAND, BoardReplyStage.FAILED}), BoardReplyStage.POSTED),
    },
)


class VisitStage(StrEnum):
    """Where a visit to the reception room stands."""

    BOOKED = "booked"
    WAITING = "waiting"
    CALLED = "called"
    RECEIVING = "receiving"
    DONE = "done"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    LEFT = "left"


VISIT = Workflow(
    name="visit",
    moves={
        "rebook": (frozenset({VisitStage.BOOKED}), VisitStage.BOOKED),
        "cancel": (frozenset({VisitStage.BOOKED}), VisitStage.CANCELLED),
        # Who was written off and comes late on the same day is received all the same.
        "check_in": (frozenset({VisitStage.BOOKED, VisitStage.NO_SHOW}), VisitStage.WAITING),
        # The official was called away: who waits for him waits for another one.
        "transfer": (frozenset({VisitStage.WAITING}), VisitStage.WAITING),
        "call": (frozenset({VisitStage.WAITING}), VisitStage.CALLED),
        "put_back": (frozenset({VisitStage.CALLED}), VisitStage.WAITING),
        "begin": (frozenset({VisitStage.CALLED}), VisitStage.RECEIVING),
        "finish": (frozenset({VisitStage.RECEIVING}), VisitStage.DONE),
        "no_show": (frozenset({VisitStage.BOOKED, VisitStage.CALLED}), VisitStage.NO_SHOW),
        "leave": (frozenset({VisitStage.WAITING, VisitStage.CALLED, VisitStage.RECEIVING}), VisitStage.LEFT),
        # Written down by mistake: a booking is one again, who was here waits again.
        "reinstate": (frozenset({VisitStage.CANCELLED, VisitStage.NO_SHOW}), VisitStage.BOOKED),
        "come_back": (frozenset({VisitStage.NO_SHOW, VisitStage.LEFT}), VisitStage.WAITING),
    },
)


class LinkStage(StrEnum):
    """Whether two petitions are held to belong together. What was undone stays in the history and may be linked anew."""

    LINKED = "linked"
    UNDONE = "undone"


LINK = Workflow(name="link", moves={"undo": (frozenset({LinkStage.LINKED}), LinkStage.UNDONE)})


class ImportStage(StrEnum):
    """Where the import of a file of old cases stands."""

    WAITING = "waiting"  # for the process that reads it
    CHECKING = "checking"
    CHECKED = "checked"  # every row was looked at, nothing was registered; a person decides
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    UNREADABLE = "unreadable"


IMPORT_ALIVE = frozenset(
    {ImportStage.WAITING, ImportStage.CHECKING, ImportStage.CHECKED, ImportStage.RUNNING, ImportStage.PAUSED}
)
IMPORT_AT_WORK = frozenset({ImportStage.WAITING, ImportStage.CHECKING, ImportStage.RUNNING})

IMPORT_JOB = Workflow(
    name="import_job",
    moves={
        # A check that broke off is begun anew: it has changed nothing.
        "check": (frozenset({ImportStage.WAITING, ImportStage.CHECKING}), ImportStage.CHECKING),
        "checked": (frozenset({ImportStage.CHECKING}), ImportStage.CHECKED),
        "start": (frozenset({ImportStage.CHECKED}), ImportStage.RUNNING),
        "pause": (frozenset({ImportStage.RUNNING}), ImportStage.PAUSED),
        "go_on": (frozenset({ImportStage.PAUSED}), ImportStage.RUNNING),
        "finish": (frozenset({ImportStage.RUNNING}), ImportStage.DONE),
        "cancel": (IMPORT_ALIVE, ImportStage.CANCELLED),
        "give_up": (frozenset({ImportStage.CHECKING, ImportStage.RUNNING}), ImportStage.UNREADABLE),
    },
)
