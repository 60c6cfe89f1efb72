"""A petition's files: the list, their pages to be looked at, each as it came as a download; all for a purpose that is logged."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadData, URLSafeTimedSerializer

from services.intake.domain.attachment import Kind
from services.intake.domain.submission import ORIGINAL_PURPOSES, Purpose
from services.intake.domain.viewing import OPENERS
from services.intake.files import showing, sniffing
from services.intake.handlers import attachments, casework, looking, opening
from services.intake.schemas.attachments import AddForm, ArrangeForm, OpenForm, RemoveForm, ViewForm
from services.intake.web.common import EDITORS, READERS, blueprint, cabinet, drawn_again, vault, viewer
from services.intake.web.uploads import received, takes_files
from services.intake.web.words import WORDS
from shared.errors import Forbidden, NotFound, Refused, Unavailable
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse

PASS = 900  # seconds for which a page of pages that was opened shows its pictures


@blueprint.get("/intake/petitions/<uuid:case_id>/attachments")
@allow(*READERS)
def attachments_page(case_id: UUID) -> ResponseReturnValue:
    """The list, which is a reading of the petition's text."""
    return _draw(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/attachments")
@takes_files
@allow(*EDITORS)
def add_attachments(case_id: UUID) -> ResponseReturnValue:
    """A clerk adds files. The same files once more change nothing."""
    try:
        kind = parse(AddForm(), request.form)["file_kind"]
        uploads = received("files", Kind(kind) if kind else None)
        if not uploads:
            raise Refused("files", "没有选择文件。", "请选择要添加的文件。")
        with unit_of_work("intake") as uow:
            looking.open_petition(uow, case_id, viewer())  # before a stranger's bytes cost anything
        files = attachments.prepare(cabinet(), uploads)
        with unit_of_work("intake") as uow:
            casework.lock(uow, case_id, viewer())
            attachments.add(uow, cabinet().store, vault(), case_id, files, by=viewer().person)
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    flash(gettext("附件已加密保存。"))
    return _back(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/attachments/arrange")
@allow(*EDITORS)
def arrange_attachments(case_id: UUID) -> ResponseReturnValue:
    """Pages in their order, and what each file is."""
    try:
        data = parse(ArrangeForm(), request.form)
        kinds = dict(zip(data["id"], map(Kind, data["kind"]), strict=True))
        with unit_of_work("intake") as uow:
            attachments.arrange(uow, case_id, viewer(), places=dict(zip(data["id"], data["order"], strict=True)), kinds=kinds)
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    flash(gettext("顺序和类别已保存。"))
    return _back(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/attachments/remove")
@allow(*EDITORS)
def remove_attachment(case_id: UUID) -> ResponseReturnValue:
    """Off the list; the file is kept, and the list says who did it."""
    try:
        data = parse(RemoveForm(), request.form)
        with unit_of_work("intake") as uow:
            attachments.remove(uow, case_id, viewer(), data["removed"])
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    flash(gettext("附件已移出清单，文件仍加密保存。"))
    return _back(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/attachments/view")
@allow(*READERS)
def view_attachments(case_id: UUID) -> ResponseReturnValue:
    """All pages that can be shown, one below the other; one look is logged for them."""
    try:
        purpose = Purpose(parse(ViewForm(), request.form)["purpose"])
        with unit_of_work("intake") as uow:
            case, found = opening.open_pages(uow, vault(), case_id, viewer(), purpose=purpose)
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    ticket = _passes().dumps([str(case_id), viewer().person.official])
    return render_template("intake/attachment_pages.html", case=case, found=found, purpose=purpose, ticket=ticket)


@blueprint.get("/intake/petitions/<uuid:case_id>/attachments/<uuid:attachment_id>/<int:number>")
@allow(*READERS)
def attachment_page(case_id: UUID, attachment_id: UUID, number: int) -> ResponseReturnValue:
    """One page as a picture that was made this moment; only on a page of pages that the same official opened just now."""
    try:
        opened: Any = _passes().loads(request.args.get("pass", ""), max_age=PASS)
    except BadData:
        opened = None
    with unit_of_work("intake") as uow:
        found, key = opening.page_source(uow, vault(), case_id, viewer(), attachment_id, number=number)
    if opened != [str(case_id), viewer().person.official]:
        raise Forbidden("purpose", "查看附件须先说明用途；打开超过 15 分钟的要重新打开。", "请回到附件清单重新打开。")
    try:
        picture = showing.page(partial(opening.content, cabinet().store, key, found), found.form, number)
    except showing.CannotShow:
        raise NotFound("page", "这一页不能显示。", "请下载原件查看。") from None
    except showing.Busy as fault:
        raise Unavailable("pages: too many at once") from fault
    response = Response(picture, mimetype="image/jpeg")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@blueprint.post("/intake/petitions/<uuid:case_id>/attachments/open")
@allow(*OPENERS)
def open_attachment(case_id: UUID) -> ResponseReturnValue:
    """A file as it came: a download that no browser runs. Its name is ours; the sender's may hold anything."""
    try:
        data = parse(OpenForm(), request.form)
        with unit_of_work("intake") as uow:
            case, found, content = opening.read_original(
                uow, cabinet().store, vault(), case_id, viewer(), data["attachment"], purpose=Purpose(data["open_purpose"])
            )
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    response = Response(content, mimetype="application/octet-stream")
    name = f"{case.number}-{found.position}{sniffing.ending(found.form, macros=found.macros)}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _passes() -> URLSafeTimedSerializer:
    """What shows that a look was logged: signed, for one case and one official, for a quarter of an hour."""
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="intake attachments")


def _back(case_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("intake.attachments_page", case_id=case_id), 303)


def _draw(case_id: UUID, **context: Any) -> str:
    reader = viewer()
    edits = not reader.roles.isdisjoint(EDITORS)
    with unit_of_work("intake") as uow:
        case, identifies = looking.open_petition(uow, case_id, reader)
        looking.log(uow, case, reader, "text", looking.READING)
        found = attachments.listed(uow, vault(), case, identifies=identifies, removed=edits)
    purposes = [(purpose, WORDS["purposes"][purpose]) for purpose in ORIGINAL_PURPOSES]
    on_list = [one for one in found if one.attachment.removed_at is None]
    return render_template(
        "intake/attachments.html", case=case, found=on_list, removed=[one for one in found if one not in on_list],
        purposes=purposes, edits=edits, views=opening.may_view(reader, case, identifies=identifies),
        opens=identifies and not reader.roles.isdisjoint(OPENERS), limits=cabinet().limits, **context,
    )  # fmt: skip
