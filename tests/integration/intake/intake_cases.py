"""Petitions and forms that several of intake's tests use, and the search for words that must not stand in the clear."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import psycopg2
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.intake.domain.submission import Channel, Identity, MatterType, Petitioner, Submission
from services.intake.handlers.registration import register
from services.intake.vault.crypto import Vault
from shared.config import Settings
from shared.database import Database
from tests import canaries
from tests.integration.intake.intake_bus import CLERK, HEAD

AT = "2016-11-22T02:00:00.000Z"
PETITION = {
    "title": "井水发黑", "text": "造纸厂夜里排污，村里三十户人喝不上水。", "identity": "named", "name": "陈十里",
    "phone": "13873512345",
    "category": "environment", "place": "431023104", "group_size": "1", "matter_type": "appeal",
}  # fmt: skip


def token_of(page: str) -> str:
    return re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]


def post(client: FlaskClient, url: str, data: dict[str, Any], **more: Any) -> TestResponse:
    """Post a form as a browser does: with the token of a page that was read before."""
    token = token_of(client.get("/track").text)
    return client.post(url, data=data | {"csrf_token": token}, **more)


def receipt_of(page: str) -> tuple[str, str]:
    [number] = re.findall(r"<strong>(431023-\d{4}-\d{6})</strong>", page)
    [code] = re.findall(r"<code>([0-9A-Z-]{32})</code>", page)
    return number, code


SENDER, WORDS = canaries.EMAIL, "井水发黑，请书记过问。"


def a_mail(message_id: str = "<m1@pc-of-canary.example.org>", text: str = WORDS, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = f"{canaries.ALIAS} <{SENDER}>", "永兴十里洞村民希望喝上健康的水"
    if message_id:
        message["Message-ID"] = message_id
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="附件金丝雀.pdf")
    return message.as_bytes()


def a_case(intake: Database, vault: Vault, **changes: Any) -> UUID:
    given: dict[str, Any] = {
        "channel": Channel.EMAIL, "title": "陈十里的来信", "text": "我叫陈十里，电话13873512345，井水发黑。",
        "identity": Identity.NAMED,
        "petitioner": Petitioner(name="陈十里", phone="13873512345"),
    }  # fmt: skip
    with intake.unit_of_work() as uow:
        return register(uow, vault, Submission(**given | changes), key=uuid4()).case_id


def issued(assignment: UUID | None = None, round: int = 1) -> dict[str, Any]:
    return {
        "assignment_id": str(assignment or uuid4()), "instruction_id": str(uuid4()), "round": round, "part": "handling",
        "responsible": HEAD.as_data(), "issued_by": CLERK.as_data(), "issued_at": AT, "text": "请查清。",
        "case_class": "ordinary",
        "number": "431023-2016-000001", "channel": "email", "category": "", "title": "", "brief": "",
    }  # fmt: skip


def concluded(round: int = 1) -> dict[str, Any]:
    return {
        "round": round, "outcome": "supported", "summary": "已取缔", "answer": "造纸厂已取缔。",
        "by": CLERK.as_data(), "concluded_at": AT,
    }  # fmt: skip


CANARIES = (*canaries.WORDS, "金丝雀的标题", "扫描件金丝雀.pdf")


def a_canary(**changes: Any) -> Submission:
    given: dict[str, Any] = {
        "channel": Channel.POST, "title": "金丝雀的标题", "text": canaries.TEXT, "matter_type": MatterType.APPEAL,
        "category": "environment", "place": "431023104", "identity": Identity.NAMED,
        "petitioner": canaries.PETITIONER,
        "attachments": ("扫描件金丝雀.pdf",), "particulars": {"url": "https://forum.example.org/金丝雀的标题"},
    }  # fmt: skip
    return Submission(**given | changes)


def find(settings: Settings, text: str) -> list[str]:
    """The tables of the whole database whose rows, written as text, hold some text (events' bytes are read as UTF-8 too)."""
    with psycopg2.connect(settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
            " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        found = []
        for schema, table in cursor.fetchall():
            cursor.execute(f'SELECT FROM "{schema}"."{table}" t WHERE strpos(t::text, %s) > 0', (text,))
            if cursor.rowcount:
                found.append(f"{schema}.{table}")
        cursor.execute("SELECT FROM intake.event_log WHERE strpos(convert_from(draft, 'UTF8'), %s) > 0", (text,))
        return found + ["event_log.draft"] * bool(cursor.rowcount)
