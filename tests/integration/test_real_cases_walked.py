"""Role x organisation over real cases: whoever must not see one finds nothing of it behind any operation of the URL map.

Each argument takes what the case really has (`real_cases`), so a new route with a `<uuid:case_id>` or an `<..._id>` is walked by itself.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from deploy.dev.broker import Broker
from deploy.dev.database import Database
from shared.web.access import Role
from tests.faults.driver import DIRECTOR
from tests.integration import real_cases
from tests.integration.real_cases import ACCUSED, NAMED, RealCase, Site, said_of

STAFF = tuple(role.value for role in Role if role.value not in ("auditor", "admin"))
ALL, SHUT = ("plain", "barred", "confidential"), ("barred", "confidential")
# who -> (official, organisation, roles in his token, cases of which he must find nothing)
OUTSIDE = {
    "named in it, of the office": (NAMED, "431023-office", STAFF, SHUT),
    "of the unit accused": ("o-431023-lrb-other", ACCUSED, STAFF, SHUT),
    "the accused unit's head": ("o-431023-lrb-director", ACCUSED, ("unit_head",), ALL),
    "head of a neighbouring township": ("o-431023101-secretary", "431023101", ("unit_head",), ALL),
}
INSIDE = {"office": ("o-431023-office-director", "431023-office", STAFF), "who has it": (DIRECTOR, "431023-epb", ("unit_head",))}
# Who holds the paper of a reply, with its id, is told whose signature it is under which number, unless he is barred; not what it says.
UNBARRED, VERIFY = ("head of a neighbouring township",), "/routing/verify/<uuid:reply_id>"
# Walked by `make test`; each with each under the marker `full`.
OFTEN = {
    ("named in it, of the office", "barred"),
    ("named in it, of the office", "confidential"),
    ("of the unit accused", "barred"),
    ("the accused unit's head", "confidential"),
    ("head of a neighbouring township", "plain"),
}
CHANGED_OFTEN = {("named in it, of the office", "barred"), ("the accused unit's head", "confidential")}


def pairs(often: set[tuple[str, str]], besides: str = "") -> list[Any]:
    """Everybody with each case, those that are walked often and those that are not."""
    return [
        pytest.param(who, case, marks=() if (who, case) in often else pytest.mark.full, id=f"{who}, {case}")
        for who, (*_, cases) in OUTSIDE.items()
        for case in cases
        if case != besides
    ]


PAIRS, CHANGING = pairs(OFTEN), pairs(CHANGED_OFTEN, besides="plain")


@pytest.fixture(scope="module")
def site(server_folder: Path, broker: Broker, database: Database) -> Iterator[Site]:
    made = real_cases.made(server_folder / "real", broker, database)
    yield made
    made.instance.disconnect()


def walk(site: Site, client: FlaskClient, case: RealCase, under: str = "/") -> dict[str, list[str]]:
    """Every page, file and answer: by route, what it says of the case. None is a 500."""
    found: dict[str, list[str]] = {}
    for route, path in site.paths(case, "GET"):
        if not route.startswith(under):
            continue
        answer = client.get(path)
        assert answer.status_code < 500 or answer.status_code == 503, path
        if said := said_of(case, answer.data):
            found.setdefault(route, []).extend(said)
    return found


def somebody(site: Site, who: str) -> FlaskClient:
    official, org, roles, *_ = (OUTSIDE | INSIDE)[who]
    return site.client(official, org, *roles)


@pytest.mark.parametrize(("who", "name"), PAIRS)
def test_whoever_must_not_see_a_case_finds_nothing_of_it_anywhere(site: Site, who: str, name: str) -> None:
    found = walk(site, somebody(site, who), site.cases[name])
    if who in UNBARRED or name == "plain":
        assert set(found.pop(VERIFY, [])) <= {site.cases[name].number}
    assert found == {}


@pytest.mark.parametrize(("who", "places"), [("office", 8), ("who has it", 3)])
def test_whoever_may_see_it_finds_it_in_many_places(site: Site, who: str, places: int) -> None:
    """Or the walk would find nothing anywhere."""
    found = walk(site, somebody(site, who), site.cases["barred"])
    assert len(found) >= places, sorted(found)
    assert "/reporting/cases/<uuid:case_id>" in found


def test_a_condition_that_is_missing_is_noticed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: of many conditions one is taken out."""
    who, case = somebody(site, "named in it, of the office"), site.cases["barred"]
    with monkeypatch.context() as change:
        change.setattr("services.intake.handlers.looking.bars", lambda *_: frozenset())
        assert walk(site, who, case, "/intake/") != {}
    ask, signature = site.instance.query, "routing.may_see(seen uuid, reader text, posts text[])"
    [(whole,)] = ask("SELECT pg_get_functiondef('routing.may_see(uuid, text, text[])'::regprocedure)")
    ask(f"CREATE OR REPLACE FUNCTION {signature} RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'")
    try:
        assert walk(site, who, case, "/routing/") != {}
    finally:
        ask(f"SET search_path TO routing; {whole}; RESET search_path")
    assert walk(site, who, case, "/routing/") == {}


@pytest.mark.parametrize(("who", "name"), CHANGING)
def test_whoever_must_not_see_a_case_changes_nothing_of_it(site: Site, who: str, name: str) -> None:
    client, case = somebody(site, who), site.cases[name]
    told, own = events(site, case), {str(case.id), *(one for each in site.ids[name].values() for one in each)}
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/routing/inbox").text + client.get("/").text)
    for _, path in site.paths(case, "POST"):
        if own & set(path.split("/")):
            form = {"csrf_token": token[1] if token else "", "key": str(uuid.uuid4())}
            answer = client.post(path, data=form, headers={"Sec-Fetch-Site": "same-origin"})
            assert answer.status_code in (302, 303, 400, 403, 404, 409, 415, 422), path
            assert said_of(case, answer.data) == [], path
    assert events(site, case) == told


def events(site: Site, case: RealCase) -> int:
    """How many events of a case there are, in every service's log."""
    logs = ("intake", "routing", "supervision", "followup", "reporting")
    return sum(
        site.instance.query(f"SELECT count(*) FROM {log}.event_log WHERE subject = %s", str(case.id))[0][0] for log in logs
    )
