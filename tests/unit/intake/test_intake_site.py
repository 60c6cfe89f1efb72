"""The file of what a county decides about its intake: read whole, or refused with the field that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.intake.site import read_site
from shared.config import load


def settings(folder: Path, text: str | None):
    environment = {"ZHIDA_ORG": "431023", "ZHIDA_KEYS": str(folder / "keys")}
    if text is not None:
        (folder / "intake.yaml").write_text(text, encoding="utf-8")
        environment["ZHIDA_FILE_INTAKE"] = str(folder / "intake.yaml")
    return load(environment)


def test_without_a_file_every_section_has_its_defaults(tmp_path):
    site = read_site(settings(tmp_path, None))
    assert site.files.folder == tmp_path / "files"
    assert site.files.largest == 25 * 2**20


def test_an_empty_file_says_the_same(tmp_path):
    assert read_site(settings(tmp_path, "")) == read_site(settings(tmp_path, None))


def test_paths_are_taken_from_where_the_file_lies(tmp_path):
    assert read_site(settings(tmp_path, "files: {folder: scans, largest_mb: 3}")).files.folder == tmp_path / "scans"
    assert read_site(settings(tmp_path, "files: {folder: /srv/scans}")).files.folder == Path("/srv/scans")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("files: {largest_mb: 0}", "files.largest_mb"),
        ("files: {larges_mb: 3}", "files.larges_mb"),
        ("fiels: {}", "fiels"),
        ("files: [", "not YAML"),
        ("[]", "Invalid input type"),
    ],
)
def test_a_mistake_names_the_file_and_the_field(tmp_path, text, where):
    with pytest.raises(OSError, match=where) as refused:
        read_site(settings(tmp_path, text))
    assert "intake.yaml" in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    environment = {"ZHIDA_ORG": "431023", "ZHIDA_FILE_INTAKE": str(tmp_path / "nowhere.yaml")}
    with pytest.raises(OSError, match=r"nowhere\.yaml"):
        read_site(load(environment))


def test_a_countys_own_categories_lie_beside_the_file(tmp_path):
    (tmp_path / "own.yaml").write_text("- {code: water, zh: 水务, en: Water}", encoding="utf-8")
    site = read_site(settings(tmp_path, "categories: own.yaml"))
    assert (site.categories, site.tree.name("water", "zh")) == (tmp_path / "own.yaml", "水务")
    assert read_site(settings(tmp_path, "")).tree.name("environment.water", "en") == "Environment / Water pollution"
    with pytest.raises(OSError, match=r"nowhere\.yaml"):
        read_site(settings(tmp_path, "categories: nowhere.yaml"))


# -- boards --------------------------------------------------------------------------------------------------------------

FEED = "boards: [{name: forum, kind: feed, url: https://forum.example.org/feed"
HOOK = "boards: [{name: red, kind: hook, secret_files: [red.key]"


def test_a_board_needs_a_name_a_kind_and_an_address(tmp_path):
    [board] = read_site(settings(tmp_path, FEED + "}]")).boards
    assert (board.title, board.every_minutes, board.at_once, board.allow_private, board.reply) == (
        "forum",
        15,
        False,
        False,
        None,
    )
    assert (board.include, board.exclude, board.language, board.forget_days) == ((), (), "zh", 30)


def test_a_boards_secrets_lie_in_files_beside_the_sites_and_are_shown_nowhere(tmp_path):
    (tmp_path / "red.key").write_text("x" * 32 + "\n")
    [board] = read_site(settings(tmp_path, HOOK + ", reply: {url: 'https://red.example/r', secret_file: red.key}}]")).boards
    assert board.secrets == (b"x" * 32,)
    assert board.reply is not None
    assert board.reply.secret == b"x" * 32
    assert "x" * 32 not in repr(board)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("boards: [{kind: feed, url: 'https://x.example/'}]", "boards.0.name"),
        ("boards: [{name: Forum, kind: feed, url: 'https://x.example/'}]", "boards.0.name"),
        ("boards: [{name: 'a\n', kind: feed, url: 'https://x.example/'}]", "boards.0.name"),
        (FEED + "}, {name: x, kind: page}]", "boards.1.kind"),
        ("boards: [{name: forum, kind: feed}]", "boards.0.url"),
        ("boards: [{name: forum, kind: feed, url: 'ftp://x.example/'}]", "boards.0.url"),
        ("boards: [{name: forum, kind: feed, url: 'https://u:p@x.example/'}]", "boards.0.url"),
        (FEED + ", every_minutes: 0}]", "boards.0.every_minutes"),
        (FEED + ", register: always}]", "boards.0.register"),
        (FEED + ", exclude: ['']}]", "boards.0.exclude"),
        (FEED + ", secret_files: [x]}]", "boards.0.secret_files"),
        (FEED + ", search: x}]", "boards.0.search"),
        (FEED + ", reply: {url: 'file:///x', secret_file: x}}]", "boards.0.reply.url"),
        (FEED + ", reply: {url: 'https://x.example/'}}]", "boards.0.reply.secret_file"),
        ("boards: [{name: red, kind: hook}]", "boards.0.secret_files"),
        (HOOK + ", url: 'https://x.example/'}]", "boards.0.url"),
        ("boards: [{name: red, kind: hook, secret_files: [a, b, c]}]", "boards.0.secret_files"),
        (FEED + "}, {name: forum, kind: feed, url: 'https://y.example/'}]", "forum is given twice"),
        (HOOK + "}]", "boards: red: .*red.key"),
        ("boards: {}", "boards"),
    ],
)
def test_a_mistake_in_a_board_names_the_field(tmp_path, text, where):
    with pytest.raises(OSError, match=where):
        read_site(settings(tmp_path, text))


def test_a_secret_that_is_short_is_refused(tmp_path):
    (tmp_path / "red.key").write_text("short")
    with pytest.raises(OSError, match="32 characters"):
        read_site(settings(tmp_path, HOOK + "}]"))
