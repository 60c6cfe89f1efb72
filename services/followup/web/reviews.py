"""Reviews and final reviews that petitioners asked for (arts. 35 and 36)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.followup.handlers import listing, reviews
from services.followup.web.common import LABELS, WORDS, blueprint, person, posts_of, problem, reader_here, sight_of, status_of
from shared.contract.followup import DECISIONS
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu
from shared.web.session import Reader

HANDING = (Role.OFFICE, Role.FIRST_IN_COMMAND)  # who hands a review to somebody
REVIEWERS = (Role.LEADER, Role.UNIT_HEAD, Role.SUPERVISION_OFFICE)
READING = (*HANDING, *REVIEWERS, Role.AUDITOR)


class AssignForm(Schema):
    """Who reviews: an official, or an organ in words."""

    official = fields.String(load_default="", validate=validate.Length(max=64), metadata={"label": LABELS["reviewer"]})
    organ = fields.String(load_default="", validate=validate.Length(max=100), metadata={"label": LABELS["organ"]})


class HearingForm(Schema):
    """From when until when a hearing was held."""

    begun = fields.Date(required=True, metadata={"label": LABELS["begun"]})
    ended = fields.Date(required=True, metadata={"label": LABELS["ended"]})


class DecisionForm(Schema):
    """What was decided, in the words that the petitioner reads."""

    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS), metadata={"label": LABELS["decision"]})
    answer = fields.String(required=True, validate=validate.Length(max=5000), metadata={"label": LABELS["answer"]})
    document = fields.String(load_default="", validate=validate.Length(max=100), metadata={"label": LABELS["document"]})


def _waiting(reader: Reader) -> int | None:
    with unit_of_work("followup") as uow:
        return listing.reviews_waiting(uow, sight_of(reader), every=_reads_all(reader))


menu(blueprint, _("复查复核"), ".review_list", order=44, badge=_waiting)


@blueprint.get("/reviews")
@allow(*READING)
def review_list() -> ResponseReturnValue:
    """What is to be reviewed, by its limit; whoever only reviews sees what was handed to him."""
    with unit_of_work("followup") as uow:
        return render_template(
            "followup/reviews.html", rows=_listed(uow, reader_here()), most=listing.MOST, words=WORDS, now=uow.now
        )


@blueprint.get("/reviews/<uuid:review_id>")
@allow(*READING)
def review(review_id: UUID) -> ResponseReturnValue:
    """One review, with the form of what comes next."""
    with unit_of_work("followup") as uow:
        return render_template("followup/review.html", **_shown(uow, review_id))


@blueprint.post("/reviews/<uuid:review_id>/reviewer")
@allow(*HANDING)
def assign_review(review_id: UUID) -> ResponseReturnValue:
    """Hand it to a reviewer."""

    def act(uow: UnitOfWork) -> str:
        form = parse(AssignForm(), request.form)
        reviews.assign(uow, review_id, by=person(), posts=_posts(), **form)
        return str(_("已指定。"))

    return _acted(review_id, act)


@blueprint.post("/reviews/<uuid:review_id>/hearing")
@allow(*HANDING, *REVIEWERS)
def hold_hearing(review_id: UUID) -> ResponseReturnValue:
    """A hearing was held: its days do not count."""

    def act(uow: UnitOfWork) -> str:
        form = parse(HearingForm(), request.form)
        reviews.hear(uow, review_id, by=person(), posts=_posts(), **form)
        return str(_("听证已记录，听证所用时间不计入期限。"))

    return _acted(review_id, act)


@blueprint.post("/reviews/<uuid:review_id>/decision")
@allow(*HANDING, *REVIEWERS)
def decide_review(review_id: UUID) -> ResponseReturnValue:
    """Decide, or write down what an organ decided."""

    def act(uow: UnitOfWork) -> str:
        form = parse(DecisionForm(), request.form)
        reviews.decide(uow, review_id, by=person(), posts=_posts(), of_office=reader_here().may(Role.OFFICE), **form)
        return str(_("决定已记录，并告知信访人。"))

    return _acted(review_id, act)


def _acted(review_id: UUID, act: Callable[[UnitOfWork], str]) -> ResponseReturnValue:
    try:
        with unit_of_work("followup") as uow:
            _seen(uow, review_id)
            said = act(uow)
    except (BadInput, Refused) as fault:
        wrong = problem(fault)
        with unit_of_work("followup") as uow:
            return render_template("followup/review.html", **_shown(uow, review_id), **wrong), status_of(fault)
    flash(said)
    return redirect(url_for(".review", review_id=review_id), 303)


def _posts() -> list[str]:
    return sorted(posts_of(reader_here()))


def _reads_all(reader: Reader) -> bool:
    return reader.may(*HANDING, Role.AUDITOR)


def _listed(uow: UnitOfWork, reader: Reader, only: UUID | None = None) -> list[dict[str, Any]]:
    return listing.reviews(uow, sight_of(reader), only=only, every=_reads_all(reader))


def _seen(uow: UnitOfWork, review_id: UUID) -> dict[str, Any]:
    found = _listed(uow, reader_here(), review_id)
    if not found:
        current_app.extensions["zhida"].refused(request.endpoint, reader_here().official_id, "review not visible")
        raise NotFound("review", "没有找到这件复查。", "请返回列表，重新选择。")
    return found[0]


def _shown(uow: UnitOfWork, review_id: UUID) -> dict[str, Any]:
    found, reader = _seen(uow, review_id), reader_here()
    mine = (found["reviewer"] or {}).get("official") == reader.official_id
    open_, hands = found["stage"] != "decided", reader.may(*HANDING)
    return {
        "review": found, "words": WORDS, "labels": LABELS, "now": uow.now, "decisions": DECISIONS,
        "assigns": open_ and hands, "hears": found["stage"] == "assigned" and (hands or mine), "remarks": hands or mine,
        "decides": found["stage"] == "assigned" and (mine or (bool(found["organ"]) and reader.may(Role.OFFICE))),
        "reviewers": listing.reviewers(uow, found["case_id"]) if open_ and hands else [],
    }  # fmt: skip
