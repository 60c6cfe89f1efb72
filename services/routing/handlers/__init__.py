"""Use cases of routing as plain functions, and the table of what it hears."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from services.routing import store
from services.routing.handlers import (
    alerting,
    appointments,
    clocks,
    events,
    extension,
    handover,
    objection,
    protocol,
    referred,
    signing,
    supervised,
)
from services.routing.handlers.accountability import record_accountability
from services.routing.handlers.delegating import hand_on, release
from services.routing.handlers.extension import ask_extension, decide_extension
from services.routing.handlers.handover import hand_over, take_up
from services.routing.handlers.judgement import approve, case_of_reply, return_reply, withdraw
from services.routing.handlers.objection import decide_objection
from services.routing.handlers.outcome import conclude
from services.routing.handlers.pausing import pause, resume
from services.routing.handlers.recusal import end_recusal, recuse
from services.routing.handlers.referral import conclude_referred, refer_up
from services.routing.handlers.review import check_reads, escalate, instruct, review
from services.routing.handlers.standing import check_reviewer, delegate, end_delegation, standing_in
from services.routing.handlers.work import object_to, progress, receive, reply
from shared.contract.envelope import Event
from shared.database import UnitOfWork

__all__ = [
    "HEARS", "approve", "ask_extension", "case_of_reply", "check_reads", "check_reviewer", "conclude", "conclude_referred", "decide_extension",
    "decide_objection", "delegate", "end_delegation", "end_recusal", "escalate", "hand_on", "hand_over", "instruct",
    "object_to", "pause", "preload", "progress", "receive", "record_accountability", "recuse", "refer_up", "release", "reply",
    "resume", "return_reply", "review", "standing_in", "take_up", "withdraw",
]  # fmt: skip

# Handlers of these never read the case.
UNREAD = ("assignment.", "deadline.", "directory.", "supervision.", "interview.", "circular.", "charge.proposed", "review.")
TOPICS = (events, protocol, objection, extension, clocks, handover, referred, signing, appointments, supervised, alerting)
HEARS: dict[str, events.Handler] = {
    name: alerting.after(handler, alerting.AFTER[name]) if name in alerting.AFTER else handler
    for topic in TOPICS for name, handler in topic.HEARS.items()
}  # fmt: skip


def preload(batch: Sequence[Event], uow: UnitOfWork) -> None:
    """Load the rows of a batch in sets: a statement for each table, not for each event."""
    foreign = [event for event in batch if event.organisation != uow.org and "assignment_id" in event.data]
    # Of our own assignment.* events nothing is loaded, and supervision's are written without the case being read.
    cases = [
        event for event in batch
        if not event.contract.name.startswith(UNREAD) or event in foreign
    ]  # fmt: skip
    store.load(
        uow,
        _ids(event.subject for event in cases),
        _ids(event.data["assignment_id"] for event in foreign),
        _ids(event.data.get("instruction_id") for event in foreign),
    )


def _ids(texts: Iterable[Any]) -> list[UUID]:
    """Those that are identifiers; a handler says what is wrong with the others."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except (ValueError, TypeError, AttributeError):
            continue
    return sorted(set(found))
