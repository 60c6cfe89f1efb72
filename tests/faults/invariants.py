"""The invariants of an instance, checked from outside through its database's owner.

`python -m tests.faults.invariants` reads DATABASE_URL and ZHIDA_ORG, prints what is broken and exits 1 if anything is.
Each check returns sentences; none means that the invariant holds.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from shared.bus import topology
from shared.contract import EVENTS, seal_suffix
from tests import canaries
from tests.faults import observe

Query = Callable[..., list[tuple[Any, ...]]]


@dataclass
class Ledger:
    """What the driver outside the system knows: keys tried, and what was answered for them."""

    attempted: set[str] = field(default_factory=set)
    acknowledged: dict[str, str] = field(default_factory=dict)  # key: number


@dataclass(frozen=True)
class Observed:
    """An instance as the checks see it."""

    org: str
    services: tuple[str, ...]
    query: Query


def bound(org: str, consumer: str, name: str, addressee: str) -> bool:
    """Whether `consumer` is bound to an event."""
    keys = topology.bindings(org, consumer)
    return f"{addressee}.{name}" in keys or f"*.{name}" in keys


def _consumers(seen: Observed, teller: str) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    kinds = seen.query(f"SELECT DISTINCT name, addressee FROM {teller}.event_log")
    for consumer in seen.services:
        yield consumer, [(name, to) for name, to in kinds if bound(seen.org, consumer, name, to)]


def acknowledged_are_stored(seen: Observed, ledger: Ledger) -> list[str]:
    """I1: what was answered "registered" is stored, once for each key, under the number that was answered."""
    if "intake" not in seen.services:
        return []
    rows = seen.query("SELECT idempotency_key::text, number FROM intake.petition")
    stored: dict[str, list[str]] = {}
    for key, number in rows:
        stored.setdefault(key, []).append(number)
    wrong = [f"I1 {key} was answered {number} and is stored as {stored.get(key)}"
             for key, number in ledger.acknowledged.items() if stored.get(key) != [number]]  # fmt: skip
    wrong += [f"I1 {key} is stored, but nobody tried it" for key in stored if key not in ledger.attempted]
    untold = seen.query(
        "SELECT p.number, count(e.id) FROM intake.petition p LEFT JOIN intake.event_log e"
        " ON e.subject = p.id::text AND e.name = 'case.registered' GROUP BY p.id HAVING count(e.id) <> 1 LIMIT 5"
    )
    return wrong + [f"I1 the registration of {number} is told {count} times" for number, count in untold]


def undelivered(seen: Observed) -> list[str]:
    """I2, I10: every event told has reached each of its consumers: its inbox, or its parked events."""
    wrong = []
    for teller in seen.services:
        for consumer, kinds in _consumers(seen, teller):
            if not kinds:
                continue
            missing = seen.query(
                f"SELECT e.name, e.subject FROM {teller}.event_log e WHERE (e.name, e.addressee) IN %s"
                f" AND NOT EXISTS (SELECT FROM {consumer}.inbox i WHERE i.event_id = e.event_id)"
                f" AND NOT EXISTS (SELECT FROM {consumer}.parked p WHERE p.event_id = e.event_id) LIMIT 1000",
                tuple(kinds),
            )
            if missing:
                wrong.append(f"I2 {len(missing)} events of {teller} never reached {consumer}, as {missing[0]}")
    return wrong


def effects_once(seen: Observed) -> list[str]:
    """I4: no event took effect twice: what it caused was told once, and its effects are as many as the inbox's events."""
    wrong = []
    for service in seen.services:
        twice = seen.query(
            "SELECT cause, name, subject, count(*) FROM"
            f" (SELECT convert_from(draft, 'UTF8') AS body, name, subject FROM {service}.event_log) e,"
            " LATERAL (SELECT (body || '}')::jsonb ->> 'causationid' AS cause, (body || '}')::jsonb -> 'data' AS data) c"
            " WHERE cause IS NOT NULL GROUP BY cause, name, subject, data HAVING count(*) > 1"
        )
        wrong += [f"I4 {service} told {name} of {subject} {count} times for one cause" for _, name, subject, count in twice]
        wrong += observe.effects(seen.query, service)
    if "reporting" in seen.services:
        counts = seen.query("SELECT (SELECT count(*) FROM reporting.inbox), (SELECT count(*) FROM reporting.received)")[0]
        directory = seen.query("SELECT count(*) FROM reporting.parked WHERE event_id IS NOT NULL")[0][0]
        if counts[0] != counts[1] and counts[0] != counts[1] + directory:
            wrong.append(f"I4 reporting heard {counts[0]} events and keeps {counts[1]}")
    return wrong


