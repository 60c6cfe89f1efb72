"""The public's side of the reception calendar: the weeks to come, as a page and as iCalendar; booking, and one's own booking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from flask import Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from services.intake.domain.reception import Session
from services.intake.domain.visits import Visit
from services.intake.handlers import visits
from services.intake.handlers.queue import screen
from services.intake.handlers.reception import (
    Opening,
    last_changed,
    public_openings,
    receiver_of,
    receivers,
    session_by_id,
)
from services.intake.handlers.visits import Booked, CaseNamed
from services.intake.schemas.tracking import TrackForm, WithdrawForm
from services.intake.schemas.visits import BookingForm, RebookForm, visitor
from services.intake.store import read_visit, reception_plan
from services.intake.web.agenda import icalendar
from services.intake.web.common import blueprint, costly_rate, drawn_again, explained, public_rate, vault
from services.intake.workflow import VisitStage
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

menu(blueprint, _("接访日程"), ".calendar", order=3)
FRESH = 15 * 60  # seconds for which a calendar may be kept by whoever fetched it
SEEN_FOR = timedelta(days=7)  # how long iCalendar keeps what is over


@blueprint.get("/reception")
@public
def calendar() -> ResponseReturnValue:
    """The public weeks by week and day: who receives, where, how many places are free."""
    with unit_of_work("intake") as uow:
        weeks = by_week(public_openings(uow))
    return render_template("intake/reception.html", weeks=weeks)


def by_week(found: list[Opening]) -> list[tuple[date, list[Opening]]]:
    """Sessions in time order, by the Monday of each week that has any."""
    weeks = groupby(found, key=lambda one: one.session.held_on - timedelta(days=one.session.held_on.weekday()))
    return [(monday, list(week)) for monday, week in weeks]


@blueprint.get("/reception.ics")
@public
def calendar_file() -> ResponseReturnValue:
    """The same as iCalendar; it may be kept for a quarter of an hour, and an unchanged one is not sent twice."""
    settings = current_app.extensions["zhida"].settings
    with unit_of_work("intake") as uow:
        found = public_openings(uow, since=SEEN_FOR)
        changed = last_changed(found, uow.now)
    made = icalendar(found, title=f"{settings.org_name}接访", domain=f"{settings.org}.zhida")
    response = Response(made, mimetype="text/calendar")
    response.headers["Content-Disposition"] = 'inline; filename="reception.ics"'
    response.headers["Cache-Control"] = f"public, max-age={FRESH}"
    response.last_modified = changed
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/reception/screen")
@public
def waiting_screen() -> ResponseReturnValue:
    """What hangs in the waiting room: tickets and rooms, no names. It reloads itself without a script, until a reader stops it."""
    with unit_of_work("intake") as uow:
        return render_template("intake/reception_screen.html", **screen(uow), at=uow.now, still="still" in request.args)


@blueprint.get("/reception/<uuid:session_id>")
@public
def booking_form(session_id: UUID) -> ResponseReturnValue:
    """The form for one session."""
    return draw_booking(session_id, by_clerk=False, values={"key": str(uuid4())})


@blueprint.post("/reception/<uuid:session_id>")
@public
@limiter.limit(costly_rate)
def book(session_id: UUID) -> ResponseReturnValue:
    """Book; the answer is the receipt, and the same one when the form is sent again."""
    try:
        data = parse(BookingForm(), request.form)
        case = CaseNamed(number=data["case_number"], code=data["case_code"])
        with unit_of_work("intake") as uow:
            booked = visits.book(uow, vault(), visitor(data), session_id, key=data["key"], slot=data["slot"], case=case)
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: draw_booking(session_id, by_clerk=False, **context))
    return draw_receipt(booked), 201


def draw_booking(session_id: UUID, *, by_clerk: bool, **context: Any) -> str:
    """The form of a session with its free times; 404 when it is not in the public weeks."""
    context["values"].setdefault("key", str(uuid4()))
    with unit_of_work("intake") as uow:
        opening = next((one for one in public_openings(uow) if one.session.id == session_id), None)
    if opening is None:
        abort(404)
    return render_template("intake/booking_form.html", opening=opening, by_clerk=by_clerk, **context)


def draw_receipt(booked: Booked, *, by_clerk: bool = False) -> str:
    """Number, code, time and place."""
    with unit_of_work("intake") as uow:
        visit = read_visit(uow, booked.visit_id)
        if visit is None:
            abort(404)
        opening = opening_of(uow, visit)
    return render_template("intake/booking_receipt.html", booked=booked, visit=visit, opening=opening, by_clerk=by_clerk)


def opening_of(uow: UnitOfWork, visit: Visit) -> Opening | None:
    """The session of a visit as it stands, with its official."""
    session: Session | None = session_by_id(reception_plan(uow), visit.session, visit.held_on, visit.held_on)
    return Opening(session=session, receiver=receiver_of(receivers(uow), session.official), free=()) if session else None


# -- one's own booking -----------------------------------------------------------------------------------------------------


@blueprint.get("/reception/booking")
@public
def booking() -> ResponseReturnValue:
    """The form that asks for number and code."""
    return _ask()


@blueprint.post("/reception/booking")
@public
@limiter.limit(public_rate)
def booking_shown() -> ResponseReturnValue:
    """How the booking stands. A wrong number and a wrong code get the same answer."""
    return _act(TrackForm(), lambda uow, visit_id, data: "")


@blueprint.post("/reception/booking/cancel")
@public
@limiter.limit(public_rate)
def booking_cancelled() -> ResponseReturnValue:
    """The petitioner does not come."""

    def act(uow: UnitOfWork, visit_id: UUID, data: dict[str, Any]) -> str:
        visits.cancel(uow, visit_id)
        return gettext("预约已取消。")

    return _act(WithdrawForm(), act)


@blueprint.post("/reception/booking/change")
@public
@limiter.limit(public_rate)
def booking_changed() -> ResponseReturnValue:
    """Another session; the old place is kept until the new one is sure."""

    def act(uow: UnitOfWork, visit_id: UUID, data: dict[str, Any]) -> str:
        visits.rebook(uow, visit_id, data["session"], None)
        return gettext("预约已改。")

    return _act(RebookForm(), act)


def _act(schema: Any, act: Callable[[UnitOfWork, UUID, dict[str, Any]], str]) -> ResponseReturnValue:
    """Check number and code, act, and draw the booking as it then stands; a mistake in the act is shown on that page."""
    try:
        known = parse(TrackForm(), request.form)
        with unit_of_work("intake") as uow:
            visit_id = visits.visit_of_code(uow, number=known["number"], code=known["code"])
    except (BadInput, Refused) as fault:
        return drawn_again(fault, _ask)
    try:
        data = parse(schema, request.form)
        with unit_of_work("intake") as uow:
            done = act(uow, visit_id, data)
    except (BadInput, Refused) as fault:
        bad = explained(fault)
        return _show(visit_id, known, errors=bad.errors), bad.code or 422
    return _show(visit_id, known, done=done)


def _ask(**context: Any) -> str:
    return render_template("intake/booking.html", **context)


def _show(visit_id: UUID, known: dict[str, Any], *, done: str = "", errors: Any = ()) -> str:
    """The booking's page. Who reads it knows how the session stands, and need not be called."""
    with unit_of_work("intake") as uow:
        visit = visits.told(uow, visit_id, None)
        opening = opening_of(uow, visit)
        others = [one for one in public_openings(uow) if one.free] if visit.stage is VisitStage.BOOKED else []
    return render_template(
        "intake/booking_shown.html", visit=visit, opening=opening, others=others, known=known, done=done, errors=list(errors)
    )
