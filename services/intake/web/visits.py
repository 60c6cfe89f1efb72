"""The reception room's desk: the day's queues, tickets, whom to call, bookings and walk-ins at the counter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from services.intake.domain.planning import day_of
from services.intake.domain.queueing import REASONS
from services.intake.domain.visits import EndedFor, Visit
from services.intake.handlers import queue, visitors, visits
from services.intake.handlers.reception import openings, public_openings
from services.intake.handlers.visits import CaseNamed
from services.intake.schemas.visits import (
    CheckInForm,
    ClerkBookingForm,
    ClosingForm,
    DayForm,
    SessionForm,
    StepForm,
    VisitorForm,
    WalkInForm,
    visitor,
)
from services.intake.store import read_visit
from services.intake.web.common import EDITORS, blueprint, drawn_again, explained, vault, viewer, viewer_of
from services.intake.web.reception import draw_booking, draw_receipt, opening_of
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu
from shared.web.session import Reader


def _waiting(reader: Reader) -> int:
    with unit_of_work("intake") as uow:
        return queue.waiting(uow, viewer_of(reader))


menu(blueprint, _("接访"), ".visits_page", order=12, badge=_waiting)


@blueprint.get("/intake/visits")
@allow(*EDITORS)
def visits_page() -> ResponseReturnValue:
    """The queues of a day, today's by default."""
    return _draw(parse(DayForm(), request.args)["on"])


@blueprint.post("/intake/visits")
@allow(*EDITORS)
def find_visitor() -> ResponseReturnValue:
    """The day once more, with the visits of whoever is at the counter. Sent in a form: no name stands in an address."""
    try:
        data = parse(VisitorForm(), request.form)
        with unit_of_work("intake") as uow:
            day = data["on"] or day_of(uow.now)
            found = visitors.find(uow, vault(), data["visitor"], day, viewer())
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda errors, values: _draw(_day_sent(), errors, values=values))
    return _draw(day, found=found, values={"visitor": data["visitor"]})


def _day_sent() -> date | None:
    try:
        day: date | None = parse(DayForm(), {"on": request.form.get("on", "")})["on"]
    except BadInput:
        return None
    return day


def _draw(day: date | None = None, errors: Any = (), found: list[Visit] | None = None, **more: Any) -> str:
    with unit_of_work("intake") as uow:
        today = day_of(uow.now)
        lines = queue.lines(uow, day or today, viewer())
        calls = queue.to_call(uow, viewer())
        coming = public_openings(uow)
        shown = [visit for line in lines for visit in line.all] + [one.visit for one in calls] + (found or [])
        names = visitors.masked_names(uow, vault(), shown, viewer())
    return render_template(
        "intake/visits.html", day=day or today, today=today, lines=lines, to_call=calls, names=names, found=found, reasons=REASONS,
        bookable=[one for one in coming if one.free], errors=list(errors), by_session={one.session.id: one for one in coming}, **more,
    )  # fmt: skip


def _done(act: Callable[[UnitOfWork], Visit], said: str = "", *, visit_id: UUID | None = None) -> ResponseReturnValue:
    """Do one thing to a visit and go back to its day; what is wrong is said on that day's page, at the visit `visit_id`."""
    try:
        with unit_of_work("intake") as uow:
            visit = act(uow)
    except (BadInput, Refused) as fault:
        bad = explained(fault)
        with unit_of_work("intake") as uow:
            kept = read_visit(uow, visit_id) if visit_id else None
        return _draw(kept.held_on if kept else None, bad.errors, failed=(visit_id, request.form.get("action"))), bad.code or 422
    if said:
        flash(said)
    return redirect(url_for("intake.visits_page", on=visit.held_on.isoformat()), 303)


@blueprint.get("/intake/visits/book/<uuid:session_id>")
@allow(*EDITORS)
def clerk_booking_form(session_id: UUID) -> ResponseReturnValue:
    """Book for a petitioner at the counter or on the telephone."""
    return draw_booking(session_id, by_clerk=True, values={"key": str(uuid4())})


@blueprint.post("/intake/visits/book/<uuid:session_id>")
@allow(*EDITORS)
def clerk_booking(session_id: UUID) -> ResponseReturnValue:
    """Book, and show the receipt that the petitioner is handed or told."""
    try:
        data = parse(ClerkBookingForm(), request.form)
        case = CaseNamed(number=data["case_number"])
        with unit_of_work("intake") as uow:
            booked = visits.book(
                uow, vault(), visitor(data), session_id, key=data["key"], slot=data["slot"], case=case, clerk=viewer()
            )
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: draw_booking(session_id, by_clerk=True, **context))
    return draw_receipt(booked, by_clerk=True), 201


@blueprint.get("/intake/visits/walk-in")
@allow(*EDITORS)
def walk_in_form() -> ResponseReturnValue:
    """The form for whoever comes without a booking."""
    return _draw_walk_in(values={"key": str(uuid4())})


@blueprint.post("/intake/visits/walk-in")
@allow(*EDITORS)
def walk_in() -> ResponseReturnValue:
    """A ticket, and the same one when the form is sent again."""
    try:
        data = parse(WalkInForm(), request.form)
        with unit_of_work("intake") as uow:
            booked = visits.walk_in(
                uow, vault(), visitor(data), data["session"], inside=data["inside"], key=data["key"], clerk=viewer(),
                case=CaseNamed(number=data["case_number"]),
            )  # fmt: skip
    except (BadInput, Refused) as fault:
        return drawn_again(fault, _draw_walk_in)
    return redirect(url_for("intake.ticket", visit_id=booked.visit_id), 303)


