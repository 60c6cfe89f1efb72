"""The case list and the figures, asked of the database: conditions of queries/ put together, never values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.reporting.domain import search
from services.reporting.domain.statistics import FIGURES, Period
from services.reporting.handlers.seeing import Sight
from services.reporting.store import SQL
from shared.database import UnitOfWork


def _put_together(name: str) -> str:
    """A statement or condition with the parts that it names."""
    text = SQL[name]
    for part in ("text_sight", "text_holds", "readable"):
        text = text.replace(f"{{{part}}}", SQL[part])
    return text


LIST, ONE, ONLY_TEXT, TEXT_ALONG, TEXT_SIGHT, COUNT_SOME = map(
    _put_together, ("list", "one", "only_text", "only_text_along", "text_sight", "count_some")
)
MOST_COUNTED = 1000  # cases in which searched words stand: more are not counted
ANSWERED = SQL["figure_answered"].replace("{worked}", SQL["worked"])
WITH_PARTS = {
    "contested": SQL["figure_contested"].replace("{worked}", SQL["worked"]),
    "interviewed": SQL["figure_interviewed"].replace("{held}", SQL["held"]),
}
NARROWED = ("stage", "channel", "class_", "unit", "organisation", "category", "place", "owner", "leader")
ANSWERS = ("satisfied_petitioner", "dissatisfied_petitioner", "satisfied_staff", "dissatisfied_staff")
ALL_ANSWERS = ("answered_petitioner", "answered_staff")  # of what a rate of satisfaction is one
# What is timed: from when until when.
TIMED = {
    "review": ("c.registered_at", "c.reviewed_at"), "receipt": ("c.dispatched_at", "c.received_at"),
    "reply": ("c.dispatched_at", "c.replied_at"), "conclusion": ("c.registered_at", "c.concluded_at"),
    "closing": ("c.registered_at", "c.closed_at"),
}  # fmt: skip
TOOK = {f"took_{step}": step for step in TIMED}
# What a list can be the list of; what stands behind a skip-level is nobody's list.
BEHIND = (*FIGURES, "instructed", "repeat", "contested", *ANSWERS, *ALL_ANSWERS, *TOOK, "interviewed")
QUEUES = ("in_hand", "review", "receipt", "received", "reply", "overdue", "followup", "closed")
ORDERS = {
    "newest": "c.registered_at DESC NULLS LAST, c.number DESC, c.case_id",
    "oldest": "c.registered_at NULLS LAST, c.number, c.case_id",
    "due": "due_at NULLS LAST, c.registered_at, c.case_id",
    "number": "c.number, c.case_id",
}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a list was narrowed to. Everything is optional; with `figure` the period is the figure's."""

    queue: str | None = None
    stage: str | None = None
    channel: str | None = None
    class_: str | None = None
    unit: str | None = None
    organisation: str | None = None
    category: str | None = None
    place: str | None = None
    owner: str | None = None
    leader: str | None = None
    overdue: bool = False
    period: Period | None = None
    figure: str | None = None
    text: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def seen(sees: Sight) -> list[str]:
    """The conditions of what a reader may see."""
    return [SQL["visible"]] if sees.everything else [SQL["visible"], SQL["handed"]]


def where(sees: Sight, only: Filter, now: datetime) -> tuple[str, dict[str, Any]]:
    """The condition of a filtered list for a reader, and its parameters."""
    parts, params = seen(sees), {**sees.params, "now": now}
    for name in NARROWED:
        value = getattr(only, name)
        if value is not None:
            parts.append(SQL[f"only_{name.rstrip('_')}"].replace("{who}", _who(only.figure)))
            params[name] = value
    if only.queue is not None:
        parts.append(SQL[f"queue_{only.queue}"])
    if only.overdue:
        parts.append(SQL["only_overdue"])
    if only.period is not None:
        parts.append(_figure(only.figure) if only.figure else SQL["only_period"])
        params.update(only.period._asdict())
    if only.text:
        words, grams = search.asked(only.text)
        parts.append(ONLY_TEXT)
        params.update(words=words, grams=grams)
    return _all_of(parts), params


