"""What the petitioner says after the conclusion: on the tracking page with his code, or by the link in a mail."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from services.intake.domain.petition import Means
from services.intake.domain.rating import WISHES, Rating
from services.intake.handlers import looking, rating
from services.intake.schemas.casework import WishForm
from services.intake.schemas.tracking import AnswerForm, ContestForm, LinkForm, ReopenForm, ReviewForm
from services.intake.web.common import EDITORS, acted, blueprint, explained, public_rate, vault, viewer
from services.intake.web.track import act_on_case
from services.intake.web.words import WORDS
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import allow, public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse

YES_NO = {"true": True, "false": False}
ROUND_OF_LINK = 1  # any: the link knows its own
REMARKS = ("followup", "supervision_office", "office", "first_in_command", "leader", "unit_head")


@blueprint.post("/track/answer")
@public
@limiter.limit(public_rate)
def answer() -> ResponseReturnValue:
    """The petitioner's answer to the follow-up."""

    def act(uow: UnitOfWork, case_id: UUID, data: dict[str, Any]) -> str:
        rating.record_answer(uow, vault(), case_id, _rating(data))
        return _thanks(data)

    return act_on_case(AnswerForm(), act)


@blueprint.post("/track/correction")
@public
@limiter.limit(public_rate)
def correct_answer() -> ResponseReturnValue:
    """The petitioner corrects it, within a day."""

    def act(uow: UnitOfWork, case_id: UUID, data: dict[str, Any]) -> str:
        rating.correct_answer(uow, vault(), case_id, _rating(data))
        return gettext("您的评价已更正。")

    return act_on_case(AnswerForm(), act)


@blueprint.post("/track/contest")
@public
@limiter.limit(public_rate)
def contest() -> ResponseReturnValue:
    """The petitioner says that he is not satisfied, whatever staff wrote."""

    def act(uow: UnitOfWork, case_id: UUID, data: dict[str, Any]) -> str:
        rating.contest(uow, vault(), case_id, round=data["round"], words=data["contest_words"])
        return gettext("您的异议已收到，以您本人的意见为准，这件信访件将继续办理。")

    return act_on_case(ContestForm(), act)


@blueprint.post("/track/reopen")
@public
@limiter.limit(public_rate)
def ask_to_reopen() -> ResponseReturnValue:
    """The petitioner has the closed case go on."""

    def act(uow: UnitOfWork, case_id: UUID, data: dict[str, Any]) -> str:
        rating.ask_to_reopen(uow, vault(), case_id, round=data["round"], words=data["reopen_words"])
        return gettext("您的要求已收到，这件信访件将重新办理。")

    return act_on_case(ReopenForm(), act)


@blueprint.post("/track/review")
@public
@limiter.limit(public_rate)
def ask_for_review() -> ResponseReturnValue:
    """The petitioner asks for a review, or the final one."""

    def act(uow: UnitOfWork, case_id: UUID, data: dict[str, Any]) -> str:
        rating.ask_for_review(uow, vault(), case_id, level=data["level"], words=data["review_words"])
        return gettext("您的申请已收到，三十日内作出决定并在本页告知。")

    return act_on_case(ReviewForm(), act)


@blueprint.get("/rate/<token>")
@public
@limiter.limit(public_rate)
def rate(token: str) -> ResponseReturnValue:
    """The questions of the one round that the link serves. Opening it uses nothing up: mail programs open links, too."""
    return _draw(token)


@blueprint.post("/rate")
@public
@limiter.limit(public_rate)
def rate_by_link() -> ResponseReturnValue:
    """The answer by a link, once."""
    token = request.form.get("token", "")
    try:
        data = parse(LinkForm(), request.form)
        with unit_of_work("intake") as uow:
            case = rating.answer_by_link(uow, vault(), token, _rating(data | {"round": ROUND_OF_LINK}))
    except (BadInput, Refused) as fault:
        if isinstance(fault, Refused) and fault.status == 404:
            raise
        bad = explained(fault)
        page, headers = _draw(token, errors=bad.errors, values=request.form.to_dict())
        return page, bad.code or 422, headers
    return _closed_to_others(render_template("intake/rated.html", number=case.number, said=_thanks(data)))


@blueprint.get("/intake/petitions/<uuid:case_id>/remarks")
@allow(*REMARKS)
def remarks(case_id: UUID) -> ResponseReturnValue:
    """What the petitioner wrote beside his answers; the look is logged. Whoever handles the case finds no such page."""
    with unit_of_work("intake") as uow:
        case, found = looking.read_remarks(uow, vault(), case_id, viewer())
    return render_template("intake/remarks.html", case=case, remarks=found)


@blueprint.get("/intake/petitions/<uuid:case_id>/wish")
@allow(*EDITORS)
def wish(case_id: UUID) -> ResponseReturnValue:
    """What may be written down for the petitioner now."""
    return _draw_wish(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/wish")
@allow(*EDITORS)
def record_wish(case_id: UUID) -> ResponseReturnValue:
    """Write down what the petitioner said."""

    def act(uow: UnitOfWork) -> None:
        data = parse(WishForm(), request.form)
        rating.write_down(
            uow, vault(), case_id, viewer(), wish=data["wish"], means=Means(data["wish_means"]), words=data["wish_words"]
        )

    back = url_for("intake.petition_page", case_id=case_id)
    return acted(act, partial(_draw_wish, case_id), said=gettext("已记录，与信访人本人在查询页上提出的效力相同。"), back=back)


def _draw_wish(case_id: UUID, **context: Any) -> str:
    with unit_of_work("intake") as uow:
        case = rating.open_for_scribe(uow, case_id, viewer())
        offers = rating.offered(uow, case)
    open_now = {"contest": offers.contests, "reopen": offers.reopen_until, (offers.review or ("",))[0]: offers.review}
    options = [(code, WORDS["wishes"][code]) for code in WISHES if open_now.get(code)]
    return render_template("intake/wish.html", case=case, options=options, **context)


def _draw(token: str, **context: Any) -> tuple[str, dict[str, str]]:
    with unit_of_work("intake") as uow:
        case, question = rating.of_link(uow, token)
    return _closed_to_others(render_template("intake/rate.html", case=case, question=question, token=token, **context))


def _closed_to_others(page: str) -> tuple[str, dict[str, str]]:
    """A page behind a secret address: no other site learns the address, and no machine on the way keeps it."""
    return page, {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


def _rating(data: dict[str, Any]) -> Rating:
    given = {name.removeprefix("ask_"): YES_NO.get(value) for name, value in request.form.items() if name.startswith("ask_")}
    return Rating(
        round=data["round"], settled=data["settled"], satisfied=data["satisfied"], words=data["words"],
        answers={code: yes for code, yes in given.items() if yes is not None},
    )  # fmt: skip


def _thanks(data: dict[str, Any]) -> str:
    good = data["settled"] and data["satisfied"]
    return gettext("谢谢，您的评价已收到。") if good else gettext("您的评价已收到，会有人继续跟进。")
