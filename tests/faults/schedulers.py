"""A supervision scheduler that is killed again and again: `python -m tests.faults.schedulers SPEC`.

A Python process takes longer to start than it is left to live here. So this one has everything imported, forks the
scheduler, kills it with -9 after 250 ms, and forks the next, until nothing is due any more. SPEC: `-`, `ladder` for what
follows misses and for the office's periods, `book` for the score book, or a twin: `own_clock`, or `claim_then_act`, `mark_then_tell` and
`judge_then_enter`, which are killed between their two transactions.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time

from services.supervision.handlers import book, climb_due, end_periods, fire_due, firing, keep_book, ladder
from shared.config import load
from shared.database import Database, UnitOfWork

LIFE = 0.25
AT_ONCE = 10  # few in each transaction, so that there are many to be killed in


def claim_then_act(database: Database) -> int:
    """The twin: what is due is claimed in a transaction of its own, so that the telling cannot hold it up."""
    with database.unit_of_work() as uow:
        now = uow.all(firing.store.SQL["database_now"])[0]["now"]
        missed = [firing._entity(row) for row in uow.all(firing._CLAIM_MISSED, now=now, limit=AT_ONCE)]
    if missed:
        os.kill(os.getpid(), signal.SIGKILL)
    return len(missed)


def fire(database: Database) -> int:
    """What the worker's timer does."""
    with database.unit_of_work() as uow:
        return fire_due(uow, limit=AT_ONCE)


def climb(database: Database) -> int:
    """What all of the worker's timers do."""
    found = fire(database)
    with database.unit_of_work() as uow:
        found += climb_due(uow, limit=AT_ONCE)
    with database.unit_of_work() as uow:
        return found + end_periods(uow)


def mark_then_tell(database: Database) -> int:
    """The twin: misses are marked and periods ended in transactions of their own, so that the telling cannot hold them up."""
    with database.unit_of_work() as uow:
        marked = uow.all(ladder._CLAIM, limit=AT_ONCE)
        now = uow.all(ladder.store.SQL["database_now"])[0]["now"]
        marked += uow.all(ladder.store.SQL["end_periods"], now=now, late_after=600)
    if marked:
        os.kill(os.getpid(), signal.SIGKILL)
    return len(marked)


def keep(database: Database) -> int:
    """What the worker's timers do of misses and the score book."""
    found = fire(database)
    with database.unit_of_work() as uow:
        return found + keep_book(uow, limit=AT_ONCE)


def judge_then_enter(database: Database) -> int:
    """The twin: occasions are marked as judged in a transaction of their own, and what they make is written in the next one."""
    with database.unit_of_work() as uow:
        made: list[object] = []
        book.enter = lambda uow, entries: made.extend(entries)
        keep_book(uow, limit=AT_ONCE)
    if made:
        os.kill(os.getpid(), signal.SIGKILL)
    return fire(database)


ACTS = {
    "claim_then_act": claim_then_act, "ladder": climb, "mark_then_tell": mark_then_tell, "book": keep, "judge_then_enter": judge_then_enter,
}  # fmt: skip


def own_clock() -> None:
    """The twin: this machine's clock decides, and it is an hour ahead."""
    from datetime import UTC, datetime, timedelta

    real = UnitOfWork.all

    def all_(self: UnitOfWork, statement: str, **params: object) -> list[dict[str, object]]:
        if statement == firing.store.SQL["database_now"]:
            return [{"now": datetime.now(UTC) + timedelta(hours=1)}]
        return real(self, statement, **params)

    UnitOfWork.all = all_  # type: ignore[method-assign]


def never_late() -> None:
    """The twin: that an outage held it up is not said."""
    firing.is_late = lambda deadline, fired_at: False


def schedule(spec: str, parent: int, born: int) -> None:
    """A scheduler's life: fire what is due, look again; it ends when somebody kills it, or when its parent is gone.

    Its time begins with its first connection: on a busy machine that alone may take as long as it is left to live. `born` is told.
    """
    settings = load()
    database = Database(settings.service_url("supervision"), service="supervision", org=settings.org)
    with database.unit_of_work() as uow:
        uow.one("SELECT 1")
    os.close(born)
    while os.getppid() == parent:
        if not ACTS.get(spec, fire)(database):
            time.sleep(0.01)  # the timer's pause
    os._exit(0)


def main() -> None:
    """Fork and kill until the starter kills this process."""
    spec = sys.argv[1]
    twin = {"own_clock": own_clock, "never_late": never_late}.get(spec)
    if twin is not None:
        twin()
    parent = os.getpid()
    while True:
        told, born = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(told)
            schedule(spec, parent, born)
        os.close(born)
        os.read(told, 1)  # the end of the pipe: it is closed
        os.close(told)
        time.sleep(LIFE * random.uniform(0.8, 1.2))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
