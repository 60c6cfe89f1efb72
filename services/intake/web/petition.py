"""One petition: its text, the clerk's work on it, who is complained of, and the identity behind its mask."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.intake.domain import notices
from services.intake.domain.barring import CORRECTORS, LiftReason
from services.intake.domain.drafts import brief_of
from services.intake.domain.petition import Means, Petition, WithdrawalReason
from services.intake.domain.published import PUBLISHERS
from services.intake.domain.submission import IDENTITY_PURPOSES, Purpose
from services.intake.domain.viewing import Viewer
from services.intake.handlers import (
    attachments,
    board_items,
    casework,
    codes,
    correspondence,
    drafts,
    looking,
    originals,
    supplements,
)
from services.intake.handlers.groups import answer_to
from services.intake.schemas.casework import BriefForm, LiftForm, PurposeForm, StaffWithdrawalForm
from services.intake.store import SQL
from services.intake.vault.crypto import Erased
from services.intake.web.common import (
    EDITORS,
    READERS,
    acted,
    blueprint,
    category_groups,
    drawn_again,
    places,
    site,
    today,
    vault,
    viewer,
)
from services.intake.web.conflict import names_of_codes
from services.intake.web.correspondence import mentioned, messages_to
from services.intake.web.linking import panel
from services.intake.web.words import WORDS
from services.intake.workflow import OPEN, Stage
from shared.database import UnitOfWork
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.get("/intake/petitions/<uuid:case_id>")
@allow(*READERS)
def petition_page(case_id: UUID) -> ResponseReturnValue:
    """The petition's page; reading its text is logged. `?draft=mine` goes on with the brief that one had typed."""
    return _draw(case_id, resumed=request.args.get("draft") == "mine")


@blueprint.get("/intake/petitions/<uuid:case_id>/embed")
@allow(*READERS)
def petition_embed(case_id: UUID) -> ResponseReturnValue:
    """The petition's text alone, for another service's page: a fragment, or in a frame a document of its own."""
    with unit_of_work("intake") as uow:
        case, identifies = looking.open_petition(uow, case_id, viewer())
        words = looking.read_words(uow, vault(), case, viewer(), identifies=identifies)
        files = attachments.count(uow, case_id)
        letters = correspondence.letters(uow, vault(), case, identifies=identifies)
    framed = request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame")
    template = "intake/embed_page.html" if framed else "intake/embed.html"
    return render_template(template, case=case, text=words, files=files, letters=letters, edits=False, identifies=False)


@blueprint.post("/intake/petitions/<uuid:case_id>/brief")
@allow(*EDITORS)
def save_brief(case_id: UUID) -> ResponseReturnValue:
    """Save the redacted words and the codes."""

    def act(uow: UnitOfWork) -> None:
        data = parse(BriefForm(), request.form)
        kept, _ = looking.open_petition(uow, case_id, viewer())
        if data["category"] != kept.category:  # one that was retired meanwhile may stay
            site().tree.check(data["category"], today(uow))
        taken_up = data.pop("taken_up")
        casework.supplement(uow, case_id, viewer(), **data)
        supplements.take_up(uow, case_id, viewer(), ids=taken_up)
        drafts.drop(uow, viewer(), brief_of(case_id, viewer().person.official))

    return _acted(case_id, act, gettext("交办摘要已保存。"))


@blueprint.post("/intake/petitions/<uuid:case_id>/accept")
@allow(*EDITORS)
def accept_petition(case_id: UUID) -> ResponseReturnValue:
    """Accept (art. 23)."""
    return _acted(case_id, lambda uow: casework.accept(uow, case_id, viewer()), gettext("已受理。"))


@blueprint.post("/intake/petitions/<uuid:case_id>/withdraw")
@allow(*EDITORS)
def withdraw_for_petitioner(case_id: UUID) -> ResponseReturnValue:
    """The petitioner asked staff to withdraw; how, and why, is recorded."""

    def act(uow: UnitOfWork) -> None:
        data = parse(StaffWithdrawalForm(), request.form)
        means, reason = Means(data["means"]), WithdrawalReason(data["withdrawal_reason"])
        casework.withdraw_for_petitioner(uow, case_id, viewer(), means=means, reason=reason)

    return _acted(case_id, act, gettext("信访件已撤回，查询页面会告知信访人。"))


@blueprint.post("/intake/petitions/<uuid:case_id>/conflict/lift")
@allow(*CORRECTORS)
def lift_conflict(case_id: UUID) -> ResponseReturnValue:
    """Take back a name that was put down by mistake, with the reason and who decided so."""

    def act(uow: UnitOfWork) -> None:
        data = parse(LiftForm(), request.form)
        reason = LiftReason(data["lift_reason"])
        casework.lift_conflict(uow, case_id, viewer(), codes=data["lifted"], reason=reason, authority=data["authority"])

    return _acted(case_id, act, gettext("更正已记录。应当回避的，仍然看不到这件信访件。"))


