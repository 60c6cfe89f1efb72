"""Splitting a petition with several matters: choose sentences, see the parts, confirm."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.intake.domain.linking import Part
from services.intake.handlers import looking, splitting
from services.intake.metrics import record_registration
from services.intake.schemas.linking import PARTS, SPLIT_FORM
from services.intake.web.common import EDITORS, blueprint, drawn_again, vault, viewer
from shared.errors import Refused
from shared.web.access import allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse


@blueprint.get("/intake/petitions/<uuid:case_id>/split")
@allow(*EDITORS)
def split_form(case_id: UUID) -> ResponseReturnValue:
    """The sentences, and for each part which of them are about it."""
    return _draw(case_id, errors=[], values={})


@blueprint.post("/intake/petitions/<uuid:case_id>/split")
@allow(*EDITORS)
def split_petition(case_id: UUID) -> ResponseReturnValue:
    """First the preview; once that was seen, the new petitions."""
    try:
        data = parse(SPLIT_FORM, request.form)
        parts = [part for number in PARTS if (part := _part(data, number))]
        with unit_of_work("intake") as uow:
            texts = splitting.check(uow, vault(), case_id, viewer(), parts)
        if not data["sure"] or "back" in request.form:
            return _draw(
                case_id, errors=[], values=data, texts=None if "back" in request.form else list(zip(parts, texts, strict=True))
            )
        with unit_of_work("intake") as uow:
            case, made = splitting.split(uow, vault(), case_id, viewer(), key=data["key"], parts=parts)
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context | {"values": _sent()}))
    for _ in made:
        record_registration(case.channel)
    flash(gettext("已分拆出 %(num)s 件，沿用信访人的查询码。", num=len(made)) if made else gettext("已经分拆过，没有再登记。"))
    return redirect(url_for("intake.petition_page", case_id=case_id), 303)


def _part(data: dict[str, Any], number: int) -> Part | None:
    title, chosen = data[f"title_{number}"], tuple(data[f"sentences_{number}"])
    return Part(title=title, sentences=chosen) if title or chosen else None


def _sent() -> dict[str, Any]:
    """The form as it was sent, with every sentence that was chosen."""
    return {name: texts if name.startswith("sentences") else texts[0] for name, texts in request.form.to_dict(False).items()}


def _draw(case_id: UUID, **context: Any) -> str:
    reader = viewer()
    with unit_of_work("intake") as uow:
        case = looking.identifiable(uow, case_id, reader)
        looking.log(uow, case, reader, "text", looking.READING)
        said = splitting.sentences_of(uow, vault(), case_id)
    context["values"].setdefault("key", str(uuid4()))
    return render_template("intake/split.html", **{"case": case, "said": said, "parts": PARTS, "texts": None, **context})
