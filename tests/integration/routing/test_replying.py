"""The reply's form: drafts, the checklist, the scanned page, the PIN; and what one may read of a reply afterwards."""

from __future__ import annotations

import hashlib
import io
import re
from uuid import uuid4

import pytest

from services.routing import handlers, passwords
from services.routing.domain.scans import LARGEST
from services.routing.handlers import accounts
from shared.errors import Refused
from tests.integration.routing.browser import NOW, PASSWORD
from tests.integration.routing.replying import FULL, PIN, PNG, SHORT, replies, send, set_pin
from tests.integration.routing.world import EPB, MATIAN, OFFICE

ADMIN, OFFICER, AUDITOR = "o-431023-administrator", "o-431023-epb-officer", "o-431023-auditor"


# -- checklist and draft ----------------------------------------------------------------------------------------------
def test_what_may_be_lacking_is_shown_before_it_goes_out_and_has_to_be_read(head, county, owed):
    send(head, owed, **SHORT)
    assert head.status == 422
    assert "没有列出一份证据材料" in head.page
    assert "答复只说已转办" in head.page
    assert replies(county) == []
    assert "11月9日到十里洞村" in head.page, "nothing that was typed is lost"
    send(head, owed, warned="yes", **SHORT)
    assert head.status == 200
    assert len(replies(county)) == 1


def test_a_full_reply_goes_out_at_once_with_its_evidence(head, county, owed):
    send(head, owed, **FULL)
    assert head.status == 200, head.page
    assert replies(county)[0]["evidence"] == ["水质检测报告", "走访笔录"]
    assert county.told("assignment.replied")[0].data["evidence"] == ["水质检测报告", "走访笔录"]


def test_not_supported_without_the_law_does_not_go_out_whoever_ticks_what(head, county, owed):
    refused = FULL | {"outcome": "not_supported"}
    send(head, owed, warned="yes", **refused)
    assert head.status == 422
    assert "第三十二条" in head.page
    with pytest.raises(Refused, match="第三十二条"), county.work() as uow:
        handlers.reply(uow, owed, EPB, outcome="not_supported", findings="不符合规定", measures=[], answer="不予支持")
    send(head, owed, warned="yes", **refused | {"findings": FULL["findings"] + "依据《水污染防治法》第三十九条。"})
    assert head.status == 200


def test_looking_over_needs_no_script_and_signs_nothing(head, county, owed):
    send(head, owed, do="check", **SHORT)
    assert head.status == 200
    assert "处可能缺项" in head.page
    assert "没有列出一份证据材料" in head.page
    send(head, owed, do="check", **FULL)
    assert "没有发现缺项" in head.page
    assert replies(county) == []


def test_the_reader_who_has_to_decide_sees_what_may_be_lacking_too(head, browser, county, owed, case_id):
    send(head, owed, warned="yes", **SHORT)
    office = browser(OFFICE).get(f"/routing/cases/{case_id}")
    assert "答复只说已转办" in office.page


def test_a_draft_is_kept_shown_again_and_gone_once_the_reply_is_signed(head, browser, county, owed):
    head.post(f"/routing/assignments/{owed}/reply/draft", by_itself="1", pin=PIN, **FULL | {"answer": ""})
    assert head.status == 204
    kept = county.query("SELECT fields FROM reply_draft")[0]["fields"]
    assert kept == {key: value for key, value in FULL.items() if key != "answer"}, "and no PIN"
    again = browser(EPB).get(f"/routing/assignments/{owed}")
    assert "走访村民12户" in again.page
    assert "走访村民12户" not in browser(OFFICER).get(f"/routing/assignments/{owed}").page
    send(again, owed, **FULL)
    assert county.query("SELECT * FROM reply_draft") == []
    late = again.post(f"/routing/assignments/{owed}/reply/draft", by_itself="1", **FULL)
    assert late.status == 409
    assert county.query("SELECT * FROM reply_draft") == []


def test_another_form_of_the_page_does_not_empty_the_draft(head, county, owed):
    send(head, owed, do="save", **FULL)
    head.post(f"/routing/assignments/{owed}/progress", note_id=head.hidden("note_id"), progress="")
    assert head.status == 422
    assert "走访村民12户" in head.page


def test_only_the_person_responsible_keeps_a_draft(browser, county, owed):
    officer = browser(OFFICER).get("/routing/assignments")
    officer.post(f"/routing/assignments/{owed}/reply/draft", by_itself="1", **FULL)
    assert officer.status == 409
    send_as = officer.post(f"/routing/assignments/{owed}/reply", do="save", reply_id=str(uuid4()), **FULL)
    assert send_as.status == 403
    assert county.query("SELECT * FROM reply_draft") == []


