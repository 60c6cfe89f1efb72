"""A petition that was concluded and is asked about, with the policy's questions and terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.followup.policy_file import read_policy
from shared.contract.envelope import instant
from shared.database import Database
from tests.integration.intake.intake_cases import PETITION, concluded, post, receipt_of

POLICY = read_policy("yongxing")
BY = {"official": "o-431023-followup", "name": "黄秀英", "post": "回访员", "organisation": "431023-xf"}


def now(days: float = 0) -> str:
    return instant(datetime.now(UTC) + timedelta(days=days))


def due(round: int = 1) -> dict[str, Any]:
    """followup.due as it is told today."""
    return {
        "task_id": str(uuid4()), "round": round, "manner": "email", "due_at": now(7), "policy": POLICY.id,
        "questions": POLICY.told(), "terms": POLICY.terms,
    }  # fmt: skip


@dataclass
class Asked:
    """A petitioner at the tracking page of a petition that is concluded."""

    client: FlaskClient
    hear: Any
    intake: Database
    number: str = ""
    code: str = ""
    case_id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        receipt = post(self.client, "/submit", PETITION | {"key": str(uuid4()), "email": "chen@example.org"})
        self.number, self.code = receipt_of(receipt.text)
        self.case_id = self.rows("SELECT id FROM petition WHERE number = %(n)s", n=self.number)[0]["id"]
        self.hear("case.concluded", self.case_id, concluded() | {"concluded_at": now()})
        self.hear("followup.due", self.case_id, due())

    def rows(self, statement: str, **params: Any) -> list[dict[str, Any]]:
        with self.intake.unit_of_work() as uow:
            return uow.all(statement, **params)

    def page(self) -> str:
        """The tracking page."""
        return post(self.client, "/track", {"number": self.number, "code": self.code}).text

    def send(self, path: str, **data: str) -> TestResponse:
        """A form of it."""
        return post(self.client, f"/track/{path}", {"number": self.number, "code": self.code, "round": "1", **data})

    def recorded(self, *, until: str | None = None) -> None:
        """Staff wrote down that the petitioner is satisfied, and the case is closed."""
        self.hear("case.satisfied", self.case_id, {"round": 1, "at": now(), "source": "staff", "contest_until": until or now(30)})
        self.closed()

    def closed(self, reason: str = "satisfied", round: int = 1, **more: str) -> None:
        """The case is closed and archived."""
        self.hear("case.closed", self.case_id, {"reason": reason, "by": BY, "closed_at": now(), "round": round, **more})
        self.hear("case.archived", self.case_id, {"archived_at": now(), "by": BY})