def sequences_without_gap(seen: Observed) -> list[str]:
    """I5: in each stream the numbers run from 1 without gap, and a case's versions rise with them."""
    wrong = []
    for service in seen.services:
        for stream, low, high, count, head in seen.query(
            "SELECT e.stream, min(e.sequence), max(e.sequence), count(*),"
            f" (SELECT sequence FROM {service}.stream_head h WHERE h.stream = e.stream)"
            f" FROM {service}.event_log e WHERE sequence IS NOT NULL GROUP BY stream"
        ):
            if (low, high) != (1, count) or head != high:
                wrong.append(f"I5 stream {stream} runs {low}..{high} with {count} rows and head {head}")
        unordered = seen.query(
            "SELECT count(*) FROM (SELECT caseversion,"
            " lag(caseversion) OVER (PARTITION BY stream, subject ORDER BY sequence) AS earlier"
            f" FROM {service}.event_log WHERE sequence IS NOT NULL) o WHERE earlier > caseversion"
        )[0][0]
        if unordered:
            wrong.append(f"I5 {unordered} events of {service} overtook an earlier one of their case")
    return wrong


def deadlines_fire_once(seen: Observed) -> list[str]:
    """I3: each deadline that fell due has one firing, none early; one that was met or withdrawn in time has none."""
    if "supervision" not in seen.services:
        return []
    rows = seen.query(
        "SELECT data ->> 'deadline_id', min((data ->> 'fired_at')::timestamptz - (data ->> 'due_at')::timestamptz), count(*) FROM"
        " (SELECT (convert_from(draft, 'UTF8') || '}')::jsonb -> 'data' AS data FROM supervision.event_log"
        " WHERE name = 'deadline.missed') e GROUP BY 1"
    )
    wrong = [f"I3 deadline {key} was missed {count} times" for key, _, count in rows if count != 1]
    wrong += [f"I3 deadline {key} fired {-early} early" for key, early, _ in rows if early.total_seconds() < 0]
    wrong += observe.early(seen.query)
    told = {key for key, _, _ in rows}
    # What was missed stays so on record, also when it turns out later to have been done in time.
    missed = {key for (key,) in seen.query("SELECT id::text FROM supervision.deadline WHERE missed_at IS NOT NULL")}
    wrong += [f"I3 deadline {key} was never missed and yet told as missed" for key in told - missed]
    return wrong + [f"I3 deadline {key} is missed and nobody was told" for key in missed - told]


def follows_once(seen: Observed) -> list[str]:
    """P3 of the ladder: each miss on a ladder that began has one reminder told, each period that is over was told once."""
    if "supervision" not in seen.services:
        return []
    told = "SELECT (convert_from(draft, 'UTF8') || '}')::jsonb -> 'data' AS data FROM supervision.event_log WHERE name = %s"
    reminded: dict[str, int] = dict(
        seen.query(f"SELECT data ->> 'deadline_id', count(*) FROM ({told}) e GROUP BY 1", "supervision.reminded")
    )
    ended: dict[str, int] = dict(
        seen.query(f"SELECT data ->> 'period' || (data ->> 'first'), count(*) FROM ({told}) e GROUP BY 1", "period.ended")
    )
    due = {key for (key,) in seen.query("SELECT deadline_id::text FROM supervision.ladder_step WHERE step = 'reminder'")}
    over = {key for (key,) in seen.query("SELECT kind || first FROM supervision.period WHERE ended_at IS NOT NULL")}
    wrong = [f"I3 {key} was told {count} times" for key, count in (reminded | ended).items() if count != 1]
    begun = "SELECT id::text FROM supervision.deadline WHERE laddered AND responsible IS NOT NULL AND id NOT IN (SELECT id FROM supervision.ladder)"
    wrong += [f"I3 the miss of {key} was marked and nothing follows" for (key,) in seen.query(begun)]
    return wrong + [
        f"I3 {key} is on record and not told, or told and not on record"
        for key in (due | over) ^ (reminded.keys() | ended.keys())
    ]


def scored_once(seen: Observed) -> list[str]:
    """P3 of the score book: what was missed is an occasion, what was judged by a rule has its entry, and each entry was told once."""
    if "supervision" not in seen.services:
        return []
    told: dict[str, int] = dict(
        seen.query(
            "SELECT data ->> 'entry_id', count(*) FROM (SELECT (convert_from(draft, 'UTF8') || '}')::jsonb -> 'data' AS data"
            " FROM supervision.event_log WHERE name = 'score.recorded') e GROUP BY 1"
        )
    )
    entries = {key for (key,) in seen.query("SELECT id::text FROM supervision.score_entry")}
    wrong = [f"I3 entry {key} was told {count} times" for key, count in told.items() if count != 1]
    wrong += [f"I3 entry {key} is in the book and not told, or told and not in the book" for key in entries ^ told.keys()]
    unheard = (
        "SELECT event_id::text FROM supervision.event_log WHERE name = 'deadline.missed'"
        " AND event_id NOT IN (SELECT cause FROM supervision.score_occasion)"
    )
    wrong += [f"I3 the miss {key} is no occasion" for (key,) in seen.query(unheard)]
    lost = (
        "SELECT cause::text FROM supervision.score_occasion WHERE kind = 'late' AND detail IN ('progress', 'reply', 'conclude')"
        " AND starts_with(policy, 'yongxing/') AND responsible IS NOT NULL AND cause NOT IN (SELECT cause FROM supervision.score_entry)"
    )
    return wrong + [f"I3 the miss {key} was judged and has no entry" for (key,) in seen.query(lost)]


