"""No sequence of operations gives a case to the accused, lets another sign, edits an instruction, or stops a clock without authority."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import run_state_machine_as_test

from deploy.dev.database import Database as Server
from services.reporting.handlers import listing
from services.routing import store
from services.routing.domain import assignment as assignments
from services.routing.domain.delegation import Delegation
from services.routing.domain.directory import Directory
from tests.integration.routing.machine_rules import Guard
from tests.integration.routing.machine_seen import Pages, Reports, Seen
from tests.integration.routing.world import Instance
from tests.renewal import remember, renew

STEPS = 40
REPORTED = ("routing", "reporting")
DONE = {"instruct", "review", "complain", "lift", "receive", "reply", "assignment.issued"}
LATE = {
    "escalate", "delegate", "deputy instruct", "end_delegation", "recuse", "end_recusal", "pause", "resume", "ask_extension",
    "decide_extension", "object_to", "decide_objection", "hand_on", "hand_over", "release", "approve", "return_reply", "withdraw", "conclude",
    "refer_up", "case.referred_up", "case.bars_passed", "set_key", "take_up", "account",
}  # fmt: skip
# `handlers.review` is the use case of that name.
review, work, judgement, common, pausing = (
    importlib.import_module(f"services.routing.handlers.{name}") for name in ("review", "work", "judgement", "common", "pausing")
)
Sabotage = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(scope="module")
def reported(database: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database of a county with its reporting."""
    made = Instance(database, "431023", tmp_path_factory.mktemp("reported"), services=REPORTED)
    made.database.close()
    remember(made.owner)
    return made.name


@pytest.fixture
def county(database: Server, reported: str, tmp_path: Path) -> Iterator[Instance]:
    """A county with its reporting, for what is seen; it takes any number of requests."""
    renew(database.url(reported))
    made = Instance(database, "431023", tmp_path / "county", reported, REPORTED, rate_limit="1000000 per minute")
    yield made
    made.database.close()


def machine(kind: type[Guard], county: Instance, township: Instance, **more: Any) -> type[Guard]:
    """The machine on this county and this township."""
    return type("Machine", (kind,), {"county": county, "township": township, "steps": 0, "taken": {}, **more})


@pytest.fixture
def whole(county: Instance, township: Instance) -> Iterator[type[Seen]]:
    """The machine with everything that shows a case."""
    reports, pages = Reports(county), {one.org: Pages(one) for one in (county, township)}
    yield machine(Seen, county, township, reports=reports, pages=pages, shown=0, refused=0)  # type: ignore[misc]
    reports.database.close()
    for one in pages.values():
        one.close()


def run(machine: type[Guard], examples: int) -> None:
    chosen = settings(
        max_examples=examples, stateful_step_count=STEPS, deadline=None, derandomize=True, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False, phases=[Phase.generate],
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=chosen)


