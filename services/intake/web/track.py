"""The tracking page: a number and a secret code show how a petition stands. The code never stands in an address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema

from services.intake.domain.imports import taken_over
from services.intake.handlers.casework import case_of_code, withdraw
from services.intake.handlers.groups import answer_to
from services.intake.handlers.linking import family
from services.intake.handlers.rating import offered
from services.intake.schemas.tracking import TrackForm, WithdrawForm
from services.intake.store import SQL, read
from services.intake.web.common import blueprint, drawn_again, explained, public_rate, vault
from services.intake.web.correspondence import messages_to
from services.intake.web.words import WORDS
from services.intake.workflow import OPEN, Stage
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

menu(blueprint, _("进度查询"), ".track", order=2)


@blueprint.get("/track")
@public
def track() -> ResponseReturnValue:
    """The form that asks for number and code. `?number=` comes from the code that is printed on receipts and slips."""
    return ask(values={"number": request.args.get("number", "")[:40]})


@blueprint.post("/track")
@public
@limiter.limit(public_rate)
def tracked() -> ResponseReturnValue:
    """How the petition stands. A wrong number and a wrong code get the same answer."""
    return act_on_case(TrackForm(), lambda uow, case_id, data: "")


@blueprint.post("/track/withdraw")
@public
@limiter.limit(public_rate)
def withdraw_petition() -> ResponseReturnValue:
    """The petitioner withdraws."""

    def act(uow: UnitOfWork, case_id: UUID, data: dict[str, Any]) -> str:
        withdraw(uow, case_id, wish=None)
        return gettext("信访件已撤回。")

    return act_on_case(WithdrawForm(), act)


def act_on_case(schema: Schema, act: Any, before: Callable[[], dict[str, Any]] = dict) -> ResponseReturnValue:
    """Check number and code, act, and draw the page as it then stands; a mistake in the act is shown on that page.

    `before` does what takes time, outside of any transaction; what it gives is added to the form's data.
    """
    try:
        known = parse(TrackForm(), request.form)
        with unit_of_work("intake") as uow:
            case_id = case_of_code(uow, number=known["number"], code=known["code"])
    except (BadInput, Refused) as fault:
        return drawn_again(fault, ask)
    try:
        data = parse(schema, request.form) | before()
        with unit_of_work("intake") as uow:
            done = act(uow, case_id, data)
    except (BadInput, Refused) as fault:
        bad = explained(fault)
        return _show(case_id, known, errors=bad.errors, values=request.form.to_dict()), bad.code or 422
    return _show(case_id, known, done=done)


def ask(**context: Any) -> str:
    return render_template("intake/track.html", **context)


def _show(case_id: UUID, known: dict[str, Any], *, done: str = "", errors: Any = (), **context: Any) -> str:
    with unit_of_work("intake") as uow:
        case = read(uow, case_id)
        if case is None:
            abort(404)
        steps = [
            {"kind": "registered", "round": 0, "at": case.registered_at},
            *uow.all(SQL["milestones_of_case"], case_id=case_id),
        ]
        steps += [
            {"kind": "mail", "round": 0, "at": row["received_at"]} for row in uow.all(SQL["answers_of_case"], case_id=case_id)
        ]
        steps += map(vars, taken_over(case))
        messages = messages_to(uow, case)
        after = offered(uow, case)
        lead, parts = family(uow, vault(), case_id)
        answered = answer_to(uow, vault(), case)
    entries = [
        {
            "at": step["at"], "title": WORDS["steps"][step["kind"]], "who": "", "kind": WORDS["step_icons"][step["kind"]],
            "tone": "done" if step["kind"] in ("concluded", "closed") else "neutral",
            "round": step["round"] if step["round"] > 1 else 0,
        }
        for step in sorted(steps, key=lambda step: step["at"])
    ]  # fmt: skip
    return render_template(
        "intake/tracked.html", case=case, entries=entries, messages=messages, known=known, after=after,
        may_withdraw=case.stage in OPEN, may_add=case.stage is not Stage.ARCHIVED and not case.withdrawn_at,
        key=uuid4(), done=done, errors=list(errors), lead=lead, parts=parts, answered=answered, **context,
    )  # fmt: skip
