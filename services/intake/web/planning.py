"""Planning the reception calendar: each order is shown with what it would do before it is saved."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from services.intake.domain.planning import day_of, doubts, session_of
from services.intake.domain.reception import HORIZON, Act, Change, Rule, RuleKind
from services.intake.handlers import reception
from services.intake.schemas.reception import CANCELLATIONS, LONGEST_ROTA, ORDER_FORMS, RestoreForm, key_text, order
from services.intake.store import reception_plan
from services.intake.web.common import EDITORS, blueprint, drawn_again, viewer
from services.intake.web.reception import by_week
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

menu(blueprint, _("接访安排"), ".plan_page", order=13)


@blueprint.get("/intake/reception")
@allow(*EDITORS)
def plan_page() -> ResponseReturnValue:
    """Rules, closed days, the weeks as they stand, and what was changed of late."""
    return _draw_plan()


@blueprint.get("/intake/reception/rule/<kind>")
@allow(*EDITORS)
def rule_form(kind: str) -> ResponseReturnValue:
    """A new fixed day, or a new rota."""
    if kind not in set(RuleKind):
        abort(404)
    return _draw_rule(kind, values={})


@blueprint.get("/intake/reception/session")
@allow(*EDITORS)
def session_form() -> ResponseReturnValue:
    """What can be done to one session."""
    return _draw_session(values={"session": request.args.get("session", "")})


@blueprint.post("/intake/reception/order/<kind>")
@allow(*EDITORS)
def give_order(kind: str) -> ResponseReturnValue:
    """Show what the order would do, or save it as it was shown."""
    if kind not in ORDER_FORMS:
        abort(404)
    try:
        data = parse(ORDER_FORMS[kind], request.form)
        with unit_of_work("intake") as uow:
            if data["do"] == "save":
                reception.save(uow, order(kind, data), viewer().person, revision=data["plan_revision"])
            else:
                shown = reception.preview(uow, order(kind, data), viewer().person)
                return _draw_preview(kind, shown, reception.receivers(uow))
    except (BadInput, Refused) as fault:
        return drawn_again(fault, _form_of(kind))
    flash(gettext("接访安排已保存，公开日程随即更新。"))
    return redirect(url_for("intake.plan_page"), 303)


def _form_of(kind: str) -> Any:
    if kind in set(RuleKind):
        return lambda values, errors: _draw_rule(kind, errors=errors, values=values | _lists())
    return _draw_session if "session" in request.form else _draw_plan


def _lists() -> dict[str, list[str]]:
    """The boxes of a form that may be ticked several at once, as they were sent."""
    return {name: request.form.getlist(name) for name in ("weekdays", "weeks", "officials_in_turn")}


def _draw_preview(kind: str, shown: reception.Preview, known: dict[str, reception.Receiver]) -> str:
    again = [
        (name, text)
        for name, text in request.form.items(multi=True)
        if name not in ("csrf_token", "do", "plan_revision") and text
    ]
    return render_template(
        "intake/reception_preview.html", kind=kind, shown=shown, again=again,
        name_of=lambda official: reception.receiver_of(known, official).person,
    )  # fmt: skip


def _draw_plan(**context: Any) -> str:
    with unit_of_work("intake") as uow:
        plan, today, known = reception_plan(uow), day_of(uow.now), reception.receivers(uow)
        found = reception.openings(uow, today, today + HORIZON, plan)
    held = [one.session for one in found]
    log: list[Rule | Change] = [*plan.rules, *plan.changes]
    return render_template(
        "intake/reception_plan.html", weeks=by_week(found), today=today, key_text=key_text, new_key=uuid4,
        rules=[rule for rule in plan.rules if rule.until_on is None or rule.until_on >= today],
        changes=sorted(log, key=lambda one: one.made_at, reverse=True)[:20], doubts=doubts(held, {name for name, one in known.items() if one.active}),
        closed=[(day, plan.closed(day)) for day in sorted(plan.by_day) if day >= today and plan.closed(day) is not None],
        name_of=lambda official: reception.receiver_of(known, official).person, **context,
    )  # fmt: skip


def _draw_rule(kind: str, **context: Any) -> str:
    with unit_of_work("intake") as uow:
        known, today = reception.receivers(uow), day_of(uow.now)
    active = [one.person for one in known.values() if one.active and one.leads]
    context["values"].setdefault("key", str(uuid4()))
    return render_template(
        "intake/reception_rule.html", kind=kind, today=today, longest=LONGEST_ROTA,
        officials=[(person.official, f"{person.name} {person.post}") for person in active], **context,
    )  # fmt: skip


def _draw_session(**context: Any) -> str:
    key = parse(RestoreForm(only=["session"]), {"session": context["values"].get("session", "")})["session"]
    with unit_of_work("intake") as uow:
        plan, known, now = reception_plan(uow), reception.receivers(uow), uow.now
        session = session_of(plan, key)
        if session is None:
            abort(404)
        today = day_of(now)
        others = [
            one for one in reception.openings(uow, today, today + HORIZON, plan)
            if one.session.begins_at > now and not one.session.cancelled and one.session.official != session.official
        ]  # fmt: skip
    return render_template(
        "intake/reception_session.html", session=session, others=others, key_text=key_text, reasons=CANCELLATIONS,
        form_keys={kind: str(uuid4()) for kind in (Act.CANCEL, Act.MOVE, Act.RESTORE, Act.SWAP)}, ended=session.begins_at <= now,
        person=reception.receiver_of(known, session.official).person, regular=reception.receiver_of(known, session.regular).person,
        **context,
    )  # fmt: skip
