"""The policy in force, in words."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from services.supervision.handlers.calendar import coverage
from services.supervision.handlers.in_force import calendar_of, policy_in_force
from services.supervision.policy import Rung
from services.supervision.store import SQL
from services.supervision.web.common import READERS, WORDS, blueprint, tongue
from services.supervision.wording import limit_of
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.frame import menu

menu(blueprint, _("期限规定"), ".policy", order=80)


@blueprint.get("/policy")
@allow(*READERS)
def policy() -> ResponseReturnValue:
    """The limits in force, in words, with what each rests on, and how far the working calendar reaches."""
    with unit_of_work("supervision") as uow:
        current, calendar = policy_in_force(uow), calendar_of(uow)
        left, alarm = coverage(uow)
        since = uow.all(SQL["policy_in_force"])
    return render_template(
        "supervision/policy.html", policy=current, calendar=calendar, since=since[0]["since"] if since else None,
        words=WORDS, limit=lambda rule: limit_of(rule, tongue()), left=left, alarm=alarm, when=_when,
    )  # fmt: skip


def _when(rung: Rung) -> str:
    """When a step is due after the one before it."""
    if rung.rounds is not None:
        return gettext("%(period)s期末", period=WORDS["periods"][rung.rounds])
    return ngettext("%(num)d 日后", "%(num)d 日后", rung.after_days) if rung.after_days else gettext("随即")
