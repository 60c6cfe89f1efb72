"""Fault 36: somebody with every right in the database edits, deletes or cuts off what was told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import psycopg2
import pytest

from shared.contract import seal_suffix
from tests.faults import invariants
from tests.faults.conftest import Make
from tests.faults.system import System

SERVICES = ("intake", "routing")
STREAM = "/431023/intake 431023"
Alteration = Callable[[System], None]
Heads = dict[str, tuple[int, bytes]]


def history(make: Make) -> tuple[System, Heads]:
    """A county with ten events told, and its heads as a peer keeps them."""
    system = make(services=SERVICES)
    system.driver.submit(10)
    system.worker()
    system.rest()
    heads = invariants.heads_of(system.seen)
    assert heads[STREAM][0] == 10
    assert system.violations(heads) == []
    return system, heads


def altered(system: System, *statements: tuple[str, tuple[object, ...]]) -> None:
    """Run statements with the guard of the history switched off, as only the owner can."""
    system.query("ALTER TABLE intake.event_log DISABLE TRIGGER keep_history")
    for statement, params in statements:
        system.query(statement, *params)
    system.query("ALTER TABLE intake.event_log ENABLE TRIGGER keep_history")


def edit(system: System) -> None:
    text = "UPDATE intake.event_log SET draft = convert_to(replace(convert_from(draft, 'UTF8'), 'confidential', 'confidentia1'), 'UTF8')"
    altered(system, (f"{text} WHERE sequence = 5", ()))


def delete(system: System) -> None:
    altered(system, ("DELETE FROM intake.event_log WHERE sequence = 5", ()))


def cut_tail(system: System) -> None:
    """The last three are gone, and the heads in the database say so too."""
    altered(
        system,
        ("DELETE FROM intake.event_log WHERE sequence > 7", ()),
        ("UPDATE intake.stream_head SET sequence = 7, chain = (SELECT chain FROM intake.event_log WHERE sequence = 7)", ()),
        ("UPDATE intake.delivery SET sequence = 7", ()),
    )


def rewrite(system: System) -> None:
    """One is edited, and the chain worked out anew from there to the end."""
    edit(system)
    rows = system.query("SELECT id, sequence, draft FROM intake.event_log ORDER BY sequence")
    chain, statements = b"", []
    for row_id, sequence, draft in rows:
        chain = hashlib.sha256(chain + bytes(draft) + seal_suffix(sequence)).digest()
        statements.append(("UPDATE intake.event_log SET chain = %s WHERE id = %s", (chain, row_id)))
    altered(system, *statements, ("UPDATE intake.stream_head SET chain = %s", (chain,)))


@pytest.mark.parametrize("alter", [edit, delete, cut_tail, rewrite], ids=lambda alter: alter.__name__)
def test_36_an_altered_history_does_not_lead_to_the_head_that_was_kept_outside(make: Make, alter: Alteration) -> None:
    system, heads = history(make)
    alter(system)
    assert any(wrong.startswith("I7") for wrong in system.violations(heads))


@pytest.mark.parametrize("alter", [cut_tail, rewrite], ids=lambda alter: alter.__name__)
def test_36_twin_a_check_against_the_databases_own_heads_finds_nothing(make: Make, alter: Alteration) -> None:
    system, _ = history(make)
    alter(system)
    trusted = invariants.heads_of(system.seen)
    assert invariants.history_verifies(system.seen, trusted) == []


def test_36_a_service_cannot_alter_what_it_has_told(make: Make) -> None:
    system, _ = history(make)
    for statement in ("UPDATE event_log SET draft = ''", "DELETE FROM event_log", "UPDATE event_log SET sequence = 99"):
        with pytest.raises(psycopg2.Error, match=r"permission denied|not altered"), system.county.unit_of_work("intake") as uow:
            uow.all(statement)
    with pytest.raises(psycopg2.Error, match="not altered"):
        system.query("DELETE FROM intake.event_log")
