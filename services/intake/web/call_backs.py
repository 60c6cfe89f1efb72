"""Ringing back: the number for this purpose, each attempt, and the end."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.intake.domain.calls import GivenUpFor, Result
from services.intake.domain.duty import DAY
from services.intake.handlers import call_backs, duty
from services.intake.schemas.calls import AttemptForm, GiveUpForm
from services.intake.web.calls import line_names
from services.intake.web.common import EDITORS, blueprint, drawn_again, site, vault, viewer
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.get("/intake/call-backs/<uuid:duty_id>")
@allow(*EDITORS)
def call_back_page(duty_id: UUID) -> ResponseReturnValue:
    """One duty: when it was missed and who was on duty, what was tried, and what to do next."""
    return _draw(duty_id)


@blueprint.post("/intake/call-backs/<uuid:duty_id>/number")
@allow(*EDITORS)
def show_number(duty_id: UUID) -> ResponseReturnValue:
    """The number to ring, once on this page; the look is logged."""
    with unit_of_work("intake") as uow:
        number = call_backs.read_number(uow, vault(), duty_id, viewer())
    return _draw(duty_id, number=number)


@blueprint.post("/intake/call-backs/<uuid:duty_id>/attempts")
@allow(*EDITORS)
def note_attempt(duty_id: UUID) -> ResponseReturnValue:
    """What came of ringing. Somebody who answered is written up in the form for calls."""
    try:
        data = parse(AttemptForm(), request.form)
        with unit_of_work("intake") as uow:
            call_id = call_backs.try_again(
                uow, vault(), duty_id, Result(data["result"]), key=data["key"], viewer=viewer(), limits=site().telephone.limits
            )
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(duty_id, **context))
    if call_id:
        return redirect(url_for("intake.call_form", call=call_id), 303)
    flash(gettext("回电已记录，请按新的期限再拨。"))
    return redirect(url_for("intake.call_back_page", duty_id=duty_id), 303)


@blueprint.post("/intake/call-backs/<uuid:duty_id>/give-up")
@allow(*EDITORS)
def give_up_call_back(duty_id: UUID) -> ResponseReturnValue:
    """Nobody could be reached, often enough."""
    try:
        reason = GivenUpFor(parse(GiveUpForm(), request.form)["give_up_reason"])
        with unit_of_work("intake") as uow:
            call_backs.give_up(uow, duty_id, reason, viewer=viewer(), limits=site().telephone.limits)
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(duty_id, **context))
    flash(gettext("回电任务已结束。"))
    return redirect(url_for("intake.calls_page"), 303)


def _draw(duty_id: UUID, **context: Any) -> str:
    with unit_of_work("intake") as uow:
        found = call_backs.read_call_back(uow, vault(), duty_id, viewer())
        missed_at = found.call_back.missed_at
        roster = duty.roster(uow, site().telephone.lines, missed_at, missed_at + DAY)
        names = duty.officials(uow)
        page: dict[str, Any] = {
            "duty": found, "task": found.call_back, "lines": line_names(), "limits": site().telephone.limits, "now": uow.now,
            "on_duty": [names[official]["name"] for official in roster.on_duty(found.call_back.line, missed_at)],
            "number": "", "key": str(uuid4()),
        }  # fmt: skip
    return render_template("intake/call_back.html", **page | context)
