"""Whom to ask, and what came of it. Units and persons responsible see neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from services.followup import handlers
from services.followup.domain import task as rules
from services.followup.domain.policy import SATISFIED, SETTLED, FollowPolicy
from services.followup.domain.task import ANSWERED, WAITING
from services.followup.domain.trying import LONGEST_NOTE, STAFF_MANNERS, STAFF_RESULTS
from services.followup.handlers import listing
from services.followup.handlers.in_force import policy_of
from services.followup.store import TASKS
from services.followup.web.common import (
    LABELS,
    PAGE,
    QUEUES,
    READERS,
    WORDS,
    blueprint,
    person,
    posts_of,
    problem,
    reader_here,
    sight_of,
    status_of,
)
from services.followup.workflow import CaseStage
from shared.contract.envelope import uuid7
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import language, menu
from shared.web.session import Reader

SAID = {
    "satisfied": _("已记录：满意。本件已结案存档。"),
    "not_satisfied": _("已记录：不满意。本件转回继续办理。"),
    "not_reached": _("已记录：未联系上。请改日再试。"),
}
MOST_PAGES = 100_000
OF_OFFICE = frozenset({"recheck"})  # what is to be asked again is known to the supervision office alone
YES_NO = {"yes": True, "no": False}


class ListArguments(Schema):
    """What the address of the list may say."""

    queue = fields.String(validate=validate.OneOf(list(QUEUES)), metadata={"label": _("分组")})
    page = fields.Integer(load_default=1, validate=validate.Range(1, MOST_PAGES), metadata={"label": _("页码")})


def _choice(name: str, of: tuple[str, ...]) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(of), metadata={"label": LABELS[name]})


class CorrectionForm(Schema):
    """What was written down, corrected. `try_id` comes with the form, so that sending it twice records it once."""

    try_id = fields.UUID(required=True, metadata={"label": LABELS["try_id"]})
    result = _choice("result", STAFF_RESULTS)
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE), metadata={"label": LABELS["note"]})


class TryForm(CorrectionForm):
    """One try to ask."""

    manner = _choice("manner", STAFF_MANNERS)


class CheckForm(Schema):
    """A second asking by the supervision office."""

    try_id = fields.UUID(required=True, metadata={"label": LABELS["try_id"]})
    manner = _choice("manner", STAFF_MANNERS)
    found = _choice("found", STAFF_RESULTS)
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE), metadata={"label": LABELS["note"]})


def _waiting(reader: Reader) -> int | None:
    queue = "open" if reader.may(Role.FOLLOWUP) else "recheck" if reader.may(Role.SUPERVISION_OFFICE) else None
    with unit_of_work("followup") as uow:
        return listing.waiting(uow, sight_of(reader), uow.now, queue) if queue else None


menu(blueprint, _("回访"), ".tasks", order=40, badge=_waiting)


@blueprint.get("/tasks")
@allow(*READERS)
def tasks() -> ResponseReturnValue:
    """The tasks by queue; without one the first, by urgency, that is not empty."""
    reader = reader_here()
    asked, who = parse(ListArguments(), request.args), sight_of(reader)
    queues = {name: words for name, words in QUEUES.items() if name not in OF_OFFICE or reader.may(Role.SUPERVISION_OFFICE)}
    with unit_of_work("followup") as uow:
        now = uow.now
        counts = listing.counts(uow, who, now)
        queue = asked.get("queue")
        if queue not in queues:
            queue = next((name for name in queues if counts.get(name)), "done" if who["sample"] else "open")
        # What has its result is not counted: it grows for ever.
        pages = max(1, -(-counts[queue] // PAGE)) if queue in counts else None
        page = min(asked["page"], pages or MOST_PAGES)
        rows = listing.page(uow, who, now, queue, limit=PAGE + 1, offset=(page - 1) * PAGE)
    return render_template(
        "followup/tasks.html", rows=rows[:PAGE], counts=counts, queue=queue, queues=queues, page=page, pages=pages, more=len(rows) > PAGE,
        words=WORDS, now=now, sample=who["sample"],
    )  # fmt: skip


@blueprint.get("/tasks/<uuid:task_id>")
@allow(*READERS)
def task(task_id: UUID) -> ResponseReturnValue:
    """One task: the case, what the petitioner was told, the tries; for whoever may act the form of what comes next."""
    with unit_of_work("followup") as uow:
        return render_template("followup/task.html", **_shown(uow, task_id))


@blueprint.post("/tasks/<uuid:task_id>")
@allow(Role.FOLLOWUP)
def record(task_id: UUID) -> ResponseReturnValue:
    """Record a try. Sent twice it is recorded once; refused, the form comes back with what was wrong."""

    def act(uow: UnitOfWork) -> str:
        form = parse(TryForm(), request.form)
        policy = policy_of(uow, _seen(uow, task_id)["policy"])
        after = handlers.record_try(uow, task_id, by=person(), posts=_posts(), answers=_answers(policy), **form)
        if after.stage == "unreachable" and form["result"] == "not_reached":
            return str(_("已记录：未联系上。已在不同日子试满规定次数，本轮记为“多次未联系上”；信访人仍可在查询页答复。"))
        return str(SAID[form["result"]])

    return _acted(task_id, act)


@blueprint.post("/tasks/<uuid:task_id>/correction")
@allow(Role.FOLLOWUP)
def correct(task_id: UUID) -> ResponseReturnValue:
    """Correct what one wrote down, within the policy's time."""

    def act(uow: UnitOfWork) -> str:
        form = parse(CorrectionForm(), request.form)
        policy = policy_of(uow, _seen(uow, task_id)["policy"])
        handlers.correct_try(uow, task_id, by=person(), posts=_posts(), answers=_answers(policy), **form)
        return str(_("已更正。更正的记录由督查室复核。"))

    return _acted(task_id, act)


