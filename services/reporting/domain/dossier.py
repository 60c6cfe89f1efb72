"""One case, one file (M10): everything that was told of a case, in time order, from the archive. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.contract.person import Person

if TYPE_CHECKING:
    from shared.contract.envelope import Event

# The member of an event's data that says when it happened; told later than it happened, it stands where it happened.
_AT = (
    "registered_at", "instructed_at", "issued_at", "received_at", "objected_at", "progressed_at", "replied_at",
    "returned_at", "approved_at", "withdrawn_at", "concluded_at", "reopened_at", "recorded_at", "requested_at", "closed_at",
    "archived_at", "accepted_at", "set_at", "fired_at", "met_at", "paused_at", "moved_at", "at",
)  # fmt: skip
_BY = ("by", "authority", "author", "issued_by", "registered_by", "recorded_by", "signature")

# Who is complained of is nobody's reading matter, not even of those who may see the case. What the superior concluded stands as
# the conclusion of the instance that told its petitioner. Points stand on the card of whoever is scored; and that a petitioner went
# to a higher level is nothing that those about whose work he complains are told.
NEVER_SHOWN = frozenset(
    {
        "case.barred", "case.bars_passed", "case.concluded_above", "score.recorded", "skip_level.recorded", "skip_level.annulled",
        "period.ended", "report.issued",
    }
)  # fmt: skip
# That a case went to the superior tells who is complained of: for those who manage bars.
REFERRED = frozenset({"case.referred_up"})
# What one petitioner answered is not for those about whose work he was asked (decision 14).
ANSWERS = frozenset(
    {"followup.recorded", "followup.unreachable", "followup.checked", "case.satisfied", "case.dissatisfied", "case.contested"}
)
# They speak of another case, which has bars and readers of its own.
LINKED = frozenset({"case.linked", "case.unlinked"})
# So do messages to the petitioner that follow from it: that one went out is left out with it.
_MESSAGES = frozenset({"message.sent", "message.failed"})
_TELLING = frozenset({"case_closed", "closed_on_record", "closed_by_decision", "not_reached"})
# Who closed a case tells whether the petitioner said so himself, staff wrote it down or the office decided.
_ANSWERED = {
    "case.closed": ("reason", "authority", "reasons", "by"), "case.archived": ("by",), "case.reopened": ("cause",),
    "charge.ended": ("reason",),
}  # fmt: skip
# Taken back from a named official: the reason may tell that he is barred.
_WITHDRAWN = ("assignment.withdrawn", "deadline.withdrawn", "charge.ended")
# No longer owed because of these, when the petitioner was asked: they tell the answer too.
_CLOSED_BY = frozenset({"satisfied", "decision"})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened: when, who did it (None: the system or the petitioner), and what the event told."""

    event_id: str
    name: str
    source: str
    organisation: str
    occurred_at: datetime
    at: datetime
    by: Person | None
    round: int | None
    data: Mapping[str, Any]


def others(events: Iterable[Event]) -> set[str]:
    """The other cases that a dossier speaks of."""
    linked = [event.data for event in events if event.contract.name in LINKED]
    return {data["other"] for data in linked} | {earlier["case"] for data in linked for earlier in data.get("earlier", ())}


def took_part(events: Iterable[Event], official: str, units: Collection[str]) -> bool:
    """Whether the official was ever responsible for the case or carried it, or one of his `units` was responsible.

    About their work the petitioner is asked; what he answers is not theirs to read, whatever other roles they have.
    """
    for event in events:
        name, data = event.contract.name, event.data
        who = [data["responsible"]] if name == "assignment.issued" else []
        who += [data["from"], data["to"]] if name == "assignment.handed_over" else []
        if any(official == each["official"] or each["organisation"] in units for each in who):
            return True
        if name == "charge.taken" and data["leader"]["official"] == official:
            return True
    return False


