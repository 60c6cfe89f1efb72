"""A county at work with three cases that went their way, and the whole URL map with arguments that name what is theirs."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import pypdfium2
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import BaseConverter, UUIDConverter
from werkzeug.routing import Rule as Route

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import Instance
from deploy.dev.waiting import until
from services.intake.domain.submission import CHINA, Channel, Identity, MatterType, Petitioner, Submission
from services.intake.handlers import casework, registration
from services.intake.vault.crypto import open_vault
from services.reporting.handlers import issuing, preparing, projecting
from services.reporting.handlers.seeing import Sight
from services.routing.handlers.directory import import_directory
from services.routing.handlers.review import instruct, review
from services.routing.handlers.work import receive, reply
from shared import keys
from shared.contract.person import Person
from shared.web import server
from shared.web.session import COOKIE, Reader, issue
from tests.faults.driver import CLERK, DIRECTOR, DIRECTORY, SECRETARY
from tests.integration.reporting.periods import Ended, ended
from tests.integration.reporting.story import Bus
from tests.integration.test_access_matrix import operations

ACCUSED, NAMED = "431023-lrb", "o-431023-office-clerk"
LIMITS = dict.fromkeys(("ZHIDA_RATE_LIMIT", "ZHIDA_PUBLIC_RATE_LIMIT", "ZHIDA_COSTLY_RATE_LIMIT"), "1000000 per minute")
FORMS = ("pdf", "docx", "xlsx", "csv")
_TEXTS = ("word/document.xml", "xl/sharedStrings.xml")


@dataclass(frozen=True)
class RealCase:
    """A case and the words that only it has."""

    name: str
    id: UUID
    number: str
    words: tuple[str, ...]


@dataclass
class Site:
    """The instance, its site, its cases."""

    instance: Instance
    app: Flask
    cases: dict[str, RealCase] = field(default_factory=dict)
    ids: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # of each case: table -> the ids of its rows

    def client(self, official: str, org: str, *roles: str) -> FlaskClient:
        """A browser in which somebody is signed in."""
        private = keys.read(self.instance.folder / "keys", keys.SESSION)
        assert private
        reader = Reader(official_id=official, name="测试", org=org, posts=({"title": "测试", "org": org},), roles=frozenset(roles),
                        scope=frozenset({"431023*"}), sid="real")  # fmt: skip
        client = self.app.test_client()
        client.set_cookie(COOKIE, issue(reader, private, datetime.now(UTC)))
        return client

    def paths(self, case: RealCase, method: str) -> Iterator[tuple[str, str]]:
        """(route, path) of every operation, each argument taking all that the case has under its name, or under any where none has it."""
        with self.app.test_request_context():
            address = self.app.url_map.bind("localhost")
            for route, verb in operations(self.app):
                if verb == method and "/sign-in/" not in route.rule:
                    choices = [[(name, value) for value in self._values(case, route, name)] for name in sorted(route.arguments)]
                    for chosen in product(*choices):
                        yield route.rule, address.build(route.endpoint, dict(chosen))

    def _values(self, case: RealCase, route: Route, name: str) -> list[Any]:
        ids, converter = self.ids[case.name], route._converters[name]
        if isinstance(converter, UUIDConverter):
            known = ids.get(name.removesuffix("_id")) or sorted({one for each in ids.values() for one in each})[:12]
            return [case.id] if name == "case_id" else known
        if name == "report_id":
            return [int(one) for one in ids["report"]]
        return self._plain(name, converter)

    @staticmethod
    def _plain(name: str, converter: BaseConverter) -> list[Any]:
        if converter.regex == r"\d+":
            return [1]
        return list(FORMS) if name == "form" else [{"channel": "letter", "org": "431023104"}.get(name, "x")]


def there(instance: Instance, statement: str, *params: str) -> None:
    """Wait until there is such a row."""
    until(lambda: bool(instance.query(statement, *params)), timeout=60, what=statement)


def made(folder: Path, broker: Broker, database: Database) -> Site:
    """The county with its three cases: plain, barred, confidential and barred. Everything heard everywhere."""
    instance = Instance("431023", folder, broker=broker, database=database, label="real-", extra=LIMITS, die_with_parent=True)
    instance.prepare()
    with instance.unit_of_work("routing") as uow:
        import_directory(uow, DIRECTORY.read_text(encoding="utf-8"), datetime.now(UTC))
    worker = instance.worker()
    worker.start()
    worker.wait_http(f"{instance.address('worker')}/readyz", timeout=60)
    site = Site(instance, server.build(instance.settings))
    try:
        for name, word in (("plain", "铜鼓"), ("barred", "银杏"), ("confidential", "金橘")):
            site.cases[name] = _case(instance, name, word)
        _report(site)
        for case in site.cases.values():
            until(partial(_whole, instance, case), timeout=60, what=f"{case.name} to be heard everywhere")
            site.ids[case.name] = _ids(instance, case)
    finally:
        worker.stop()
    return site


def _case(instance: Instance, name: str, word: str) -> RealCase:
    words = (f"{word}村的井水", f"反映{word}河里有污水。", f"{word}生")
    with instance.unit_of_work("intake") as uow:
        given = Submission(channel=Channel.POST, matter_type=MatterType.APPEAL, identity=Identity.NAMED, title=words[0],
                           text=f"{words[1]}请书记过问。", petitioner=Petitioner(name=words[2], phone="13800000000"))  # fmt: skip
        receipt = registration.register(uow, open_vault(instance.settings.keys), given, key=uuid.uuid4())
        case_id = receipt.case_id
        casework.supplement(uow, case_id, CLERK, title=words[0], brief=words[1], category="environment", place="431023104")
        casework.accept(uow, case_id, CLERK)
    if name != "plain":
        there(instance, "SELECT 1 FROM intake.official WHERE official = %s", NAMED)
        with instance.unit_of_work("intake") as uow:
            casework.set_conflict(uow, case_id, CLERK, organisations=[ACCUSED], officials=[NAMED])
        there(instance, "SELECT 1 FROM routing.case_bar WHERE case_id = %s", str(case_id))
    there(instance, "SELECT 1 FROM routing.case_record WHERE id = %s", str(case_id))
    with instance.unit_of_work("routing") as uow:
        review(uow, case_id, SECRETARY)
        instruct(uow, case_id, SECRETARY, "请核查。", [(DIRECTOR, "handling")], "ordinary", confidential=name == "confidential")
    [(assignment,)] = instance.query("SELECT id FROM routing.assignment WHERE case_id = %s", str(case_id))
    with instance.unit_of_work("routing") as uow:
        receive(uow, UUID(str(assignment)), DIRECTOR)
    with instance.unit_of_work("routing") as uow:
        reply(
            uow,
            UUID(str(assignment)),
            DIRECTOR,
            outcome="supported",
            findings=f"{word}河确有污水。",
            measures=["整改"],
            answer="已整改。",
        )
    return RealCase(name, case_id, receipt.number, (*words, f"{word}河确有污水"))


def _report(site: Site) -> None:
    """This week's report, issued: it is over before the week is, for the test."""
    instance = site.instance
    for case in site.cases.values():
        until(partial(_whole, instance, case), timeout=60, what=case.name)
    today = datetime.now(CHINA).date()
    monday = today - timedelta(days=today.weekday())
    week = ended(Bus(), Ended("week", monday, monday + timedelta(days=6), today.isocalendar().week))
    with instance.unit_of_work("reporting") as uow:
        projecting.preload([week], uow)
        projecting.HEARS["period.ended"](week, uow)
        preparing.prepare_owed(uow)
    there(instance, "SELECT 1 FROM reporting.report")
    head = Person(official="o-431023-office-director", name="曾国安", post="县委办主任", organisation="431023-office")
    sees = Sight(official=head.official, own="431023", everything=True, posts=("431023",), units=(), roles=frozenset({"office"}))
    with instance.unit_of_work("reporting") as uow:
        issuing.issue(uow, sees, head, int(instance.query("SELECT id FROM reporting.report")[0][0]))


