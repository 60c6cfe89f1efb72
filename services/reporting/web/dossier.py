"""One case, one file: the dossier as a page, on paper, and as a resource."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app, render_template, request
from flask_babel import get_locale
from marshmallow import Schema, fields

from services.reporting.domain import dossier
from services.reporting.handlers import archive, listing
from services.reporting.handlers.seeing import Sight
from services.reporting.store import SQL
from services.reporting.web import words
from services.reporting.web.parts import api, blueprint, not_found, reader, readers, sight
from shared.database import UnitOfWork
from shared.errors import Forbidden
from shared.web.access import Role
from shared.web.databases import unit_of_work

AT_WORK = (Role.FIRST_IN_COMMAND, Role.OFFICE, Role.SUPERVISION_OFFICE, Role.AUDITOR)


class PersonData(Schema):
    """An official in a post."""

    official = fields.String()
    name = fields.String()
    post = fields.String()
    organisation = fields.String()


class CaseData(Schema):
    """A case as the list shows it. Instants are UTC."""

    case_id = fields.UUID()
    organisation = fields.String()
    number = fields.String()
    channel = fields.String()
    category = fields.String()
    place = fields.String(allow_none=True)
    title = fields.String()
    brief = fields.String()
    case_class = fields.String(allow_none=True)
    confidential = fields.Boolean()
    stage = fields.String()
    round = fields.Integer()
    responsible = fields.Nested(PersonData, allow_none=True)
    registered_at = fields.AwareDateTime(allow_none=True)
    reviewed_at = fields.AwareDateTime(allow_none=True)
    dispatched_at = fields.AwareDateTime(allow_none=True)
    received_at = fields.AwareDateTime(allow_none=True)
    replied_at = fields.AwareDateTime(allow_none=True)
    concluded_at = fields.AwareDateTime(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    archived_at = fields.AwareDateTime(allow_none=True)
    conclude_due_at = fields.AwareDateTime(allow_none=True)
    reply_due_at = fields.AwareDateTime(allow_none=True)


class EntryData(Schema):
    """One thing that happened; `data` is what the event `name` told, by its contract."""

    event_id = fields.UUID()
    name = fields.String()
    source = fields.String()
    occurred_at = fields.AwareDateTime()
    at = fields.AwareDateTime()
    round = fields.Integer(allow_none=True)
    by = fields.Nested(PersonData, allow_none=True)
    data = fields.Dict()


class DossierData(Schema):
    """A case and its entries in time order."""

    case = fields.Nested(CaseData)
    entries = fields.List(fields.Nested(EntryData))


def open_dossier(uow: UnitOfWork, case_id: UUID) -> tuple[dict[str, Any], list[dossier.Entry], Sight]:
    """A case and its dossier, and that it was read is noted. Raises NotFound, or Forbidden for a confidential one, when it is not
    for this reader."""
    sees = sight(uow)
    row = listing.one(uow, sees, case_id)
    if row is None:
        raise not_found()
    if not row["readable"]:
        raise Forbidden(
            "case", "本件是保密件，只有责任人本人、批示的一把手和领导小组办公室可以查看。", "需要了解的，请与领导小组办公室联系。"
        )
    uow.all(SQL["note_reading"], case=case_id, me=reader().official_id, now=uow.now)
    events = [archive.read(kept["stream"], bytes(kept["body"])) for kept in uow.all(SQL["archive"], case=str(case_id))]
    # A handed-down case's follow-up is the superior's, and its answers are not for those about whose work he was asked;
    # and who is kept from it is the superior's business too.
    own = row["organisation"] == sees.own
    seen = {other for other in dossier.others(events) if _sees(uow, sees, other)}
    answers = sees.everything and own and not dossier.took_part(events, sees.official, sees.workplaces)
    return row, dossier.entries(events, answers=answers, recusals=sees.recusals and own, seen=seen), sees


def _sees(uow: UnitOfWork, sees: Sight, case: str) -> bool:
    """Whether a case that another one is linked with is this reader's to see."""
    with suppress(ValueError):
        row = listing.one(uow, sees, UUID(case))
        return row is not None and bool(row["readable"])
    return False


def _work(case_id: UUID) -> str | None:
    """Where the case is worked on, for whoever may open that page, if this process serves it."""
    path, adapter = f"/routing/cases/{case_id}", current_app.url_map.bind_to_environ(request.environ)
    return path if adapter.test(path, "GET") and reader().may(*AT_WORK) else None


@blueprint.get("/cases/<uuid:case_id>")
@readers
def case(case_id: UUID) -> str:
    """The dossier as a page, and as it is printed."""
    with unit_of_work("reporting") as uow:
        row, entries, sees = open_dossier(uow, case_id)
        moment = uow.now
        names = organisation_names(uow)
    return render_template(
        "reporting/dossier.html", case=row, entries=[shown(entry, names) for entry in entries],
        rounds=dossier.rounds(entries), deadlines=dossier.deadlines(entries), names=names, words=words, word=words.word,
        instant=datetime.fromisoformat,
        work=_work(case_id), moment_now=moment, printed_by=reader().name,
        instance=names.get(sees.own, current_app.extensions["zhida"].settings.org_name),
    )  # fmt: skip


@api.route("/cases/<uuid:case_id>/dossier")
@readers
@api.response(200, DossierData)
def case_dossier(case_id: UUID) -> dict[str, Any]:
    """Everything about a case in time order."""
    with unit_of_work("reporting") as uow:
        row, entries, _ = open_dossier(uow, case_id)
    return {"case": row, "entries": [dossier.as_json(entry) for entry in entries]}


def organisation_names(uow: UnitOfWork) -> dict[str, str]:
    """What organisations are called in the reader's language."""
    field = "name_en" if str(get_locale()) == "en" else "name"
    return {row["code"]: row[field] for row in uow.all(SQL["names"])}


def shown(entry: dossier.Entry, names: dict[str, str]) -> dict[str, Any]:
    """An entry with its title, look and who did it, as the timeline draws it."""
    kind, tone = words.LOOKS[entry.name]
    if entry.name == "case.registered":
        kind = entry.data["channel"]
    if entry.name == "deadline.met" and not entry.data["in_time"]:
        tone = "late"
    who = ""
    if entry.by:
        who = f"{entry.by.name} {entry.by.post}（{names.get(entry.by.organisation, entry.by.organisation)}）"
    return {
        "at": entry.at, "title": words.TITLES[entry.name], "kind": kind, "tone": tone, "who": who, "round": entry.round,
        "name": entry.name, "data": entry.data, "event_id": entry.event_id, "source": entry.source,
        "occurred_at": entry.occurred_at,
    }  # fmt: skip