def _figure(name: str) -> str:
    """The condition of the cases behind a figure."""
    if name in ANSWERS or name in ALL_ANSWERS:
        result, source = name.split("_")
        results = "'satisfied', 'dissatisfied'" if name in ALL_ANSWERS else f"'{result}'"
        return ANSWERED.replace("{results}", results).replace("{source}", f"'{source}'")
    if name in TOOK:
        since, till = TIMED[TOOK[name]]
        return SQL["figure_took"].replace("{since}", since).replace("{till}", till)
    return WITH_PARTS.get(name) or SQL[f"figure_{name}"]


def _who(figure: str | None) -> str:
    """Who answers for a case: of a limit, whoever owed it."""
    owed_by = {"due_reply": "c.reply_owed_by", "due_closing": "c.conclude_owed_by"}.get((figure or "").removesuffix("_done"))
    return f"coalesce({owed_by}, c.responsible)" if owed_by else "c.responsible"


def _all_of(parts: list[str]) -> str:
    return "\nAND ".join(f"({part}\n)" for part in parts)


def cases(
    uow: UnitOfWork, sees: Sight, only: Filter, *, now: datetime, sort: str = "newest", limit: int = 50, offset: int = 0
) -> list[dict[str, Any]]:
    """A part of the list, as rows."""
    condition, params = where(sees, only, now)
    if sort == "newest" and sees.everything and only == Filter(text=only.text) and _common(uow, only.text):
        condition = condition.replace(ONLY_TEXT, TEXT_ALONG)
    statement = LIST.replace("{where}", condition).replace("{order}", ORDERS[sort])
    return uow.all(statement, **params, limit=limit, offset=offset)


def _common(uow: UnitOfWork, text: str | None) -> bool:
    """Whether so many cases hold the words that the latest of them are found by looking through the latest cases."""
    held = uow.one(SQL["text_held"], grams=search.asked(text or "")[1], most=MOST_COUNTED + 1)
    return bool(held and held["n"] > MOST_COUNTED)


def count(uow: UnitOfWork, sees: Sight, only: Filter, *, now: datetime) -> int:
    """How long the list is; of searched words MOST_COUNTED and one more where there are more."""
    condition, params = where(sees, only, now)
    if only.text:
        row = uow.one(COUNT_SOME.replace("{where}", condition.replace(ONLY_TEXT, TEXT_SIGHT)), **params, most=MOST_COUNTED + 1)
        return int(row["n"]) if row else 0
    row = uow.one(SQL["count"].replace("{counts}", "count(*) AS n").replace("{where}", condition), **params)
    return int(row["n"]) if row else 0


def queue_counts(uow: UnitOfWork, sees: Sight, *, now: datetime, organisations: Sequence[str] | None = None) -> dict[str, int]:
    """How many cases wait in each queue, for this reader; `all` is everything that he sees of these organisations, or of all.

    Of organisations below the instance he sees what was handed to him or his units alone, whatever else he sees.
    """
    condition, params = where(sees, Filter(), now)
    if organisations is not None:
        handed = [SQL["handed"]] if all(whose.startswith(sees.own) for whose in organisations) else []
        condition, params["organisations"] = _all_of([SQL["only_organisations"], *handed, condition]), list(organisations)
    counts = ['count(*) AS "all"']
    counts += [f"count(*) FILTER (WHERE {SQL[f'queue_{name}']}\n) AS {name}" for name in QUEUES]
    return uow.one(SQL["count"].replace("{counts}", ",\n".join(counts)).replace("{where}", condition), **params) or {}


def one(uow: UnitOfWork, sees: Sight, case_id: UUID) -> dict[str, Any] | None:
    """A case's row, or None when there is none or it is not for this reader. `readable`: whether what it is about is."""
    return uow.one(ONE.replace("{where}", SQL["visible"] + "\n"), **sees.params, case=case_id)