# -- the scanned page -------------------------------------------------------------------------------------------------
def test_a_scanned_page_is_kept_signed_with_the_reply_and_opened_from_it(head, browser, county, owed, case_id):
    send(head, owed, do="check", scan=(io.BytesIO(PNG), "签字页.png"), **FULL)
    assert "附上签字页：签字页.png" in head.page
    (page,) = re.findall(r'name="page" value="([^"]+)"', head.page)
    send(head, owed, page=page, **FULL)
    assert head.status == 200, head.page
    (reply,) = replies(county)
    assert reply["page"] == {"name": "签字页.png", "form": "png", "size": len(PNG), "sha256": hashlib.sha256(PNG).hexdigest()}
    office = browser(OFFICE)
    answer = office.client.get(f"/routing/replies/{reply['id']}/page")
    assert (answer.data, answer.mimetype, answer.headers["X-Content-Type-Options"]) == (PNG, "image/png", "nosniff")
    assert browser(MATIAN).get(f"/routing/replies/{reply['id']}/page").status == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "空的"), (b"MZ program", "只能是"), (PNG.ljust(LARGEST + 1), "超过5 MB")],
    ids=["empty", "program", "large"],
)
def test_what_is_no_page_is_refused_and_the_words_are_kept(head, county, owed, content, words):
    send(head, owed, scan=(io.BytesIO(content), "a.png"), **FULL)
    assert head.status == 422
    assert words in head.page
    assert "走访村民12户" in head.page
    assert replies(county) == []
    assert county.query("SELECT * FROM signature_page") == []


def test_a_form_that_is_too_large_is_refused_before_it_is_read(head, county, owed):
    send(head, owed, scan=(io.BytesIO(PNG.ljust(LARGEST + 2 * 2**20)), "a.png"), **FULL)
    assert head.status == 413


def test_a_page_of_somebody_elses_is_not_signed(head, county, owed):
    send(head, owed, page=str(uuid4()), **FULL)
    assert head.status == 404
    assert replies(county) == []


# -- the PIN ----------------------------------------------------------------------------------------------------------
def test_with_a_pin_a_reply_is_signed_by_it_and_by_nothing_else(head, browser, county, owed):
    assert set_pin(head).status == 200
    send(head, owed, **FULL)
    assert "请输入签名口令" in head.page
    send(head, owed, pin="135791", **FULL)
    assert "签名口令不正确" in head.page
    assert replies(county) == []
    assert "135791" not in head.page
    send(head, owed, pin=PIN, **FULL)
    assert head.status == 200, head.page
    assert county.told("assignment.replied")[0].data["signature"]["alg"] == "ed25519"
    assert "签名有效" in head.page


def test_anothers_pin_signs_nothing(head, browser, county, owed):
    other = browser("o-431023-psb-director")
    with county.work() as uow:
        accounts.set_password_hash(uow, "o-431023-psb-director", passwords.make_hash(PASSWORD), NOW)
    set_pin(other, "860213")
    set_pin(head)
    send(head, owed, pin="860213", **FULL)
    assert "签名口令不正确" in head.page
    assert replies(county) == []


def test_wrong_pins_are_slowed(at, head, county, owed):
    set_pin(head)
    for _ in range(4):
        send(head, owed, pin="135791", **FULL)
    send(head, owed, pin=PIN, **FULL)
    assert "秒后再试" in head.page
    assert replies(county) == []
    at(minutes=1)
    send(head, owed, pin=PIN, **FULL)
    assert len(replies(county)) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pin": "123456", "again": "123456"}, "不能是连续"), ({"pin": "12", "again": "12"}, "至64位"), ({"again": "739206"}, "不一致"),
        ({"current": "wrong"}, "当前密码不正确"), ({"current": ""}, "当前密码不正确"),
    ],
)  # fmt: skip
def test_a_pin_is_set_by_who_knows_the_password_and_not_lightly(head, county, changes, words):
    assert set_pin(head, **changes).status == 422
    assert words in head.page
    assert county.query("SELECT * FROM signing_key") == []


def test_the_form_never_shows_the_pin_and_no_log_holds_it(head, owed, caplog):
    set_pin(head)
    send(head, owed, pin="135791", **SHORT)
    assert "135791" not in head.page + caplog.text
    assert PIN not in head.page + caplog.text


def test_an_administrator_ends_a_lost_key_and_the_owner_sets_another(head, browser, county, owed):
    set_pin(head)
    admin = browser(ADMIN).get("/routing/keys")
    key = county.query("SELECT key_id FROM signing_key")[0]["key_id"]
    assert str(key) in admin.page
    admin.post(f"/routing/keys/{key}/end", reason="nonsense")
    assert admin.status == 422
    admin.post(f"/routing/keys/{key}/end", reason="lost")
    assert admin.status == 200
    assert "忘记口令" in admin.page
    send(head, owed, pin=PIN, **FULL)
    assert "签名密钥已停用" in head.page
    set_pin(head, "739206")
    send(head, owed, pin="739206", **FULL)
    assert len(replies(county)) == 1
    other = browser("o-431023-psb-director").get("/routing/pin")
    live = county.query("SELECT key_id FROM signing_key WHERE ends IS NULL")[0]["key_id"]
    assert other.post(f"/routing/keys/{live}/end", reason="lost").status == 403
