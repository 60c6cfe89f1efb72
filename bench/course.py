"""Lives of ordinary cases as their events tell them, by the hundred thousand, and the archive and read model made of them by COPY."""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from psycopg2 import sql

from services.reporting.domain import facts, picture, tally
from services.reporting.handlers import drawing
from services.reporting.handlers.filling import Filling
from services.reporting.store import READ_MODEL, TALLY
from shared.connection import Connection
from shared.contract import EVENTS, draft, seal_suffix, signature
from shared.contract.envelope import instant

COUNTY = "431023"
A_DAY = 100  # cases that come each day: a county has more cases by having more days
LAST = date(2016, 12, 20)
PLACES = tuple(f"431023{number}" for number in range(100, 121))
CATEGORIES = ("land", "environment", "roads", "water", "schools", "wages", "housing", "health")
CHANNELS = ("letter", "visit", "call", "email", "post")
WORDS = "道路破损积水扰民拖欠工资饮水安全土地征收补偿低保医保学校食堂噪声垃圾清运危房改造路灯维修合同纠纷物业管理停车"
CLERK = {"official": "o-clerk", "name": "张小芳", "post": "登记员", "organisation": "431023-xf"}
SECRETARY = {"official": "o-secretary", "name": "赵宇", "post": "县委书记", "organisation": COUNTY}
Told = tuple[str, str, dict[str, Any], datetime]  # name, service, data, when


def begins(number: int, count: int) -> datetime:
    """When a case comes: the last of `count` on the last day."""
    day = LAST - timedelta(days=(count - 1 - number) // A_DAY)
    return datetime.combine(day, time(1), UTC) + timedelta(seconds=number % A_DAY * 60)


def life(number: int, count: int) -> Iterator[Told]:
    """What is told of a case, up to its end or to how far it has come by the last day."""
    chance = random.Random(number)
    begun, ends = begins(number, count), datetime.combine(LAST, time(2), UTC)
    for name, service, data, when in _told(number, begun, chance):
        if when > ends:
            return
        yield name, service, data, when


def case_of(number: int) -> UUID:
    """The id of a case."""
    return UUID(int=(0x77 << 120) + number, version=4)


def _ident(chance: random.Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))


def _told(number: int, begun: datetime, chance: random.Random) -> Iterator[Told]:
    ident = partial(_ident, chance)

    def after(days: float) -> datetime:
        return begun + timedelta(days=days)

    place = chance.choice(PLACES)
    who = {"official": f"o-{place}", "name": "李志强", "post": "镇党委书记", "organisation": place}
    what = {
        "number": f"永信〔2016〕{number}号", "channel": chance.choice(CHANNELS), "category": chance.choice(CATEGORIES),
        "title": "".join(chance.sample(WORDS, 12)), "brief": "".join(chance.sample(WORDS, 30)),
    }  # fmt: skip
    yield "case.registered", "intake", {
        **what, "matter_type": "appeal", "place": f"{place}201", "identity": "named", "group_size": 1, "received_at": instant(begun),
        "registered_at": instant(begun), "registered_by": CLERK,
    }, begun  # fmt: skip
    yield "case.accepted", "intake", {"accepted_at": instant(begun), "by": CLERK}, begun
    yield "case.instructed", "routing", {
        "instruction_id": ident(), "round": 1, "text": "请办理。", "author": SECRETARY, "addressees": [who], "answers": None,
        "case_class": "ordinary", "instructed_at": instant(after(0.1)),
    }, after(0.1)  # fmt: skip
    assignment = ident()
    yield "assignment.issued", "routing", {
        **what, "assignment_id": assignment, "instruction_id": ident(), "round": 1, "part": "handling", "responsible": who,
        "issued_by": SECRETARY, "issued_at": instant(after(0.1)), "text": "请办理。", "case_class": "ordinary",
    }, after(0.1)  # fmt: skip
    owed: list[dict[str, Any]] = [
        {
            "deadline_id": ident(), "obligation": obligation, "round": 1, "due_at": instant(after(10.1)), "responsible": who,
            "policy": "yongxing", "rule": "r",
        }
        for obligation in ("conclude", "reply")
    ]  # fmt: skip
    for each in owed:
        yield "deadline.set", "supervision", {**each, "set_at": instant(after(0.1))}, after(0.1)
    got = {"assignment_id": assignment, "by": who, "received_at": instant(after(0.3))}
    yield "assignment.received", "routing", got, after(0.3)
    done = after(12 if chance.random() < 0.1 else chance.uniform(2, 9))
    yield from _ended(case_of(number), assignment, who, owed, done, ident(), chance.random())


