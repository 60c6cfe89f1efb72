"""A service's own picture of the directory, kept from directory.* events; what sign-in and names on pages rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contract.envelope import Event
from shared.database import UnitOfWork
from shared.rows import Table


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """An organisation by its national code; `has_instance` means that it works in a system of its own."""

    code: str
    name: str
    name_en: str
    superior: str | None
    has_instance: bool


@dataclass(frozen=True, kw_only=True)
class Official:
    """An official and the posts held: [{organisation, title, roles}], the first being the one signed with."""

    official: str
    name: str
    active: bool
    posts: tuple[dict[str, Any], ...]


ORGANISATIONS = Table("organisation", Organisation, ("code",))
OFFICIALS = Table("official", Official, ("official",))


def record_organisation(event: Event, uow: UnitOfWork) -> None:
    """directory.organisation_recorded: the latest word stands."""
    data = event.data
    uow.rows(ORGANISATIONS).put(
        Organisation(**{name: data[name] for name in ("code", "name", "name_en", "superior", "has_instance")})
    )


def record_official(event: Event, uow: UnitOfWork) -> None:
    """directory.official_recorded: the latest word stands."""
    data = event.data
    uow.rows(OFFICIALS).put(
        Official(official=data["official"], name=data["name"], active=data["active"], posts=tuple(data["posts"]))
    )


def end_session(event: Event, uow: UnitOfWork) -> None:
    """directory.session_ended: from now on the session's token is refused, although it has not run out."""
    data = event.data
    uow.all(
        "INSERT INTO session_ended (session, official, before) VALUES (%(session)s, %(official)s, %(before)s)",
        session=data.get("session"), official=data["official"], before=datetime.fromisoformat(data["before"]),
    )  # fmt: skip


def session_is_over(uow: UnitOfWork, *, session: str, official: str, begun: datetime) -> bool:
    """Whether a token's session was ended, or its official is no longer active."""
    found = uow.one(
        "SELECT EXISTS (SELECT FROM session_ended WHERE official = %(official)s AND"
        " (session = %(session)s OR (session IS NULL AND before >= %(begun)s)))"
        " OR EXISTS (SELECT FROM official WHERE official = %(official)s AND NOT active) AS over",
        session=session, official=official, begun=begun,
    )  # fmt: skip
    return bool(found and found["over"])


HEARS = {
    "directory.organisation_recorded": record_organisation,
    "directory.official_recorded": record_official,
    "directory.session_ended": end_session,
}
