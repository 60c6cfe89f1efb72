"""Calls: the form that is filled in while somebody talks, the log, and one call's page."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from services.intake.domain.calls import WITHOUT_CASE, Outcome, title_of
from services.intake.domain.submission import CHINA, LONGEST_TEXT, ORIGINAL_PURPOSES, Channel, Identity, Submission
from services.intake.handlers import attachments, drafts
from services.intake.handlers.attachments import Prepared
from services.intake.handlers.call_backs import call_backs
from services.intake.handlers.call_log import call_counts, calls, calls_at_hand, read_call
from services.intake.handlers.calls import Talk, write_up
from services.intake.handlers.casework import accept
from services.intake.handlers.recordings import file_away
from services.intake.handlers.registration import Receipt
from services.intake.schemas.calls import CallFilter, CallForm
from services.intake.schemas.petition import DraftForm
from services.intake.web.common import (
    EDITORS,
    PAGE,
    blueprint,
    cabinet,
    category_groups,
    drawn_again,
    places,
    site,
    submitted,
    vault,
    viewer,
    viewer_of,
)
from services.intake.web.receipts import clerks_receipt
from services.intake.web.uploads import taken_in, takes_files
from services.intake.web.words import WORDS
from shared.contract.person import Person
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import language, menu
from shared.web.session import Reader

FORM = CallForm()


def _overdue(reader: Reader) -> int:
    with unit_of_work("intake") as uow:
        counts = call_counts(uow, viewer_of(reader))
        return counts["overdue"] + counts["unwritten"]


menu(blueprint, _("来电处理"), ".calls_page", order=12, badge=_overdue)


def line_names() -> dict[str, str]:
    """The lines by code, in the reader's language."""
    return {code: line.name if language() == "zh" else line.name_en for code, line in site().telephone.lines.items()}