def entries(
    events: Iterable[Event], *, answers: bool, recusals: bool = False, seen: Collection[str] = frozenset()
) -> list[Entry]:
    """The dossier of a case. Without `answers` nothing tells what the petitioner answered in the follow-up, without
    `recusals` nothing tells that an assignment or its limit ended, or that the case went up, because somebody is barred. Of
    other cases nothing is told but of those in `seen`, which the reader may see."""
    hidden = NEVER_SHOWN if recusals else NEVER_SHOWN | REFERRED
    shown = [event for event in events if event.contract.name not in hidden]
    shown = [event for event in shown if event.contract.name not in LINKED or event.data["other"] in seen]
    if not answers:
        shown = [event for event in shown if not _tells(event)]
    return [_entry(event, answers=answers, recusals=recusals, seen=seen) for event in sorted(shown, key=_order)]


def _tells(event: Event) -> bool:
    """Whether that the event was told says what the petitioner answered."""
    name = event.contract.name
    return name in ANSWERS or (name in _MESSAGES and event.data["template"] in _TELLING)


def _entry(event: Event, *, answers: bool, recusals: bool, seen: Collection[str]) -> Entry:
    name = event.contract.name
    data = {**dict.fromkeys(event.contract.schema.fields), **event.data}  # what is optional and was not told: None
    if not answers and name in _ANSWERED:
        data |= dict.fromkeys(_ANSWERED[name])
    if not answers and name == "deadline.withdrawn" and data["reason"] in _CLOSED_BY:
        data["reason"] = None
    if not recusals and name in _WITHDRAWN:  # every one: were one left out alone, its blank would tell
        data["reason"] = data["words"] = None
    if name == "case.linked":
        data["earlier"] = [earlier for earlier in data["earlier"] if earlier["case"] in seen]
    return Entry(
        event_id=str(event.id), name=name, source=event.source, organisation=event.organisation,
        occurred_at=event.time, at=_at(event), by=_by(data), round=data.get("round"), data=data,
    )  # fmt: skip


def _order(event: Event) -> tuple[datetime, int, str, int]:
    """By when it happened; at the same instant by the milliseconds of real time in the event's id, and in one source
    by the order in which it told. In a simulated instance many things happen at one instant."""
    return _at(event), event.id.int >> 80, event.source, event.caseversion


def _at(event: Event) -> datetime:
    names = ("registered_at",) if event.contract.name == "case.registered" else _AT
    found = next((event.data[name] for name in names if event.data.get(name)), None)
    return datetime.fromisoformat(found) if found else event.time


def _by(data: Mapping[str, Any]) -> Person | None:
    found = next((data[name] for name in _BY if data.get(name)), None)
    return Person.of(found) if found else None


def rounds(dossier: Iterable[Entry]) -> list[Entry]:
    """The instructions, one for each round: what the dossier is divided by."""
    return [entry for entry in dossier if entry.name == "case.instructed"]


def enclosures(dossier: Iterable[Entry]) -> list[tuple[datetime, Mapping[str, Any]]]:
    """The files that were enclosed with instructions, each with when it was."""
    return [(entry.at, each) for entry in dossier for each in entry.data.get("enclosures") or ()]


def deadlines(dossier: Iterable[Entry]) -> list[dict[str, Any]]:
    """Each deadline with its latest standing, by when it is due: {obligation, due_at, done_at, missed, paused, withdrawn}."""
    found: dict[str, dict[str, Any]] = {}
    for entry in dossier:
        if not entry.name.startswith("deadline."):
            continue
        data = entry.data
        known = found.setdefault(data["deadline_id"], {"done_at": None, "missed": False, "paused": False, "withdrawn": False})
        known |= {"obligation": data["obligation"], "round": data["round"], "rule": data["rule"]}
        known["responsible"] = data.get("responsible")
        known["due_at"] = datetime.fromisoformat(data["due_at"])
        if entry.name == "deadline.met":
            known["done_at"] = datetime.fromisoformat(data["met_at"])
        known["missed"] |= entry.name == "deadline.missed" or data.get("in_time") is False
        known["paused"] = entry.name == "deadline.paused"
        known["withdrawn"] |= entry.name == "deadline.withdrawn"
    return sorted(found.values(), key=lambda deadline: deadline["due_at"])


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry as the resource gives it; `data` as the event told it."""
    return {
        "event_id": entry.event_id, "name": entry.name, "source": entry.source, "occurred_at": entry.occurred_at,
        "at": entry.at, "round": entry.round, "by": entry.by.as_data() if entry.by else None,
        "data": json.loads(json.dumps(entry.data, default=str)),
    }  # fmt: skip
