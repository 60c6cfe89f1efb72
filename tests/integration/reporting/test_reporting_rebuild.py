"""A rebuild stands in nobody's way for longer than it must: what is right already is left alone, and a check holds nothing up."""

from __future__ import annotations

from typing import Any

import pytest

from services.reporting.handlers import rebuilding
from services.reporting.handlers.projecting import PROJECTING
from shared.contract import Event
from shared.database import Database
from tests.integration.reporting.conftest import Take
from tests.integration.reporting.story import CASE
from tests.integration.reporting.test_reporting_model import several_cases


def versions(database: Database) -> dict[str, str]:
    """By which transaction each case's row was written."""
    with database.unit_of_work() as uow:
        return {str(row["case_id"]): row["by"] for row in uow.all("SELECT case_id, xmin::text AS by FROM case_row")}


def test_a_rebuild_writes_what_was_wrong_and_nothing_else(reporting: Database, take: Take) -> None:
    take(several_cases())
    before = versions(reporting)
    rebuilding.rebuild(reporting)
    assert versions(reporting) == before
    with reporting.unit_of_work() as uow:
        uow.all("UPDATE case_row SET title = '改过' WHERE case_id = %(id)s", id=CASE)
    spoilt = versions(reporting)
    rebuilding.rebuild(reporting)
    assert {case for case, by in versions(reporting).items() if by != spoilt[case]} == {str(CASE)}
    assert not any(rebuilding.differences(reporting).values())


def free(database: Database) -> bool:
    """Whether somebody may begin to project."""
    with database.unit_of_work() as uow:
        return bool((uow.one("SELECT pg_try_advisory_xact_lock_shared(%(key)s) AS free", key=PROJECTING) or {})["free"])


@pytest.mark.parametrize(("act", "held"), [("differences", False), ("rebuild", True)])
def test_a_check_holds_nobody_up_while_it_compares(
    reporting: Database, take: Take, monkeypatch: pytest.MonkeyPatch, act: str, held: bool
) -> None:
    """The twin is the switch, which does: while it writes, nobody projects."""
    take(several_cases())
    looked: list[bool] = []
    for step in ("_different", "_run"):
        real = getattr(rebuilding, step)

        def looks(*args: Any, real: Any = real, step: str = step) -> Any:
            if step == "_different" or args[1] == rebuilding._SWITCH:
                looked.append(free(reporting))
            return real(*args)

        monkeypatch.setattr(rebuilding, step, looks)
    getattr(rebuilding, act)(reporting)
    assert set(looked) == {not held}


def test_what_comes_while_a_check_compares_is_no_difference(
    reporting: Database, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Event] = several_cases()
    take(events[:40])
    real, late = rebuilding._different, [events[40:]]

    def overtaken(*args: Any) -> int:
        if late:
            take(late.pop())
        return real(*args)

    monkeypatch.setattr(rebuilding, "_different", overtaken)
    assert not any(rebuilding.differences(reporting).values())
    assert not late
