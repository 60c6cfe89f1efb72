"""The signed hook for boards: what the documentation shows is what works, and nothing unsigned, old or altered does."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.intake.handlers import board_items
from services.intake.vault.signed import WINDOW, check_signature
from services.intake.web import signing
from shared.signed import HEADER, addressed, sign
from shared.web.server import build
from tests.integration.intake.board_cases import AUTHOR, OLD_SECRET, SECRET, WORDS, write_site
from tests.integration.intake.intake_cases import find

URL = "/api/intake/boards/red"
ITEM = {"id": "4711", "title": "药费", "text": WORDS, "author": AUTHOR, "url": "https://red.example.org/4711",
        "posted_at": "2026-01-05T09:30:00+08:00"}  # fmt: skip
TOO_LONG = int(WINDOW.total_seconds()) + 5
DOCS = Path(__file__).parents[3] / "docs" / "boards.md"


@pytest.fixture(scope="module")
def client(settings, tmp_path_factory):
    path = write_site(tmp_path_factory.mktemp("site"), "http://127.0.0.1:1")
    return build(replace(settings, service_files={"intake": path})).test_client()


@pytest.fixture
def call(client, intake):
    """Call as the board's own system does."""

    def call(*items, secret=SECRET, age=0, url=URL, body=None, header=None):
        body = json.dumps({"items": items}, ensure_ascii=False).encode() if body is None else body
        header = sign(secret, int(time.time()) - age, addressed(url, body)) if header is None else header
        return client.post(url, data=body, content_type="application/json", headers={HEADER: header})

    return call


def results(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["result"] for item in answer.json["items"]]


def test_posts_that_are_handed_in_wait_for_a_clerk_once(call, intake, clerk):
    assert results(call(ITEM, ITEM | {"id": "4712"})) == ["waiting", "waiting"]
    assert results(call(ITEM)) == ["repeated"]
    assert results(call(ITEM | {"text": "改过"})) == ["edited"]
    with intake.unit_of_work() as uow:
        assert board_items.items(uow, clerk)[1] == 2
        assert board_items.boards(uow)["red"]["succeeded_at"] is not None


def test_nothing_that_was_handed_in_stands_in_the_clear(call, settings):
    call(ITEM)
    for canary in (AUTHOR, WORDS, "red.example.org"):
        assert find(settings, canary) == []


def test_one_item_that_is_wrong_keeps_no_other_away_and_is_told_what_is_wrong(call):
    answer = call(
        ITEM, {"id": "1"}, {"title": "没有编号"}, "no object", ITEM | {"id": "2", "autor": "x"},
        ITEM | {"id": "3", "url": "javascript:x"}, ITEM | {"id": "4", "posted_at": "yesterday"}, ITEM | {"id": "5", "posted_at": None},
    )  # fmt: skip
    assert results(answer) == ["waiting", "unread", *["refused"] * 5, "waiting"]
    refused = answer.json["items"][5]
    assert refused["id"] == "3"
    assert refused["errors"][0]["field"] == "url"
    assert refused["errors"][0]["rule"]
    assert refused["errors"][0]["remedy"]
    assert answer.json["items"][2]["id"] is None


@pytest.mark.parametrize(
    "body", [b"{}", b'{"items": []}', b'{"items": 1}', b"[]", b"null", b'{"items": [{}], "more": 1}', b'"x"']
)
def test_a_body_that_is_no_batch_is_refused(call, body, told):
    assert call(body=body).status_code == 422


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"items": [{"id": "\\ud800"}]}', b'{"items": ["\\u0000"]}'])
def test_a_body_that_cannot_be_read_is_refused(call, body):
    assert call(body=body).status_code in (400, 422)


def test_too_many_at_once_are_refused(call):
    assert call(*[ITEM | {"id": str(n)} for n in range(101)]).status_code == 422


def test_two_secrets_count_while_they_change(call):
    assert results(call(ITEM, secret=OLD_SECRET)) == ["waiting"]


@pytest.mark.parametrize(
    "how",
    [
        {"secret": b"somebody-elses-secret-that-is-long-too"}, {"age": TOO_LONG}, {"age": -TOO_LONG}, {"header": ""},
        {"header": "t=,v1="}, {"header": "v1=00"}, {"header": "\xff"},
    ],
)  # fmt: skip
def test_what_is_not_signed_now_by_the_board_is_refused(call, how, intake):
    answer = call(ITEM, **how)
    assert answer.status_code == 401
    assert answer.json["remedy"]
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT count(*) AS n FROM board_item")["n"] == 0


def test_a_body_that_was_altered_is_refused(call):
    body = json.dumps({"items": [ITEM]}).encode()
    header = sign(SECRET, int(time.time()), addressed(URL, body))
    assert call(body=body.replace(b"4711", b"4712"), header=header).status_code == 401


def test_what_was_signed_for_another_board_or_for_none_is_refused(call):
    body = json.dumps({"items": [ITEM]}).encode()
    for payload in (body, addressed("/api/intake/boards/blue", body)):
        assert call(body=body, header=sign(SECRET, int(time.time()), payload)).status_code == 401
    assert call(body=body, header=sign(SECRET, int(time.time()), addressed(URL, body))).status_code == 200


def test_the_twin_that_signs_no_path_is_caught(call, monkeypatch):
    monkeypatch.setattr(signing, "addressed", lambda path, body: body)
    with pytest.raises(AssertionError):
        test_what_was_signed_for_another_board_or_for_none_is_refused(call)


def test_a_board_that_is_fetched_or_unknown_takes_nothing(call):
    for name in ("forum", "nowhere", "x" * 200):
        assert call(ITEM, url=f"/api/intake/boards/{name}").status_code == 404


def test_the_example_of_the_documentation_works(call, client, intake, monkeypatch):
    text = DOCS.read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    [asked] = re.findall(r"```json\n(\{\n  \"items\".*?)```", text, re.DOTALL)
    made: dict[str, Any] = {}
    exec(compile(code, str(DOCS), "exec"), made)  # noqa: S102 - what a reader would copy
    body = json.dumps(json.loads(asked)).encode()
    header = made["signature"](SECRET, URL, body)
    answer = client.post(URL, data=body, content_type="application/json", headers={HEADER: header})
    assert results(answer) == ["waiting", "waiting"]
    vector = re.search(r"`(t=\d+,v1=[0-9a-f]{64})`", text)
    assert vector
    example, at = b"an-example-secret-of-32-characters", int(vector[1][2:].split(",")[0])
    assert sign(example, at, addressed(URL, b'{"items":[]}')) == vector[1]
    check_signature(vector[1], addressed(URL, b'{"items":[]}'), [example], datetime.fromtimestamp(at, UTC))


def test_the_resource_is_described(client):
    operation = client.get("/api/openapi.json").json["paths"]["/api/intake/boards/{name}"]["post"]
    assert HEADER in [parameter["name"] for parameter in operation["parameters"]]
