"""What each source told of a case. Pure.

A case's facts are kept by source. Events of one source come in order, so its part is a plain fold of them; parts of
different sources never touch, so the order in which sources are heard cannot matter. What follows from all parts
together is drawn in `picture`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Part = dict[str, Any]
Facts = dict[str, Part]
Data = Mapping[str, Any]
Fold = Callable[[Part, Data], Part]
# Why a case goes on that are the petitioner's word on a round; what was asked for after the closing is none.
ANSWERED = frozenset({"dissatisfied", "corrected", "contested", "checked"})


def absorb(facts: Facts, source: str, name: str, data: Data) -> Facts:
    """The facts with one more event of `source` (as `/431023/routing`). Raises KeyError for one without a fold."""
    return {**facts, source: FOLDS[name](facts.get(source, {}), data)}


def _keep(*names: str) -> Fold:
    return lambda part, data: {**part, **{name: data.get(name) for name in names}}


def _instructed(part: Part, data: Data) -> Part:
    given = {"round": data["round"], "at": data["instructed_at"]}
    return {
        **part,
        "stage": "instructed",
        "round": data["round"],
        "case_class": data["case_class"],
        "confidential": data.get("confidential", False),
        "reviewed_at": part.get("reviewed_at") or data["instructed_at"],
        "instructions": {**part.get("instructions", {}), data["instruction_id"]: given},
    }


def _escalated(part: Part, data: Data) -> Part:
    return {**part, "stage": "instructed", "round": data["round"]}


def _concluded(part: Part, data: Data) -> Part:
    kept = {name: data[name] for name in ("round", "outcome", "concluded_at")}
    return {**part, **kept, "stage": "concluded"}


def _reopened(part: Part, data: Data) -> Part:
    changed = {"stage": "reopened", "round": data["round"], "reopened_at": data["reopened_at"]}
    return {**part, **changed, "concluded_at": None, "outcome": None}


def _closed(part: Part, data: Data) -> Part:
    return {**part, "closed_at": data["closed_at"], "close_reason": data["reason"], "archived_at": None}


def _answered(result: str) -> Fold:
    """What was said of a round; of several words on one round the last counts."""

    def fold(part: Part, data: Data) -> Part:
        if (data.get("cause") or "dissatisfied") not in ANSWERED:
            return part
        said = {"result": result, "source": data["source"], "at": data["at"]}
        return {**part, "answers": {**part.get("answers", {}), str(data["round"]): said}}

    return fold


def _contested(part: Part, data: Data) -> Part:
    return {**part, "contested": {**part.get("contested", {}), str(data["round"]): data["at"]}}


def _linked(part: Part, data: Data) -> Part:
    if data["relation"] != "repeat_of":
        return part
    return {**part, "repeats": {**part.get("repeats", {}), data["link_id"]: data["other"]}}


def _skipped(part: Part, data: Data) -> Part:
    return {**part, "skip_levels": {**part.get("skip_levels", {}), data["record_id"]: data["on"]}}


def _without(name: str, key: str) -> Fold:
    return lambda part, data: {**part, name: {k: v for k, v in part.get(name, {}).items() if k != data[key]}}


def _of_assignment(change: Callable[[Part, Data], Part]) -> Fold:
    def fold(part: Part, data: Data) -> Part:
        known, key = part.get("assignments", {}), data["assignment_id"]
        before = known.get(key, {})
        return {**part, "assignments": {**known, key: {**before, **change(before, data)}}}

    return fold


def _issued(part: Part, data: Data) -> Part:
    """An assignment brings along what its receiver may know of the case: in a subordinate's instance that is all.

    `tellers` stands in no event: the hearer adds which instances may speak for the person responsible.
    """
    described = {name: data[name] for name in ("number", "channel", "category", "title", "brief")}
    opened = {"stage": part.get("stage") or "instructed", "round": max(part.get("round", 0), data["round"])}
    settled = ("round", "part", "responsible", "issued_at", "tellers")
    kept = _of_assignment(lambda _, told: {**{name: told[name] for name in settled}, "parent": told.get("parent")})
    opened |= {"case_class": data["case_class"], "confidential": data.get("confidential", False), "described": described}
    return kept({**part, **opened}, data)


def _replied(before: Part, data: Data) -> Part:
    given = [*before.get("replies", []), data["reply_id"]]
    return {"replied_at": before.get("replied_at") or data["replied_at"], "reply_id": data["reply_id"], "replies": given}


def _returned(before: Part, data: Data) -> Part:
    return {"returned": [*before.get("returned", []), data["reply_id"]]}


def _withdrawn(before: Part, data: Data) -> Part:
    return {"withdrawn_at": data["withdrawn_at"], "responsible": data["responsible"]}


def _handed_over(before: Part, data: Data) -> Part:
    """Beside what its issue settled, for the issuer's and the handler's words never touch."""
    return {"holder": data["to"]}


def _of_deadline(*names: str) -> Fold:
    """Every event of a deadline tells all of it, so whichever comes first fills the row."""
    kept = ("obligation", "round", "due_at", "responsible", *names)

    def fold(part: Part, data: Data) -> Part:
        known, key = part.get("deadlines", {}), data["deadline_id"]
        changed = {name: data.get(name) for name in kept}
        return {**part, "deadlines": {**known, key: {**known.get(key, {}), **changed}}}

    return fold


FOLDS: dict[str, Fold] = {
    "case.registered": _keep(
        "number", "channel", "matter_type", "category", "place", "title", "brief", "received_at", "registered_at", "identity"
    ),
    "case.supplemented": _keep("title", "brief", "category", "place"),
    "case.accepted": _keep("accepted_at"),
    "case.withdrawn": _keep("withdrawn_at"),
    "case.linked": _linked,
    "case.unlinked": _without("repeats", "link_id"),
    "case.instructed": _instructed,
    "case.classified": _keep("case_class"),
    "case.escalated": _escalated,
    "case.concluded": _concluded,
    "case.reopened": _reopened,
    "assignment.issued": _issued,
    "assignment.received": _of_assignment(lambda _, data: {"received_at": data["received_at"]}),
    "assignment.replied": _of_assignment(_replied),
    "assignment.returned": _of_assignment(_returned),
    "assignment.approved": _of_assignment(lambda _, data: {"approved_at": data["approved_at"]}),
    "assignment.withdrawn": _of_assignment(_withdrawn),
    "assignment.handed_over": _of_assignment(_handed_over),
    "case.satisfied": _answered("satisfied"),
    "case.dissatisfied": _answered("dissatisfied"),
    "case.contested": _contested,
    "case.closed": _closed,
    "case.archived": _keep("archived_at"),
    "deadline.set": _of_deadline("set_at"),
    "deadline.approaching": _of_deadline(),
    "deadline.missed": _of_deadline("late"),
    "deadline.paused": _of_deadline("paused_at"),
    "deadline.moved": _of_deadline("paused_at"),  # which it does not tell: no longer
    "deadline.met": _of_deadline("met_at", "in_time"),
    "deadline.withdrawn": _of_deadline("withdrawn_at"),
    "skip_level.recorded": _skipped,
    "skip_level.annulled": _without("skip_levels", "record_id"),
}  # fmt: skip
