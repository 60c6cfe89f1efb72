"""Alerts go out by mail and webhook: claimed in one transaction, sent outside of any, recorded in another.

    POST <path of the county's gateway>
    Zhida-Signature: t=1479780000,v1=...
    {"id": "...", "to": "...", "lines": [{"kind": "issued", "number": "...", "zh": "...", "en": "..."}], "url": "..."}

Whoever dies between the server's answer and the record sends again, with the same Message-ID or `id`: told twice, never lost.
`docs/alerts.md` tells the gateway's side.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from time import monotonic
from typing import Any
from uuid import UUID

from services.routing import store
from services.routing.domain import alert_message, alerts
from services.routing.domain.alerts import MAIL, WEBHOOK
from services.routing.handlers import gathering
from services.routing.handlers.gathering import Habits
from services.routing.metrics import record_alert
from services.routing.site import read_site
from services.routing.site_telling import Webhook
from services.routing.workflow import AlertMessageStage
from shared.asking import Asker
from shared.config import Settings
from shared.database import Database
from shared.mailing import Carrier, SmtpCarrier, hand_in
from shared.signed import HEADER, addressed, sign
from shared.web_addresses import Unfetched, target

UNKNOWN = frozenset({404, 410, 422})  # the gateway knows no such recipient, and will not tomorrow
AT_ONCE = 20


@dataclass(frozen=True, kw_only=True)
class Office:
    """What messages are sent with. `address`: of the pages, for what is written."""

    habits: Habits
    address: str = ""
    carrier: Carrier | None = None
    domain: str = "zhida.invalid"
    webhook: Webhook | None = None
    asker: Asker | None = None


def office(settings: Settings) -> Office:
    """By this process's settings and the county's file. Raises OSError, ValueError when they make no sense."""
    telling = read_site(settings).telling
    carrier = SmtpCarrier(settings.smtp_uri) if settings.smtp_uri else None
    hook = telling.webhook
    carried = {medium for medium, there in ((MAIL, carrier), (WEBHOOK, hook)) if there}
    return Office(
        habits=replace(telling.habits, carried=frozenset(carried)), address=telling.address, carrier=carrier, webhook=hook,
        domain=carrier.sender.rpartition("@")[2] if carrier else "zhida.invalid", asker=_asker(hook) if hook else None,
    )  # fmt: skip


def _asker(hook: Webhook) -> Asker:
    trust = ssl.create_default_context(cafile=str(hook.ca_file)) if hook.ca_file else None
    return Asker(agent="zhida", private=hook.private, trust=trust)


def tell(database: Database, using: Office, real_now: Callable[[], datetime]) -> int:
    """Do what is due, a share of it at once; how much was done. `real_now` dates signatures. Raises Unavailable."""
    habits = using.habits
    with database.unit_of_work() as uow:
        todo = gathering.work(uow, habits)
    steps = (("daily", gathering.make_daily), ("chase", gathering.chase_next), ("gather", gathering.gather_next))
    done = 0
    for name, step in steps:
        while todo[name] and done < AT_ONCE:
            with database.unit_of_work() as uow:
                if not step(uow, habits):
                    break
            done += 1
    return done + (send_all(database, AT_ONCE, using, real_now) if todo["send"] or done else 0)


def send_all(database: Database, limit: int, using: Office, real_now: Callable[[], datetime]) -> int:
    """Send up to `limit` messages whose time has come; how many were tried. Each is claimed in its turn."""
    for tried in range(limit):
        with database.unit_of_work() as uow:
            claimed = uow.one(store.SQL["claim_alert_message"], now=uow.now)
        if claimed is None:
            return tried
        with database.unit_of_work() as uow:
            contact = gathering.contact_of(uow, claimed["official"])
            lines = uow.all(store.SQL["alert_lines"], ids=claimed["alerts"])
            name = store.directory(uow).officials.get(claimed["official"])
        to = contact.addresses()[claimed["medium"]]
        failure, for_good = "", False
        if lines and to:
            send = _mail if claimed["medium"] == MAIL else _post
            failure, for_good = send(claimed["id"], to, name.name if name else "", lines, using, real_now())
        _record(database, claimed["id"], failure, for_good=for_good, sent=bool(lines and to))
    return limit


def _said(lines: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [alerts.words(line["kind"], line["number"], line["figures"]) for line in lines]


def _mail(
    message_id: UUID, to: str, name: str, lines: list[dict[str, Any]], using: Office, _now: datetime
) -> tuple[str, bool]:  # fmt: skip
    if using.carrier is None:
        return "unreachable", False
    try:
        return hand_in(using.carrier, compose(message_id, to, name, _said(lines), using))
    except ValueError:  # an address that no mail can be written to
        return "bad_address", True


def compose(message_id: UUID, to: str, name: str, said: list[tuple[str, str]], using: Office) -> EmailMessage:
    """The mail: in Chinese, then in English. Raises ValueError for an address that no mail can be written to."""
    message = EmailMessage()
    message["To"], message["Message-ID"] = to, f"<{message_id}@{using.domain}>"
    message["Subject"] = f"直达：{said[0][0]}" if len(said) == 1 else f"直达：您有 {len(said)} 条提醒"
    message["Auto-Submitted"], message["X-Loop"], message["X-Auto-Response-Suppress"] = "auto-generated", "zhida", "All"
    where = [f"请登录查看：{using.address}" if using.address else "请登录系统查看。"]
    where_en = [f"Please sign in: {using.address}" if using.address else "Please sign in."]
    zh = [f"{name}同志：", *(f"· {line[0]}" for line in said), *where, "本邮件由系统自动发出，请勿回复。"]
    message.set_content("\n".join([*zh, "", *(f"- {line[1]}" for line in said), *where_en, ""]))
    return message


def _post(
    message_id: UUID, to: str, _name: str, lines: list[dict[str, Any]], using: Office, now: datetime
) -> tuple[str, bool]:  # fmt: skip
    if using.webhook is None or using.asker is None:
        return "unreachable", False
    said = [
        {"kind": line["kind"], "number": line["number"], "zh": zh, "en": en}
        for line, (zh, en) in zip(lines, _said(lines), strict=True)
    ]
    body = json.dumps({"id": str(message_id), "to": to, "lines": said, "url": using.address}, ensure_ascii=False).encode()
    try:
        asked = target(using.webhook.url)
        signature = sign(using.webhook.secret, int(now.timestamp()), addressed(asked.path, body))
        headers = {"Content-Type": "application/json; charset=utf-8", HEADER: signature}
        end = monotonic() + using.asker.limits.total
        with using.asker.exchange(asked, asked, end, "POST", headers, body) as answer:
            status = answer.status
    except Unfetched as fault:
        return fault.code, False
    except OSError:  # the secret's file
        return "no_secret", False
    # A redirect is an answer like any other: what is signed for one address goes to no other.
    return ("", False) if 200 <= status < 300 else (f"http_{status}", status in UNKNOWN)


def _record(database: Database, message_id: UUID, failure: str, *, for_good: bool, sent: bool) -> None:
    with database.unit_of_work() as uow:
        message = uow.rows(store.ALERT_MESSAGES).get(message_id)
        if message is None or message.stage is not AlertMessageStage.WAITING:
            return  # another sender was given it after this one had been too slow
        if failure:
            changed = alert_message.stuck(message, uow.now, failure=failure, for_good=for_good)
        else:
            changed = (alert_message.went if sent else alert_message.dropped)(message, uow.now)
        uow.rows(store.ALERT_MESSAGES).put(changed)
        if for_good:
            contact = gathering.contact_of(uow, message.official)
            uow.rows(store.CONTACTS).put(contact.failed(message.medium, failure))
    record_alert(message.medium, failure or ("sent" if sent else "dropped"))
