"""Assignments of the reader and of his unit: receive, report, object, reply over one's own name (M8, M9)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from services.routing import handlers, metrics, store
from services.routing.domain import Directory
from services.routing.handlers import gathering
from services.routing.web import reply_form
from services.routing.web.case_view import case_seen, rounds_of
from services.routing.web.common import blueprint, check_readable, fresh, log, problem, reader, seen, seen_one, status_of
from services.routing.web.forms import ObjectForm, ProgressForm
from services.routing.web.protocol_view import of_assignment
from services.routing.web.review import badge
from shared.database import UnitOfWork
from shared.errors import NotFound, Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu

Row = dict[str, Any]
WORKERS = (Role.LEADER, Role.UNIT_HEAD, Role.OFFICER, Role.FIRST_IN_COMMAND, Role.OFFICE)
OVERSEERS = (Role.FIRST_IN_COMMAND, Role.OFFICE)
TABS = {
    "issued": ("issued",),
    "owed": ("received", "objected", "progressed", "returned"),
    "waiting": ("replied",),
    "done": ("approved", "withdrawn"),
}
EVERY = tuple(stage for stages in TABS.values() for stage in stages)


def organisations_of(directory: Directory) -> list[str]:
    """The organisations whose assignments the reader sees beside his own: a unit's own and what lies under it."""
    me = reader()
    found = directory.officials.get(me.official_id)
    if me.may(*OVERSEERS):
        return sorted(directory.subtree(directory.own))
    heads = [post.organisation for post in found.posts if post.roles & {"unit_head", "officer"}] if found else []
    return sorted({code for head in heads for code in directory.subtree(head)})


def _ended(row: Row) -> bool:
    """Whether the reader's access has ended: the assignment was taken back, for whatever reason (decision 5).

    What is left is his own: what he reported and replied, and what became of it. The first-in-command and the office keep their
    instance's whole record; in the instance below it stands as it was, for nothing more comes there.
    """
    return row["stage"] == "withdrawn" and not (reader().may(*OVERSEERS) and row.get("readable", True))


@blueprint.get("/routing/assignments")
@allow(*WORKERS)
def assignments() -> ResponseReturnValue:
    """Mine, or my organisation's (`?whose=unit`): to receive, owed, waiting for a decision, done."""
    with unit_of_work("routing") as uow:
        units, standing_in = organisations_of(store.directory(uow)), handlers.standing_in(uow, reader().official_id)
        personal = reader().may(Role.LEADER, Role.UNIT_HEAD, Role.OFFICER, Role.FIRST_IN_COMMAND)
        whose = request.args.get("whose", "mine" if personal else "unit")
        official = None if whose == "unit" else reader().official_id
        rows = seen(
            uow, "assignments_listed", official=official, organisations=units if whose == "unit" else [], stages=list(EVERY)
        )  # fmt: skip
        supervised = sent_to_me(uow)
        gathering.read_supervised(uow, reader().official_id)
    rows = [row | {"ended": True, "title": "", "case_class": None, "due_at": None} if _ended(row) else row for row in rows]
    counts = {tab: sum(row["stage"] in stages for row in rows) for tab, stages in TABS.items()}
    tab = request.args.get("tab", next((name for name in ("issued", "owed") if counts[name]), "owed"))
    tab = tab if tab in TABS else "owed"
    listed = [row for row in rows if row["stage"] in TABS[tab]]
    listed = most_pressing(listed) if tab in ("issued", "owed") else listed
    return render_template(
        "routing/assignments.html", rows=listed, counts=counts, tab=tab,
        whose=whose, units=bool(units) and personal, standing_in=standing_in,
        supervised=supervised,
    )  # fmt: skip


def most_pressing(rows: list[Row]) -> list[Row]:
    """What is due first, first; what has no limit of its own here, by when it was issued, after it."""
    return sorted(rows, key=lambda row: (row["due_at"] is None, row["due_at"] or row["issued_at"]))


def sent_to_me(uow: UnitOfWork, case: UUID | None = None) -> list[Row]:
    """What supervision sent to the reader, of one case or of all."""
    return seen(uow, "supervised_of", official=reader().official_id, case=case)


def assignment_seen(uow: UnitOfWork, assignment_id: UUID) -> Row:
    """An assignment that is the reader's own, of his unit, or his to oversee. Raises NotFound, or Forbidden where it is confidential
    to him, and logs the try."""
    row = seen_one(uow, "assignment_seen", assignment=assignment_id)
    mine = row["responsible"]["official"] == reader().official_id
    if not mine and row["responsible"]["organisation"] not in organisations_of(store.directory(uow)):
        log.warning("not theirs: assignment %s %s", assignment_id, reader().official_id)
        raise NotFound("assignment", "没有找到该项交办。", "请核对后重试。")
    if not mine:
        check_readable(row)
    return row


