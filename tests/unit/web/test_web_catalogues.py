"""A page speaks by its own service's catalogue: the same Chinese word has another English one next door."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Blueprint, Flask
from flask_babel import gettext, lazy_gettext

from shared.web import catalogues, frame
from shared.web.access import public
from shared.web.app import create_app
from tests.unit.web.conftest import compile_catalogue

WORDS = {"routing": {"交办": "Assign"}, "reporting": {"交办": "Assignment", "报表": "Reports"}}
LABEL = lazy_gettext("交办")


def part(folder: Path, name: str) -> Blueprint:
    """A service whose page says both words and what its menu's entries are called."""
    source = folder / name / "po" / "en/LC_MESSAGES/messages.po"
    source.parent.mkdir(parents=True)
    source.write_text("".join(f'msgid "{zh}"\nmsgstr "{en}"\n\n' for zh, en in WORDS[name].items()), "utf-8")
    compile_catalogue(folder / name / "po", folder / name / "translations")
    (folder / name / "__init__.py").touch()
    pages = Blueprint(name, __name__, root_path=str(folder / name / "web"), url_prefix=f"/{name}")

    @pages.get("/")
    @public
    def words() -> list[object]:
        menu = [str(entry["label"]) for entry in frame.navigation()]
        return [gettext("交办"), gettext("报表"), str(LABEL), menu, gettext("交办")]

    frame.menu(pages, LABEL, ".words", order=1)
    return pages


@pytest.fixture
def site(settings: SimpleNamespace, tmp_path: Path) -> Flask:
    return create_app(settings, [part(tmp_path, name) for name in WORDS])


def said(site: Flask, name: str, lang: str = "en") -> list[object]:
    answer = site.test_client().get(f"/{name}/?lang={lang}").json
    assert isinstance(answer, list)
    return answer


def test_each_service_says_its_own_word_takes_what_it_lacks_and_leaves_the_menu_to_whose_it_is(site: Flask) -> None:
    menu = ["Assign", "Assignment"]
    assert said(site, "routing") == ["Assign", "Reports", "Assign", menu, "Assign"]
    assert said(site, "reporting") == ["Assignment", "Reports", "Assignment", menu, "Assignment"]
    assert said(site, "routing", "zh") == ["交办", "报表", "交办", ["交办", "交办"], "交办"]


def test_twin_one_catalogue_for_all_gives_one_of_them_the_others_word(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(site.extensions, catalogues.EXTENSION, {})
    assert said(site, "routing")[0] == said(site, "reporting")[0] == "Assignment"