def _ended(
    case: UUID, assignment: str, who: dict[str, str], owed: list[dict[str, Any]], done: datetime, reply: str, luck: float
) -> Iterator[Told]:
    at = instant(done)
    said: dict[str, Any] = {
        "assignment_id": assignment, "reply_id": reply, "round": 1, "outcome": "supported", "findings": "已查实。", "measures": ["已整改"],
        "answer": "已处理。", "replied_at": at, "signature": {**who, "at": at, "alg": "sha256"},
    }  # fmt: skip
    said["signature"]["hash"] = signature.digest(said, str(case))
    yield "assignment.replied", "routing", said, done
    yield (
        "assignment.approved",
        "routing",
        {"assignment_id": assignment, "reply_id": reply, "by": SECRETARY, "approved_at": at},
        done,
    )
    yield "case.concluded", "routing", {
        "round": 1, "outcome": "supported", "summary": "已处理。", "answer": "已处理。", "by": SECRETARY, "concluded_at": at,
    }, done  # fmt: skip
    for each in owed:
        yield "deadline.met", "supervision", {**each, "met_at": at, "in_time": True}, done
    closed = done + timedelta(days=3)
    if luck < 0.9:
        source = "petitioner" if luck < 0.5 else "staff"
        yield "case.satisfied", "followup", {"round": 1, "at": instant(closed), "source": source}, closed
        yield "case.closed", "followup", {"reason": "satisfied", "by": CLERK, "closed_at": instant(closed)}, closed
    else:
        closed = done + timedelta(days=45)  # nobody reached, or never satisfied: closed by decision
        yield "case.closed", "followup", {
            "reason": "decision", "by": SECRETARY, "closed_at": instant(closed), "authority": "县委书记", "reasons": "已经复查。",
        }, closed  # fmt: skip
    yield "case.archived", "followup", {"archived_at": instant(closed), "by": None}, closed


def archive(count: int, of: int | None = None) -> Iterator[tuple[Any, ...]]:
    """The rows of `received` that the whole lives of `count` cases make, the last ones of a county's, day by day."""
    sequences: Counter[str] = Counter()
    number, all_of = 0, of or count
    for first in range(all_of - count, all_of, A_DAY):  # a day's cases beside each other, as their events come
        cases = range(first, min(first + A_DAY, all_of))
        lives: list[tuple[int, Told]] = [
            (case, told) for case in cases for told in _told(case, begins(case, all_of), random.Random(case))
        ]
        for case, (name, service, data, when) in sorted(lives, key=lambda event: (event[1][3], event[0])):
            number += 1
            contract, source, event_id = EVENTS[name], f"/{COUNTY}/{service}", UUID(int=number)
            stream = contract.stream(source, COUNTY)
            sequences[stream] += 1
            body = draft(
                contract, event_id=event_id, source=source, subject=str(case_of(case)), time=when, data=data, caseversion=1,
                correlation_id=str(event_id), causation_id=None, traceparent="",
            ) + seal_suffix(sequences[stream])  # fmt: skip
            yield event_id, stream, sequences[stream], name, str(case_of(case)), when, body


def copy(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Rows of the archive, copied in."""
    with connection.cursor() as cursor:
        for first in range(0, len(rows), 20_000):
            lines = "".join(
                f"{event}\t{stream}\t{sequence}\t{name}\t{subject}\t{when.isoformat()}\t\\\\x{body.hex()}\n"
                for event, stream, sequence, name, subject, when, body in rows[first : first + 20_000]
            )
            columns = map(sql.Identifier, ("event_id", "stream", "sequence", "name", "subject", "occurred_at", "body"))
            cursor.copy_expert(sql.SQL("COPY received ({}) FROM STDIN").format(sql.SQL(", ").join(columns)), io.StringIO(lines))
    connection.commit()


def fill(connection: Connection, count: int) -> None:
    """The read model of `count` cases, copied in without an archive behind it."""
    filling, counted = Filling(connection, READ_MODEL), Counter[tally.Key]()
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
    for number in range(count):
        if number % 10_000 == 0:
            _over(filling, counted, tally.day_of(begins(number, count)))
        known: facts.Facts = {}
        for name, service, data, _ in life(number, count):
            told = {**data, "tellers": [COUNTY]} if name == "assignment.issued" else data
            if name in facts.FOLDS:
                known = facts.absorb(known, f"/{COUNTY}/{service}", name, told)
        row = picture.draw(case_of(number), known)
        drawing.fill(filling, row)
        counted.update(tally.cells(tally.marks(row)))
    filling.put(TALLY, tally.as_cells(counted))
    filling.flush()
    connection.commit()


def _over(filling: Filling, counted: Counter[tally.Key], today: date) -> None:
    """Days before today get no more cases: their cells are written and forgotten."""
    over = [key for key in counted if tally.STANDING < key[2] < today]
    filling.put(TALLY, tally.as_cells(Counter({key: counted.pop(key) for key in over})))
