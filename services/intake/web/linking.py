"""Which petitions belong together: a page that shows both before anything is done, and one before it is undone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.intake.domain.linking import CHOICES, WHYS, Relation, UndoneFor, Why
from services.intake.domain.viewing import Hidden
from services.intake.handlers import attachments, correspondence, likeness, linking, looking
from services.intake.handlers.groups import answer_to
from services.intake.schemas.linking import LABELS, LinkForm, PairForm, UndoForm, UnlikeForm
from services.intake.vault.crypto import Erased
from services.intake.web.common import EDITORS, blueprint, drawn_again, note_hidden, vault, viewer
from services.intake.web.words import WORDS
from services.intake.workflow import LinkStage
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.get("/intake/petitions/<uuid:case_id>/link")
@allow(*EDITORS)
def link_form(case_id: UUID) -> ResponseReturnValue:
    """Both petitions side by side, and what linking them does. `?other=` is the other one's number."""
    if "other" not in request.args:
        return _ask(case_id, errors=[], values={})
    try:
        data = parse(PairForm(), request.args)
        return _compare(case_id, data["other"], errors=[], values={"relation": data["relation"]})
    except (BadInput, Hidden) as fault:
        return _not_found(case_id, fault)


@blueprint.post("/intake/petitions/<uuid:case_id>/link")
@allow(*EDITORS)
def link_petitions(case_id: UUID) -> ResponseReturnValue:
    """Link the two."""
    try:
        data = parse(LinkForm(), request.form)
        with unit_of_work("intake") as uow:
            other = linking.find(uow, viewer(), data["other"])
            linking.link(uow, vault(), case_id, other, viewer(), relation=Relation(data["relation"]), why=Why(data["why"]))
    except Hidden as fault:
        return _not_found(case_id, fault)
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _compare_again(case_id, **context))
    flash(gettext("已关联。两件的办理记录里都有这一条。"))
    return _back(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/unlike")
@allow(*EDITORS)
def unlike_petitions(case_id: UUID) -> ResponseReturnValue:
    """They are about different matters: nobody is asked again."""
    data = parse(UnlikeForm(), request.form)
    with unit_of_work("intake") as uow:
        likeness.unlike(uow, case_id, data["other"], viewer())
    flash(gettext("已记下：不是同一事项，以后不再提示。"))
    return _back(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/unlike/undo")
@allow(*EDITORS)
def undo_unlike(case_id: UUID) -> ResponseReturnValue:
    """They may be about one matter after all."""
    data = parse(UnlikeForm(), request.form)
    with unit_of_work("intake") as uow:
        likeness.undo_unlike(uow, case_id, data["other"], viewer())
    flash(gettext("已撤销：两件相似的，会再提示。"))
    return _back(case_id)


@blueprint.get("/intake/links/<uuid:link_id>/undo")
@allow(*EDITORS)
def undo_form(link_id: UUID) -> ResponseReturnValue:
    """What undoing a link does."""
    return _undo_page(link_id)


@blueprint.post("/intake/links/<uuid:link_id>/undo")
@allow(*EDITORS)
def undo_link(link_id: UUID) -> ResponseReturnValue:
    """Undo a link; that it was one stays in the history."""
    try:
        reason = UndoneFor(parse(UndoForm(), request.form)["undone_for"])
        with unit_of_work("intake") as uow:
            undone = linking.undo(uow, vault(), link_id, viewer(), reason=reason)
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _undo_page(link_id, **context))
    flash(gettext("关联已撤销，记录保留。"))
    return _back(undone.case_id)


def panel(uow: Any, case: Any, reader: Any, *, identifies: bool) -> dict[str, Any]:
    """What a petition's page shows of others: links, the chain of repeats, suggestions."""
    rows = linking.links_of(uow, case.id, reader)
    return {
        "links_seen": rows, "earlier": linking.earlier_of(uow, vault(), case.id, reader), "bars_apart": linking.bars_apart(uow, rows),
        "suggestions": likeness.suggest(uow, vault(), case, reader, identifies=identifies),
        "unlikes": likeness.unlikes_of(uow, case.id, reader),
    }  # fmt: skip


def _compare(case_id: UUID, number: str, **context: Any) -> str:
    """Both texts, each look logged. Raises Hidden."""
    reader = viewer()
    with unit_of_work("intake") as uow:
        both = []
        for each in (case_id, linking.find(uow, reader, number)):
            case, identifies = looking.open_petition(uow, each, reader)
            try:
                words = looking.read_words(uow, vault(), case, reader, identifies=identifies)
                mails = correspondence.letters(uow, vault(), case, identifies=identifies)
            except Erased:  # it may be linked all the same
                words, mails = None, []
            both.append((case, words, attachments.count(uow, each), mails, answer_to(uow, vault(), case)))
    return render_template(
        "intake/link.html", case=both[0][0], other=both[1][0], both=both, whys=[(why, WORDS["link_whys"][why]) for why in WHYS],
        relations=[(relation, WORDS["relation_choices"][relation]) for relation in CHOICES], edits=False, identifies=False, **context,
    )  # fmt: skip


def _compare_again(case_id: UUID, **context: Any) -> str:
    number = str(context["values"].get("other", ""))
    try:
        return _compare(case_id, number, **context)
    except Hidden:
        return _ask(case_id, **context)


def _ask(case_id: UUID, **context: Any) -> str:
    """The page that asks for the other one's number."""
    with unit_of_work("intake") as uow:
        case, _ = looking.open_petition(uow, case_id, viewer())
    return render_template("intake/link_ask.html", case=case, **context)


def _not_found(case_id: UUID, fault: BadInput | Hidden) -> ResponseReturnValue:
    """The number once more. That a petition is barred and that there is none is answered alike."""
    if isinstance(fault, BadInput):
        return drawn_again(fault, lambda **context: _ask(case_id, **context))
    note_hidden()
    error = {"field": "other", "label": str(LABELS["other"]), "rule": gettext(fault.rule), "remedy": gettext(fault.remedy)}
    return drawn_again(BadInput([error], status=404), lambda **context: _ask(case_id, **context))


def _undo_page(link_id: UUID, **context: Any) -> str:
    with unit_of_work("intake") as uow:
        link = linking.seen(uow, link_id, viewer())
        rows = linking.links_of(uow, link.case_id, viewer())
    row = next(row for row in rows if row["id"] == link_id)
    return render_template(
        "intake/unlink.html", link=row, undone=link.stage is LinkStage.UNDONE,
        reasons=[(reason, WORDS["undone_fors"][reason]) for reason in UndoneFor], **{"errors": [], "values": {}, **context},
    )  # fmt: skip


def _back(case_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("intake.petition_page", case_id=case_id), 303)
