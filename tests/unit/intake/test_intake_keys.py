"""How long is kept, and master keys as files."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from services.intake.cli.keys import commands
from services.intake.domain.retention import years_before
from services.intake.vault import keyring
from services.intake.vault.crypto import Broken, Erased, Vault, open_vault
from shared import keys
from shared.errors import Unavailable

CASE = uuid4()


@pytest.mark.parametrize(
    ("now", "years", "before"),
    [
        ("2026-11-26T08:00", 10, "2016-11-26T08:00"),
        ("2024-02-29T08:00", 1, "2023-02-28T08:00"),
        ("2024-02-29T08:00", 4, "2020-02-29T08:00"),
    ],
)
def test_years_are_counted_by_the_calendar(now, years, before):
    at = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, before)]
    assert years_before(at[0], years) == at[1]


@pytest.fixture
def folder(tmp_path):
    keys.make(tmp_path)
    return tmp_path


def test_a_running_process_takes_up_a_new_master_key_and_still_opens_the_old_rows(folder):
    vault = open_vault(folder)
    key = vault.new_key(CASE)
    sealed = key.seal("text", b"words")
    old, new = keyring.rotate(folder)
    fresh = vault.new_key(CASE)
    assert (old.encode() in key.wrapped, new.encode() in fresh.wrapped) == (True, True)
    assert vault.open_key(CASE, key.wrapped).open("text", sealed) == b"words"
    assert open_vault(folder).open_key(CASE, vault.wrap_again(CASE, key.wrapped)).open("text", sealed) == b"words"


def test_another_process_opens_what_was_wrapped_by_a_key_that_it_has_not_seen_yet(folder):
    reader = open_vault(folder)
    keyring.rotate(folder)
    writer = open_vault(folder)
    wrapped = writer.new_key(CASE).wrapped
    assert reader.open_key(CASE, wrapped).wrapped == wrapped


def test_indexes_and_fingerprints_outlive_every_rotation(folder):
    before = open_vault(folder)
    for _ in range(3):
        keyring.rotate(folder)
    after = open_vault(folder)
    assert after.blind_index("phone", "13873512345") == before.blind_index("phone", "13873512345")
    assert after.fingerprint(b"x") == before.fingerprint(b"x")


def test_a_retired_key_opens_nothing_any_more(folder):
    wrapped = open_vault(folder).new_key(CASE).wrapped
    old, _ = keyring.rotate(folder)
    again = open_vault(folder).wrap_again(CASE, wrapped)
    keyring.retire(folder, old)
    with pytest.raises(Broken):
        open_vault(folder).open_key(CASE, wrapped)
    open_vault(folder).open_key(CASE, again)
    assert [path.name for path in folder.glob("*.old")] == []


def test_a_destroyed_key_is_said_to_be_destroyed(folder):
    with pytest.raises(Erased, match="保管期限已满"):
        open_vault(folder).open_key(CASE, b"")


@pytest.mark.parametrize("text", ["not json", "[]", '{"index": "%%"}', '{"index": 3}'])
def test_a_broken_file_of_lasting_keys_is_no_reason_to_derive_others(folder, text):
    keyring.rotate(folder)
    (folder / keyring.FIXED).write_text(text)
    with pytest.raises(Unavailable, match=r"derived\.json"):
        open_vault(folder)


def test_without_a_master_key_a_running_process_says_so(folder):
    vault = open_vault(folder)
    (folder / keys.MASTER).unlink()
    with pytest.raises(Unavailable):
        vault.new_key(CASE)


def test_the_key_files_are_their_owners_alone(folder):
    keyring.rotate(folder)
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir() if path.suffix in (".key", ".old", ".json")} == {0}


def test_a_key_given_as_bytes_is_for_good():
    master = os.urandom(32)
    assert Vault(master).open_key(CASE, Vault(master).new_key(CASE).wrapped)


def test_a_key_can_be_made_before_rows_depend_on_it(folder, monkeypatch):
    """As where the folder is a copy: nothing asks the database, which is not there."""
    before = (folder / keys.MASTER).read_text()
    for name, value in {"ZHIDA_ORG": "431023", "ZHIDA_KEYS": str(folder), "DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(commands, ["rotate", "--files-only"])
    assert (done.exit_code, done.exception) == (0, None)
    assert (folder / keys.MASTER).read_text() != before
    assert [path.read_text() for path in folder.glob("master-*.old")] == [before]
    assert CliRunner().invoke(commands, ["rewrap"]).exit_code == 1
