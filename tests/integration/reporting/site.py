"""Reporting alone as a site, and what a person reads off its pages."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import OKPKey
from python_calamine import CalamineWorkbook

import services.reporting
import shared.web
from services.reporting import web
from shared.database import Database
from shared.web import session
from shared.web.app import create_app
from tests.integration.reporting.story import COUNTY, EPB, NOW, TOWNSHIP, Bus, Case, article, at

KEY = OKPKey.generate_key("Ed25519")
PRIVATE = KEY.as_pem(private=True).decode()
OTHER = UUID("01583a11-0000-7000-8000-000000000003")
TOWN = UUID("01583a11-0000-7000-8000-000000000004")
A, B = "永信〔2016〕101号", "永信〔2016〕102号"


def build(reporting: Database) -> Flask:
    """The site on this database; refused tries are collected in `app.extensions["refused"]`."""
    frame = SimpleNamespace(
        org=COUNTY, org_name="永兴县", org_name_en="Yongxing County", secret_key="x" * 32, session_private_key=PRIVATE,
        session_public_key=KEY.as_pem(private=False).decode(), secure_cookies=False, demo=False, now=lambda: NOW,
    )  # fmt: skip
    app = create_app(frame, [web.blueprint, web.api])
    app.extensions["zhida.databases"] = {"reporting": reporting}
    app.extensions["refused"] = []
    app.extensions["zhida"].refused = lambda *what: app.extensions["refused"].append(what)
    return app


def browser(app: Flask, who: dict[str, str], *roles: str) -> FlaskClient:
    """A browser in which `who` is signed in with these roles."""
    client, org = app.test_client(), who["organisation"]
    reader = session.Reader(
        official_id=who["official"], name=who["name"], org=org, posts=({"title": who["post"], "org": org},),
        roles=frozenset(roles), scope=frozenset({f"{COUNTY}*"}), sid="s-1",
    )  # fmt: skip
    client.set_cookie(session.COOKIE, session.issue(reader, PRIVATE, datetime.now(UTC)))
    return client


def numbers(client: FlaskClient, query: str = "") -> list[str]:
    """The case numbers of a list, as a person sees them."""
    answer = client.get(f"/reporting/cases{query}")
    assert answer.status_code == 200, answer.text
    return re.findall(r"data-key-open>\s*<span>([^<]+)</span>", answer.text)


def exported(client: FlaskClient, query: str = "") -> list[str]:
    """The case numbers of an export."""
    body = client.get(f"/reporting/cases.csv{query}").data.decode("utf-8-sig")
    return [row[0] for row in csv.reader(io.StringIO(body, newline=""))][1:]


def workbook(client: FlaskClient, query: str = "") -> list[list[Any]]:
    """The same list as a workbook, heads first."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/reporting/cases.xlsx{query}").data))
    return book.get_sheet_by_index(0).to_python()


def figure(page: str, label: str) -> int:
    """A figure of the page of statistics."""
    found = re.search(rf'<th scope="row">{label}</th><td class="number"><a [^>]*>(\d+)', page)
    assert found, label
    return int(found[1])


def two_cases() -> list[Any]:
    """The article's case (archived), one with the environment bureau (in hand, overdue), and one of the township's own."""
    bus = Bus()
    article(bus)
    case = Case(bus, OTHER, number="永信〔2016〕102号")
    case.title, case.brief, case.channel = "请求修复马田镇道路", "反映道路破损，出行不便。", "letter"
    case.register(at("2016-12-01 09:00"))
    case.instruct(at("2016-12-01 10:00"), 1, "请办理。", [EPB])
    key = case.assign(at("2016-12-01 10:00"), 1, EPB)
    case.receive(at("2016-12-01 11:00"), key, EPB)
    case.owe(at("2016-12-01 10:00"), at("2016-12-11 10:00"), "conclude")
    case.owe(at("2016-12-01 10:00"), at("2016-12-11 10:00"), "reply")
    Case(bus, TOWN, org=TOWNSHIP, number="柏信〔2016〕3号").register(at("2016-12-02 09:00"))
    return bus.sent


def compile_english(app: Flask, folder: Path) -> None:
    """What set-up does with pybabel, without writing into the source tree."""
    for package in (services.reporting, shared.web):
        po = Path(str(package.__file__)).parent / "translations/en/LC_MESSAGES/messages.po"
        mo = folder / package.__name__ / "en/LC_MESSAGES/messages.mo"
        mo.parent.mkdir(parents=True)
        with po.open("rb") as source, mo.open("wb") as target:
            write_mo(target, read_po(source, locale="en"))
        app.extensions["babel"].translation_directories.append(str(folder / package.__name__))
