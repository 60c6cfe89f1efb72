"""What supervision sent to officials of this instance, its own or a superior's: shown where they work."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.routing import store
from services.routing.handlers.events import Handler, key, moment
from shared.contract.envelope import Event
from shared.contract.person import Person
from shared.database import UnitOfWork


def sent(event: Event, uow: UnitOfWork) -> None:
    """supervision.reminded, supervision.noticed, interview.called, circular.listed."""
    data = event.data
    uow.rows(store.SUPERVISED).put(
        store.Supervised(
            id=UUID(data["step_id"]), case_id=key(event), issuer=event.organisation, step=data["step"], obligation=data["obligation"],
            responsible=Person.of(data["responsible"]), document=data["document"],
            demand=data.get("demand") or data.get("reasons") or "", until=date.fromisoformat(data["until"]) if data.get("until") else None,
            taken_at=moment(data["at"]), interview_id=UUID(data["interview_id"]) if data.get("interview_id") else None,
        )
    )  # fmt: skip


def annulled(event: Event, uow: UnitOfWork) -> None:
    """supervision.annulled: no longer shown."""
    found = uow.rows(store.SUPERVISED).get(UUID(event.data["step_id"]))
    if found is not None:
        uow.rows(store.SUPERVISED).put(replace(found, ended_at=moment(event.data["at"])))


def appointed(event: Event, uow: UnitOfWork) -> None:
    """interview.appointed: where and when."""
    for one in _of_interview(event, uow):
        uow.rows(store.SUPERVISED).put(replace(one, place=event.data["place"], meets_at=moment(event.data["meets_at"])))


def held(event: Event, uow: UnitOfWork) -> None:
    """interview.held: what was demanded, until when; that is still owed, so it is shown on."""
    for one in _of_interview(event, uow):
        until = date.fromisoformat(event.data["until"])
        uow.rows(store.SUPERVISED).put(replace(one, demand=event.data["demands"], until=until))


def cancelled(event: Event, uow: UnitOfWork) -> None:
    """interview.cancelled: no longer shown."""
    for one in _of_interview(event, uow):
        uow.rows(store.SUPERVISED).put(replace(one, ended_at=moment(event.data["at"])))


def _of_interview(event: Event, uow: UnitOfWork) -> list[store.Supervised]:
    return uow.rows(store.SUPERVISED).where("interview_id = %s AND case_id = %s", event.data["interview_id"], event.subject)


HEARS: dict[str, Handler] = {
    "supervision.reminded": sent,
    "supervision.noticed": sent,
    "supervision.annulled": annulled,
    "interview.called": sent,
    "interview.appointed": appointed,
    "interview.held": held,
    "interview.cancelled": cancelled,
    "circular.listed": sent,
}
