"""The ladder's pages: the supervision office's work list, a case's ladder, documents and their prints."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from services.supervision.handlers import ladder, ladder_lists
from services.supervision.handlers.in_force import policy_in_force, policy_of
from services.supervision.policy import Ladder, Obligation, Rung, Step
from services.supervision.web.common import READERS, WORDS, acting, blueprint, reader_now, sight_of
from services.supervision.web.ladder_forms import BY_OFFICE, IssueForm, ListArguments, PagedArguments, ReasonsForm
from shared.contract.envelope import uuid7
from shared.errors import Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse, rerender
from shared.web.frame import menu
from shared.web.session import Reader

PAGE = 50
EVERYBODY = tuple(Role)
OFFICE = Role.SUPERVISION_OFFICE


def _own(reader: Reader) -> list[Step]:
    """The steps that this reader takes: interviews the first-in-command, everything else the supervision office."""
    return [Step.INTERVIEW] * reader.may(Role.FIRST_IN_COMMAND) + list(BY_OFFICE) * reader.may(OFFICE)


def _waiting(reader: Reader) -> int | None:
    """What waits for this reader."""
    with unit_of_work("supervision") as uow:
        counts = ladder_lists.counts(uow, sight_of(reader), uow.now)
    return sum(counts[step]["due"] for step in _own(reader) if step in counts)


menu(blueprint, _("督办工作"), ".ladder_due", order=31, badge=_waiting)


@blueprint.get("/ladder")
@allow(*READERS)
def ladder_due() -> ResponseReturnValue:
    """What step is due for whom."""
    return render_template("supervision/ladder.html", **_due(parse(ListArguments(), request.args)))


def _due(asked: dict[str, Any]) -> dict[str, Any]:
    """What the work list shows."""
    reader = reader_now()
    who = sight_of(reader)
    with unit_of_work("supervision") as uow:
        now = uow.now
        counts = ladder_lists.counts(uow, who, now)
        step = asked["step"] or _first(counts, reader)
        if step == "in_vain":
            rows = ladder_lists.in_vain(uow, who)
        else:
            rows = ladder_lists.due(uow, who, step, now=now, is_due=not asked["later"])
        found = {
            "rows": rows, "counts": counts, "vain": len(ladder_lists.in_vain(uow, who)),
            "rungs": _rungs(policy_in_force(uow).ladder), "periods": ladder_lists.periods(uow),
        }  # fmt: skip
    return {
        **found, "step": step, "later": asked["later"], "words": WORDS, "now": now, "groups": _by_person(rows), "key": uuid7(),
        "issues": reader.may(OFFICE), "calls": reader.may(Role.FIRST_IN_COMMAND), "demand": _demand(),
    }  # fmt: skip


def _first(counts: dict[str, dict[str, Any]], reader: Reader) -> str:
    """What stands open where no step was asked for: the first that waits for this reader, or that waits at all."""
    waiting = [step for step in (*_own(reader), *BY_OFFICE, Step.INTERVIEW) if step in counts and counts[step]["due"]]
    return [*waiting, *_own(reader), Step.NOTICE][0]


def _rungs(found: Ladder | None) -> dict[Step, Rung]:
    return {rung.step: rung for rung in found.rungs} if found else {}


def _demand() -> str:
    return gettext("请在规定期限内办结上述事项，并将办理结果书面报告。")


def _by_person(rows: list[dict[str, Any]]) -> list[tuple[dict[str, Any], list[dict[str, Any]], UUID]]:
    """Misses by who is responsible, each with a key for a form."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["responsible"]:
            groups.setdefault(row["responsible"]["official"], []).append(row)
    return [(group[0]["responsible"], group, uuid7()) for group in groups.values()]


@blueprint.post("/ladder")
@allow(OFFICE)
def issue_step() -> ResponseReturnValue:
    """Issue a round, or the step for one miss, under the reader's name."""
    try:
        form = parse(IssueForm(), request.form)
        step, who = Step(form["step"]), sight_of(reader_now())
        if step in (Step.NOTICE, Step.SUGGESTION) and not form["demand"]:
            raise Refused("demand", "没有写明督办要求。", "请填写督办要求。")
        with unit_of_work("supervision") as uow:
            rows = ladder_lists.due(uow, who, step, now=uow.now) if form["all"] else []
            ids = [row["id"] for row in rows] or form["ids"]
            done = ladder.issue(
                uow, who, acting(uow, OFFICE), ids, step, key=form["key"], reasons=form["reasons"], demand=form["demand"]
            )  # fmt: skip
    except (BadInput, Refused) as fault:
        return again(fault, request.form.get("step"))
    flash(ngettext("已签发 %(num)d 件：%(what)s。", "已签发 %(num)d 件：%(what)s。", len(done), what=WORDS["rungs"][step]))
    return redirect(url_for(".documents", step=step), 303)


