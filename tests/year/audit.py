"""What is wrong with a county after its year, in sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from deploy.replay.county import County
from services.supervision.policy import Step
from tests.faults import invariants
from tests.faults.invariants import Observed
from tests.year import cards
from tests.year.ledger import Ledger

_STEPS = """
SELECT s.deadline_id::text, s.step, s.due_at, s.taken_at, s.document, s.reasons, s.late, a.id IS NOT NULL, s.by IS NULL
FROM supervision.ladder_step s LEFT JOIN supervision.ladder_annulment a ON a.id = s.id
"""
_CLOSED = """
SELECT c.number FROM followup.followed_case c JOIN followup.closing g ON g.case_id = c.id AND g.number = c.closings
LEFT JOIN followup.task t ON t.case_id = c.id AND t.round = g.round
WHERE c.stage = 'archived' AND (g.reason = 'satisfied' AND t.stage = 'satisfied'
  OR g.reason = 'decision' AND g.authority <> '' AND g.reasons <> '' AND g.by IS NOT NULL) IS NOT TRUE
"""
_ENTRIES = "SELECT rule, count(*) FROM supervision.score_entry WHERE corrects IS NULL GROUP BY rule"


def wrong(county: County) -> list[str]:
    """Everything that is broken."""
    ledger = Ledger(county)
    observed = Observed(county.instance.org, tuple(county.instance.services), county.query)
    return [
        *invariants.violations(observed), *invariants.parked(observed), *ledger.unclimbed(), *ledger.closed_over_the_head(),
        *ledger.periods_out_of_turn(), *_steps(county), *_closed(county), *_book(county, ledger),
    ]  # fmt: skip


def _steps(county: County) -> Iterator[str]:
    """Each step is dated, has its own document, and comes after and above the one before it; the system's own are never late."""
    last: dict[str, tuple[int, datetime]] = {}
    documents: list[str] = []
    # A circular and the bundle after it may be of one instant.
    steps = sorted(county.query(_STEPS), key=lambda row: (row[0], row[3], row[7] is False, Step(row[1]).height))
    for deadline, step, due, taken, document, reasons, late, annulled, by_itself in steps:
        documents.append(document)
        height, at = last.get(deadline, (-1, due))
        if late or (taken < due and not reasons) or taken < at or Step(step).height <= height:
            yield f"{document} is out of turn: {step} at {taken}, due {due}, after height {height} at {at}"
        if by_itself and step != "reminder":
            yield f"{document}: {step} was taken by nobody"
        if not annulled:
            last[deadline] = (Step(step).height, taken)
    yield from (f"{document} was issued {times} times" for document, times in Counter(documents).items() if times > 1)
    yield from _gaps(documents)


def _gaps(documents: list[str]) -> Iterator[str]:
    numbers: dict[str, set[int]] = {}
    for document in documents:
        mark, number = re.fullmatch(r"(.+〕)(\d+)号", document).groups()  # type: ignore[union-attr]
        numbers.setdefault(mark, set()).add(int(number))
    yield from (f"{mark} runs to {max(found)} with {len(found)}" for mark, found in numbers.items() if max(found) != len(found))


def _closed(county: County) -> Iterator[str]:
    yield from (f"{number} was closed over its petitioner's head" for (number,) in county.query(_CLOSED))


def _book(county: County, ledger: Ledger) -> Iterator[str]:
    """The entries of each rule are as many as the events make; the book rebuilt is the book."""
    stands, due = Counter(dict(county.query(_ENTRIES))), ledger.entries(county.now)
    yield from (
        f"{rule}: {stands[rule]} entries, by the events {due[rule]}" for rule in sorted(stands | due) if stands[rule] != due[rule]
    )
    yield from (f"entry {key} differs in the book rebuilt" for key in cards.rebuilt_differs(county))


def account(county: County) -> dict[str, Any]:
    """What happened, in numbers."""
    told = Counter(dict(
        row for service in county.instance.services for row in county.query(f"SELECT name, count(*) FROM {service}.event_log GROUP BY name")
    ))  # fmt: skip
    return {
        "cases": told["case.registered"], "events": sum(told.values()), "closed": told["case.closed"], "rounds": told["case.instructed"],
        "missed": told["deadline.missed"], "ladder": dict(county.query("SELECT step, count(*) FROM supervision.ladder_step GROUP BY step")),
        "interviews held": told["interview.held"], "charges": told["charge.taken"], "duties": told["duty.recorded"],
        "skip-level": told["skip_level.recorded"], "entries": dict(county.query(_ENTRIES)),
        "corrections": county.query("SELECT count(*) FROM supervision.score_entry WHERE corrects IS NOT NULL")[0][0],
        "follow-up": dict(county.query("SELECT stage, count(*) FROM followup.task GROUP BY stage")), "told": dict(sorted(told.items())),
    }  # fmt: skip
