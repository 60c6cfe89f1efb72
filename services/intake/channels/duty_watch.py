"""Watching the duty roster and the call-backs: a gap within seven days is a fault, told in figures and once in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from services.intake.domain.duty import AHEAD, Piece
from services.intake.domain.submission import CHINA
from services.intake.handlers.duty import gaps_ahead
from services.intake.metrics import record_call_backs, record_gap
from services.intake.site.telephone import Telephone
from services.intake.store import sure
from shared.database import Database

log = logging.getLogger(__name__)


def watcher(telephone: Telephone) -> Callable[[Database], int]:
    """What looks once: the hours of each line in which nobody is on duty, and how many wait to be rung back.

    A gap is logged when it is first seen, and again when it was closed and opens anew. It never has work left: 0.
    """
    known: set[tuple[str, str]] = set()

    def look(database: Database) -> int:
        if not telephone.lines:
            return 0
        with database.unit_of_work() as uow:
            gaps, horizon = gaps_ahead(uow, telephone.lines), uow.now + AHEAD
            waiting = sure(uow, "call_backs_overdue", now=uow.now)
        record_call_backs(waiting["waiting"], waiting["overdue"])
        for line in telephone.lines:
            record_gap(line, 3600 * sum(gap.hours for gap in gaps if gap.line == line))
        seen = {(gap.line, "" if gap.ends_at >= horizon else _words(gap.ends_at)): gap for gap in gaps}
        for key in seen.keys() - known:
            _tell(seen[key])
        known.clear()
        known.update(seen)
        return 0

    return look


def _tell(gap: Piece) -> None:
    log.warning("nobody on duty at line %s from %s to %s", gap.line, _words(gap.starts_at), _words(gap.ends_at))


def _words(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"