def _acted(case_id: UUID, act: Callable[[UnitOfWork], Any], said: str) -> ResponseReturnValue:
    """Do what a form on the petition's page asks for."""
    return acted(act, partial(_draw, case_id), said=said, back=url_for("intake.petition_page", case_id=case_id))


@blueprint.get("/intake/petitions/<uuid:case_id>/identity")
@allow(*READERS, "followup", "supervision_office")
def identity_form(case_id: UUID) -> ResponseReturnValue:
    """Ask what the identity is wanted for."""
    with unit_of_work("intake") as uow:
        number = looking.identifiable(uow, case_id, viewer()).number
    return render_template("intake/identity.html", case_id=case_id, number=number, options=_purposes(), who=None)


@blueprint.post("/intake/petitions/<uuid:case_id>/identity")
@allow(*READERS, "followup", "supervision_office")
def show_identity(case_id: UUID) -> ResponseReturnValue:
    """The identity, for a stated purpose; the look is logged."""
    with unit_of_work("intake") as uow:
        number = looking.identifiable(uow, case_id, viewer()).number
    try:
        purpose = Purpose(parse(PurposeForm(), request.form)["purpose"])
    except BadInput as fault:
        return drawn_again(
            fault, lambda **context: render_template(
                "intake/identity.html", case_id=case_id, number=number, options=_purposes(), who=None, **context
            )
        )  # fmt: skip
    with unit_of_work("intake") as uow:
        case, who = looking.read_identity(uow, vault(), case_id, viewer(), purpose=purpose)
    return render_template("intake/identity.html", case_id=case_id, number=case.number, purpose=purpose, options=[], who=who)


def _purposes() -> list[tuple[str, Any]]:
    return [(purpose, WORDS["purposes"][purpose]) for purpose in IDENTITY_PURPOSES]


def _opened(uow: UnitOfWork, case: Petition, reader: Viewer, identifies: bool) -> dict[str, Any]:
    """The text, and who wrote it as far as the mask tells; neither when the time is over for which they were kept."""
    try:
        text = looking.read_words(uow, vault(), case, reader, identifies=identifies)
    except Erased:
        return {"text": None, "who": None, "letters": []}
    return {
        "text": text, "who": looking.read_masked(uow, vault(), case) if identifies else None,
        "letters": correspondence.letters(uow, vault(), case, identifies=identifies),
    }  # fmt: skip


def _draw(case_id: UUID, *, resumed: bool = False, **context: Any) -> str:
    reader = viewer()
    edits = not reader.roles.isdisjoint(EDITORS)
    with unit_of_work("intake") as uow:
        case, identifies = looking.open_petition(uow, case_id, reader)
        page: dict[str, Any] = {
            "case": case, "edits": edits, "mentioned": [], "doubted": [], "files": attachments.count(uow, case_id),
            "identifies": identifies, **_opened(uow, case, reader, identifies),
            "may_accept": case.accepted_at is None and case.stage in (Stage.REGISTERED, Stage.HANDLING),
            "publishes": not reader.roles.isdisjoint(PUBLISHERS), "notice_due": notices.owed(case),
            "tell_at_once": notices.on_the_spot(case.channel, case.received_at, uow.now),
            "may_withdraw": case.stage in OPEN, "may_brief": case.stage not in (Stage.WITHDRAWN, Stage.ARCHIVED),
            "answered": answer_to(uow, vault(), case),
        }  # fmt: skip
        if edits:
            named = {row["code"] for row in uow.all(SQL["bars_of_case"], case_id=case_id) if row["named"]}
            lifted = uow.all(SQL["conflicts_lifted"], case_id=case_id)
            once = {code for row in lifted for code in row["data"]["organisations"] + row["data"]["officials"]}
            page |= {
                "places": places(uow), "categories": category_groups(uow, case.category),
                "draft": drafts.find(uow, vault(), reader, brief_of(case_id, reader.person.official)),
                "board_post": board_items.of_case(uow, case_id) if identifies else None,
                "named": named, "lifted": lifted, "names": names_of_codes(uow, named | once),
                "visits": uow.all(SQL["visits_of_case"], case_id=case_id),
                "messages": messages_to(uow, case), "mentioned": mentioned(uow, page["text"], case, reader),
                "has_original": identifies and originals.has_original(uow, case_id), "lifts": not reader.roles.isdisjoint(CORRECTORS),
                "doubted": codes.done_since(uow, case_id) if not reader.roles.isdisjoint(CORRECTORS) else [],
                **panel(uow, case, reader, identifies=identifies),
            }  # fmt: skip
            if resumed and (draft := page["draft"]):
                context["values"] = dict(draft.fields)
    return render_template("intake/petition.html", resumed=resumed, **page, **context)
