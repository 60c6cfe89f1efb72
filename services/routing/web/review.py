"""The first-in-command's review: one screen to read, instruct, and go on to the next case (M6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from services.routing import handlers, metrics, store
from services.routing.handlers import enclosures
from services.routing.store import BARS
from services.routing.web.case_view import addressees, case_seen, linked_with, rounds_of, waiting_replies
from services.routing.web.common import blueprint, fresh, problem, reader, seen, status_of
from services.routing.web.forms import InstructForm
from services.routing.web.phrases import completed, offered
from services.routing.web.searching import asked, for_head, queue_of
from services.routing.web.suggested import suggested
from services.routing.web.uploads import handed_in, ticked_ones
from services.routing.workflow import AWAITING_INSTRUCTION, UNDER_WAY
from shared.database import UnitOfWork
from shared.errors import Refused
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.forms import BadInput, parse
from shared.web.frame import menu
from shared.web.session import Reader

Row = dict[str, Any]
# A leader or the office reads while he stands in for the first-in-command; the use cases hold that.
REVIEWERS = (Role.FIRST_IN_COMMAND, Role.LEADER, Role.OFFICE)


@blueprint.get("/routing/review")
@allow(*REVIEWERS)
def review() -> ResponseReturnValue:
    """The queue, or what is searched for in it (`?q=`), and the case asked for (`?case=`) or the oldest one; a search opens none.

    Opening an unread case is its review.
    """
    wanted = request.args.get("case", type=UUID)
    with unit_of_work("routing") as uow:
        deputy = handlers.check_reviewer(uow, reader().official_id)
        queue = queue_of(uow)
        case_id = wanted or (queue[0]["id"] if queue and not asked() else None)
        before = case_seen(uow, case_id) if case_id else None
        if case_id:
            handlers.review(uow, case_id, reader().official_id)
    if deputy is None and before is not None and before["reviewed_at"] is None and before["stage"] in AWAITING_INSTRUCTION:
        with unit_of_work("routing") as uow:
            now = uow.now
        metrics.record_time_to_review(before["registered_at"], now)
    return _screen(case_id, {})


def _screen(case_id: UUID | None, more: dict[str, Any]) -> str:
    """The screen as it stands after what was just done."""
    with unit_of_work("routing") as uow:
        context: dict[str, Any] = {
            "queue": queue_of(uow), "asked": asked(), "waiting": for_head(uow, "replies_waiting", "case_id"), "case": None,
            "standing_in": handlers.standing_in(uow, reader().official_id),
            "owed": _count(uow, "assignments_owed_count") if case_id is None else 0,
        }  # fmt: skip
        if case_id:
            rounds = rounds_of(uow, case_id)
            case = case_seen(uow, case_id)
            context |= {
                "case": case, "rounds": rounds, "replies": waiting_replies(rounds),
                "phrases": offered(uow, case), "linked": linked_with(uow, case_id),
                "groups": addressees(store.directory(uow), uow.rows(BARS).get(case_id), reader().official_id),
                "suggested": suggested(uow, case, uow.rows(BARS).get(case_id), reader().official_id),
                "writers": [] if case["brief"].strip() else store.directory(uow).writers(),
                "enclosed": enclosures.waiting(uow, case_id, reader().official_id),
                "instruction_id": fresh(), "next_case": _after(context["queue"], case_id),
                "open": case["stage"] in AWAITING_INSTRUCTION | UNDER_WAY and case["origin"] == uow.org,
            }  # fmt: skip
    return render_template("routing/review.html", **context | more)


def _after(queue: list[Row], case_id: UUID) -> UUID | None:
    """The next case of the queue after this one; after the last, the first."""
    ids = [row["id"] for row in queue]
    if case_id not in ids:
        return ids[0] if ids else None
    rest = ids[ids.index(case_id) + 1 :] + ids[: ids.index(case_id)]
    return rest[0] if rest else None


def _without_enclosures() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name != "enclosures"]


@blueprint.post("/routing/review/<uuid:case_id>")
@allow(*REVIEWERS)
def instruct(case_id: UUID) -> ResponseReturnValue:
    """Instruct and dispatch, and open the next case at once. Who may do neither is not shown the screen again for a bad form."""
    with unit_of_work("routing") as uow:
        handlers.check_reads(uow, case_id, reader().official_id)
    given = ticked_ones()
    try:
        given = handed_in(case_id)
        form = parse(InstructForm(), MultiDict([*_without_enclosures(), *(("enclosures", key) for key in given)]))
        with unit_of_work("routing") as uow:
            case = case_seen(uow, case_id)
            following = _after(queue_of(uow), case_id)
            form["text"] = completed(store.directory(uow), form["text"], case, form)
            done = handlers.instruct(uow, case_id, reader().official_id, **form)
    except (BadInput, Refused) as fault:
        return _screen(case_id, problem(fault) | {"given": given}), status_of(fault)
    if case["dispatched_at"] is None and done.addressees:
        metrics.record_time_to_dispatch(case["reviewed_at"] or done.read_at, done.instructed_at)
    names = gettext("、").join(person.name for person in done.addressees) or gettext("（未交办）")
    flash(
        gettext(
            "%(number)s 第%(round)d轮批示已交办：%(names)s",
            number=case["number"],
            round=done.round,
            names=names,
        )
    )
    return redirect(url_for("routing.review", case=following, q=asked() or None), 303)


@blueprint.get("/routing/unanswered")
@allow(Role.FIRST_IN_COMMAND)
def unanswered() -> ResponseReturnValue:
    """My instructions without an answer, oldest first."""
    with unit_of_work("routing") as uow:
        return render_template("routing/unanswered.html", rows=seen(uow, "unanswered"))


def _count(uow: UnitOfWork, name: str) -> int:
    return int(seen(uow, name)[0]["n"])


def badge(name: str) -> Any:
    """A badge that counts by a named statement."""

    def count(_reader: Reader) -> int | None:
        with unit_of_work("routing") as uow:
            return _count(uow, name) or None

    return count


def _read_for_the_head(who: Reader) -> int | None:
    """What waits for a deputy; None for whoever is none."""
    with unit_of_work("routing") as uow:
        return len(for_head(uow, "review_queue", "id", wanted=None)) if handlers.standing_in(uow, who.official_id) else None


menu(blueprint, lazy_gettext("批阅"), ".review", Role.FIRST_IN_COMMAND, order=10, badge=badge("review_count"))
menu(blueprint, lazy_gettext("代为批阅"), ".review", Role.LEADER, Role.OFFICE, order=10, badge=_read_for_the_head, at_times=True)
menu(blueprint, lazy_gettext("未回复的批示"), ".unanswered", order=12)
