"""The file of what a county decides about its intake: read whole, or refused with the field that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.intake.site import read_site
from shared.config import load
from shared.errors import Unavailable


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
        ("telephone: {lines: {Hot: {name: x}}}", "telephone.lines.Hot"),
        ("telephone: {lines: {hot: {secrets: [a]}}}", "telephone.lines.hot.value.name"),
        ("telephone: {lines: {hot: {name: x, secrets: [a, b, c]}}}", "telephone.lines.hot.value.secrets"),
        ("telephone: {call_back_minutes: 0}", "telephone.call_back_minutes"),
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


def test_a_lines_secrets_are_read_beside_the_file_each_time(tmp_path):
    site = read_site(settings(tmp_path, "telephone: {lines: {hot: {name: 热线, secrets: [a.key]}}, attempts: 5}"))
    hot = site.telephone.lines["hot"]
    assert (hot.name_en, site.telephone.limits.attempts) == ("热线", 5)
    for content, says in ((None, "a.key: No such file"), (b"short\n", "a.key: shorter than 32")):
        if content:
            (tmp_path / "a.key").write_bytes(content)
        with pytest.raises(Unavailable, match=says):
            hot.read_secrets()
    (tmp_path / "a.key").write_bytes(b"x" * 32 + b"\n")
    assert hot.read_secrets() == [b"x" * 32]
