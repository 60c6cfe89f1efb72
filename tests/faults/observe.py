"""Every effect of an event is written down a second time, in the same transaction, by handlers wrapped from outside.

The product's own tables are mostly written so that the same event twice changes nothing. That is good for the county
and bad for a test: here each effect leaves a row, so that two, none, or a wrong order are seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Handler = Callable[[Any, Any], None]
Query = Callable[..., list[tuple[Any, ...]]]
INNER: list[Callable[[Handler], Handler]] = []  # broken handlers: nearer to the product's than the one who observes
OUTER: list[Callable[[Handler], Handler]] = []
_TABLE = """
CREATE TABLE IF NOT EXISTS {service}.observed (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, lane text NOT NULL,
    caseversion integer NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT ON {service}.observed TO "{role}"
"""
# When the database's own clock says that an event was written, whatever the writer's clock said.
_TOLD = """
CREATE TABLE IF NOT EXISTS {service}.told (event_id uuid, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE OR REPLACE FUNCTION {service}.note_told() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN INSERT INTO {service}.told (event_id) VALUES (NEW.event_id); RETURN NULL; END $$;
CREATE OR REPLACE TRIGGER note_told AFTER INSERT ON {service}.event_log FOR EACH ROW EXECUTE FUNCTION {service}.note_told()
"""
_NOTE = "INSERT INTO observed (event_id, lane, caseversion) VALUES (%(event)s, %(lane)s, %(version)s)"


def prepare(query: Query, service: str, role: str) -> None:
    """Make the tables, as the database's owner."""
    query(_TABLE.format(service=service, role=role))
    if service == "supervision":
        query(_TOLD.format(service=service))


def early(query: Query) -> list[str]:
    """I3: no deadline is told as missed before it was due, by the database's clock."""
    if query("SELECT to_regclass('supervision.told')")[0][0] is None:
        return []
    found = query(
        "SELECT data ->> 'deadline_id', (data ->> 'due_at')::timestamptz - at FROM (SELECT t.at, (convert_from(e.draft, 'UTF8')"
        " || '}')::jsonb -> 'data' AS data FROM supervision.event_log e JOIN supervision.told t USING (event_id)"
        " WHERE e.name = 'deadline.missed') m WHERE (data ->> 'due_at')::timestamptz > at LIMIT 5"
    )
    return [f"I3 deadline {key} was told {ahead} early" for key, ahead in found]


def observed(handler: Handler) -> Handler:
    """The same handler, whose effect leaves a row."""

    def noting(event: Any, uow: Any) -> None:
        handler(event, uow)
        uow.all(_NOTE, event=event.id, lane=event.lane, version=event.caseversion)

    return noting


def wrapped(handler: Handler) -> Handler:
    """The product's handler with everything around it."""
    for wrap in (*INNER, observed, *OUTER):
        handler = wrap(handler)
    return handler


def effects(query: Query, service: str) -> list[str]:
    """I4, I5: what the inbox holds took effect, once, in the order of its case and source; and nothing else did."""
    if query("SELECT to_regclass(%s)", f"{service}.observed")[0][0] is None:
        return []
    wrong = [
        f"I4 {count} effects in {service} of event {event}"
        for event, count in query(f"SELECT event_id, count(*) FROM {service}.observed GROUP BY 1 HAVING count(*) > 1 LIMIT 5")
    ]
    for left, right, what in (
        ("inbox", "observed", "was taken in without effect"),
        ("observed", "inbox", "took effect uncounted"),
    ):
        found = query(
            f"SELECT count(*), min(event_id::text) FROM {service}.{left} l"
            f" WHERE NOT EXISTS (SELECT FROM {service}.{right} r WHERE r.event_id = l.event_id)"
        )[0]
        wrong += [f"I4 {service}: {found[0]} times an event {what}, as {found[1]}"] if found[0] else []
    overtaken = query(
        "SELECT lane, caseversion, earlier FROM (SELECT lane, caseversion,"
        " lag(caseversion) OVER (PARTITION BY lane ORDER BY id) AS earlier"
        f" FROM {service}.observed) o WHERE earlier > caseversion LIMIT 5"
    )
    return wrong + [f"I5 {service} handled number {late} of {lane} after {early}" for lane, late, early in overtaken]
