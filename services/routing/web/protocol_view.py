"""What the pages show of the protocol: parts and joint units under an assignment, time that was given, posts that changed hands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.routing import domain, store
from services.routing.web.case_view import rounds_of
from services.routing.web.common import fresh, reader
from shared.contract.person import Person
from shared.database import UnitOfWork

Row = dict[str, Any]
WORKING = ("received", "objected", "progressed", "returned")


def below(uow: UnitOfWork, row: Row, every: list[Row] | None = None) -> list[Row]:
    """What comes to whoever is responsible for an assignment: its parts, and to a lead here what the joint units do."""
    if every is None:
        every = [one for instruction in rounds_of(uow, row["case_id"]) for one in instruction["assignments"]]
    leads = row["part"] == "lead" and row["issuer"] == row["instance"] == uow.org
    return [
        one for one in every
        if one["parent"] == row["id"]
        or (leads and one["part"] == "joint" and one["round"] == row["round"] and one["issuer"] == uow.org and one["parent"] is None)
    ]  # fmt: skip


def of_assignment(uow: UnitOfWork, row: Row, every: list[Row], *, mine: bool) -> Row:
    """For an assignment's page."""
    rows = of_case(uow, row["case_id"])
    whole = row["parent"] is None
    under = below(uow, row, every)
    directory = store.directory(uow)
    free = {
        one["responsible"]["official"]
        for one in under
        if one["parent"] == row["id"] and one["stage"] not in ("approved", "withdrawn")
    }
    bars = uow.rows(store.BARS).get(row["case_id"])
    receivers = domain.receivers(directory, Person.of(row["responsible"])) if mine and whole else []
    asked = [one for one in rows["extensions"] if one["assignment_id"] == row["id"] or one["stage"] == "granted"]
    limit = uow.one(store.SQL["objection_limit"], assignment=row["id"])
    return {
        **rows, "extensions": asked, "under": under, "objection_limit": limit["due_at"] if limit else None,
        "receivers": [one for one in receivers if one.official not in free and not barred(bars, one, directory)],
        "may_hand_on": mine and whole and row["stage"] in WORKING,
        "may_ask": mine and whole and row["stage"] in WORKING and not any(one["stage"] in ("asked", "granted") for one in asked),
        "may_object": mine and row["objected_at"] is None and row["stage"] in WORKING[:3],
        "extension_id": fresh(), "part_id": fresh(), "decision_id": fresh(),
        "handovers": [one for one in rows["handovers"] if one["assignment_id"] == row["id"]],
    }  # fmt: skip


def barred(bars: domain.Bars | None, person: Person, directory: domain.Directory) -> bool:
    return bars is not None and bars.bar(person.official, domain.posts_of(person.official, directory, person.organisation))


def of_case(uow: UnitOfWork, case_id: UUID) -> Row:
    """For a case's page."""
    found = {name: uow.all(store.SQL[f"{name}_of_case"], case=case_id) for name in ("extensions", "pauses", "handovers")}
    pauses = found["pauses"]
    standing = next((one for one in pauses if one["resumed_at"] is None), None)
    return {**found, "standing_still": standing, "pause_id": fresh(), "decision_id": fresh(), "me": reader().official_id}
