"""Whom to ask, and what came of it. Units and persons responsible see neither."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.followup import handlers
from services.followup.domain import STAFF_MANNERS, STAFF_RESULTS
from services.followup.handlers import listing
from services.followup.web.common import PAGE, QUEUES, READERS, WORDS, blueprint, person, posts_of, reader_here, sight_of
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse, rerender
from shared.web.frame import menu
from shared.web.session import Reader

SAID = {
    "satisfied": _("已记录：满意。本件已结案存档。"),
    "not_satisfied": _("已记录：不满意。本件转回继续办理。"),
    "not_reached": _("已记录：未联系上。请改日再试。"),
}


class ListArguments(Schema):
    """What the address of the list may say."""

    queue = fields.String(validate=validate.OneOf(list(QUEUES)), metadata={"label": _("分组")})
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000), metadata={"label": _("页码")})


class TryForm(Schema):
    """One try to ask. `try_id` comes with the form, so that sending it twice records it once."""

    try_id = fields.UUID(required=True, metadata={"label": _("表单编号")})
    manner = fields.String(required=True, validate=validate.OneOf(STAFF_MANNERS), metadata={"label": _("回访方式")})
    result = fields.String(required=True, validate=validate.OneOf(STAFF_RESULTS), metadata={"label": _("回访结果")})


def _waiting(reader: Reader) -> int | None:
    with unit_of_work("followup") as uow:
        return listing.counts(uow, sight_of(reader), uow.now)["open"] if reader.may(Role.FOLLOWUP) else None


menu(blueprint, _("回访"), ".tasks", order=40, badge=_waiting)


@blueprint.get("/tasks")
@allow(*READERS)
def tasks() -> ResponseReturnValue:
    """The tasks by queue; without one the first, by urgency, that is not empty."""
    asked, who = parse(ListArguments(), request.args), sight_of(reader_here())
    with unit_of_work("followup") as uow:
        now = uow.now
        counts = listing.counts(uow, who, now)
        queue = asked.get("queue") or next((name for name in QUEUES if counts[name]), "open")
        pages = max(1, -(-counts[queue] // PAGE))
        page = min(asked["page"], pages)
        rows = listing.page(uow, who, now, queue, limit=PAGE, offset=(page - 1) * PAGE)
    return render_template(
        "followup/tasks.html", rows=rows, counts=counts, queue=queue, queues=QUEUES, page=page, pages=pages,
        words=WORDS, now=now, sample=who["sample"],
    )  # fmt: skip


@blueprint.get("/tasks/<uuid:task_id>")
@allow(*READERS)
def task(task_id: UUID) -> ResponseReturnValue:
    """One task: the case, what the petitioner was told, the tries; for follow-up staff the form of a further try."""
    with unit_of_work("followup") as uow:
        return render_template("followup/task.html", **_shown(uow, task_id))


@blueprint.post("/tasks/<uuid:task_id>")
@allow(Role.FOLLOWUP)
def record(task_id: UUID) -> ResponseReturnValue:
    """Record a try. Sent twice it is recorded once; refused, the form comes back with what was wrong."""
    try:
        form = parse(TryForm(), request.form)
        with unit_of_work("followup") as uow:
            _seen(uow, task_id)
            handlers.record_try(uow, task_id, by=person(), posts=sorted(posts_of(reader_here())), **form)
    except (BadInput, Refused) as fault:
        if isinstance(fault, Refused) and fault.status in (403, 404):
            raise
        with unit_of_work("followup") as uow:
            return rerender("followup/task.html", fault, **_shown(uow, task_id))
    flash(str(SAID[form["result"]]))
    return redirect(url_for(".task", task_id=task_id), 303)


def _seen(uow: UnitOfWork, task_id: UUID) -> dict[str, Any]:
    """The task. Raises NotFound, and tells the app's hook, when there is none or the reader may not see it."""
    found = listing.one(uow, sight_of(reader_here()), task_id)
    if found is None:
        current_app.extensions["zhida"].refused(request.endpoint, reader_here().official_id, "task not visible")
        raise NotFound("task", "没有找到这件回访。", "请返回列表，重新选择。")
    return found


def _shown(uow: UnitOfWork, task_id: UUID) -> dict[str, Any]:
    """What the page of a task is drawn from."""
    found, reader = _seen(uow, task_id), reader_here()
    return {
        "task": found, "words": WORDS, "now": uow.now, "manners": STAFF_MANNERS, "try_id": uuid7(),
        "form": found["stage"] == "open" and reader.may(Role.FOLLOWUP),
        "own": found["concluded_by"]["official"] == reader.official_id,
        "dossier": reader.may(Role.SUPERVISION_OFFICE, Role.AUDITOR),
    }  # fmt: skip
