"""What is sealed opens for its case, its purpose and its master key alone."""

from __future__ import annotations

import os
from uuid import uuid4

import pytest

from services.intake.vault.crypto import CODE_LENGTH, Broken, Vault, code_hash, new_code, open_vault
from shared import keys
from shared.errors import Unavailable

CASE = uuid4()


@pytest.fixture
def vault():
    return Vault(os.urandom(32))


def test_what_was_sealed_opens_again_through_the_wrapped_key(vault):
    key = vault.new_key(CASE)
    sealed = key.seal_json("identity", {"name": "陈十里"})
    assert vault.open_key(CASE, key.wrapped).open_json("identity", sealed) == {"name": "陈十里"}


def test_each_ciphertext_names_its_algorithm_and_holds_nothing_in_the_clear(vault):
    key = vault.new_key(CASE)
    sealed = key.seal("text", "陈十里".encode())
    assert sealed.startswith(b"AES-256-GCM\n")
    assert key.wrapped.startswith(b"AES-256-GCM ")
    assert "陈十里".encode() not in sealed
    assert key.seal("text", "陈十里".encode()) != sealed


def test_it_opens_for_no_other_case_purpose_master_key_or_algorithm(vault):
    key, other = vault.new_key(CASE), uuid4()
    sealed = key.seal("text", b"words")
    for attempt in (
        lambda: vault.open_key(other, key.wrapped),
        lambda: Vault(os.urandom(32)).open_key(CASE, key.wrapped),
        lambda: key.open("identity", sealed),
        lambda: vault.new_key(CASE).open("text", sealed),
        lambda: key.open("text", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        lambda: key.open("text", sealed.replace(b"AES-256-GCM", b"SM4-GCM")),
        lambda: key.open("text", b""),
        lambda: key.open("text", b"AES-256-GCM\nshort"),
    ):
        with pytest.raises(Broken):
            attempt()


def test_the_blind_index_finds_the_same_number_however_it_is_written(vault):
    assert vault.blind_index("phone", "138-7351 2345") == vault.blind_index("phone", "+86 13873512345")
    assert vault.blind_index("email", "Chen@Example.org ") == vault.blind_index("email", "chen@example.org")
    assert vault.blind_index("phone", "13873512346") != vault.blind_index("phone", "13873512345")
    assert vault.blind_index("phone", "") is None
    assert Vault(os.urandom(32)).blind_index("phone", "13873512345") != vault.blind_index("phone", "13873512345")


def test_a_code_is_128_bits_and_is_recognised_however_it_is_typed():
    code = new_code()
    plain = code.replace("-", "")
    assert len(plain) == CODE_LENGTH
    assert len({new_code() for _ in range(500)}) == 500
    for typed in (
        plain,
        code.lower(),
        f" {code} ",
        code.replace("0", "o").replace("1", "l"),
        code.translate({c: c + 0xFEE0 for c in range(48, 91)}),
    ):
        assert code_hash(typed) == code_hash(code)
    assert code_hash("") != code_hash(code)


def test_the_vault_needs_its_key_file_whole(tmp_path):
    with pytest.raises(Unavailable):
        open_vault(tmp_path)
    keys.make(tmp_path)
    assert open_vault(tmp_path).blind_index("email", "a@b") == open_vault(tmp_path).blind_index("email", "a@b")
    for broken in ("", "AAAA", "not base64!"):
        (tmp_path / keys.MASTER).write_text(broken)
        with pytest.raises(Unavailable):
            open_vault(tmp_path)
