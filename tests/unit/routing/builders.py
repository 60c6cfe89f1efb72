"""Builders of routing's entities for unit tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.routing import domain
from services.routing.domain import Assignment, Case, Directory, Official, Organisation, Post
from services.routing.workflow import AssignmentStage, CaseStage
from shared.contract.person import Person

NOW = datetime(2016, 11, 7, 1, 30, tzinfo=UTC)
CASE_ID, INSTRUCTION_ID, ASSIGNMENT_ID, REPLY_ID, OTHER_ID = (UUID(int=number) for number in range(1, 6))
SECRETARY = Person(official="o-431023-secretary", name="赵宇", post="县委书记", organisation="431023")
TOWN = Person(official="o-431023104-secretary", name="雷卫华", post="镇党委书记", organisation="431023104")
VICE = Person(official="o-431023-vice-env", name="唐立新", post="副县长", organisation="431023-gov")
EPB = Person(official="o-431023-epb-director", name="谭建国", post="局长", organisation="431023-epb")


def later(**span: float) -> datetime:
    """An instant after NOW."""
    return NOW + timedelta(**span)


def case(stage: CaseStage = CaseStage.REGISTERED, **changes: Any) -> Case:
    """A case."""
    made = Case(
        id=CASE_ID, origin="431023", stage=stage, number="XF1", channel="email", category="water", title="饮水",
        brief="反映饮水", registered_at=NOW, queued_at=NOW,
    )  # fmt: skip
    return replace(made, **changes)


def assignment(stage: AssignmentStage = AssignmentStage.ISSUED, responsible: Person = TOWN, **changes: Any) -> Assignment:
    """An assignment."""
    made = domain.issue(
        assignment_id=ASSIGNMENT_ID, case_id=CASE_ID, instruction_id=INSTRUCTION_ID, round_number=1, part="handling",
        responsible=responsible, issued_by=SECRETARY, issuer="431023", instance="431023104", now=NOW,
    )  # fmt: skip
    return replace(made, stage=stage, **changes)


def reply(signer: Person = TOWN, **changes: Any) -> domain.Reply:
    """A signed reply."""
    said: dict[str, Any] = {
        "reply_id": REPLY_ID, "assignment_id": ASSIGNMENT_ID, "case_id": CASE_ID, "round_number": 1,
        "outcome": "explained", "findings": "已查看", "measures": ["疏通水沟", " "], "answer": "已处理", "now": NOW,
    }  # fmt: skip
    return domain.sign(signer, **(said | changes))


def official(person: Person, *roles: str, active: bool = True) -> Official:
    """An official in the one post that `person` names."""
    post = Post(organisation=person.organisation, title=person.post, roles=frozenset(roles))
    return Official(official=person.official, name=person.name, active=active, posts=(post,))


def directory(*more: Official, own: str = "431023") -> Directory:
    """A small county: government with a bureau under it, a township with its own instance and a station under it."""
    tree = {
        "431023": (None, True), "431023-gov": ("431023", False), "431023-epb": ("431023-gov", False),
        "431023-office": ("431023", False), "431023104": ("431023", True), "431023104-env": ("431023104", False),
    }  # fmt: skip
    people = [
        official(SECRETARY, "first_in_command"),
        official(VICE, "leader"),
        official(EPB, "unit_head"),
        official(TOWN, "unit_head"),
        *more,
    ]
    return Directory(
        own=own,
        organisations={
            code: Organisation(code=code, name=code, name_en=code, superior=superior, has_instance=instance)
            for code, (superior, instance) in tree.items()
        },
        officials={person.official: person for person in people},
    )
