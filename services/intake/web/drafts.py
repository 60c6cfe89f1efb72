"""Drafts of the clerks' forms: saved by a script while they type, or by a button; listed for their owner alone."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.intake.domain.drafts import BRIEF, brief_of, typed
from services.intake.handlers import drafts
from services.intake.handlers.looking import open_petition
from services.intake.schemas.casework import BriefForm
from services.intake.schemas.petition import CLERK_FORMS, DraftForm
from services.intake.web.common import EDITORS, blueprint, channel_of, vault, viewer
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import parse

BRIEF_FIELDS = frozenset(BriefForm().fields) - {"taken_up"}


@blueprint.post("/intake/register/<channel>/draft")
@allow(*EDITORS)
def save_registration_draft(channel: str) -> ResponseReturnValue:
    """Keep a registration as it was typed so far."""
    kind = channel_of(channel)
    key = parse(DraftForm(), request.form)["key"]
    names = frozenset(CLERK_FORMS[kind].fields) - {"key"} | {"mail", "call"}
    with unit_of_work("intake") as uow:
        drafts.save(uow, vault(), viewer(), key, form=kind, fields=typed(request.form.to_dict(), names))
    return _saved(url_for("intake.register_form", channel=kind, draft=key))


@blueprint.post("/intake/petitions/<uuid:case_id>/brief/draft")
@allow(*EDITORS)
def save_brief_draft(case_id: UUID) -> ResponseReturnValue:
    """Keep a brief as it was typed so far; each clerk has one of a case."""
    me = viewer()
    fields = typed(request.form.to_dict(), BRIEF_FIELDS)
    with unit_of_work("intake") as uow:
        open_petition(uow, case_id, me)
        drafts.save(uow, vault(), me, brief_of(case_id, me.person.official), form=BRIEF, fields=fields, case_id=case_id)
    return _saved(url_for("intake.petition_page", case_id=case_id, draft="mine"))


@blueprint.get("/intake/drafts")
@allow(*EDITORS)
def drafts_page() -> ResponseReturnValue:
    """One's own drafts, to go on with or to throw away."""
    with unit_of_work("intake") as uow:
        return render_template("intake/drafts.html", rows=drafts.mine(uow, vault(), viewer()))


@blueprint.post("/intake/drafts/<uuid:draft_id>/discard")
@allow(*EDITORS)
def discard_draft(draft_id: UUID) -> ResponseReturnValue:
    """Throw one's own draft away; one that is not there is none already."""
    with unit_of_work("intake") as uow:
        drafts.drop(uow, viewer(), draft_id)
    flash(gettext("草稿已删除。"))
    return redirect(url_for("intake.drafts_page"), 303)


def _saved(back: str) -> ResponseReturnValue:
    """To the script that saves while somebody types: nothing; to the button: the form again."""
    if request.form.get("by_itself"):
        return "", 204
    flash(gettext("草稿已保存。"))
    return redirect(back, 303)
