"""Standard phrases: the county's from its file, one official's own on a page, and what takes the place of their placeholders."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from marshmallow import Schema, fields, validate

from services.routing.domain import ADDRESSABLE, Directory
from services.routing.domain import phrases as domain
from services.routing.handlers import phrases
from services.routing.web.common import WORDS, blueprint, fresh, problem, reader, status_of
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

Row = dict[str, Any]
KEEPERS = (Role.FIRST_IN_COMMAND, Role.LEADER, Role.OFFICE)  # whoever may come to read and instruct
COUNTY = [
    domain.check(text) for text in yaml.safe_load((Path(__file__).parents[1] / "data/phrases.yaml").read_text(encoding="utf-8"))
]
PLACEHOLDERS = {
    "unit": lazy_gettext("交办对象的单位"), "name": lazy_gettext("交办对象的姓名"), "days": lazy_gettext("批示期限的天数"),
    "category": lazy_gettext("信访件的类别"), "number": lazy_gettext("信访件的编号"), "round": lazy_gettext("第几轮批示"),
}  # fmt: skip


class PhraseForm(Schema):
    """One more phrase."""

    phrase_id = fields.UUID(required=True)
    text = fields.String(
        load_default="", validate=validate.Length(0, 2000), data_key="phrase", metadata={"label": lazy_gettext("常用语")}
    )


class MoveForm(Schema):
    """A place further up or down."""

    way = fields.String(required=True, validate=validate.OneOf(("up", "down")))


def offered(uow: UnitOfWork, case: Row) -> list[str]:
    """The phrases for the review of a case, one's own first, with what is known of the case in its place."""
    own = [row["text"] for row in phrases.phrases_of(uow, reader().official_id)]
    return [domain.fill(text, _of_case(case)) for text in own + COUNTY]


def completed(directory: Directory, text: str, case: Row, form: Row) -> str:
    """The instruction with every placeholder filled. Raises Refused while one is open."""
    found = [directory.officials[official] for official, _ in form["addressees"] if official in directory.officials]
    people = [person for official in found if (person := official.in_post(ADDRESSABLE))]
    units = [
        directory.organisations[person.organisation].name for person in people if person.organisation in directory.organisations
    ]
    known = _of_case(case) | {
        "unit": "、".join(dict.fromkeys(units)), "name": "、".join(person.name for person in people), "days": str(form["limit_days"] or ""),
    }  # fmt: skip
    done = domain.fill(text, known)
    domain.check_filled(done)
    return done


def _of_case(case: Row) -> dict[str, str]:
    top = case["category"].partition(".")[0]
    return {"category": str(WORDS["categories"].get(top, top)), "number": case["number"], "round": str(case["round"] + 1)}


@blueprint.get("/routing/phrases")
@allow(*KEEPERS)
def phrases_page() -> ResponseReturnValue:
    """One's own, in order, and the county's."""
    return _page({})


def _page(more: Row) -> str:
    with unit_of_work("routing") as uow:
        own = phrases.phrases_of(uow, reader().official_id)
    return render_template(
        "routing/phrases.html", own=own, county=COUNTY, placeholders=PLACEHOLDERS, phrase_id=fresh(), most=domain.MOST, **more
    )


@blueprint.post("/routing/phrases")
@allow(*KEEPERS)
def add_phrase() -> ResponseReturnValue:
    """Keep one more."""
    try:
        form = parse(PhraseForm(), request.form)
        with unit_of_work("routing") as uow:
            phrases.add_phrase(uow, reader().official_id, **form)
    except (BadInput, Refused) as fault:
        return _page(problem(fault)), status_of(fault)
    flash(gettext("常用语已保存。"))
    return redirect(url_for("routing.phrases_page"), 303)


@blueprint.post("/routing/phrases/<uuid:phrase_id>/move")
@allow(*KEEPERS)
def move_phrase(phrase_id: UUID) -> ResponseReturnValue:
    """A place further up or down."""
    form = parse(MoveForm(), request.form)
    with unit_of_work("routing") as uow:
        phrases.move_phrase(uow, reader().official_id, phrase_id, up=form["way"] == "up")
    return redirect(url_for("routing.phrases_page"), 303)


@blueprint.post("/routing/phrases/<uuid:phrase_id>/remove")
@allow(*KEEPERS)
def remove_phrase(phrase_id: UUID) -> ResponseReturnValue:
    """Let one go."""
    with unit_of_work("routing") as uow:
        phrases.remove_phrase(uow, reader().official_id, phrase_id)
    flash(gettext("常用语已删除。"))
    return redirect(url_for("routing.phrases_page"), 303)


menu(blueprint, lazy_gettext("我的常用语"), ".phrases_page", Role.FIRST_IN_COMMAND, order=86)