def _draw_walk_in(**context: Any) -> str:
    context["values"].setdefault("key", str(uuid4()))
    with unit_of_work("intake") as uow:
        today = day_of(uow.now)
        held = [one for one in openings(uow, today, today) if not one.session.cancelled and one.session.ends_at > uow.now]
    return render_template("intake/walk_in.html", held=held, **context)


@blueprint.post("/intake/visits/<uuid:visit_id>/check-in")
@allow(*EDITORS)
def check_in(visit_id: UUID) -> ResponseReturnValue:
    """The visitor is here; the ticket is shown to be printed."""
    try:
        inside = parse(CheckInForm(), request.form)["inside"]
        with unit_of_work("intake") as uow:
            visits.check_in(uow, visit_id, viewer(), inside=inside)
    except (BadInput, Refused) as fault:
        bad = explained(fault)
        return _draw(errors=bad.errors), bad.code or 422
    return redirect(url_for("intake.ticket", visit_id=visit_id), 303)


@blueprint.get("/intake/visits/<uuid:visit_id>/ticket")
@allow(*EDITORS)
def ticket(visit_id: UUID) -> ResponseReturnValue:
    """The ticket as it is printed: number, room, time; no name."""
    with unit_of_work("intake") as uow:
        visit = visits.lock_visit(uow, visit_id, viewer())
        opening = opening_of(uow, visit)
    if not visit.ticket:
        abort(404)
    return render_template("intake/ticket.html", visit=visit, opening=opening)


@blueprint.post("/intake/visits/<uuid:visit_id>/step")
@allow(*EDITORS)
def step(visit_id: UUID) -> ResponseReturnValue:
    """Call, put back, begin, no show, leave."""
    try:
        action = parse(StepForm(), request.form)["action"]
    except BadInput as fault:
        return _draw(errors=fault.errors), 422
    if action == "begin":
        return _begin(visit_id)
    if action in ("no_show", "leave"):
        return _close(visit_id, action, gettext("已记下。记错的可在“已结束”中撤销。"))
    return _done(lambda uow: visits.step(uow, visit_id, viewer(), action), visit_id=visit_id)


def _close(visit_id: UUID, action: str, said: str) -> ResponseReturnValue:
    """A visit ends without a reception, for a reason where one matters."""

    def act(uow: UnitOfWork) -> Visit:
        reason = parse(ClosingForm(), request.form)["ended_for"]
        return visits.close(uow, visit_id, viewer(), action, EndedFor(reason) if reason else None)

    return _done(act, said, visit_id=visit_id)


@blueprint.post("/intake/visits/<uuid:visit_id>/take-back")
@allow(*EDITORS)
def take_back_ending(visit_id: UUID) -> ResponseReturnValue:
    """A cancellation, a no show or a leaving was written down by mistake."""
    return _done(lambda uow: visits.take_back(uow, visit_id, viewer()), gettext("已撤销，来访照旧。"), visit_id=visit_id)


def _begin(visit_id: UUID) -> ResponseReturnValue:
    """The reception begins, and whoever records it is led to the record."""
    try:
        with unit_of_work("intake") as uow:
            visits.step(uow, visit_id, viewer(), "begin")
    except Refused as fault:
        bad = explained(fault)
        return _draw(errors=bad.errors), bad.code or 422
    return redirect(url_for("intake.visit_page", visit_id=visit_id), 303)


@blueprint.post("/intake/visits/<uuid:visit_id>/cancel")
@allow(*EDITORS)
def clerk_cancel(visit_id: UUID) -> ResponseReturnValue:
    """The petitioner called and does not come."""
    return _close(visit_id, "cancel", gettext("预约已取消。取消错的可在那一天的“已结束”中撤销。"))


@blueprint.post("/intake/visits/<uuid:visit_id>/rebook")
@allow(*EDITORS)
def clerk_rebook(visit_id: UUID) -> ResponseReturnValue:
    """Another session for a booking."""

    def act(uow: UnitOfWork) -> Visit:
        session = parse(SessionForm(), request.form)["session"]
        if session is None:
            raise Refused("session", "请选择场次。", "请从列出的场次中选择。")
        return visits.rebook(uow, visit_id, session, viewer())

    return _done(act, gettext("预约已改。"))


@blueprint.post("/intake/visits/<uuid:visit_id>/transfer")
@allow(*EDITORS)
def transfer(visit_id: UUID) -> ResponseReturnValue:
    """Who waits already waits for another official."""
    return _done(
        lambda uow: visits.transfer(uow, visit_id, parse(SessionForm(), request.form)["session"], viewer()),
        gettext("已转到另一队。"),
    )


@blueprint.post("/intake/visits/<uuid:visit_id>/told")
@allow(*EDITORS)
def told(visit_id: UUID) -> ResponseReturnValue:
    """The petitioner was called."""
    return _done(lambda uow: visits.told(uow, visit_id, viewer()), gettext("已记下：来访人已被告知。"))


@blueprint.post("/intake/visits/write-off")
@allow(*EDITORS)
def write_off() -> ResponseReturnValue:
    """Who had booked for a day that is over, and did not come."""
    try:
        day = parse(DayForm(), request.form)["on"]
        with unit_of_work("intake") as uow:
            missed = visits.write_off(uow, day or day_of(uow.now), viewer())
    except (BadInput, Refused) as fault:
        bad = explained(fault)
        return _draw(errors=bad.errors), bad.code or 422
    flash(gettext("已把 %(num)d 个预约记为未到。", num=missed))
    return redirect(url_for("intake.visits_page", on=day), 303)
