"""What happened to a case within one transaction is written step by step, as the database's own guard of stages demands."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from psycopg2.errors import RaiseException

from services.intake import handlers
from services.intake.domain.submission import Channel, Submission
from services.intake.handlers.registration import register
from services.intake.store import PETITIONS
from shared.bus.inbox import Inbox
from shared.bus.parked import Incoming
from shared.contract import Event
from shared.contract.envelope import CONTENT_TYPE, instant, seal_suffix
from shared.database import Database
from shared.rows import Rows, Table
from tests.integration.intake.intake_bus import event_of
from tests.integration.intake.intake_cases import concluded

ROOT = Path(__file__).parents[3]
WHEN = instant(datetime(2016, 11, 22, 2, tzinfo=UTC))


def ended(case: UUID) -> list[Event]:
    """A case is closed and archived in one breath, as follow-up does it."""
    told = (
        ("case.closed", {"reason": "satisfied", "by": None, "closed_at": WHEN}),
        ("case.archived", {"archived_at": WHEN, "by": None}),
    )
    return [event_of(name, str(case), data) for name, data in told]


def over(intake: Database, vault, hear) -> UUID:
    """A case that is concluded."""
    with intake.unit_of_work() as uow:
        case = register(uow, vault, Submission(channel=Channel.LETTER, title="饮水", text="溪水发黑。"), key=uuid4()).case_id
    hear("case.concluded", case, concluded())
    return case


def take(intake: Database, events: list[Event]) -> None:
    with intake.unit_of_work() as uow:
        handlers.preload(events, uow)
        for event in events:
            handlers.HEARS[event.contract.name](event, uow)


def test_a_case_that_is_closed_and_archived_in_one_transaction_passes_both_stages(intake, vault, hear):
    cases = [over(intake, vault, hear) for _ in range(3)]
    take(intake, [event for case in cases for event in ended(case)])
    with intake.unit_of_work() as uow:
        assert {uow.rows(PETITIONS).get(case).stage for case in cases} == {"archived"}


def test_twin_where_only_the_last_stage_is_written_the_database_refuses(intake, vault, hear, monkeypatch):
    case = over(intake, vault, hear)
    monkeypatch.setattr(Rows, "_between", lambda self: [])
    with pytest.raises(RaiseException, match="petition does not go from concluded to archived"):
        take(intake, ended(case))


@pytest.mark.parametrize("broken", [False, True], ids=["as it is", "twin"])
def test_the_bus_takes_both_in_at_once_and_says_when_it_cannot(intake, settings, vault, hear, caplog, monkeypatch, broken: bool):
    case = over(intake, vault, hear)
    bodies = [event.body.rpartition(b',"sequence"')[0] + seal_suffix(number) for number, event in enumerate(ended(case), start=1)]
    messages = [
        Incoming(body=body, routing_key=f"431023.{name}", content_type=CONTENT_TYPE, user="broker", message_id=None, redelivered=False)
        for name, body in zip(("case.closed", "case.archived"), bodies, strict=True)
    ]  # fmt: skip
    if broken:
        monkeypatch.setattr(Rows, "_between", lambda self: [])
    Inbox(intake, settings, handlers.HEARS, handlers.preload, user="broker").take("intake", messages)
    with intake.unit_of_work() as uow:
        assert uow.rows(PETITIONS).get(case).stage == "archived"
        written = uow.all("SELECT DISTINCT xmin::text AS by FROM inbox WHERE stream LIKE '%%followup%%'")
    assert (len(written), caplog.text.count("2 events together failed")) == ((2, 1) if broken else (1, 0))


@pytest.mark.parametrize("service", ["intake", "routing", "supervision", "followup"])
def test_every_table_whose_stages_are_guarded_is_written_step_by_step(service):
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "services" / service / "migrations").glob("*.sql"))
    guarded = set(re.findall(r"CREATE TRIGGER guard_stage BEFORE UPDATE(?: OF stage)? ON (\w+)", text))
    tables = [table for table in vars(import_module(f"services.{service}.store")).values() if isinstance(table, Table)]
    assert guarded
    assert guarded == {table.name for table in tables if table.stepwise == "stage"}
