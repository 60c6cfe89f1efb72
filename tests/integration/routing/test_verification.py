"""A signed reply afterwards: who may verify it, who may read it, and what shows when it was changed."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import psycopg2
import pytest

from services.routing import handlers
from services.routing.handlers import signing, verifying
from shared.contract.signature import digest
from tests.integration.routing.replying import FULL, PIN, replies, send, set_pin
from tests.integration.routing.suggesting import run
from tests.integration.routing.world import EPB, MATIAN, OFFICE, REPLY, SECRETARY, conflict

AUDITOR = "o-431023-auditor"


@pytest.fixture
def reply_id(head, county, owed) -> UUID:
    """His signed reply."""
    set_pin(head)
    send(head, owed, pin=PIN, **FULL)
    found: UUID = replies(county)[0]["id"]
    return found


def test_everybody_who_works_here_may_verify_and_reads_no_word_of_the_reply(browser, reply_id):
    for official in (SECRETARY, MATIAN, AUDITOR, "o-431023-followup"):
        one = browser(official).get(f"/routing/verify/{reply_id}")
        assert one.status == 200
        assert "签名有效" in one.page
        assert "谭建国" in one.page
        assert "走访村民12户" not in one.page
        assert "十里洞村饮水" not in one.page
    assert browser().get(f"/routing/verify/{reply_id}").path == "/sign-in"


def test_who_is_barred_from_the_case_verifies_nothing(browser, county, case_id, reply_id):
    county.hear(conflict(case_id, county.at("2016-11-08 10:00"), officials=[MATIAN]))
    for path in ("verify/{}", "replies/{}/print", "replies/{}/page", "replies/{}/signed.json"):
        assert browser(MATIAN).get("/routing/" + path.format(reply_id)).status == 404


def test_a_reply_changed_behind_the_systems_back_is_shown_as_such(browser, county, case_id, reply_id):
    owner = county.owner
    with psycopg2.connect(owner) as connection, connection.cursor() as cursor:
        cursor.execute("SET search_path TO routing")
        cursor.execute("ALTER TABLE reply DISABLE TRIGGER keep_record")
        cursor.execute("UPDATE reply SET answer = '别的话'")
    connection.close()
    one = browser(OFFICE).get(f"/routing/verify/{reply_id}")
    assert "内容与署名不符" in one.page
    assert "内容与署名不符" in one.get(f"/routing/cases/{case_id}").page


def test_the_print_has_number_signature_and_code_and_only_who_may_read_the_reply_gets_it(head, browser, county, reply_id):
    printed = browser(OFFICE).get(f"/routing/replies/{reply_id}/print")
    digest = replies(county)[0]["signature"]["hash"]
    assert f"XF20161107-0001-1-{digest[:8]}" in printed.page
    assert "<svg" in printed.page
    assert f"/routing/verify/{reply_id}" in printed.page
    assert "走访村民12户" in printed.page
    assert head.get(f"/routing/replies/{reply_id}/print").status == 200
    assert browser(MATIAN).get(f"/routing/replies/{reply_id}/print").status == 404
    assert browser(OFFICE).get(f"/routing/replies/{uuid4()}/print").status == 404


def test_who_has_ended_keeps_his_own_part_without_the_cases_title(head, county, owed, reply_id):
    with county.work() as uow:
        handlers.withdraw(uow, owed, OFFICE)
    printed = head.get(f"/routing/replies/{reply_id}/print")
    assert printed.status == 200
    assert "十里洞村饮水污染" not in printed.page


def test_the_signed_form_is_what_the_command_verifies(browser, county, reply_id):
    office = browser(OFFICE)
    content = json.loads(office.client.get(f"/routing/replies/{reply_id}/signed.json").data)
    assert content["answer"] == FULL["answer"]
    assert content["signature"]["alg"] == "ed25519"
    assert set(content) >= {"case_id", "instance", "reply_id", "evidence"}


def test_the_command_says_valid_invalid_or_unknown_in_words_as_json_and_by_its_exit_code(browser, county, reply_id, tmp_path):
    file = tmp_path / "reply.json"
    file.write_bytes(browser(OFFICE).client.get(f"/routing/replies/{reply_id}/signed.json").data)
    for what in (str(reply_id), str(file)):
        said = run(county, "verify", what)
        assert (said.returncode, "有效：签名有效" in said.stdout, "谭建国" in said.stdout) == (0, True, True)
    told = json.loads(run(county, "verify", str(file), "--json").stdout)
    assert (told["valid"], told["standing"], told["reply"]) == (True, "keyed", str(reply_id))
    file.write_text(file.read_text(encoding="utf-8").replace("走访村民12户", "走访村民120户"), encoding="utf-8")
    said = run(county, "verify", str(file))
    assert (said.returncode, "内容与署名不符" in said.stdout) == (1, True)
    for nothing in (str(uuid4()), str(tmp_path / "absent.json"), str(tmp_path)):
        said = run(county, "verify", nothing)
        assert (said.returncode, said.stdout) == (2, "")
        assert "Traceback" not in said.stderr


def forged(content: dict, **changes) -> dict:
    """A file that somebody wrote in the signer's name, without his key."""
    signature = {name: value for name, value in content["signature"].items() if name not in ("key_id", "value", "hash")}
    made = content | {"answer": "信访人诉求不属实。"} | changes
    made["signature"] = signature | {"alg": "sha256"}
    made["signature"]["hash"] = digest(made, made["case_id"])
    return made


def test_a_file_in_somebodys_name_is_not_valid_for_its_hash_alone(county, browser, reply_id):
    content = json.loads(browser(OFFICE).client.get(f"/routing/replies/{reply_id}/signed.json").data)
    changes: tuple[dict, ...] = ({}, {"instance": "999999"}, {"instance": "999999", "reply_id": str(uuid4())})
    with county.work() as uow:
        found = [verifying.from_file(uow, forged(content, **one)) for one in changes]
    assert [(one.sound, one.standing) for one in found] == [(False, "unkeyed"), (False, "unproven"), (False, "unproven")]


def test_a_reply_from_before_its_signer_had_a_key_is_valid_as_the_file_of_what_is_kept_here(county, owed):
    with county.work() as uow:
        made = handlers.reply(uow, owed, EPB, **REPLY)
    with county.work() as uow:
        content = verifying.as_file(made, "431023")
        assert verifying.from_file(uow, content).standing == "hashed"
        assert verifying.from_file(uow, forged(content)).standing == "unproven"


def test_a_key_that_has_ended_proves_what_is_kept_here_and_nothing_that_turns_up_since(county, head, owed, reply_id):
    county.at("2016-11-08 10:00")
    with county.work() as uow:
        kept = verifying.as_file(verifying.by_id(uow, reply_id).reply, "431023")
        (key,) = signing.keys_of(uow, EPB, "431023")
        signing.end_key(uow, key.key_id, EPB, "suspected")
    with county.work() as uow:
        assert verifying.from_file(uow, kept).standing == "keyed"
    statement = "ALTER TABLE routing.reply DISABLE TRIGGER ALL; DELETE FROM routing.reply"
    with psycopg2.connect(county.owner) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
    with county.work() as uow:
        assert verifying.from_file(uow, kept).standing == "unproven"
