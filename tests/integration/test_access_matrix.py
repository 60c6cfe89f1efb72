"""Role x operation, from the URL map itself: a new route without a rule fails here, and so does one that lets others in."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule as Route

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from deploy.dev.instance import Instance
from shared import keys
from shared.web import server
from shared.web.access import PUBLIC, Role, declared
from shared.web.session import COOKIE, Reader, issue

ARGUMENTS = {"channel": "letter", "token": "x", "filename": "style.css"}


@pytest.fixture(scope="module")
def instance(server_folder: Path, broker: Broker, database: Database) -> Instance:
    made = Instance("431023", server_folder / "matrix", broker=broker, database=database, label="matrix-",
                    extra=dict.fromkeys(("ZHIDA_RATE_LIMIT", "ZHIDA_PUBLIC_RATE_LIMIT", "ZHIDA_COSTLY_RATE_LIMIT"), "100000 per minute"))  # fmt: skip
    made.prepare()
    return made


@pytest.fixture(scope="module")
def app(instance: Instance) -> Flask:
    return server.build(instance.settings)


def operations(app: Flask) -> Iterator[tuple[Route, str]]:
    """Every route and method but files."""
    for route in app.url_map.iter_rules():
        if route.endpoint.rpartition(".")[2] != "static":
            for method in sorted(set(route.methods or ()) - {"HEAD", "OPTIONS"}):
                yield route, method


def path_of(app: Flask, route: Route) -> str:
    """The route with arguments that name nothing."""
    arguments = {name: ARGUMENTS.get(name, uuid.uuid4()) for name in route.arguments}
    with app.test_request_context():
        return str(app.url_map.bind("localhost").build(route.endpoint, arguments))


def token(instance: Instance, role: str) -> str:
    private = keys.read(instance.folder / "keys", keys.SESSION)
    assert private
    reader = Reader(official_id=f"o-{role}", name="测试", org="431023", posts=({"title": "测试", "org": "431023"},), roles=frozenset({role}),
                    scope=frozenset({"431023*"}), sid="matrix")  # fmt: skip
    return issue(reader, private, datetime.now(UTC))


def test_every_operation_says_who_may_use_it(app: Flask) -> None:
    silent = [f"{method} {route}" for route, method in operations(app) if declared(app, route.endpoint, method) is None]
    assert silent == []


def test_signed_out_nobody_comes_further_than_the_public_pages(app: Flask) -> None:
    client = app.test_client()
    let_in = []
    for route, method in operations(app):
        if declared(app, route.endpoint, method) == PUBLIC:
            continue
        answer = client.open(path_of(app, route), method=method, headers={"Sec-Fetch-Site": "same-origin"})
        to_sign_in = answer.status_code in (302, 303) and "/sign-in" in answer.headers["Location"]
        if not (to_sign_in or answer.status_code in (401, 403)):
            let_in.append(f"{method} {route}: {answer.status_code}")
    assert let_in == []


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_a_role_is_let_in_where_its_rule_says_so_and_nowhere_else(app: Flask, instance: Instance, role: str) -> None:
    client = app.test_client()
    client.set_cookie(COOKIE, token(instance, role))
    wrong, asked = [], 0
    for route, method in operations(app):
        rule = declared(app, route.endpoint, method)
        if rule == PUBLIC or isinstance(rule, str) or rule is None:
            continue
        asked += 1
        answer = client.open(path_of(app, route), method=method, headers={"Sec-Fetch-Site": "same-origin"})
        if answer.status_code >= 500:
            wrong.append(f"{method} {route}: {answer.status_code}")
        elif role not in rule.roles and answer.status_code != 403:
            wrong.append(f"{role} got {answer.status_code} at {method} {route}")
        elif (
            role in rule.roles
            and answer.status_code in (401, 302, 303)
            and "/sign-in" in answer.headers.get("Location", "/sign-in")
        ):
            wrong.append(f"{role} was sent to sign in at {method} {route}")
    assert wrong == []
    assert asked > 40


def test_the_matrix_notices_a_rule_that_is_too_wide(app: Flask, instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.web import access

    monkeypatch.setattr(access, "declared", lambda app, endpoint, method: PUBLIC)
    client = app.test_client()
    client.set_cookie(COOKIE, token(instance, "followup"))
    statuses = {client.get("/routing/review").status_code, client.get("/intake/looks").status_code}
    assert statuses != {403}, "with every view public the matrix would see something else than 403"
