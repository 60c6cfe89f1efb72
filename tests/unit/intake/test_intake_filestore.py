"""The folder behind the file store: whole files or none, and no way out of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from services.intake.files.filestore import Folder
from shared.errors import Unavailable

NAME, OTHER = "ab12" + "0" * 60, "ab13" + "0" * 60


@pytest.fixture
def store(tmp_path) -> Folder:
    return Folder(tmp_path / "files")


def test_what_was_put_is_there_fanned_out_and_for_its_owner_alone(store, tmp_path):
    store.put(NAME, b"sealed")
    assert store.get(NAME) == b"sealed"
    assert store.exists(NAME)
    place = tmp_path / "files" / "ab" / "12" / NAME
    assert place.read_bytes() == b"sealed"
    assert (place.stat().st_mode & 0o777, place.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    store.put(NAME, b"again")
    assert store.get(NAME) == b"again"
    assert list(store.names()) == [NAME]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "ab12", NAME.upper(), NAME + "\n", "/" + NAME, NAME[:-1] + "/"])
def test_no_other_name_leads_anywhere(store, name):
    for act in (store.get, store.exists, store.remove, lambda name: store.put(name, b"")):
        with pytest.raises(ValueError, match="64 hexadecimal"):
            act(name)


def test_what_is_not_there_is_told_as_such(store):
    assert not store.exists(NAME)
    assert list(store.names()) == []
    assert not store.remove(NAME)
    with pytest.raises(FileNotFoundError):
        store.get(NAME)


def test_the_bytes_are_on_the_disk_before_the_name_is_and_then_the_folder(store, monkeypatch):
    steps: list[str] = []

    def noted(step: str, act: Callable[..., None]) -> Callable[..., None]:
        def note(*given: Any) -> None:
            steps.append(step)
            act(*given)

        return note

    for name, step in (("fsync", "sync"), ("replace", "rename")):
        monkeypatch.setattr(os, name, noted(step, getattr(os, name)))
    store.put(NAME, b"sealed")
    first = steps.index("rename")
    assert "sync" in steps[:first]
    assert steps[first:] == ["rename", "sync"]


def test_a_writer_that_fails_leaves_nothing_that_a_name_leads_to(store, monkeypatch, tmp_path):
    def full(held: int) -> None:
        raise OSError(28, "No space left on device")

    store.put(OTHER, b"x")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        store.put(NAME, b"sealed")
    assert not store.exists(NAME)
    assert [path.name for path in (tmp_path / "files").rglob("*") if path.is_file()] == [OTHER]


def test_a_place_that_is_no_folder_is_unavailable_not_a_fault(tmp_path):
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(Unavailable):
        Folder(tmp_path / "files").put(NAME, b"x")
    with pytest.raises(Unavailable):
        Folder(tmp_path / "files").get(NAME)


def test_only_what_is_old_is_swept_and_drafts_of_the_dead_go_too(store, tmp_path):
    store.put(NAME, b"old")
    store.put(OTHER, b"new")
    draft = tmp_path / "files" / "ab" / "12" / f".{NAME}.dead"
    draft.write_bytes(b"half")
    for path in (draft, draft.with_name(NAME)):
        os.utime(path, (time.time() - 7200,) * 2)
    assert list(store.names(older_than=3600)) == [NAME]
    assert not store.remove(OTHER, older_than=3600)
    assert store.tidy(older_than=3600) == 1
    assert store.remove(NAME, older_than=3600)
    assert list(store.names()) == [OTHER]
