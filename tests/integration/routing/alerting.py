"""Officials with addresses, a county that can write to them, and what it wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.routing import telling
from services.routing.handlers import contacts, roster
from services.routing.handlers.gathering import Habits
from services.routing.site_telling import Webhook
from shared.mailing import SmtpCarrier
from tests.integration.routing.appointing import why
from tests.integration.routing.world import EPB, Instance

MAIL, RECIPIENT = "deng.canary@epb.example.org", "wx-1024"


def real_now() -> datetime:
    return datetime.now(UTC)


def give(county: Instance, official: str = EPB, mail: str = MAIL, webhook: str = "") -> None:
    """Record an official's addresses."""
    with county.work() as uow:
        contacts.record(uow, why(), official, roster.today(uow), mail=mail, webhook=webhook)


def an_office(port: int | None, **more: Any) -> telling.Office:
    """A county that writes by the mail server on this port."""
    carrier = SmtpCarrier(f"smtp://127.0.0.1:{port}?from=zhida@yongxing.example") if port else None
    habits = Habits(carried=frozenset({"mail"} if port else ()), **more)
    return telling.Office(habits=habits, carrier=carrier, domain="yongxing.example", address="https://zhida.example.org")


def by_webhook(using: telling.Office, url: str, folder: Path, secret: bytes) -> telling.Office:
    """The same with a gateway in the county's own network."""
    (folder / "gateway.secret").write_bytes(secret)
    hook = Webhook(url=url, secret_file=folder / "gateway.secret", private=True, ca_file=None)
    habits = replace(using.habits, carried=using.habits.carried | {"webhook"})
    return replace(using, habits=habits, webhook=hook, asker=telling._asker(hook))


def tell(county: Instance, using: telling.Office, text: str | None = None) -> int:
    """Do what is due (at this moment in Beijing), until nothing is; how much was done."""
    if text:
        county.at(text)
    done = 0
    while step := telling.tell(county.database, using, real_now):
        done += step
    return done


def noted(county: Instance, official: str = EPB) -> list[str]:
    """The kinds of what an official is told, in the order in which it came."""
    rows = county.query("SELECT kind FROM alert WHERE official = %(o)s AND over_at IS NULL ORDER BY place", o=official)
    return [row["kind"] for row in rows]
