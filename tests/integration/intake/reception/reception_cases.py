"""Forms, and what several tests of the reception calendar do with them."""

from __future__ import annotations

import re
import threading
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.intake.domain.planning import Order
from services.intake.domain.viewing import Viewer
from services.intake.domain.visits import Visitor
from services.intake.handlers import visits
from services.intake.handlers.reception import save
from services.intake.store import read_visit
from services.intake.vault.crypto import Vault
from shared.database import Database
from shared.errors import Refused
from tests.integration.intake.intake_bus import CLERK
from tests.integration.intake.intake_cases import post

MONDAY = date(2016, 11, 7)  # on which the tests begin, at 8:30
RULE, ROTA = UUID(int=1, version=4), UUID(int=2, version=4)
BOOKING = {"name": "陈十里", "phone": "13873512345", "matter": "造纸厂排污，井水发黑", "group_size": "1"}
WALK_IN = {"matter": "低保没有发", "group_size": "1", "inside": "1", "name": "", "phone": ""}
ENDING = {
    "visit_outcome": "answered", "official": "o-secretary", "said": "造纸厂夜里排污，井水发黑。", "spot_answer": "当场责成环保局三日内检测。",
    "matter_type": "appeal", "identity": "named",
}  # fmt: skip
CASE = ENDING | {
    "visit_outcome": "registered",
    "title": "造纸厂排污",
    "spot_answer": "",
    "category": "environment",
    "place": "431023104",
}


def booked_of(page: str) -> tuple[str, str]:
    """Number and code of a receipt."""
    [number] = re.findall(r"<strong>(431023-V\d{4}-\d{6})</strong>", page)
    [code] = re.findall(r"<code>([0-9A-Z-]{32})</code>", page)
    return number, code


def book_page(client: FlaskClient, session: UUID, **changes: Any) -> TestResponse:
    """Book by the public form."""
    return post(client, f"/reception/{session}", BOOKING | {"key": str(uuid4())} | changes)


def a_booking(
    intake: Database, vault: Vault, session: UUID, *, clerk: Viewer | None = None, phone: str = "", **more: Any
) -> UUID:
    """A booking by somebody with a telephone of their own."""
    who = Visitor(
        name="陈十里", phone=phone or f"139{uuid4().int % 10**8:08}", matter="井水发黑", group_size=more.pop("group_size", 1)
    )
    with intake.unit_of_work() as uow:
        return visits.book(uow, vault, who, session, key=uuid4(), clerk=clerk, **more).visit_id


def visit_of(intake: Database, visit_id: UUID) -> Any:
    """The visit's row."""
    with intake.unit_of_work() as uow:
        return read_visit(uow, visit_id)


def change(intake, act, day, rule=RULE, **values):
    with intake.unit_of_work() as uow:
        save(uow, Order(kind=act, id=uuid4(), values={"rule": rule, "planned_on": day, **values}), CLERK)


def cases_of(intake):
    with intake.unit_of_work() as uow:
        return uow.all("SELECT id, stage, slot FROM visit ORDER BY slot")


def at_once(acts):
    """Run them at the same time; what each returned or raised, by name."""
    start, ended = threading.Barrier(len(acts)), []

    def run(act):
        start.wait()
        try:
            ended.append(("done", act()))
        except Refused as fault:
            ended.append((type(fault).__name__, fault))

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended
