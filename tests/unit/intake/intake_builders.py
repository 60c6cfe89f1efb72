"""Petitions, submissions and viewers for tests; each builder takes what the test is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.intake.domain.petition import Petition
from services.intake.domain.rating import FollowUp
from services.intake.domain.submission import Channel, Identity, MatterType, Petitioner, Submission
from services.intake.domain.viewing import Viewer
from services.intake.workflow import Stage
from shared.contract.person import Person

NOW = datetime(2016, 11, 7, 1, 30, tzinfo=UTC)
CASE = UUID("01584000-0000-7000-8000-000000000001")
CLERK = Person(official="o-431023-clerk", name="何文", post="登记员", organisation="431023-xf")


def a_submission(**changes: Any) -> Submission:
    given: dict[str, Any] = {
            "channel": Channel.LETTER, "title": "永兴十里洞村民希望喝上健康的水", "text": "造纸厂的污水流进了村里的水井。",
            "identity": Identity.NAMED, "petitioner": Petitioner(name="陈十里", phone="13873512345"),
        }  # fmt: skip
    return Submission(**given | changes)


def a_petition(**changes: Any) -> Petition:
    given: dict[str, Any] = {
            "id": CASE, "number": "431023-2016-000001", "idempotency_key": CASE, "stage": Stage.REGISTERED,
            "channel": Channel.LETTER,
            "matter_type": MatterType.APPEAL, "category": "environment", "place": "431023104", "identity": Identity.NAMED,
            "group_size": 1, "language": "zh", "has_email": False, "received_at": NOW, "registered_at": NOW,
            "registered_by": None,
        }  # fmt: skip
    return Petition(**given | changes)


def a_question(**changes: Any) -> FollowUp:
    given: dict[str, Any] = {"case_id": CASE, "round": 1, "task_id": CASE, "due_at": NOW, "asked_at": NOW}
    return FollowUp(**given | changes)


def a_viewer(*roles: str, of_instance: bool = True, codes: tuple[str, ...] = ("o-431023-clerk", "431023-xf")) -> Viewer:
    return Viewer(person=CLERK, roles=frozenset(roles), of_instance=of_instance, codes=frozenset(codes))
