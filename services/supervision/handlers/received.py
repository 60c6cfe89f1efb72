"""What a superior's ladder sends to officials of this instance: kept, so that they find it among what was sent to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from services.supervision import store
from services.supervision.policy import Obligation, Step
from shared.contract.envelope import Event
from shared.contract.person import Person
from shared.database import UnitOfWork


def preload(events: Sequence[Event], uow: UnitOfWork) -> None:
    """Nothing: there are few."""


def sent(event: Event, uow: UnitOfWork) -> None:
    """supervision.reminded, supervision.noticed, interview.called, circular.listed: of a superior. Our own is on record already."""
    if event.organisation == uow.org:
        return
    data = event.data
    uow.rows(store.RECEIVED).put(
        store.Received(
            id=UUID(data["step_id"]), case_id=UUID(event.subject), issuer=event.organisation, step=Step(data["step"]),
            obligation=Obligation(data["obligation"]), responsible=Person.of(data["responsible"]),
            by=Person.of(data["by"]) if data.get("by") else None, document=data["document"],
            demand=data.get("demand") or data.get("reasons") or "",
            until=date.fromisoformat(data["until"]) if data.get("until") else None, taken_at=datetime.fromisoformat(data["at"]),
            interview_id=UUID(data["interview_id"]) if data.get("interview_id") else None,
        )
    )  # fmt: skip


def annulled(event: Event, uow: UnitOfWork) -> None:
    """supervision.annulled: shown as annulled."""
    found = uow.rows(store.RECEIVED).get(UUID(event.data["step_id"])) if event.organisation != uow.org else None
    if found is not None:
        uow.rows(store.RECEIVED).put(replace(found, ended_at=datetime.fromisoformat(event.data["at"])))


def appointed(event: Event, uow: UnitOfWork) -> None:
    """interview.appointed: where and when."""
    for one in _of_interview(event, uow):
        uow.rows(store.RECEIVED).put(
            replace(one, place=event.data["place"], meets_at=datetime.fromisoformat(event.data["meets_at"]))
        )


def held(event: Event, uow: UnitOfWork) -> None:
    """interview.held: what was demanded, until when."""
    for one in _of_interview(event, uow):
        data = event.data
        uow.rows(store.RECEIVED).put(
            replace(
                one, demand=data["demands"], until=date.fromisoformat(data["until"]), ended_at=datetime.fromisoformat(data["at"])
            )
        )


def cancelled(event: Event, uow: UnitOfWork) -> None:
    """interview.cancelled: over."""
    for one in _of_interview(event, uow):
        uow.rows(store.RECEIVED).put(replace(one, ended_at=datetime.fromisoformat(event.data["at"])))


def _of_interview(event: Event, uow: UnitOfWork) -> list[store.Received]:
    if event.organisation == uow.org:
        return []
    return uow.rows(store.RECEIVED).where("interview_id = %s AND case_id = %s", event.data["interview_id"], event.subject)


HEARS: dict[str, Callable[[Event, UnitOfWork], None]] = {
    "supervision.reminded": sent,
    "supervision.noticed": sent,
    "supervision.annulled": annulled,
    "interview.called": sent,
    "interview.appointed": appointed,
    "interview.held": held,
    "interview.cancelled": cancelled,
    "circular.listed": sent,
}
