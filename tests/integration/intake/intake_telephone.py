"""A telephone system, and the instance that it reports to."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.config import Settings
from shared.contract.envelope import instant
from shared.database import Database
from shared.signed import HEADER, addressed, sign
from shared.web.server import build
from tests import canaries

SECRET, NEXT = b"secret-of-the-hot-line-0123456789abcdef", b"the-next-secret-of-the-hot-line-01234567"
NUMBER = canaries.PHONE.replace("-", "")
HOOK = "/api/intake/telephone/hot"
WORDS = "我是十里洞的，造纸厂夜里排污，井水发黑。希望书记来看看。"
NEW = "/intake/calls/new"


def write_site(folder: Path, **changes: Any) -> Path:
    """The site's file with one line that a telephone system reports to, and one that has none."""
    (folder / "hot.key").write_bytes(SECRET + b"\n")
    (folder / "hot-next.key").write_bytes(NEXT)
    lines = {
        "hot": {"name": "24 小时值班电话", "name_en": "24-hour line", "secrets": ["hot.key", "hot-next.key"]},
        "hall": {"name": "大厅电话"},
    }
    path = folder / "intake.yaml"
    path.write_text(json.dumps({"telephone": {"lines": lines} | changes}), encoding="utf-8")
    return path


def telephone_site(settings: Settings, folder: Path) -> Flask:
    """The pages of a county that names these lines."""
    return build(replace(settings, service_files={"intake": write_site(folder)}))


def told(kind: str, call: str = "call-1", *, ago: float = 0, caller: str | None = NUMBER, **changes: Any) -> dict[str, Any]:
    """A message of the telephone system about what happened so many minutes ago."""
    at = datetime.now(UTC) - timedelta(minutes=ago)
    return {"event_id": str(uuid4()), "kind": kind, "call_id": call, "at": instant(at), "from": caller} | changes


def headers(raw: bytes, *, path: str = HOOK, secret: bytes = SECRET, late: int = 0) -> dict[str, str]:
    return {HEADER: sign(secret, int(time.time()) - late, addressed(path, raw)), "Content-Type": "application/json"}


def report(client: FlaskClient, message: Any, *, url: str = HOOK, **signing: Any) -> TestResponse:
    raw = message if isinstance(message, bytes) else json.dumps(message).encode()
    return client.post(url, data=raw, headers=headers(raw, **{"path": url} | signing))


def a_form(**changes: str) -> dict[str, str]:
    """What a clerk sends who writes a call up."""
    return {"key": str(uuid4()), "text": WORDS, "line": "hot", "matter_type": "appeal", "outcome": "case"} | changes


def case_of(intake: Database) -> UUID:
    """The only petition."""
    found: UUID = rows(intake, "petition", "id")[0]["id"]
    return found


def rows(intake: Database, table: str, columns: str = "*") -> list[dict[str, Any]]:
    with intake.unit_of_work() as uow:
        return uow.all(f"SELECT {columns} FROM {table}")


def people(intake: Database, **names: str) -> None:
    """Officials of the directory, by id."""
    with intake.unit_of_work() as uow:
        for official, name in names.items():
            uow.all(
                "INSERT INTO official (official, name, active, posts) VALUES (%(official)s, %(name)s, true, %(posts)s)",
                official=official, name=name, posts=json.dumps([{"title": "干部", "organisation": "431023-xf", "roles": []}]),
            )  # fmt: skip