def history_verifies(seen: Observed, heads: Mapping[str, tuple[int, bytes]] | None = None) -> list[str]:
    """I7: each stream's chain can be worked out from its bodies, and passes through the heads that were kept outside."""
    wrong = []
    for service in seen.services:
        chain: dict[str, bytes] = {}
        last: dict[str, int] = {}
        for stream, sequence, draft, link in seen.query(
            f"SELECT stream, sequence, draft, chain FROM {service}.event_log WHERE sequence IS NOT NULL ORDER BY stream, sequence"
        ):
            made = hashlib.sha256(chain.get(stream, b"") + bytes(draft) + seal_suffix(sequence)).digest()
            if made != bytes(link) or sequence != last.get(stream, 0) + 1:
                wrong.append(f"I7 {stream} number {sequence} does not follow from what stands before it")
                break
            chain[stream], last[stream] = made, sequence
            if heads and heads.get(stream, (0, b""))[0] == sequence and heads[stream][1] != made:
                wrong.append(f"I7 {stream} number {sequence} is not what was kept outside")
        for stream, (sequence, _) in (heads or {}).items():
            if stream.split(" ")[0].endswith(f"/{service}") and last.get(stream, 0) < sequence:
                wrong.append(f"I7 {stream} ends at {last.get(stream, 0)}, but {sequence} was known outside")
    return wrong


def heads_of(seen: Observed) -> dict[str, tuple[int, bytes]]:
    """The chain's heads, to be kept outside."""
    found = {}
    for service in seen.services:
        for stream, sequence, chain in seen.query(f"SELECT stream, sequence, chain FROM {service}.stream_head"):
            found[stream] = (sequence, bytes(chain))
    return found


def nothing_in_the_outbox(seen: Observed) -> list[str]:
    """I10: everything is sealed, sent and confirmed; no stream stands still."""
    wrong = []
    for service in seen.services:
        unsealed = seen.query(f"SELECT count(*) FROM {service}.event_log WHERE sequence IS NULL")[0][0]
        if unsealed:
            wrong.append(f"I10 {unsealed} rows of {service} are not sealed")
        for destination, stream, behind, why in seen.query(
            f"SELECT d.destination, d.stream, h.sequence - d.sequence, d.stalled_for FROM {service}.delivery d"
            f" JOIN {service}.stream_head h USING (stream) WHERE d.sequence < h.sequence OR d.stalled_for IS NOT NULL"
        ):
            wrong.append(f"I10 {stream} is {behind} behind at {destination}: {why}")
    return wrong


def nobody_is_named(seen: Observed) -> list[str]:
    """I8: what tells who a petitioner is stands in no table; what the run's servers left on the disk is looked at in its end."""
    return [f"I8 {table} holds what tells who a petitioner is" for table in canaries.in_tables(seen.query)]


def parked(seen: Observed) -> list[str]:
    """What waits in the tables of parked events; not an invariant, but after most faults there is nothing."""
    return [
        f"{service}: {reason} {type_} {error[:200]}"
        for service in seen.services
        for reason, type_, error in seen.query(
            f"SELECT reason, type, error FROM {service}.parked WHERE dismissed_at IS NULL ORDER BY id LIMIT 20"
        )
    ]


def violations(seen: Observed, ledger: Ledger | None = None, heads: Mapping[str, tuple[int, bytes]] | None = None) -> list[str]:
    """All of it, after the system has come to rest."""
    return [
        *(acknowledged_are_stored(seen, ledger) if ledger is not None else []),
        *nothing_in_the_outbox(seen), *undelivered(seen), *effects_once(seen), *sequences_without_gap(seen),
        *deadlines_fire_once(seen), *follows_once(seen), *scored_once(seen), *history_verifies(seen, heads), *nobody_is_named(seen),
    ]  # fmt: skip


def main() -> None:
    """Check the instance in the environment."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True

    def query(statement: str, *params: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall()

    services = tuple(
        row[0] for row in query("SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)",
                                ["intake", "routing", "supervision", "followup", "reporting"])
    )  # fmt: skip
    found = violations(Observed(os.environ["ZHIDA_ORG"], services, query))
    for line in found:
        print(line)
    print(f"{len(found)} violations; {len(EVENTS)} kinds of events over {len(services)} services")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
