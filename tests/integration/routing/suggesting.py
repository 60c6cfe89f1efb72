"""Rules and past assignments for the tests of suggestions."""

from __future__ import annotations

import os
import subprocess
import sys
from uuid import UUID, uuid4

from services.routing.domain.rules import Rule
from services.routing.handlers import rules
from tests.integration.routing.world import AT, EPB, OFFICE, Instance, instruct, registered

EDU = "o-431023-edu-director"
ZHIDA = [sys.executable, "-c", "from shared.cli import main; main()", "routing"]


def add_rule(county: Instance, organisation: str, number: int | None = None, **conditions) -> UUID:
    """A rule of the office's."""
    made = Rule(id=uuid4(), position=0, organisation=organisation, **conditions)
    with county.work() as uow:
        rules.save(uow, OFFICE, made, number)
    return made.id


def said(county: Instance) -> list[tuple[str, str | None, bool]]:
    """The rules in their order: organisation, category, whether in use."""
    found = county.query("SELECT organisation, category, active FROM routing_rule ORDER BY position")
    return [tuple(row.values()) for row in found]


def assigned(county: Instance, official: str, category: str, brief: str, **more) -> UUID:
    """A case that this official was told to handle."""
    case_id = uuid4()
    county.hear(registered(case_id, AT, category=category, title="", brief=brief, **more))
    instruct(county, case_id, official)
    return case_id


def assign_many(county: Instance, count: int = 30) -> None:
    """As many cases of the environment as of schools, the former to the bureau, the latter to the office of education."""
    for number in range(count):
        assigned(county, EPB, "environment", f"反映造纸厂排放污水，第{number}次。")
        assigned(county, EDU, "education", f"反映学校食堂收费，第{number}次。")


def run(county: Instance, *words: str) -> subprocess.CompletedProcess[str]:
    """`zhida routing ...`, as an operator runs it."""
    environment = os.environ | {
        "ZHIDA_ORG": county.org, "DATABASE_URL": county.owner, "DATABASE_URL_ROUTING": county.settings.service_url("routing"),
        "ZHIDA_SIMULATED": "true", "ZHIDA_KEYS": str(county.settings.keys),
    }  # fmt: skip
    return subprocess.run([*ZHIDA, *words], env=environment, capture_output=True, text=True, timeout=120)
