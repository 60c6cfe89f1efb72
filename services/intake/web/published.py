"""Published answers: what everybody reads, and how the office puts them there and takes them back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from services.intake.domain.published import PUBLISHERS, Consent, TakeBackReason, check_case
from services.intake.domain.submission import Identity
from services.intake.handlers import published
from services.intake.handlers.groups import answer_to
from services.intake.handlers.published import MOST_FOUND, Sought
from services.intake.schemas.published import AnswersFilter, PublishForm, TakeBackForm
from services.intake.store import bars
from services.intake.web.common import blueprint, category_groups, drawn_again, places, public_rate, today, vault, viewer
from services.intake.web.words import WORDS
from shared.errors import Conflict, Refused
from shared.web.access import allow, public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

PAGE, FEED = 20, 50
FIRST_YEAR = 2016
menu(blueprint, _("答复公开"), ".answers_page", order=3)


@blueprint.get("/answers")
@public
@limiter.limit(public_rate)
def answers_page() -> ResponseReturnValue:
    """What was asked and answered, by words, category, place and year."""
    wanted = parse(AnswersFilter(), request.args)
    with unit_of_work("intake") as uow:
        rows, total = published.answers(uow, Sought(**wanted, size=PAGE))
        categories, named, this_year = category_groups(uow), places(uow), today(uow).year
    return render_template(
        "intake/answers.html", rows=rows, total=total, wanted=wanted, values=request.args.to_dict(), pages=-(-total // PAGE),
        more=total == MOST_FOUND, categories=categories, places=named, years=[(year, year) for year in range(this_year, FIRST_YEAR - 1, -1)],
    )  # fmt: skip


@blueprint.get("/answers/<uuid:public_id>")
@public
def published_answer(public_id: UUID) -> ResponseReturnValue:
    """One answer. Its address names no case."""
    with unit_of_work("intake") as uow:
        row, named = published.answer(uow, public_id), dict(places(uow))
    return render_template("intake/published_answer.html", row=row, places=named)


@blueprint.get("/answers.atom")
@public
@limiter.limit(public_rate)
def answers_feed() -> ResponseReturnValue:
    """The latest answers as an Atom feed."""
    with unit_of_work("intake") as uow:
        rows, _ = published.answers(uow, Sought(size=FEED))
    return Response(render_template("intake/answers.xml", rows=rows), mimetype="application/atom+xml")


@blueprint.get("/intake/petitions/<uuid:case_id>/publish")
@allow(*PUBLISHERS)
def publish_form(case_id: UUID) -> ResponseReturnValue:
    """The words for the public, to be gone through once more."""
    return _draw(case_id)


@blueprint.post("/intake/petitions/<uuid:case_id>/publish")
@allow(*PUBLISHERS)
def publish(case_id: UUID) -> ResponseReturnValue:
    """Put the answer on the public pages."""
    try:
        data = parse(PublishForm(), request.form)
        with unit_of_work("intake") as uow:
            published.publish(
                uow, vault(), case_id, viewer(), title=data["published_title"], brief=data["published_brief"],
                answer=data["answer"], consent=Consent(data["consent"]),
            )  # fmt: skip
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    flash(gettext("答复已公开。"))
    return redirect(url_for("intake.publish_form", case_id=case_id), 303)


@blueprint.post("/intake/petitions/<uuid:case_id>/publish/take-back")
@allow(*PUBLISHERS)
def take_back(case_id: UUID) -> ResponseReturnValue:
    """Take it off the pages."""
    try:
        reason = TakeBackReason(parse(TakeBackForm(), request.form)["take_back_reason"])
        with unit_of_work("intake") as uow:
            published.take_back(uow, case_id, viewer(), reason=reason)
    except (BadInput, Refused) as fault:
        return drawn_again(fault, lambda **context: _draw(case_id, **context))
    flash(gettext("公开的答复已撤下。"))
    return redirect(url_for("intake.publish_form", case_id=case_id), 303)


def _draw(case_id: UUID, **context: Any) -> str:
    with unit_of_work("intake") as uow:
        case, before = published.publishable(uow, case_id, viewer())
        answer = answer_to(uow, vault(), case)
        barrier = None
        try:
            check_case(case, barred=bool(bars(uow, case_id)))
        except Conflict as fault:
            barrier = fault
    anonymous = case.identity is Identity.ANONYMOUS
    consents = [(code, word) for code, word in WORDS["consents"].items() if (code == Consent.OFFICE) is anonymous]
    return render_template(
        "intake/publish.html", case=case, before=before, now_public=next((one for one in before if not one.withdrawn_at), None),
        consents=consents, barrier=barrier, answer=answer, **context,
    )  # fmt: skip