def again(fault: BadInput | Refused, step: str | None) -> ResponseReturnValue:
    """The work list once more, with what was wrong."""
    if isinstance(fault, Refused) and fault.status in (403, 404):
        raise fault
    known = step if step in (*BY_OFFICE, Step.INTERVIEW) else Step.NOTICE.value
    return rerender("supervision/ladder.html", fault, **_due({"step": known, "later": False}))


@blueprint.get("/documents")
@allow(*READERS)
def documents() -> ResponseReturnValue:
    """What was issued, the latest first."""
    asked = parse(PagedArguments(), request.args)
    with unit_of_work("supervision") as uow:
        rows, total = ladder_lists.documents(
            uow, sight_of(reader_now()), asked["step"], limit=PAGE, offset=(asked["page"] - 1) * PAGE
        )
        now = uow.now
    return render_template(
        "supervision/documents.html", rows=rows, total=total, step=asked["step"], steps=list(Step), page=asked["page"],
        pages=max(1, -(-total // PAGE)), words=WORDS, now=now,
    )  # fmt: skip


@blueprint.get("/cases/<uuid:case_id>/ladder")
@allow(*READERS)
def case_ladder(case_id: UUID) -> ResponseReturnValue:
    """What follows from the misses of a case, and what was done."""
    return render_template("supervision/case_ladder.html", **_case(case_id))


def _case(case_id: UUID) -> dict[str, Any]:
    reader = reader_now()
    with unit_of_work("supervision") as uow:
        case, ladders, steps = ladder_lists.case(uow, sight_of(reader), case_id)
        for row in ladders:
            row["above"], row["key"] = _above(uow, row, steps), uuid7()
            row["steps"] = [step for step in steps if step["deadline_id"] == row["id"]]
        now = uow.now
    return {
        "case": case, "ladders": ladders, "words": WORDS, "now": now, "issues": reader.may(OFFICE),
        "calls": reader.may(Role.FIRST_IN_COMMAND), "demand": _demand(),
    }  # fmt: skip


def _above(uow: Any, row: dict[str, Any], steps: list[dict[str, Any]]) -> list[Step]:
    """The steps that may still be taken for a miss."""
    taken = [Step(s["step"]).height for s in steps if s["deadline_id"] == row["id"] and s["annulled_at"] is None]
    found = policy_of(uow, row["policy"]).ladder
    rungs = found.rungs_for(Obligation(row["obligation"])) if found else ()
    return [rung.step for rung in rungs if rung.step.height > max(taken, default=0)]


@blueprint.post("/steps/<uuid:step_id>/annul")
@allow(OFFICE, Role.FIRST_IN_COMMAND)
def annul_step(step_id: UUID) -> ResponseReturnValue:
    """Say that a step was wrong; it stays on record."""
    form = parse(ReasonsForm(), request.form)
    who = sight_of(reader_now())
    with unit_of_work("supervision") as uow:
        step, _before = ladder_lists.document(uow, who, step_id)
        ladder.annul(uow, who, acting(uow, OFFICE, Role.FIRST_IN_COMMAND), step_id, form["reasons"])
    flash(gettext("%(document)s 已撤销，记录仍保留。", document=step["document"]))
    return redirect(url_for(".case_ladder", case_id=step["case_id"]), 303)


@blueprint.get("/steps/<uuid:step_id>")
@allow(*EVERYBODY)
def document(step_id: UUID) -> ResponseReturnValue:
    """A step's document, to be printed on A4: for those who supervise, and for whom it was sent to."""
    reader = reader_now()
    with unit_of_work("supervision") as uow:
        step, before = ladder_lists.document(uow, _sight_of_document(reader), step_id)
    return render_template(
        "supervision/document.html", step=step, before=before, words=WORDS,
        instance=current_app.extensions["zhida"].settings,
    )  # fmt: skip


def _sight_of_document(reader: Reader) -> dict[str, Any]:
    """Who supervises sees what lies in his scope; everybody else what was sent to himself, and nothing more."""
    who = sight_of(reader)
    return who if reader.may(*READERS) else {**who, "exact": [], "prefixes": []}
