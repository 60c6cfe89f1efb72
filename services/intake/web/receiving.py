"""One visit: what it is about, who comes behind the mask, the record; and an official's own receptions."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from services.intake.domain.planning import day_of
from services.intake.domain.submission import IDENTITY_PURPOSES, Channel, Purpose
from services.intake.handlers import amending, receiving
from services.intake.handlers.reception import openings, receivers
from services.intake.schemas.casework import PurposeForm
from services.intake.schemas.visits import AmendForm, EndingForm, ending
from services.intake.web.common import EDITORS, blueprint, category_groups, drawn_again, places, site, today, vault, viewer
from services.intake.web.receipts import clerks_receipt
from services.intake.web.words import WORDS
from services.intake.workflow import VisitStage
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import language, menu

RECEIVERS = ("first_in_command", "leader", "unit_head")
menu(blueprint, _("我的接访"), ".my_receptions", order=15)


@blueprint.get("/intake/reception/mine")
@allow(*RECEIVERS)
def my_receptions() -> ResponseReturnValue:
    """Today's and the next of one's own sessions, with what was booked; never somebody else's."""
    with unit_of_work("intake") as uow:
        coming, today = receiving.mine(uow, vault(), viewer()), day_of(uow.now)
    rows = groupby(coming, key=lambda one: bool(one.visits or one.session.cancelled or one.session.held_on == today))
    return render_template("intake/my_receptions.html", coming=[(expected, list(row)) for expected, row in rows], today=today)


@blueprint.get("/intake/visits/<uuid:visit_id>")
@allow(*EDITORS, *RECEIVERS)
def visit_page(visit_id: UUID) -> ResponseReturnValue:
    """The visit's page; reading what it is about is logged."""
    return draw_visit(visit_id)


def draw_visit(visit_id: UUID, **context: Any) -> str:
    """The visit's page, as its reader may see it; logged."""
    reader = viewer()
    edits = reader.of_instance and not reader.roles.isdisjoint(EDITORS)
    with unit_of_work("intake") as uow:
        opened = receiving.open_visit(uow, vault(), visit_id, reader)
        visit = opened.visit
        page: dict[str, Any] = {
            "opened": opened, "visit": visit, "edits": edits, "amended": amending.amendments(uow, vault(), opened), "key": uuid4(),
        }  # fmt: skip
        if edits:
            known = [one.person for one in receivers(uow).values() if one.active and one.leads]
            page |= {
                "officials": [(person.official, f"{person.name} {person.post}") for person in known], "places": places(uow),
                "categories": category_groups(uow),
                "held": [
                    one for one in openings(uow, visit.held_on, visit.held_on)
                    if not one.session.cancelled and one.session.id != visit.session and visit.stage is VisitStage.WAITING
                ],
            }  # fmt: skip
    return render_template("intake/visit.html", **page, **context)


@blueprint.post("/intake/visits/<uuid:visit_id>/record")
@allow(*EDITORS)
def record_visit(visit_id: UUID) -> ResponseReturnValue:
    """Write down how the reception ended; one that was turned into a case is answered with the petition's receipt."""
    try:
        data = parse(EndingForm(), request.form)
        with unit_of_work("intake") as uow:
            site().tree.check(data["category"], today(uow))
            _visit, receipt = receiving.record(uow, vault(), visit_id, viewer(), ending(data, language=language()))
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: draw_visit(visit_id, **context))
    if receipt:
        return clerks_receipt(receipt, Channel.VISIT)
    flash(gettext("接访记录已保存。"))
    return redirect(url_for("intake.visit_page", visit_id=visit_id), 303)


@blueprint.post("/intake/visits/<uuid:visit_id>/amend")
@allow(*EDITORS)
def amend_visit(visit_id: UUID) -> ResponseReturnValue:
    """Correct the record; what was written first stays beside it."""
    try:
        data = parse(AmendForm(), request.form)
        with unit_of_work("intake") as uow:
            amending.amend(
                uow, vault(), visit_id, viewer(), key=data["key"], said=data["said"], answer=data["spot_answer"],
                reason=data["amend_reason"],
            )  # fmt: skip
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: draw_visit(visit_id, **context))
    flash(gettext("更正已保存，原来的记录保留。"))
    return redirect(url_for("intake.visit_page", visit_id=visit_id), 303)


@blueprint.get("/intake/visits/<uuid:visit_id>/identity")
@allow(*EDITORS, *RECEIVERS)
def visitor_form(visit_id: UUID) -> ResponseReturnValue:
    """Ask what the identity is wanted for."""
    with unit_of_work("intake") as uow:
        visit = receiving.identifiable(uow, visit_id, viewer())
    return render_template("intake/visitor.html", visit=visit, options=_purposes(), who=None)


@blueprint.post("/intake/visits/<uuid:visit_id>/identity")
@allow(*EDITORS, *RECEIVERS)
def show_visitor(visit_id: UUID) -> ResponseReturnValue:
    """Who comes, for a stated purpose; the look is logged."""
    with unit_of_work("intake") as uow:
        visit = receiving.identifiable(uow, visit_id, viewer())
    try:
        purpose = Purpose(parse(PurposeForm(), request.form)["purpose"])
    except BadInput as fault:
        return drawn_again(
            fault, lambda **context: render_template("intake/visitor.html", visit=visit, options=_purposes(), who=None, **context)
        )
    with unit_of_work("intake") as uow:
        visit, who = receiving.read_visitor(uow, vault(), visit_id, viewer(), purpose=purpose)
    return render_template("intake/visitor.html", visit=visit, purpose=purpose, options=[], who=who)


def _purposes() -> list[tuple[str, Any]]:
    return [(purpose, WORDS["purposes"][purpose]) for purpose in IDENTITY_PURPOSES]