def _whole(instance: Instance, case: RealCase) -> bool:
    """Whether reporting has the case as it stands, its reply and its bars included."""
    names = {row[0] for row in instance.query("SELECT name FROM reporting.received WHERE subject = %s", str(case.id))}
    return "assignment.replied" in names and (case.name == "plain" or "case.barred" in names)


def _ids(instance: Instance, case: RealCase) -> dict[str, list[str]]:
    """Every row of the case in every schema that has an id of its own."""
    found: dict[str, list[str]] = {"case": [str(case.id)]}
    tables = instance.query(
        "SELECT a.table_schema, a.table_name FROM information_schema.columns a JOIN information_schema.columns b"
        " USING (table_schema, table_name) WHERE a.column_name = 'case_id' AND b.column_name = 'id' AND b.data_type = 'uuid'"
    )
    for schema, table in tables:
        rows = instance.query(f'SELECT id FROM "{schema}"."{table}" WHERE case_id::text = %s LIMIT 3', str(case.id))
        found.setdefault(table, []).extend(str(row[0]) for row in rows)
    found["report"] = [str(row[0]) for row in instance.query("SELECT id FROM reporting.report")]
    return found


def words_of(body: bytes) -> str:
    """What a page, an answer or a file says."""
    if body.startswith(b"%PDF"):
        return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(body))
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as made:
            return "".join(re.sub("<[^>]*>", "", made.read(name).decode()) for name in _TEXTS if name in made.namelist())
    text = body.decode(errors="replace")
    return text.encode().decode("unicode_escape", errors="ignore") + text if "\\u" in text else text


def said_of(case: RealCase, body: bytes) -> list[str]:
    """What of the case it says: number, title, brief, name, findings."""
    text = re.sub(r"\s", "", words_of(body))
    return [word for word in (case.number, *case.words) if word in text]
