"""A case, a task and people of follow-up, for tests of its rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from services.followup.domain.case import FollowedCase
from services.followup.domain.task import Task, open_task, settle
from services.followup.domain.trying import Try
from services.followup.policy_file import read_policy
from services.followup.workflow import CaseStage
from shared.contract.person import Person

NOW = datetime(2016, 11, 30, 10, tzinfo=UTC)
POLICY = read_policy("yongxing")
SECRETARY = Person(official="o-431023-secretary", name="赵明", post="县委书记", organisation="431023")
STAFF = Person(official="o-431023-followup", name="黄秀英", post="回访员", organisation="431023-xf")
OTHER = Person(official="o-431023-followup-2", name="李梅", post="回访员", organisation="431023-xf")
OFFICE = Person(official="o-431023-sup-director", name="王建平", post="督查室主任", organisation="431023-sup")
CASE = FollowedCase(
    id=uuid4(), organisation="431023", number="永信〔2016〕17 号", title="反映水污染", channel="email",
    identity="named", stage=CaseStage.FOLLOWED,
)  # fmt: skip
TOWNSHIP = replace(CASE, organisation="431023104")  # what it registered went up, and was concluded by the county


def a_task(**changes: Any) -> Task:
    _, task = open_task(
        CASE, POLICY, task_id=uuid4(), round_number=3, outcome="supported", answer="已取缔。", concluded_by=SECRETARY, now=NOW
    )
    return replace(task, **changes)


def by_staff(*, satisfied: bool = True, lot: int = 0) -> Task:
    return settle(a_task(), POLICY, satisfied=satisfied, source="staff", by=STAFF, at=NOW, lot=lot)


def by_petitioner(*, satisfied: bool = True) -> Task:
    return settle(a_task(), POLICY, satisfied=satisfied, source="petitioner", by=None, at=NOW)


def a_try(days: int = 0, result: str = "not_reached") -> Try:
    return Try(
        id=uuid4(), task_id=uuid4(), case_id=CASE.id, manner="telephone", result=result, by=STAFF, at=NOW + timedelta(days=days)
    )