@blueprint.get("/routing/assignments/<uuid:assignment_id>")
@allow(*WORKERS)
def assignment(assignment_id: UUID) -> ResponseReturnValue:
    """The instruction, the brief, the petition, and what the person responsible can do now; once it is over, the own part of it."""
    with unit_of_work("routing") as uow:
        row = assignment_seen(uow, assignment_id)
        if not _ended(row):
            store.note_reading(uow, row["case_id"], reader().official_id)
    return assignment_page(assignment_id, {})


def assignment_page(assignment_id: UUID, more: dict[str, Any]) -> str:
    """An assignment's page, with the errors and values of a form that was refused."""
    with unit_of_work("routing") as uow:
        row = assignment_seen(uow, assignment_id)
        rounds = rounds_of(uow, row["case_id"])
        every = [one for instruction in rounds for one in instruction["assignments"]]
        if _ended(row):
            return _own_part(row, every, more)
        mine = row["responsible"]["official"] == reader().official_id and row["instance"] == uow.org
        case = case_seen(uow, row["case_id"])
        context = of_assignment(uow, row, every, mine=mine) | {
            "assignment": row | next(one for one in every if one["id"] == assignment_id), "mine": mine,
            "case": case, "instruction": next((one for one in rounds if one["id"] == row["instruction_id"]), None),
            "supervised": sent_to_me(uow, row["case_id"]),
            "reply_id": fresh(), "progress_id": fresh(), "objection_id": fresh(), "recusal_id": fresh(),
            "earlier": [one for one in every if one["id"] != assignment_id and one["responsible"] == row["responsible"]],
        }  # fmt: skip
        context |= more | reply_form.context(uow, row, case["brief"], more)
    return render_template("routing/assignment.html", **context)


def _own_part(row: Row, every: list[Row], more: dict[str, Any]) -> str:
    """What is left to read of an assignment that was taken back: nothing of the case but its number."""
    own = next(one for one in every if one["id"] == row["id"])
    same = [one for one in every if one["responsible"]["official"] == row["responsible"]["official"]]
    later = next((one for one in reversed(same) if one["stage"] != "withdrawn"), None)
    return render_template("routing/assignment_ended.html", assignment=own, number=row["number"], later=later, **more)


@blueprint.post("/routing/assignments/<uuid:assignment_id>/receive")
@allow(*WORKERS)
def receive(assignment_id: UUID) -> ResponseReturnValue:
    """Receipt by the person responsible."""
    try:
        with unit_of_work("routing") as uow:
            row = assignment_seen(uow, assignment_id)
            case = case_seen(uow, row["case_id"])
            done = handlers.receive(uow, assignment_id, reader().official_id)
    except Refused as fault:
        return assignment_page(assignment_id, problem(fault)), status_of(fault)
    if case["receipted_at"] is None:
        metrics.record_time_to_receipt(case["dispatched_at"], done.received_at)
    flash(gettext("已签收。"))
    return _back(assignment_id)


def _back(assignment_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("routing.assignment", assignment_id=assignment_id), 303)


@blueprint.post("/routing/assignments/<uuid:assignment_id>/progress")
@allow(*WORKERS)
def progress(assignment_id: UUID) -> ResponseReturnValue:
    """A progress report."""
    try:
        form = parse(ProgressForm(), request.form)
        with unit_of_work("routing") as uow:
            assignment_seen(uow, assignment_id)
            handlers.progress(uow, assignment_id, reader().official_id, form["text"], note_id=form["note_id"])
    except (BadInput, Refused) as fault:
        return assignment_page(assignment_id, problem(fault, text="progress")), status_of(fault)
    flash(gettext("办理进展已上报。"))
    return _back(assignment_id)


@blueprint.post("/routing/assignments/<uuid:assignment_id>/object")
@allow(*WORKERS)
def object_to(assignment_id: UUID) -> ResponseReturnValue:
    """An objection to jurisdiction; the clock goes on."""
    try:
        form = parse(ObjectForm(), request.form)
        with unit_of_work("routing") as uow:
            assignment_seen(uow, assignment_id)
            handlers.object_to(uow, assignment_id, reader().official_id, form["reasons"], note_id=form["note_id"])
    except (BadInput, Refused) as fault:
        return assignment_page(assignment_id, problem(fault)), status_of(fault)
    flash(gettext("异议已提出，期限照常计算。"))
    return _back(assignment_id)


menu(blueprint, lazy_gettext("我的承办"), ".assignments", order=20, badge=badge("assignments_owed_count"))
