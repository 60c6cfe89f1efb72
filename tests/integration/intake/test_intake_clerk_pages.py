"""The clerks' and the auditor's pages, through the real site and a real database."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.intake.channels.taking import take
from services.intake.domain.submission import Channel, Identity, Petitioner
from services.intake.web.common import READERS
from shared.web.access import rules
from shared.web.app import limiter
from shared.web.server import build
from tests.integration.intake.intake_bus import HEAD
from tests.integration.intake.intake_cases import PETITION, a_case, find, issued, post

EXTRA = {
    "letter": {"postmark": "2016-11-05 柏林"}, "visit": {"reception_room": "信访接待室"}, "call": {"line": "5522110"},
    "email": {"sent": "2016-11-07"},
    "post": {"url": "https://forum.example.org/1", "identity": "anonymous", "name": "", "alias": "多说无益"},
}  # fmt: skip


@pytest.mark.parametrize("channel", list(EXTRA))
def test_a_clerk_registers_by_each_of_the_five_channels(browse, told, channel):
    clerk = browse("clerk")
    assert next(iter(EXTRA[channel])) in clerk.get(f"/intake/register/{channel}", follow_redirects=True).text
    form = PETITION | EXTRA[channel] | {
        "key": str(uuid4()), "brief_title": "饮水污染", "brief": "村民反映排污。", "accept": "true",
        "received_at": "2026-01-05T09:30",
    }  # fmt: skip
    form["received_at"] = f"{datetime.now(UTC):%Y-%m-%d}T00:01"
    answer = post(clerk, f"/intake/register/{channel}", form)
    assert answer.status_code == 201
    assert [name for name, _ in told()] == ["case.registered", "case.accepted"]
    assert (told()[0][1]["channel"], told()[0][1]["brief"]) == (channel, "村民反映排污。")
    assert told()[0][1]["registered_by"]["official"] == "o-431023-clerk"


def test_a_received_time_in_the_future_or_unreadable_is_refused(browse, told):
    for wrong in ("2999-01-01T00:00", "0000-00-00T00:00", "yesterday", "9999-12-31T23:59", "0001-01-01T00:00"):
        answer = post(browse("clerk"), "/intake/register/letter", PETITION | {"key": str(uuid4()), "received_at": wrong})
        assert answer.status_code == 422, wrong
        assert "field-received_at" in answer.text
    assert told() == []
    assert browse("clerk").get("/intake/register/pigeon").status_code == 404


def test_a_clerk_works_a_petition_from_the_desk(browse, intake, vault, hear, told):
    case_id = a_case(intake, vault)
    hear(
        "directory.organisation_recorded",
        uuid4(),
        {"code": "431023104", "name": "柏林镇", "name_en": "Bolin Town", "superior": "431023", "has_instance": True},
    )
    hear("directory.official_recorded", uuid4(), {"official": HEAD.official, "name": HEAD.name, "active": True, "posts": []})
    clerk, page = browse("clerk"), f"/intake/petitions/{case_id}"
    assert "待写摘要" in clerk.get("/intake/desk?queue=unbriefed&since=2016-01-01&until=2099-01-01").text
    shown = clerk.get(page).text
    assert "井水发黑" in shown
    assert "陈**" in shown
    assert "138****2345" in shown
    brief = {"title": "饮水污染", "brief": "村民反映排污。", "category": "environment", "place": "431023104", "revision": "0"}
    assert post(clerk, f"{page}/brief", brief).status_code == 303
    assert post(clerk, f"{page}/brief", brief).status_code == 303  # twice is harmless
    assert post(clerk, f"{page}/brief", brief | {"brief": "另一版"}).status_code == 409
    assert post(clerk, f"{page}/brief", brief | {"category": ""}).status_code == 422
    for _ in range(2):
        assert post(clerk, f"{page}/accept", {}).status_code == 303
    assert post(clerk, f"{page}/conflict", {"officials": [HEAD.official], "organisations": ["431023104"]}).status_code == 303
    assert post(clerk, f"{page}/conflict", {"officials": ["o-nobody"]}).status_code == 422
    assert post(clerk, f"{page}/withdraw", {"means": "oral", "withdrawal_reason": "settled"}).status_code == 303
    assert [name for name, _ in told()] == [
        "case.registered", "case.supplemented", "case.accepted", "case.conflict_set", "case.withdrawn",
    ]  # fmt: skip
    assert post(clerk, f"{page}/brief", brief | {"brief": "迟了", "revision": "1"}).status_code == 409


def test_the_identity_is_shown_for_a_purpose_and_the_auditor_sees_the_look(browse, intake, vault):
    case_id = a_case(intake, vault)
    clerk = browse("clerk")
    assert "陈十里" not in clerk.get(f"/intake/petitions/{case_id}/identity").text
    refused = post(clerk, f"/intake/petitions/{case_id}/identity", {"purpose": "curiosity"})
    assert refused.status_code == 422
    assert "陈十里" not in refused.text
    assert "陈十里" in post(clerk, f"/intake/petitions/{case_id}/identity", {"purpose": "contact"}).text
    log = browse("auditor", official="o-auditor", org="431023-cdi").get("/intake/looks?what=identity").text
    assert "联系信访人" in log
    assert "何文" in log
    assert "陈十里" not in log


def test_the_embedded_view_opens_for_those_who_may_read_and_is_logged(browse, intake, vault, hear):
    case_id = a_case(intake, vault, identity=Identity.CONFIDENTIAL)
    hear("assignment.issued", case_id, issued())
    path = f"/intake/petitions/{case_id}/embed"
    for roles in (("first_in_command",), ("office",), ("clerk",)):
        fragment = browse(*roles).get(path)
        assert fragment.text.lstrip().startswith("<article")
        assert "陈十里" in fragment.text
    leader = browse("leader", official=HEAD.official, org=HEAD.organisation, scope=(HEAD.organisation,)).get(path)
    assert (leader.status_code, "陈十里" in leader.text, "井水发黑" in leader.text) == (200, False, True)
    framed = browse("office").get(path, headers={"Sec-Fetch-Dest": "iframe"}).text
    assert framed.lstrip().startswith("<!doctype html>")
    assert browse("leader", official="o-other", org="431023-epb").get(path).status_code == 404
    assert browse("clerk", scope=("431023104",)).get(path).status_code == 404
    with intake.unit_of_work() as uow:
        assert uow.one("SELECT count(*) AS n FROM look WHERE what = 'text'")["n"] == 5


def test_an_accused_official_gets_404_everywhere_and_the_try_is_logged(browse, intake, vault, hear, site):
    case_id = a_case(intake, vault)
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": "2016-11-07T00:00:00Z"})
    tries, hook = [], site.extensions["zhida"].refused
    site.extensions["zhida"].refused = lambda *what: tries.append(what)
    clerk, page = browse("clerk", "office", "first_in_command"), f"/intake/petitions/{case_id}"
    try:
        answers = [clerk.get(page), clerk.get(f"{page}/embed"), clerk.get(f"{page}/identity")]
        answers += [
            post(clerk, f"{page}/{act}", {"purpose": "contact"}) for act in ("accept", "withdraw", "conflict", "identity")
        ]
        answers.append(post(clerk, f"{page}/brief", {"title": "一", "brief": "二", "category": "other", "revision": "0"}))
    finally:
        site.extensions["zhida"].refused = hook
    assert {answer.status_code for answer in answers} == {404}
    assert len(tries) == len(answers)
    assert "431023-2" not in clerk.get("/intake/desk").text
    assert "陈" not in "".join(answer.text for answer in answers)


def test_the_follow_up_office_may_learn_whom_to_call_but_reads_no_text(browse, intake, vault):
    case_id = a_case(intake, vault)
    staff = browse("followup", official="o-f", org="431023-xf")
    assert staff.get(f"/intake/petitions/{case_id}").status_code == 403
    assert "13873512345" in post(staff, f"/intake/petitions/{case_id}/identity", {"purpose": "followup"}).text


def test_pages_of_officials_are_closed_to_others(browse, intake, vault):
    case_id = a_case(intake, vault)
    for path in ("/intake/desk", "/intake/register/letter", "/intake/unread", "/intake/looks", f"/intake/petitions/{case_id}"):
        assert browse().get(path).status_code == 303
        assert browse("administrator").get(path).status_code == 403
    assert browse("clerk").get("/intake/looks").status_code == 403
    assert browse("auditor").get(f"/intake/petitions/{case_id}").status_code == 403


def test_every_view_says_who_may_open_it(site):
    assert {name for name, rule in rules(site).items() if rule is None} == set()


def test_a_mail_that_could_not_be_read_is_registered_by_hand_or_dismissed(browse, intake, vault, told):
    take(intake, vault, "Subject: 井水发黑\r\n\r\n".encode("gb18030"))
    take(intake, vault, b"Auto-Submitted: auto-replied\r\nSubject: away\r\n\r\nI am away.")
    clerk = browse("clerk")
    listed = clerk.get("/intake/unread").text
    first, second = re.findall(r"/intake/unread/([0-9a-f-]{36})", listed)
    assert "没有正文" in listed
    assert "自动回复" in listed
    assert "井水发黑" in clerk.get(f"/intake/unread/{first}").text
    assert "I am away." in clerk.get(f"/intake/unread/{second}").text
    form = clerk.get(f"/intake/register/email?mail={first}").text
    assert f'name="mail" value="{first}"' in form
    answer = post(clerk, "/intake/register/email", PETITION | {"key": first, "mail": first})
    assert answer.status_code == 303
    assert post(clerk, f"/intake/unread/{second}/dismiss", {}).status_code == 422
    for _ in range(2):
        assert post(clerk, f"/intake/unread/{second}/dismiss", {"reason": "automatic"}).status_code == 303
    assert post(clerk, f"/intake/unread/{first}/dismiss", {"reason": "spam"}).status_code == 409
    assert clerk.get(f"/intake/unread/{uuid4()}").status_code == 404
    assert "没有未识别的来件" in clerk.get("/intake/unread").text
    assert len(told()) == 1


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "channel=pigeon", "since=x", "since=0001-01-01", "until=9999-12-31", "stage=%00", "q=%25%5C"]
)
def test_a_strange_filter_is_no_fault_of_ours(browse, query):
    assert browse("clerk").get(f"/intake/desk?{query}").status_code in (200, 400, 422)


def test_nothing_that_was_submitted_through_pages_stands_in_the_clear(browse, settings, intake, vault):
    client = browse("clerk")
    post(
        client,
        "/intake/register/post",
        PETITION | EXTRA["post"] | {"key": str(uuid4()), "phone": "13899887766", "identity": "confidential"},
    )
    a_case(intake, vault, channel=Channel.VISIT, petitioner=Petitioner(name="陈金丝雀"))
    for canary in ("造纸厂夜里", "13899887766", "多说无益", "陈金丝雀", "forum.example.org"):
        assert find(settings, canary) == []


def test_public_forms_and_the_resource_are_limited_and_say_so(settings, intake, monkeypatch):
    site = build(settings)
    site.extensions["zhida"].settings.__dict__["public_rate_limit"] = "2 per minute"
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    client = site.test_client()
    answers = [post(client, "/track", {"number": "1", "code": "2"}).status_code for _ in range(4)]
    resource = [client.post("/api/intake/petitions", json={}) for _ in range(4)]
    limiter.reset()
    assert answers == [422, 422, 429, 429]
    assert [answer.status_code for answer in resource] == [422, 422, 429, 429]
    assert json.loads(resource[3].text)["remedy"]
    assert client.get("/track").status_code == 200


def test_forms_with_files_and_bookings_are_limited_more_narrowly_than_words(settings, intake, monkeypatch):
    site = build(settings)
    site.extensions["zhida"].settings.__dict__["costly_rate_limit"] = "2 per hour"
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    client = site.test_client()

    def send(path: str, size: int) -> int:
        return post(client, path, {"files": (io.BytesIO(b"x" * size), "a.txt")}, content_type="multipart/form-data").status_code

    for path in ("/submit", "/track/supplement"):
        assert [send(path, 300_000) for _ in range(3)] == [422, 422, 429]
        assert [send(path, 10) for _ in range(4)] == [422] * 4
    assert [post(client, f"/reception/{uuid4()}", {}).status_code for _ in range(3)][2] == 429
    limiter.reset()


def test_the_resource_is_described_with_its_body_and_its_key(site):
    described: dict[str, Any] = json.loads(site.test_client().get("/api/openapi.json").text)
    operation = described["paths"]["/api/intake/petitions"]["post"]
    assert operation["parameters"][0]["name"] == "Idempotency-Key"
    assert "$ref" in operation["requestBody"]["content"]["application/json"]["schema"]
    assert {"title", "text", "identity"} <= set(described["components"]["schemas"]["Petition"]["required"])


@pytest.mark.parametrize("role", READERS)
def test_everybody_who_may_read_a_petition_is_shown_its_page(browse, intake, vault, hear, role):
    case_id = a_case(intake, vault)
    hear("assignment.issued", case_id, issued())
    page = browse(role, official=HEAD.official, org=HEAD.organisation).get(f"/intake/petitions/{case_id}")
    assert page.status_code == 200
    assert "井水发黑" in page.text
