"""Every resource answers as /api/openapi.json says, whatever is sent to it; and never with a 500.

What is sent is made from that description by Schemathesis. In front of the site stands who may send: most requests get a signature, a
signed-in reader or a name that exists, or all would end with "who are you".
"""

from __future__ import annotations

import hashlib
import io
import json
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import schemathesis
import yaml
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.wrappers import Request

from deploy.dev.database import Database as Server
from deploy.dev.instance import ROOT
from services.reporting.handlers import projecting
from shared import keys
from shared.config import Settings
from shared.migrate import migrate
from shared.signed import HEADER, addressed, sign
from shared.web.app import limiter
from shared.web.server import build
from shared.web.session import COOKIE, Reader, issue
from tests.integration.intake import board_cases, intake_telephone
from tests.integration.reporting.story import CASE, COUNTY, article

DESCRIPTION = "/api/openapi.json"
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance,
]  # fmt: skip
Wsgi = Callable[..., Any]


class Senders:
    """Who sends: puts in what a board, a telephone system or a reader has and nobody can make up."""

    def __init__(self, site: Wsgi, cookie: str) -> None:
        self._site, self._cookie = site, cookie

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        """One request. One in four stays as it was made."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if zlib.crc32(body + environ["PATH_INFO"].encode()) % 4:
            self._sign(environ, body)
        return self._site(environ, start)

    def _sign(self, environ: dict[str, Any], body: bytes) -> None:
        path = environ["PATH_INFO"]
        if path.startswith("/api/reporting/cases/"):
            environ["PATH_INFO"] = f"/api/reporting/cases/{CASE}/dossier"
            environ["HTTP_COOKIE"] = f"{COOKIE}={self._cookie}"
        elif path.startswith("/api/intake/boards/"):
            self._signed(environ, "/api/intake/boards/red", board_cases.SECRET, body)
        elif path.startswith("/api/intake/telephone/") and path.endswith("/recordings"):
            self._signed(environ, "/api/intake/telephone/hot/recordings", intake_telephone.SECRET, _of_recording(environ, body))
        elif path.startswith("/api/intake/telephone/"):
            self._signed(environ, intake_telephone.HOOK, intake_telephone.SECRET, body)

    def _signed(self, environ: dict[str, Any], path: str, secret: bytes, payload: bytes) -> None:
        environ["PATH_INFO"] = path
        environ[f"HTTP_{HEADER.upper().replace('-', '_')}"] = sign(secret, int(time.time()), addressed(path, payload))


def _of_recording(environ: dict[str, Any], body: bytes) -> bytes:
    """What is signed of a recording: not the body, but the call and the file."""
    request = Request({**environ, "wsgi.input": io.BytesIO(body)})
    file = request.files.get("file")
    return f"{request.form.get('call_id', '')}.{hashlib.sha256(file.read() if file else b'').hexdigest()}".encode()


@pytest.fixture(scope="module")
def instance(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Intake and reporting on a database, with a board, a telephone line and the article's case."""
    folder: Path = tmp_path_factory.mktemp("resources")
    keys.make(folder)
    url = database.create("resources")
    found = Settings(
        org=COUNTY, name="永兴县", name_en="Yongxing County", services=("intake", "reporting"), amqp_uris={}, database_url=url,
        database_urls=dict.fromkeys(("intake", "reporting"), url), keys=folder, secure_cookies=False,
        service_files={"intake": _site_file(folder)},
    )  # fmt: skip
    migrate(found)
    return found


