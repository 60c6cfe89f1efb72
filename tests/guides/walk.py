"""The tasks in the order in which a county would meet them: what one does, the next one finds."""

from __future__ import annotations

from tests.guides import clerk, leader, office, petitioner
from tests.guides.guide import Guide


def walk(guide: Guide) -> None:
    """All of them. Raises at the first page that does not answer as the guide says."""
    for task in (*clerk.WALK, *leader.WALK, *office.WALK, *petitioner.WALK):
        task(guide)
