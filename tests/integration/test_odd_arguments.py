"""Odd words in the address of every page that can be read: a clear answer, never a 500, whoever asks."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import class_registry, fields
from werkzeug.routing import Rule as Route

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import Instance
from services.intake.schemas.published import AnswersFilter
from services.intake.web import published
from shared import keys
from shared.web import server
from shared.web.access import Role
from shared.web.session import COOKIE, Reader, issue
from tests.integration.test_access_matrix import operations, path_of

LIMITS = dict.fromkeys(("ZHIDA_RATE_LIMIT", "ZHIDA_PUBLIC_RATE_LIMIT", "ZHIDA_COSTLY_RATE_LIMIT"), "1000000 per minute")
# As they stand in an address: NUL, a lone surrogate, no UTF-8, numbers and days at the ends of what types hold, other scripts' digits.
ODD = (
    "%00", "a%00b", "%ED%A0%80", "%FF", "0", "-1", "2", "99999999999999999999", "1e400", "NaN", "%D9%A3", "%27%22--", "%25%25", "%5C",
    "0001-01-01", "9999-12-31", "0000-00-00", "9999", "00000000-0000-0000-0000-000000000000", "%E6%B0%B4" * 10_000, "a" * 10_000,
)  # fmt: skip
_SCHEMA = re.compile(r"parse\((\w+)\([^)]*\), request\.args")
_PLAIN = re.compile(r"request\.args(?:\.get\(|\[)\"(\w+)\"|\"(\w+)\" (?:not )?in request\.args")


@pytest.fixture(scope="module")
def app(server_folder: Path, broker: Broker, database: Database) -> Flask:
    instance = Instance("431023", server_folder / "odd", broker=broker, database=database, label="odd-", extra=LIMITS)
    instance.prepare()
    made = server.build(instance.settings)
    made.extensions["odd.key"] = keys.read(instance.folder / "keys", keys.SESSION)
    return made


@pytest.fixture
def everybody(app: Flask) -> FlaskClient:
    """A reader who holds every role, so that each page gets as far as its database."""
    reader = Reader(
        official_id="o-odd", name="测试", org="431023", posts=({"title": "测试", "org": "431023"},), scope=frozenset({"431023*"}),
        roles=frozenset(role.value for role in Role), sid="odd",
    )  # fmt: skip
    client = app.test_client()
    client.set_cookie(COOKIE, issue(reader, app.extensions["odd.key"], datetime.now(UTC)))
    return client


def names_of(app: Flask, route: Route) -> set[str]:
    """The arguments that a page's module reads from the address, by its source."""
    module = inspect.getmodule(inspect.unwrap(app.view_functions[route.endpoint]))
    source = inspect.getsource(module) if module else ""
    found = {one for pair in _PLAIN.findall(source) for one in pair if one}
    for name in _SCHEMA.findall(source):
        schema = class_registry.get_class(name, all=True)
        for one in schema if isinstance(schema, list) else [schema]:
            found |= {field.data_key or key for key, field in one().fields.items()}
    return found


def odd_requests(app: Flask) -> Iterator[str]:
    """Each argument of each page that needs no id, for under a made-up id there is nothing to look for."""
    for route, method in operations(app):
        if method == "GET":
            path = path_of(app, route)
            yield f"{path}?lang=%00&page=%00&x=%ED%A0%80"
            for name in sorted(names_of(app, route)) if not route.arguments else ():
                yield from (f"{path}?{name}={value}" for value in ODD)


def test_no_odd_word_in_an_address_is_answered_with_a_500(app: Flask, everybody: FlaskClient) -> None:
    codes = {address: everybody.get(address).status_code for address in odd_requests(app)}
    assert [f"{code} {address[:120]}" for address, code in codes.items() if code >= 500] == []
    assert sum(code == 200 for code in codes.values()) > 200, "hardly one of them came as far as the database"


class Unchecked(AnswersFilter):
    """The public's filter without the bounds of its page."""

    page = fields.Integer(load_default=1)


def test_a_page_without_bounds_would_be_noticed(app: Flask, everybody: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "AnswersFilter", Unchecked)
    codes = {everybody.get(f"/answers?page={value}").status_code for value in ODD}
    assert 500 in codes


def test_the_arguments_are_those_that_the_pages_read(app: Flask) -> None:
    found = {str(route): names_of(app, route) for route, method in operations(app) if method == "GET"}
    assert found["/answers"] >= {"q", "category", "place", "year", "page"}
    assert found["/track"] >= {"number"}
    assert found["/routing/review"] >= {"case"}