@blueprint.post("/tasks/<uuid:task_id>/difficult")
@allow(Role.FOLLOWUP)
def difficult(task_id: UUID) -> ResponseReturnValue:
    """Propose that a leader takes the case on."""

    def act(uow: UnitOfWork) -> str:
        _seen(uow, task_id)
        handlers.mark_difficult(uow, task_id, by=person(), posts=_posts())
        return str(_("已建议领导包案。"))

    return _acted(task_id, act)


@blueprint.post("/tasks/<uuid:task_id>/check")
@allow(Role.SUPERVISION_OFFICE)
def check(task_id: UUID) -> ResponseReturnValue:
    """Record a second asking of the sample."""

    def act(uow: UnitOfWork) -> str:
        form = parse(CheckForm(), request.form)
        _seen(uow, task_id)
        made = handlers.record_check(uow, task_id, check_id=form.pop("try_id"), by=person(), posts=_posts(), **form)
        return str(_("已复核：与记录不一致，以复核为准。") if made.differs else _("复核已记录。"))

    return _acted(task_id, act)


def _acted(task_id: UUID, act: Callable[[UnitOfWork], str]) -> ResponseReturnValue:
    try:
        with unit_of_work("followup") as uow:
            said = act(uow)
    except (BadInput, Refused) as fault:
        wrong = problem(fault)
        with unit_of_work("followup") as uow:
            return render_template("followup/task.html", **_shown(uow, task_id), **wrong), status_of(fault)
    flash(said)
    return redirect(url_for(".task", task_id=task_id), 303)


def _posts() -> list[str]:
    return sorted(posts_of(reader_here()))


def _answers(policy: FollowPolicy) -> dict[str, bool]:
    """The answers to the single questions, as far as they were given."""
    given = {each.code: YES_NO.get(request.form.get(f"ask_{each.code}", "")) for each in policy.questions}
    return {code: yes for code, yes in given.items() if yes is not None}


def _seen(uow: UnitOfWork, task_id: UUID) -> dict[str, Any]:
    """The task. Raises NotFound, and tells the app's hook, when there is none or the reader may not see it."""
    found = listing.one(uow, sight_of(reader_here()), task_id)
    if found is None:
        current_app.extensions["zhida"].refused(request.endpoint, reader_here().official_id, "task not visible")
        raise NotFound("task", "没有找到这件回访。", "请返回列表，重新选择。")
    return found


def _shown(uow: UnitOfWork, task_id: UUID) -> dict[str, Any]:
    """What the page of a task is drawn from."""
    found, reader = _seen(uow, task_id), reader_here()
    policy = policy_of(uow, found["policy"])
    entity = TASKS.from_row([found[column] for column in TASKS.codecs])
    staff, office = reader.may(Role.FOLLOWUP), reader.may(Role.SUPERVISION_OFFICE)
    correctable = staff and rules.may_correct(entity, policy, source="staff", by=person(), now=uow.now)
    return {
        "task": found, "words": WORDS, "labels": LABELS, "now": uow.now, "manners": STAFF_MANNERS, "try_id": uuid7(), "policy": policy,
        "asked": {each.code: each.in_language(language()) for each in policy.questions}, "deciding": (SETTLED, SATISFIED),
        "form": found["stage"] in WAITING and found["case_stage"] == CaseStage.FOLLOWED and staff,
        "own": found["concluded_by"]["official"] == reader.official_id, "correctable": correctable,
        "recheck": office and found["sampled"] and found["stage"] in ANSWERED and not found["checked_at"] and found["source"] == "staff",
        "above": not found["concluded_by"]["organisation"].startswith(found["organisation"]),
        "dossier": reader.may(Role.SUPERVISION_OFFICE, Role.AUDITOR), "remarks": staff or office, "staff": staff,
    }  # fmt: skip
