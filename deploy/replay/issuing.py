"""The reports of periods that are over: prepared at once, and issued the next morning that is worked by whom they are issued."""

from __future__ import annotations

import functools

from deploy.replay.county import County
from services.reporting.handlers import issuing, preparing, seeing
from shared.contract.person import Person
from shared.database import UnitOfWork

_DRAFTS = """
SELECT id, kind FROM reporting.report r WHERE NOT EXISTS (SELECT FROM reporting.report_issue WHERE report = r.id)
  AND NOT EXISTS (SELECT FROM reporting.report l WHERE l.kind = r.kind AND l.first = r.first AND l.edition > r.edition) ORDER BY first, kind
"""


def prepare(county: County) -> None:
    """What the worker's timer does, until nothing is owed: the clock stands still meanwhile, so that each report has its own cut-off."""
    while county.work("reporting", preparing.prepare_owed):
        pass


def issue(county: County) -> None:
    """Weekly reports by the office, lists by the supervision office, circulars by the first-in-command."""
    people = county.people
    whose = {"office": people.office, "supervision_office": people.supervisor, "first_in_command": people.secretary}
    for report, kind in county.query(_DRAFTS):
        role = issuing.ISSUERS[kind]
        county.work("reporting", functools.partial(_issue, people.code, whose[role], role, report))


def _issue(code: str, by: Person, role: str, report: int, uow: UnitOfWork) -> None:
    sees = seeing.sight(uow, by.official, [(code, frozenset({role}))])
    issuing.issue(uow, sees, by, report)
