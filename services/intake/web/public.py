"""Home, and the form by which anybody submits a petition. No account, no script."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from services.intake.domain.submission import Channel
from services.intake.handlers import attachments
from services.intake.handlers.registration import register
from services.intake.schemas.petition import PublicForm
from services.intake.web.common import (
    blueprint,
    cabinet,
    category_groups,
    drawn_again,
    places,
    registered,
    site,
    submitted,
    vault,
)
from services.intake.web.uploads import files_rate, taken_in, takes_files
from shared.errors import Refused
from shared.web.access import public
from shared.web.app import limiter
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

FORM = PublicForm()
menu(blueprint, _("首页"), ".home", order=0)
menu(blueprint, _("反映问题"), ".submit", order=1)


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """What this is, the five channels with their addresses, submit, track."""
    contacts = getattr(current_app.extensions["zhida"].settings, "contacts", {})
    return render_template("intake/home.html", contacts=contacts, channels=list(Channel), answered=bool(site().telephone.lines))


@blueprint.get("/submit")
@public
def submit() -> ResponseReturnValue:
    """The empty form, with a key of its own."""
    return _draw(values={"key": str(uuid4())})


@blueprint.post("/submit")
@takes_files
@public
@limiter.limit(files_rate)
def submit_petition() -> ResponseReturnValue:
    """Register; the answer is the receipt, and the same one when the form is sent again."""
    try:
        data = parse(FORM, request.form)
        files = taken_in()
        with unit_of_work("intake") as uow:
            given = attachments.with_files(vault(), submitted(uow, data, Channel.POST), files)
            receipt = register(uow, vault(), given, key=data["key"])
            if not receipt.again:
                attachments.add(uow, cabinet().store, vault(), receipt.case_id, files, by=None)
    except (BadInput, Refused) as fault:
        return drawn_again(fault, _draw)
    registered(receipt, Channel.POST)
    return render_template("intake/receipt.html", receipt=receipt, files=files), 201


def _draw(**context: Any) -> str:
    context["values"].setdefault("key", str(uuid4()))
    with unit_of_work("intake") as uow:
        return render_template("intake/submit.html", places=places(uow), categories=category_groups(uow), **context)