@pytest.mark.parametrize(
    ("examples", "least", "done"), [(16, 300, DONE), pytest.param(220, 10_000, DONE | LATE, marks=pytest.mark.full)]
)
def test_no_sequence_of_operations_breaks_what_the_guard_promises(
    whole: type[Seen], examples: int, least: int, done: set[str], capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    run(whole, examples)
    with capsys.disabled():
        print(
            f"\n{whole.steps} steps, of which these took effect: {dict(sorted(whole.taken.items()))}; {whole.shown} pages told"
            f" of a case, and {whole.refused} were opened by one who is barred from it"
        )
    assert whole.steps >= least
    assert not done - set(whole.taken), "the machine does not come far enough to break anything"
    assert whole.refused > 0
    assert whole.shown > 0 or not done >= LATE


def let_anybody_be_addressed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(review.domain, "check_addressee", lambda *_: None)


def let_anybody_sign(patch: pytest.MonkeyPatch) -> None:
    def anybody(uow, assignment_id, official):
        case, assignment = work.open_assignment(uow, assignment_id, official)
        return case, assignment, work.store.directory(uow).acting(official)

    patch.setattr(work, "mine", anybody)
    patch.setattr(assignments, "_only_responsible", lambda *_: None)


@pytest.fixture
def unguarded(county: Instance) -> Iterator[None]:
    """The database does not keep instructions as they are; afterwards it does again."""
    for state in ("DISABLE", "ENABLE"):
        with psycopg2.connect(county.owner) as connection, connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE routing.instruction {state} TRIGGER keep_record")
        connection.close()
        if state == "DISABLE":
            yield


def edit_the_instruction_that_a_reply_answers(patch: pytest.MonkeyPatch) -> None:
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


def let_anybody_take_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(judgement, "office", lambda directory, official: directory.acting(official))


class Lax(Directory):
    """A directory in which everybody is the first-in-command."""

    first_in_command = Directory.acting


def let_anybody_stop_the_clocks(patch: pytest.MonkeyPatch) -> None:
    def lax(uow):
        known = store.directory(uow)
        return Lax(own=known.own, organisations=known.organisations, officials=known.officials)

    patch.setattr(pausing, "store", SimpleNamespace(**vars(store) | {"directory": lax}))


def let_a_deputy_go_on_after_his_time(patch: pytest.MonkeyPatch) -> None:
    running = "ends_at > %(now)s AND ended_at IS NULL"
    assert running in store.SQL["delegations_running"]
    patch.setitem(store.SQL, "delegations_running", store.SQL["delegations_running"].replace(running, "true"))
    patch.setattr(Delegation, "runs", lambda self, now: True)


def take_any_key_for_the_signers_own(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(work, "check_signer", lambda *_: None)


def leave_the_case_with_who_is_named_later(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(common, "take_back_from_barred", lambda *_: None)


def forget_the_guard_in(statements: dict[str, str], name: str, condition: str) -> Sabotage:
    """A page whose statement does not ask who may see the case."""

    def forget(patch: pytest.MonkeyPatch) -> None:
        assert condition in statements[name]
        patch.setitem(statements, name, statements[name].replace(condition, "true"))

    return forget


BARRED = "NOT EXISTS (\n    SELECT FROM case_bar b WHERE b.case_id = c.case_id AND (b.officials ? %(me)s OR b.organisations ?| %(posts)s)\n)"
SIGHT = "may_see(c.id, %(me)s, %(posts)s)"


@pytest.mark.parametrize(
    ("sabotage", "words"),
    [
        (let_anybody_be_addressed, "barred"),
        (leave_the_case_with_who_is_named_later, "still holds the case"),
        (let_anybody_sign, "not the person responsible|somebody else signed"),
        (take_any_key_for_the_signers_own, "somebody else's key"),
        (edit_the_instruction_that_a_reply_answers, "an instruction was edited"),
        (let_anybody_take_back, "without authority"),
        (let_anybody_stop_the_clocks, "without authority"),
        (let_a_deputy_go_on_after_his_time, "any longer|nor stands in|without authority"),
        (forget_the_guard_in(store.SQL, "case_seen", SIGHT), "sees the case|let open /routing"),
        (forget_the_guard_in(store.SQL, "review_count", SIGHT), "a badge counts"),
        (forget_the_guard_in(listing.SQL, "visible", BARRED), "on /reporting|let open /reporting|let open /api/reporting"),
    ],
)
def test_a_broken_guard_is_found_out(
    whole: type[Seen], unguarded: None, monkeypatch: pytest.MonkeyPatch, sabotage: Sabotage, words: str
) -> None:  # fmt: skip
    sabotage(monkeypatch)
    with pytest.raises((AssertionError, FlakyFailure)) as found:
        run(whole, 100)
    # Time goes on from example to example: what failed once may be refused in another way when it is played again.
    first = found.value.exceptions[0] if isinstance(found.value, FlakyFailure) else found.value
    assert isinstance(first, AssertionError)
    assert re.search(words, str(first))
