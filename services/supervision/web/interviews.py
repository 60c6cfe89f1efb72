"""Accountability interviews: called, appointed, held and recorded, each with its print."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.supervision.handlers import interviews as handlers
from services.supervision.handlers import ladder_lists
from services.supervision.policy import Step
from services.supervision.web.common import READERS, WORDS, acting, blueprint, reader_now, sight_of
from services.supervision.web.ladder import again
from services.supervision.web.ladder_forms import AppointForm, CallForm, HoldForm, PagedArguments, ReasonsForm
from services.supervision.working_calendar import ZONE
from shared.errors import Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse, rerender

PAGE = 50
EVERYBODY = tuple(Role)
RECORDING = (Role.FIRST_IN_COMMAND, Role.OFFICE, Role.SUPERVISION_OFFICE)


@blueprint.get("/interviews")
@allow(*READERS)
def interviews() -> ResponseReturnValue:
    """Interviews to come, and those that were held."""
    page = parse(PagedArguments(), request.args)["page"]
    with unit_of_work("supervision") as uow:
        now = uow.now
        year = now.astimezone(ZONE).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
        rows, total = ladder_lists.interviews(uow, sight_of(reader_now()), year=year, limit=PAGE, offset=(page - 1) * PAGE)
    pages = max(1, -(-total["all"] // PAGE))
    return render_template(
        "supervision/interviews.html", rows=rows, total=total, words=WORDS, page=page, pages=pages, now=now, year=year.year
    )


@blueprint.post("/interviews")
@allow(Role.FIRST_IN_COMMAND)
def call_in() -> ResponseReturnValue:
    """Call the person responsible in, about what he has left undone."""
    try:
        form = parse(CallForm(), request.form)
        with unit_of_work("supervision") as uow:
            made = handlers.call(
                uow,
                sight_of(reader_now()),
                acting(uow, Role.FIRST_IN_COMMAND),
                form["ids"],
                key=form["key"],
                reasons=form["reasons"],
            )
    except (BadInput, Refused) as fault:
        return again(fault, Step.INTERVIEW)
    flash(gettext("已通知约谈%(name)s，请确定时间和地点。", name=made.person.name))
    return redirect(url_for(".interview", interview_id=made.id), 303)


@blueprint.get("/interviews/<uuid:interview_id>")
@allow(*READERS)
def interview(interview_id: UUID) -> ResponseReturnValue:
    """One interview, and what is to be done next."""
    return render_template("supervision/interview.html", **_one(interview_id))


def _one(interview_id: UUID) -> dict[str, Any]:
    reader = reader_now()
    with unit_of_work("supervision") as uow:
        found, misses = ladder_lists.interview(uow, sight_of(reader), interview_id)
        now = uow.now
    records = reader.may(*RECORDING) and found["person"]["official"] != reader.official_id
    return {"one": found, "misses": misses, "words": WORDS, "now": now, "records": records, "local": _local}


def _local(moment: Any) -> str:
    """An instant as a browser's box of date and time has it."""
    return f"{moment.astimezone(ZONE):%Y-%m-%dT%H:%M}" if moment else ""


def _act(interview_id: UUID, form: Any, action: Any, said: str) -> ResponseReturnValue:
    """Do something about an interview; what was wrong is shown on its page."""
    try:
        values = parse(form, request.form)
        with unit_of_work("supervision") as uow:
            action(uow, sight_of(reader_now()), acting(uow, *RECORDING), interview_id, **values)
    except (BadInput, Refused) as fault:
        if isinstance(fault, Refused) and fault.status in (403, 404):
            raise
        return rerender("supervision/interview.html", fault, **_one(interview_id))
    flash(said)
    return redirect(url_for(".interview", interview_id=interview_id), 303)


@blueprint.post("/interviews/<uuid:interview_id>/appoint")
@allow(*RECORDING)
def appoint(interview_id: UUID) -> ResponseReturnValue:
    """Say where and when."""
    return _act(interview_id, AppointForm(), handlers.appoint, gettext("时间和地点已确定，并已告知被约谈人。"))


@blueprint.post("/interviews/<uuid:interview_id>/record")
@allow(*RECORDING)
def record(interview_id: UUID) -> ResponseReturnValue:
    """Record that it was held."""
    return _act(interview_id, HoldForm(), handlers.hold, gettext("约谈记录已保存。"))


@blueprint.post("/interviews/<uuid:interview_id>/cancel")
@allow(*RECORDING)
def cancel(interview_id: UUID) -> ResponseReturnValue:
    """Call it off."""
    return _act(interview_id, ReasonsForm(), handlers.cancel, gettext("约谈已取消。"))


@blueprint.get("/interviews/<uuid:interview_id>/print")
@allow(*EVERYBODY)
def interview_print(interview_id: UUID) -> ResponseReturnValue:
    """The call, or the record once it was held, on A4: for those who supervise, and for whom it is about."""
    reader = reader_now()
    who = sight_of(reader)
    if not reader.may(*READERS):
        who |= {"exact": [], "prefixes": []}
    with unit_of_work("supervision") as uow:
        found, misses = ladder_lists.interview(uow, who, interview_id, own=True)
    return render_template(
        "supervision/interview_print.html",
        one=found,
        misses=misses,
        words=WORDS,
        instance=current_app.extensions["zhida"].settings,
    )