@blueprint.get("/intake/calls")
@allow(*EDITORS)
def calls_page() -> ResponseReturnValue:
    """Who is to be rung back, the oldest first; or calls to be written up, or all, the latest first."""
    wanted = parse(CallFilter(), request.args)
    with unit_of_work("intake") as uow:
        reader = viewer()
        if wanted["queue"]:
            queue = "" if wanted["queue"] == "all" else wanted["queue"]
            rows, total = calls(uow, reader, size=PAGE, **wanted | {"queue": queue})
        else:
            rows, total = call_backs(uow, vault(), reader, page=wanted["page"], size=PAGE)
        rows = [row | {"answered_by": Person.of(row["answered_by"]) if row.get("answered_by") else None} for row in rows]
        return render_template(
            "intake/calls.html", rows=rows, total=total, wanted=wanted, values=request.args.to_dict(), lines=line_names(),
            counts=call_counts(uow, reader), pages=-(-total // PAGE), now=uow.now,
        )  # fmt: skip


@blueprint.get("/intake/calls/<uuid:call_id>")
@allow(*EDITORS)
def call_page(call_id: UUID) -> ResponseReturnValue:
    """One call with what was noted; the look is logged."""
    with unit_of_work("intake") as uow:
        found = read_call(uow, vault(), call_id, viewer())
    purposes = [(purpose, WORDS["purposes"][purpose]) for purpose in ORIGINAL_PURPOSES]
    return render_template("intake/call.html", read=found, call=found.call, lines=line_names(), purposes=purposes)


@blueprint.get("/intake/calls/new")
@allow(*EDITORS)
def call_form() -> ResponseReturnValue:
    """The empty form; `?call=` names the call that is written up, `?draft=` what was typed before."""
    if "draft" in request.args:
        key = parse(DraftForm(), MultiDict({"key": request.args["draft"]}))["key"]
        with unit_of_work("intake") as uow:
            found = drafts.resume(uow, vault(), viewer(), key)
        return _draw(values=dict(found.fields) | {"key": str(key)}, draft=found)
    return _draw(values={"key": str(uuid4()), "call": request.args.get("call", "")})


@blueprint.post("/intake/calls/new")
@takes_files
@allow(*EDITORS)
def write_call() -> ResponseReturnValue:
    """The call has ended: a receipt when it became a case, else the list."""
    try:
        data = parse(FORM, request.form, longest=LONGEST_TEXT)
        files = taken_in()
        receipt = _write(data, files)
    except (BadInput, Refused) as fault:
        return drawn_again(fault, _draw)
    if receipt:
        return clerks_receipt(receipt, Channel.CALL, files)
    if data["outcome"] == Outcome.EMERGENCY:
        flash(gettext("已记录。请立即拨打 110，并报告带班领导。"), "warning")
    else:
        flash(gettext("通话已记录，没有登记信访件。"))
    return redirect(url_for("intake.calls_page", queue="all"), 303)


def _write(data: dict[str, Any], files: list[Prepared]) -> Receipt | None:
    clerk = viewer()
    with unit_of_work("intake") as uow:
        started_at = data["received_at"].replace(tzinfo=CHINA) if data["received_at"] else uow.now
        talk = Talk(
            line=_line(data["line"]), started_at=started_at, outcome=Outcome(data["outcome"]), petition=_petition(uow, data, files),
            note="" if data["outcome"] == Outcome.CASE else data["text"], phone=data["phone"], call_id=data["call"],
            chosen=bool(data["identity"]),
        )  # fmt: skip
        receipt = write_up(uow, vault(), talk, key=data["key"], viewer=clerk, limits=site().telephone.limits)
        drafts.end(uow, clerk, data["key"], form=Channel.CALL)
        if receipt:
            if not receipt.again:
                attachments.add(uow, cabinet().store, vault(), receipt.case_id, files, by=clerk.person)
            file_away(uow, cabinet().store, vault(), receipt.case_id)
            if data["accept"]:
                accept(uow, receipt.case_id, clerk)
    return receipt


def _line(code: str) -> str:
    lines = site().telephone.lines
    if lines and code not in lines:
        raise Refused("line", "没有“%(line)s”这条线路。", "请从本单位的值班线路中选择。", line=code)
    return code


def _petition(uow: UnitOfWork, data: dict[str, Any], files: list[Prepared]) -> Submission | None:
    """The petition, if it became one. A title is made of the text when nobody had the time to think of one."""
    if data["outcome"] != Outcome.CASE:
        if files:
            raise Refused("files", "没有登记信访件的通话不收附件。", "请登记信访件，或去掉附件。")
        return None
    if not data["text"]:
        raise Refused("text", "内容必填，最多 %(max)s 个字。", "请写清时间、地点、经过和要求。", max=LONGEST_TEXT)
    given = {
        "title": title_of(data["title"], data["text"]), "identity": data["identity"] or Identity.ANONYMOUS,
        "line": line_names().get(data["line"], data["line"]), "answered_by": viewer().person.name,
    }  # fmt: skip
    return attachments.with_files(vault(), submitted(uow, data | given, Channel.CALL), files)


def _draw(**context: Any) -> str:
    values = context.pop("values")
    values.setdefault("key", str(uuid4()))
    try:
        chosen = UUID(values.get("call", ""))
    except ValueError:
        chosen = None
    with unit_of_work("intake") as uow:
        at_hand = calls_at_hand(uow, vault(), viewer(), chosen)
        begun = next((call["started_at"] for call in at_hand if call["id"] == chosen), uow.now)
        values.setdefault("received_at", f"{begun.astimezone(CHINA):%Y-%m-%dT%H:%M}")
        return render_template(
            "intake/call_form.html", values=values, at_hand=at_hand, lines=line_names(), places=places(uow),
            categories=[(offered[0][0], name) for name, offered in category_groups(uow)],
            without_case=WITHOUT_CASE, **{"draft": None} | context,
        )  # fmt: skip
