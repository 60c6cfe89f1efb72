"""Keys of petitions: wrapped anew while petitions come in, destroyed when their time is over, and what is then left."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest

from services.intake.channels.taking import take
from services.intake.domain.retention import Retention
from services.intake.handlers import attachments, supplements
from services.intake.handlers.attachments import Upload
from services.intake.handlers.likeness import take_up
from services.intake.handlers.registration import register
from services.intake.handlers.retention import KEYED, erase_due, wrap_again, wrapped_by
from services.intake.store import SQL
from services.intake.vault import keyring
from services.intake.vault.crypto import Broken, open_vault
from shared import keys
from tests.integration.intake.intake_bus import CLERK, ORG
from tests.integration.intake.intake_cases import a_canary, a_case
from tests.integration.intake.intake_kept import a_cabinet
from tests.integration.intake.test_intake_cli import run
from tests.integration.intake.thread_cases import FIRST, SITE, an_answer
from tests.unit.intake.intake_files import photo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keys.make(tmp_path)
    return tmp_path


@pytest.fixture
def environment(settings, folder) -> dict[str, str]:
    return os.environ | {
        "ZHIDA_ORG": ORG, "ZHIDA_KEYS": str(folder), "DATABASE_URL": settings.database_url,
        "DATABASE_URL_INTAKE": settings.service_url("intake"),
    }  # fmt: skip


def archive(settings, case_id, years: float) -> None:
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("ALTER TABLE intake.petition DISABLE TRIGGER guard_stage")
        cursor.execute(
            "UPDATE intake.petition SET stage = 'archived', archived_at = now() - %s * interval '1 year' WHERE id = %s",
            (years, str(case_id)),
        )
        cursor.execute("ALTER TABLE intake.petition ENABLE TRIGGER guard_stage")


def sealed(intake, case_id):
    with intake.unit_of_work() as uow:
        return uow.one("SELECT * FROM sealed WHERE case_id = %(id)s", id=case_id)


def test_every_table_that_holds_data_keys_is_wrapped_anew(settings):
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'intake' AND column_name = 'data_key'"
        )
        assert {name for (name,) in cursor.fetchall()} == set(KEYED)


def test_a_master_key_is_changed_while_petitions_come_in(intake, folder, environment):
    vault, ended = open_vault(folder), threading.Event()
    before, registered = a_case(intake, vault), []

    def go_on() -> None:
        while not ended.is_set():
            registered.append(a_case(intake, vault))

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        first = run(environment, "keys", "rotate")
    finally:
        ended.set()
        thread.join()
    assert first.returncode == 0, first.stderr
    assert run(environment, "keys", "rewrap").returncode == 0  # what was under way when the key changed
    [old] = [path.stem.removeprefix("master-") for path in folder.glob("*.old")]
    assert run(environment, "keys", "retire", old).returncode == 0
    assert registered
    for case_id in (before, *registered):
        row = sealed(intake, case_id)
        key = open_vault(folder).open_key(case_id, bytes(row["data_key"]))
        assert key.open_json("identity", bytes(row["identity"]))["name"] == "陈十里"


def test_an_old_key_that_a_row_still_needs_is_not_destroyed(intake, folder, environment):
    a_case(intake, open_vault(folder))
    old, new = keyring.rotate(folder)
    for name in (old, new, "00000000"):
        refused = run(environment, "keys", "retire", name)
        assert refused.returncode == 1
    assert len(list(folder.glob("*.old"))) == 1
    listed = run(environment, "keys", "list").stdout.decode()
    assert f"{old}  old       1" in listed
    assert f"{new}  in force  0" in listed


def test_wrapping_goes_on_where_it_broke_off(intake, folder):
    for _ in range(5):
        a_case(intake, open_vault(folder))
    keyring.rotate(folder)
    vault = open_vault(folder)
    with intake.unit_of_work() as uow:
        assert wrap_again(uow, vault, "sealed", limit=3) == 3
    with intake.unit_of_work() as uow:
        assert wrap_again(uow, vault, "sealed", limit=3) == 2
        assert wrap_again(uow, vault, "sealed", limit=3) == 0
        assert wrapped_by(uow) == {keyring.key_id(keyring.read_ring(folder).master): 5}


def test_a_key_that_does_not_open_stops_it_and_changes_nothing(intake, folder):
    a_case(intake, open_vault(folder))
    keyring.rotate(folder)
    for path in folder.glob("*.old"):
        path.unlink()
    with pytest.raises(Broken), intake.unit_of_work() as uow:
        wrap_again(uow, open_vault(folder), "sealed")
    with intake.unit_of_work() as uow:
        assert sum(wrapped_by(uow).values()) == 1


def test_a_retry_after_a_rotation_gets_its_receipt(intake, folder):
    key = uuid4()
    with intake.unit_of_work() as uow:
        first = register(uow, open_vault(folder), a_canary(), key=key)
    keyring.rotate(folder)
    with intake.unit_of_work() as uow:
        again = register(uow, open_vault(folder), a_canary(), key=key)
    assert (again.number, again.code, again.again) == (first.number, first.code, True)


def test_what_was_archived_long_enough_ago_is_destroyed_and_nothing_else(settings, intake, vault, browse):
    due, young, at_work = (a_case(intake, vault) for _ in range(3))
    archive(settings, due, 10.1)
    archive(settings, young, 9.9)
    with intake.unit_of_work() as uow:
        assert erase_due(uow, Retention()) == 1
    with intake.unit_of_work() as uow:
        assert erase_due(uow, Retention()) == 0
        [row] = uow.all("SELECT number FROM erasure")
    assert row["number"] == browse_number(intake, due)
    gone = sealed(intake, due)
    assert {bytes(gone[name]) for name in ("data_key", "words", "identity", "fingerprint")} == {b""}
    assert gone["phone_index"] is None
    for kept in (young, at_work):
        assert bytes(sealed(intake, kept)["data_key"])
    page = browse("clerk").get(f"/intake/petitions/{due}")
    assert (page.status_code, "保管期限已满" in page.text, "陈" in page.text) == (200, True, False)
    for path in ("embed", "original"):
        assert browse("clerk").get(f"/intake/petitions/{due}/{path}").status_code == 404
    with intake.unit_of_work() as uow:
        assert uow.all("SELECT FROM look WHERE case_id = %(id)s AND what <> 'text'", id=due) == []


@pytest.fixture
def full(settings, intake, vault, sent, tmp_path):
    """A petition that came by mail and was answered by mail, to which words and a file were added, and whose words were taken up."""
    take(intake, vault, an_answer(In_Reply_To=FIRST), site=SITE)
    cabinet = a_cabinet(settings, tmp_path)
    prepared = attachments.prepare(cabinet, [Upload(name="a.jpg", content=photo())])
    with intake.unit_of_work() as uow:
        assert supplements.add(uow, vault, sent.case_id, text="又排污了。", key=uuid4())
        attachments.add(uow, cabinet.store, vault, sent.case_id, prepared, by=CLERK)
        assert take_up(uow, vault)
    archive(settings, sent.case_id, 11)


# What was told stays, and how often words occur in all petitions.
KEPT = {"event_log", "inbox", "shingle_counts", "delivery", "parked", "stream_head"}


def left(settings) -> set[str]:
    """The tables that hold bytes, or labels of words."""
    found = set()
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN pg_tables t ON (t.schemaname, t.tablename)"
            " = (c.table_schema, c.table_name) WHERE c.table_schema = 'intake' AND c.data_type = 'bytea' AND c.table_name <> ALL(%s)",
            (list(KEPT),),
        )
        for table, column in [*cursor.fetchall(), ("shingle", "label::text::bytea")]:
            cursor.execute(f"SELECT EXISTS (SELECT FROM intake.{table} WHERE length({column}) > 0)")
            found |= {table} if cursor.fetchone() == (True,) else set()
    return found


def test_of_a_petition_that_is_destroyed_no_table_holds_anything(settings, intake, full):
    assert left(settings) == {"sealed", "original", "correspondence_sealed", "supplement", "attachment", "shingle"}
    with intake.unit_of_work() as uow:
        erase_due(uow, Retention())
    assert left(settings) == set()


@pytest.mark.parametrize("part", ["answers", "original", "labels", "attachment", "supplements"])
def test_the_twin_that_leaves_a_table_out_is_caught(settings, intake, full, monkeypatch, part):
    statement, cut = re.subn(rf"^{part}_gone AS \(.*\),.*\n", "", SQL["erase_sealed"], flags=re.MULTILINE)
    assert cut == 1
    monkeypatch.setitem(SQL, "erase_sealed", statement)
    with pytest.raises(AssertionError, match=r"set\(\)"):
        test_of_a_petition_that_is_destroyed_no_table_holds_anything(settings, intake, full)


def browse_number(intake, case_id) -> str:
    with intake.unit_of_work() as uow:
        found = uow.one("SELECT number FROM petition WHERE id = %(id)s", id=case_id)
    assert found
    return found["number"]


def test_two_processes_destroy_one_petition_once(settings, intake, vault):
    archive(settings, a_case(intake, vault), 11)
    with intake.unit_of_work() as first:
        assert erase_due(first, Retention()) == 1
        with intake.unit_of_work() as second:
            assert erase_due(second, Retention()) == 0


def test_a_dismissed_mail_is_destroyed_in_its_time(settings, environment, intake):
    assert run(environment, "email", "-", given=b"").returncode == 1
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("ALTER TABLE intake.unread_mail DISABLE TRIGGER guard_stage")
        cursor.execute("UPDATE intake.unread_mail SET stage = 'dismissed', ended_at = now() - interval '13 months'")
        cursor.execute("ALTER TABLE intake.unread_mail ENABLE TRIGGER guard_stage")
    with intake.unit_of_work() as uow:
        erase_due(uow, Retention(dismissed=2))
        assert uow.all("SELECT FROM unread_bytes") != []
        erase_due(uow, Retention())
        assert uow.all("SELECT FROM unread_bytes") == []
