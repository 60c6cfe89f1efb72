"""Intake's pages and its resource, through the real site and a real database."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from tests.integration.intake.intake_cases import PETITION, concluded, post, receipt_of


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["/", "/submit", "/track"])
def test_public_pages_open_for_everybody(browse, path, language):
    assert browse().get(f"{path}?lang={language}").status_code == 200


def test_a_petition_is_submitted_tracked_and_withdrawn_without_an_account(browse, told):
    client = browse()
    [key] = re.findall(r'name="key" value="([^"]+)"', client.get("/submit").text)
    first, again = (post(client, "/submit", PETITION | {"key": key}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    number, code = receipt_of(first.text)
    assert receipt_of(again.text) == (number, code)
    assert len(told()) == 1
    tracked = post(client, "/track", {"number": number, "code": code})
    assert tracked.status_code == 200
    assert "已登记" in tracked.text
    assert PETITION["text"] not in tracked.text
    unconfirmed = post(client, "/track/withdraw", {"number": number, "code": code})
    assert unconfirmed.status_code == 422
    assert re.search(r'<details class="card" open><summary>撤回', unconfirmed.text)  # the mistake is in sight
    assert "已撤回" in post(client, "/track/withdraw", {"number": number, "code": code, "confirm": "true"}).text
    assert [name for name, _ in told()] == ["case.registered", "case.withdrawn"]


def test_the_same_form_with_another_content_is_refused_in_clear_words(browse):
    client, key = browse(), str(uuid4())
    post(client, "/submit", PETITION | {"key": key})
    other = post(client, "/submit", PETITION | {"key": key, "text": "另一件事，完全不同。"})
    assert other.status_code == 409
    assert "已经提交登记过" in other.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"), ({"text": "长" * 20_001}, "text"), ({"identity": "spy"}, "identity"), ({"name": ""}, "name"),
        ({"phone": "call me"}, "phone"), ({"email": "nobody"}, "email"), ({"group_size": "many"}, "group_size"),
        ({"key": "x"}, "key"),
        ({"group_size": "9", "representatives": "\n".join("甲乙丙丁戊己")}, "representatives"),
        ({"place": "DROP TABLE"}, "place"),
    ],
)  # fmt: skip
def test_bad_input_names_the_field_keeps_what_was_written_and_changes_nothing(browse, told, changes, field):
    answer = post(browse(), "/submit", {"key": str(uuid4())} | PETITION | changes)
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    assert "造纸厂" in answer.text or field == "text"
    assert told() == []


def test_a_wrong_number_and_a_wrong_code_look_the_same(browse):
    client = browse()
    number, code = receipt_of(post(client, "/submit", PETITION | {"key": str(uuid4())}).text)
    wrong = [
        post(client, "/track", pair)
        for pair in ({"number": number, "code": "A" * 26}, {"number": "431023-2016-999999", "code": code})
    ]
    bodies = {re.sub(r'value="[^"]*"', "", answer.text) for answer in wrong}
    assert {answer.status_code for answer in wrong} == {422}
    assert len({re.sub(r"[0-9a-f]{32}", "", body) for body in bodies}) == 1


def test_the_tracking_page_asks_once_and_tells_followup(browse, hear, told, intake):
    client = browse()
    number, code = receipt_of(post(client, "/submit", PETITION | {"key": str(uuid4())}).text)
    with intake.unit_of_work() as uow:
        case_id = uow.one("SELECT id FROM petition")["id"]
    known = {"number": number, "code": code}
    hear("case.concluded", case_id, concluded())
    hear("followup.due", case_id, {"task_id": str(uuid4()), "round": 1, "manner": "telephone", "due_at": "2016-12-01T00:00:00Z"})
    hear("message.requested", case_id, {"message_id": str(uuid4()), "template": "followup_due", "params": {}})
    page = post(client, "/track", known).text
    assert "造纸厂已取缔。" in page
    assert 'name="satisfied"' in page
    assert "请在“进度查询”中告诉我们" in page
    answer = known | {"round": "1", "settled": "true", "satisfied": "false"}
    assert post(client, "/track/answer", known | {"round": "1"}).status_code == 422
    assert "会有人继续跟进" in post(client, "/track/answer", answer).text
    assert post(client, "/track/answer", answer).status_code == 409
    assert dict(told())["petitioner.answered"]["satisfied"] is False


# -- the resource --------------------------------------------------------------------------------------------------------

BODY = {name: value for name, value in PETITION.items() if name != "group_size"}


def test_the_resource_registers_once_for_each_key(browse, told):
    client, headers = browse(), {"Idempotency-Key": str(uuid4())}
    first, again = (client.post("/api/intake/petitions", json=BODY, headers=headers) for _ in range(2))
    assert (first.status_code, first.json) == (201, again.json)
    assert set(first.json) == {"number", "code", "registered_at"}
    other = client.post("/api/intake/petitions", json=BODY | {"title": "x"}, headers=headers)
    assert (other.status_code, other.json["errors"][0]["field"]) == (409, "key")
    assert len(told()) == 1


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY, {}), (BODY, {"Idempotency-Key": "1"}), ({}, None), ([], None), ("x", None), (BODY | {"channel": "call"}, None),
        (BODY | {"title": None}, None), (BODY | {"text": "a\x00b"}, None), (BODY | {"representatives": "甲"}, None),
        (BODY | {"title": "\ud800"}, None),
    ],
)  # fmt: skip
def test_the_resource_refuses_bad_input_with_the_field(browse, told, body, headers):
    headers = {"Idempotency-Key": str(uuid4())} if headers is None else headers
    answer = browse().post("/api/intake/petitions", json=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json["errors"] or answer.status_code == 400
    assert told() == []
