"""What of the day's work waits in the other rooms, as the desk shows it in one line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from services.intake.domain.viewing import Viewer
from services.intake.handlers import board_items, queue
from services.intake.handlers.call_log import call_counts
from services.intake.handlers.duty import gaps_ahead
from services.intake.store import sure
from shared.database import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Today:
    """Counts of what waits; never of a case that the viewer is barred from."""

    call_backs: int
    overdue: int  # of them
    unwritten: int  # calls
    visitors: int
    posts: int  # that nobody has judged, or that were changed since
    gaps: int  # of the roster, within seven days
    imports: int  # that wait for a person's decision


def today(uow: UnitOfWork, viewer: Viewer, lines: Collection[str]) -> Today:
    """What waits now. `lines`: the duty telephones that the county names."""
    calls, posts = call_counts(uow, viewer), board_items.counts(uow, viewer)
    return Today(
        call_backs=calls["call_back"], overdue=calls["overdue"], unwritten=calls["unwritten"], visitors=queue.waiting(uow, viewer),
        posts=sum(posts[name] for name in ("waiting", "unread", "edited")), gaps=len(gaps_ahead(uow, lines)),
        imports=sure(uow, "imports_to_decide")["n"],
    )  # fmt: skip
