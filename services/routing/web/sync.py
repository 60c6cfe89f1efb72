"""Whether this instance and its superior and subordinates hold the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from services.routing import store
from services.routing.domain.agreement import Flow, Verdict
from services.routing.handlers import sync
from services.routing.handlers.sync import Neighbour
from services.routing.web.common import blueprint, seen
from shared.errors import NotFound
from shared.web.access import Role, allow
from shared.web.databases import unit_of_work
from shared.web.frame import menu

KEEPERS = (Role.OFFICE, Role.ADMINISTRATOR)
VERDICTS = {
    Verdict.AGREES: lazy_gettext("一致"),
    Verdict.BEHIND: lazy_gettext("尚未到齐"),
    Verdict.DIFFERS: lazy_gettext("不一致"),
}
TONES = {Verdict.AGREES: "done", Verdict.BEHIND: "attention", Verdict.DIFFERS: "bad"}
WHATS = {
    "altered": lazy_gettext("内容不同"),
    "another": lazy_gettext("同一序号另有其事"),
    "only_here": lazy_gettext("仅本单位留有"),
}


@blueprint.get("/routing/sync")
@allow(*KEEPERS, Role.AUDITOR)
def agreement() -> ResponseReturnValue:
    """Each neighbour: behind by how many events, since when, what was compared last; and what differs, case by case."""
    with unit_of_work("routing") as uow:
        found = sync.neighbours(uow)
        names = {code: entry.name for code, entry in store.directory(uow).organisations.items()}
        differences = seen(uow, "differences_seen")
    rows = [_row(one, names.get(one.org, one.org)) for one in found]
    return render_template(
        "routing/sync.html", rows=rows, differences=differences, names=names, verdicts=VERDICTS, tones=TONES, whats=WHATS
    )


@blueprint.post("/routing/sync/<org>")
@allow(*KEEPERS)
def count_anew(org: str) -> ResponseReturnValue:
    """Ask a neighbour for the streams that differ and count them anew; done twice it changes nothing more."""
    with unit_of_work("routing") as uow:
        if org not in {one.org for one in sync.neighbours(uow)}:
            raise NotFound("org", "没有与该单位相连。", "请刷新列表。")
        streams = sync.heal(uow, org)
    if streams:
        flash(gettext("已请对方重发，正在重新核对：%(num)d 项。", num=len(streams)))
    else:
        flash(gettext("没有需要重新核对的内容。"))
    return redirect(url_for("routing.agreement"), 303)


def _row(one: Neighbour, name: str) -> dict[str, Any]:
    out, into = ([flow for flow in one.flows if flow.way == way] for way in ("out", "in"))
    return {
        "org": one.org, "name": name, "verdict": one.verdict, "lost": one.lost, "flows": one.flows,
        "out": _behind(out), "into": _behind(into), "since": min((f.since for f in one.flows if f.behind and f.since), default=None),
        "compared": _last(one.flows), "heals": any(flow.verdict is Verdict.DIFFERS for flow in into),
        "heard": one.known and one.known["heard_at"], "restored": one.known and one.known["restored_at"],
    }  # fmt: skip


def _behind(flows: Sequence[Flow]) -> int:
    """Events, each counted once, although several consumers may lack it."""
    most: dict[str, int] = {}
    for flow in flows:
        most[flow.stream] = max(flow.behind, most.get(flow.stream, 0))
    return sum(most.values())


def _last(flows: Sequence[Flow]) -> datetime | None:
    """When the stream was compared that was compared longest ago."""
    times = [flow.compared_at for flow in flows]
    return None if None in times or not times else min(time for time in times if time)


menu(blueprint, lazy_gettext("上下级核对"), ".agreement", *KEEPERS, Role.AUDITOR, order=92)
