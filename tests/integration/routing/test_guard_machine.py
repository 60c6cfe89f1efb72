"""No sequence of operations gives a case to the accused, lets another sign, edits an instruction, or stops a clock without authority."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from services.routing.domain import assignment as assignments
from tests.integration.routing.machine_rules import Guard
from tests.integration.routing.machine_time import Everything
from tests.integration.routing.world import Instance

STEPS = 40
DONE = {"instruct", "review", "complain", "lift", "receive", "assignment.issued"}
# `handlers.review` is the use case of that name.
review, work, judgement = (
    importlib.import_module(f"services.routing.handlers.{name}") for name in ("review", "work", "judgement")
)


def machine(kind: type[Guard], county: Instance, township: Instance) -> type[Guard]:
    """The machine on this county and this township."""
    return type("Machine", (kind,), {"county": county, "township": township, "steps": 0, "taken": {}})


def run(machine: type[Guard], examples: int) -> None:
    chosen = settings(
        max_examples=examples, stateful_step_count=STEPS, deadline=None, derandomize=True, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False, phases=[Phase.generate],
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=chosen)


@pytest.mark.parametrize(("examples", "least"), [(16, 300), pytest.param(420, 10_000, marks=pytest.mark.full)])
def test_no_sequence_of_operations_breaks_what_the_guard_promises(county, township, examples, least):
    tried = machine(Everything, county, township)
    run(tried, examples)
    assert tried.steps >= least
    assert set(tried.taken) >= DONE, "the machine does not come far enough to break anything"


def let_anybody_be_addressed(patch: pytest.MonkeyPatch, county: Instance) -> None:
    patch.setattr(review.domain, "check_addressee", lambda *_: None)


def let_anybody_sign(patch: pytest.MonkeyPatch, county: Instance) -> None:
    def anybody(uow, assignment_id, official):
        case, assignment = work.open_assignment(uow, assignment_id, official)
        return case, assignment, work.store.directory(uow).acting(official)

    patch.setattr(work, "mine", anybody)
    patch.setattr(assignments, "_only_responsible", lambda *_: None)


def edit_the_instruction_that_a_reply_answers(patch: pytest.MonkeyPatch, county: Instance) -> None:
    with psycopg2.connect(county.owner) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER keep_record ON routing.instruction")
    connection.close()
    receive = work.domain.receive

    def edit(assignment, by, *, now):
        editing.all("UPDATE instruction SET text = text || '（改）' WHERE id = %(id)s", id=assignment.instruction_id)
        return receive(assignment, by, now=now)

    editing: Any = None
    opened = work.open_assignment

    def open_it(uow, *more):
        nonlocal editing
        editing = uow
        return opened(uow, *more)

    patch.setattr(work, "open_assignment", open_it)
    patch.setattr(work.domain, "receive", edit)


def let_anybody_take_back(patch: pytest.MonkeyPatch, county: Instance) -> None:
    patch.setattr(judgement, "office", lambda directory, official: directory.acting(official))


@pytest.mark.parametrize(
    ("sabotage", "words"),
    [
        (let_anybody_be_addressed, "barred"),
        (let_anybody_sign, "not the person responsible|somebody else signed"),
        (edit_the_instruction_that_a_reply_answers, "an instruction was edited"),
        (let_anybody_take_back, "without authority"),
    ],
)
def test_a_broken_guard_is_found_out(
    county, township, monkeypatch, sabotage: Callable[[pytest.MonkeyPatch, Instance], None], words: str
):  # fmt: skip
    sabotage(monkeypatch, county)
    with pytest.raises(AssertionError, match=words):
        run(machine(Guard, county, township), 100)
