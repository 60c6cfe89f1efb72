"""Sees when something becomes visible: runs one list of routing as its page does, and tells what is new in it.

It looks whenever routing's mark of what it has taken in has moved (a glance at two rows, every 5 ms), so that looking is not
most of what is measured.

`python -m bench.watch review|assignments ORG OFFICIAL` (DATABASE_URL names routing's schema) prints `ready` after its first look,
then a line for each row that was not there before: its number, its case, and the instant, on the machine's monotonic clock, at
which the statement that showed it had returned. Ends when its standard input ends.
"""

from __future__ import annotations

import os
import select
import sys
import time
from datetime import UTC, datetime

import psycopg2

from services.routing.store import SQL

PAUSE = 0.005  # seconds between two glances
GLANCE = "SELECT sum(sequence) FROM taken"
# Rows of a look. The queue is the oldest first and is to be seen whole; of the list the latest are enough.
LISTED = {"review": 500, "assignments": 100}
OPEN = ["issued", "received", "objected", "progressed", "returned", "replied"]


def main() -> None:
    """Look until nobody asks any more."""
    kind, org, official = sys.argv[1:4]
    parameters = {
        "me": official,
        "posts": [org],
        "own": org,
        "limit": LISTED[kind],
        "official": official,
        "organisations": [],
        "stages": OPEN,
        "wanted": None,
        "at": datetime.now(UTC),
    }
    statement = SQL["review_queue" if kind == "review" else "assignments_listed"]
    connection = psycopg2.connect(os.environ["DATABASE_URL"], options="-c search_path=routing,platform -c timezone=UTC")
    connection.autocommit = True
    cursor = connection.cursor()
    seen: set[str] | None = None
    mark: object = object()
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        cursor.execute(GLANCE)
        before, mark = mark, cursor.fetchone()
        if mark == before:
            continue
        cursor.execute(statement, parameters)
        columns = [column.name for column in cursor.description or ()]
        number, case = columns.index("number"), columns.index("id" if kind == "review" else "case_id")
        rows, now = cursor.fetchall(), time.perf_counter()
        if seen is None:
            seen = {row[number] for row in rows}
            print("ready", flush=True)
        for row in rows:
            if row[number] not in seen:
                seen.add(row[number])
                print(row[number], row[case], now, flush=True)


if __name__ == "__main__":
    main()
