"""What the product should have written, counted anew from what was told: from the services' event logs alone, by rules written here."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from deploy.replay.county import County
from services.supervision.working_calendar import end_of, local_day

DUTIES_WITHIN = timedelta(days=30)
SCORED = ("progress", "reply", "conclude")
CLIMBED = (*SCORED, "receive")
_LOG = """
SELECT name, subject, convert_from(draft, 'UTF8') || '}}' FROM {service}.event_log WHERE name = ANY(%s) ORDER BY id
"""
_TOLD = {
    "supervision": ["deadline.missed", "charge.taken", "charge.ended", "duty.recorded", "skip_level.recorded", "skip_level.annulled",
                    "supervision.reminded", "supervision.noticed", "interview.called", "circular.listed", "period.ended", "score.recorded"],
    "routing": ["assignment.returned", "case.reopened"],
    "followup": ["case.closed", "case.satisfied", "case.dissatisfied", "followup.recorded"],
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """An event: its case, its data, and when the case's clock said that it happened."""

    name: str
    case: str
    id: str
    data: dict[str, Any]

    def at(self, field: str = "at") -> datetime:
        """An instant of its data."""
        return datetime.fromisoformat(self.data[field])


@dataclass
class Carrying:
    """A charge as its events tell it."""

    leader: str
    begun: datetime
    ended: datetime | None = None
    reason: str = ""

    @property
    def owed_by(self) -> datetime:
        """The end of the last day for evidence."""
        return end_of(local_day(self.begun + DUTIES_WITHIN))

    def covers(self, moment: datetime, *, at_once: bool = True) -> bool:
        """Whether the leader carried the case then; what he takes on at that very instant counts only `at_once`."""
        begun = self.begun <= moment if at_once else self.begun < moment
        return begun and (self.ended is None or self.ended >= moment)


class Ledger:
    """The events that matter, by name."""

    def __init__(self, county: County) -> None:
        self._all: dict[str, list[Told]] = {}
        for service, names in _TOLD.items():
            for name, case, body in county.query(_LOG.format(service=service), names):
                event = json.loads(body)
                self._all.setdefault(name, []).append(Told(name, case, event["id"], event["data"]))
        self._charges = self._charges_by_case()

    def of(self, name: str) -> list[Told]:
        """The events of a name, in the order in which they were told."""
        return self._all.get(name, [])

    def entries(self, until: datetime) -> Counter[str]:
        """How many entries of each rule the year should have made, corrections left out."""
        late = [each for each in self.of("deadline.missed") if each.data["obligation"] in SCORED and each.data["responsible"]]
        concluded = [each for each in late if each.data["obligation"] == "conclude"]
        satisfied = [each for each in self.of("case.closed") if each.data["reason"] == "satisfied"]
        skipped = [(each.case, _beginning(each.data["on"])) for each in self.of("skip_level.recorded")]
        done = self._done_in_time()
        return +Counter({
            "late-unit": len(late),
            "late-conclusion-carried": sum(self._carried(each.case, each.at("due_at"), at_once=False) for each in concluded),
            "returned-unit": len(self.of("assignment.returned")),
            "dissatisfied-unit": len(self.of("case.dissatisfied")),
            "settled": sum(self._carried(each.case, each.at("closed_at")) for each in satisfied),
            "unsettled": sum(map(self._unsettles, self.of("case.reopened"))),
            "skip-level": sum(self._carried(*each) for each in skipped),
            "duty-done": sum(map(len, done.values())),
            "duty-late": sum(
                5 - len(done.get(key, ()))
                for key, charge in self._by_id.items()
                if charge.owed_by <= until and charge.covers(charge.owed_by)
            ),
        })  # fmt: skip

    def unclimbed(self) -> list[str]:
        """Misses of which nobody was reminded, and reminders that no miss stands behind."""
        missed = {each.data["deadline_id"] for each in self.of("deadline.missed") if each.data["obligation"] in CLIMBED}
        reminded = Counter(each.data["deadline_id"] for each in self.of("supervision.reminded"))
        wrong = [f"{key} was missed and has {reminded[key]} reminders" for key in sorted(missed) if reminded[key] != 1]
        return wrong + [f"{key} was not missed and has a reminder" for key in sorted(reminded.keys() - missed)]

    def closed_over_the_head(self) -> list[str]:
        """Cases that were closed without a satisfied petitioner and without a decision with its reasons."""
        satisfied = {(each.case, each.data["round"]) for each in self.of("case.satisfied")}
        wrong = []
        for each in self.of("case.closed"):
            if each.data["reason"] == "satisfied" and (each.case, each.data["round"]) not in satisfied:
                wrong.append(f"{each.case} was closed as satisfied, which nobody said")
            if each.data["reason"] == "decision" and not (each.data["authority"] and each.data["reasons"] and each.data["by"]):
                wrong.append(f"{each.case} was closed by a decision that is none")
        return wrong

    def periods_out_of_turn(self) -> list[str]:
        """Periods that did not end once, each after the one before it."""
        ends: dict[str, list[tuple[date, date]]] = {}
        for each in self.of("period.ended"):
            first, last = (date.fromisoformat(each.data[field]) for field in ("first", "last"))
            ends.setdefault(each.data["period"], []).append((first, last))
        return [
            f"{kind}: after {last} comes {first}"
            for kind, found in ends.items()
            for (_, last), (first, _) in itertools.pairwise(found)
            if first != last + timedelta(days=1)
        ]

    # -- charges --------------------------------------------------------------------------------------------------------
    def _charges_by_case(self) -> dict[str, list[Carrying]]:
        by_id: dict[str, Carrying] = {}
        found: dict[str, list[Carrying]] = {}
        for each in self.of("charge.taken"):
            made = by_id[each.data["charge_id"]] = Carrying(each.data["leader"]["official"], each.at())
            found.setdefault(each.case, []).append(made)
        for each in self.of("charge.ended"):
            over = by_id[each.data["charge_id"]]
            over.ended, over.reason = each.at(), each.data["reason"]
        self._by_id = by_id
        return found

    def _carried(self, case: str, moment: datetime, *, at_once: bool = True) -> bool:
        return any(each.covers(moment, at_once=at_once) for each in self._charges.get(case, []))

    def _unsettles(self, reopened: Told) -> bool:
        """Whether whoever had carried the case last had it settled."""
        at = reopened.at("reopened_at")
        before = [each for each in self._charges.get(reopened.case, []) if each.ended is not None and each.ended <= at]
        after = [each for each in self._charges.get(reopened.case, []) if each.begun < at and each not in before]
        return not after and bool(before) and before[-1].reason == "settled"

    def _done_in_time(self) -> dict[str, set[str]]:
        """The duties that were done in time, by charge."""
        done: dict[str, set[str]] = {}
        for each in self.of("duty.recorded"):
            charge = each.data["charge_id"]
            if each.at() < self._by_id[charge].owed_by:
                done.setdefault(charge, set()).add(each.data["duty"])
        return done


def _beginning(day: str) -> datetime:
    return end_of(date.fromisoformat(day) - timedelta(days=1))