def _site_file(folder: Path) -> Path:
    lines = json.loads(intake_telephone.write_site(folder).read_text(encoding="utf-8"))
    path = board_cases.write_site(folder, "http://127.0.0.1:1")
    boards = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(boards | lines, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def site(instance: Settings) -> Iterator[Flask]:
    app = build(instance)
    with app.extensions["zhida.databases"]["reporting"].unit_of_work() as uow:
        for event in article():
            projecting.HEARS[event.contract.name](event, uow)
    before, limiter.enabled = limiter.enabled, False
    yield app
    limiter.enabled = before


@pytest.fixture(scope="module")
def described(site: Flask, instance: Settings) -> Any:
    office = Reader(official_id="o-office", name="林主任", org=COUNTY, posts=({"title": "办公室主任", "org": "431023-office"},),
                    roles=frozenset({"office"}), scope=frozenset({f"{COUNTY}*"}), sid="resources")  # fmt: skip
    cookie = issue(office, keys.read(instance.keys, keys.SESSION) or "", datetime.now(UTC))
    return schemathesis.openapi.from_wsgi(DESCRIPTION, Senders(site, cookie))


OPERATIONS = [
    ("/api/intake/petitions", "POST"), ("/api/intake/boards/{name}", "POST"), ("/api/intake/telephone/{line}", "POST"),
    ("/api/intake/telephone/{line}/recordings", "POST"), ("/api/reporting/cases/{case_id}/dossier", "GET"),
]  # fmt: skip


def hold(operation: Any, examples: int) -> None:
    """Send what fits the description, then what does not, and hold every answer against it."""
    for mode in GenerationMode:

        @settings(max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        answers()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_a_resource_answers_as_it_says(described: Any, path: str, method: str) -> None:
    hold(described[path][method], 15)


@pytest.mark.full
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_a_resource_answers_as_it_says_hundreds_of_times(described: Any, path: str, method: str) -> None:
    hold(described[path][method], 400)


def test_the_description_is_what_is_committed_and_holds_every_resource(site: Flask) -> None:
    found: Any = site.test_client().get(DESCRIPTION).json
    assert found["openapi"].startswith("3.1.")
    assert {
        (path, method.upper()) for path, methods in found["paths"].items() for method in methods if method != "parameters"
    } == {*OPERATIONS}
    routes = {str(rule) for rule in site.url_map.iter_rules() if str(rule).startswith("/api/") and str(rule) != DESCRIPTION}
    assert len(routes) == len(OPERATIONS)
    committed = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
    assert committed == found, "run: curl <a site with every service>/api/openapi.json > docs/openapi.json"


def dossiers(described: Any) -> list[Any]:
    """Eight requests for a dossier, of which some are a reader's of a case that exists."""
    operation = described["/api/reporting/cases/{case_id}/dossier"]["GET"]
    return [operation.Case(path_parameters={"case_id": str(UUID(int=number))}) for number in range(8)]


def test_signed_in_and_signed_requests_come_through(described: Any) -> None:
    """Else the above would look at refusals alone."""
    assert {200, 401} <= {case.call().status_code for case in dossiers(described)}
    told = described["/api/intake/telephone/{line}"]["POST"]
    bodies = [intake_telephone.told("missed", caller="07355550000") for _ in range(8)]
    cases = [told.Case(path_parameters={"line": "x"}, body=body, media_type="application/json") for body in bodies]
    assert 200 in {case.call().status_code for case in cases}


BROKEN: dict[str, Any] = {
    "a field that no schema has": lambda case_id: {"case": {"petitioner": "x"}, "entries": []},
    "a refusal in words of its own": lambda case_id: ({"message": "no"}, 404),
    "a crash": lambda case_id: 1 / 0,
}


@pytest.mark.parametrize("broken", BROKEN)
def test_an_answer_outside_its_schema_is_noticed(
    described: Any, site: Flask, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    name, answer = "reporting_api.case_dossier", BROKEN[broken]
    monkeypatch.setattr(answer, "zhida_access", getattr(site.view_functions[name], "zhida_access"), raising=False)  # noqa: B009
    monkeypatch.setitem(site.view_functions, name, answer)
    with pytest.raises(FailureGroup):
        check_all(dossiers(described))


def check_all(cases: list[Any]) -> None:
    """Hold each answer against the description."""
    for case in cases:
        case.call_and_validate(checks=CHECKS)
