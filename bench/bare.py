"""The bare view that registrations are held against: the same INSERTs and one commit, in Flask and psycopg2 alone.

For each request: the JSON body is read, intake's own statement inserts one row of petition and one of sealed, one row goes
into event_log, one commit; the number is answered. Tables, indexes and sizes of the values are the product's (copies made by
`LIKE`, without triggers and foreign keys). Left out is all that the product is for: no check of what was sent, no limit on
how often, no encryption, no secret code, no event's contract, no trace, no poke, no figures, no headers that protect.

Runs under the product's own gunicorn command line: only the name of the application is exchanged.
"""

from __future__ import annotations

import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
from flask import Flask, request
from psycopg2.extras import register_uuid

from services.intake.store import SQL
from shared.memory import settle

COPIED = ("petition", "sealed", "unshingled", "event_log")
LOG = "INSERT INTO event_log (event_id, name, addressee, stream, subject, caseversion, occurred_at, draft) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
_own = threading.local()


def tables() -> str:
    """The statements that copy intake's tables."""
    copies = "".join(f"CREATE TABLE bare.{name} (LIKE intake.{name} INCLUDING ALL);\n" for name in COPIED)
    return f"CREATE SCHEMA bare;\n{copies}CREATE SEQUENCE bare.petition_number;"


def app() -> Flask:
    """The bare site."""
    made = Flask(__name__)
    made.add_url_rule("/livez", "livez", lambda: {"alive": True})
    made.add_url_rule("/api/intake/petitions", "register", _register, methods=["POST"])
    register_uuid()
    settle()
    return made


def _connection() -> Any:
    if not hasattr(_own, "connection"):
        _own.connection = psycopg2.connect(os.environ["DATABASE_URL"], options="-c search_path=bare -c timezone=UTC")
    return _own.connection


def _register() -> tuple[dict[str, Any], int]:
    body, key, case_id, now = request.get_json(), request.headers["Idempotency-Key"], uuid4(), datetime.now(UTC)
    connection = _connection()
    with connection.cursor() as cursor:
        cursor.execute(SQL["register"], _values(body, key, case_id, now))
        number = cursor.fetchone()[0]
        cursor.execute(LOG, (uuid4(), "case.registered", "431023", "/431023/intake 431023", str(case_id), 1, now, _DRAFT))
    connection.commit()
    return {"number": number, "code": "0000-0000-0000", "registered_at": now.isoformat()}, 201


_DRAFT = b"{" + b"x" * 970  # as long as the product's event of the petition in bench.load


def _values(body: dict[str, Any], key: str, case_id: Any, now: datetime) -> dict[str, Any]:
    return {
        "id": case_id, "prefix": "431023-2016-", "key": key, "channel": "post", "matter_type": body["matter_type"], "category": "",
        "place": "", "kind": body["identity"], "group_size": 1, "language": "zh", "has_email": False, "received_at": now, "registered_at": now,
        "by": None, "title": "", "brief": "", "revision": 0, "fingerprint": b"f" * 32, "code_hash": "c" * 64, "data_key": b"k" * 60,
        "words": b"w" * (len(body["text"].encode()) + 150), "identity": b"i" * 60, "phone_index": None, "email_index": None,
        "id_number_index": None,
    }  # fmt: skip


if __name__ == "__main__":
    from gunicorn.app.wsgiapp import run  # type: ignore[import-untyped]

    assert Path(sys.argv[-1]).name == "shared.web.server:app()", f"unexpected command line {sys.argv}"
    sys.argv[-1] = "bench.bare:app()"
    run()
