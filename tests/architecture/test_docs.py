"""The documents lead to what is there: links, pictures, files, pages, roles, commands, and the words of the pages that they quote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
from babel.messages.pofile import read_po
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound

from shared import cli, config, keys
from shared.contract import EVENTS
from shared.web import server
from shared.web.access import Role

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
READERS = sorted((DOCS / "for").glob("*.md"))  # what each reader does, step by step
PICTURES = DOCS / "pictures"
MOST_BYTES, MOST_TOGETHER = 120_000, 1_500_000

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
TICKED = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"(?:`|^ {4,})zhida((?: [a-z][a-z-]*)+)", re.MULTILINE)
QUOTED = re.compile(r"“([^”]+)”")


def slug(heading: str) -> str:
    """The anchor that a heading gets where the repository is read."""
    words = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


@cache
def anchors(page: Path) -> frozenset[str]:
    return frozenset(slug(line.lstrip("#")) for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("#"))


def dead(page: Path, text: str) -> Iterator[str]:
    """The links of a page that lead nowhere; addresses of other sites are not asked."""
    for target in LINK.findall(CODE.sub("", text)):
        name, _, anchor = target.partition("#")
        if "://" in name or name.startswith("mailto:"):
            continue
        found = (page.parent / name) if name else page
        if not found.exists() or (anchor and (found.suffix != ".md" or anchor not in anchors(found))):
            yield target


def absent(text: str) -> list[str]:
    """Files and folders named in backticks that are not in the checkout; `*` stands for any name."""
    named = [word for word in TICKED.findall(text) if re.fullmatch(r"[\w.*-]+/[\w./*-]*", word)]
    return [word for word in named if not any(ROOT.glob(word.rstrip("/")))]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A site of all services, by which nothing is asked of a database."""
    folder = tmp_path_factory.mktemp("keys")
    keys.make(folder)
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    return server.build(config.load({"ZHIDA_ORG": "431023", "ZHIDA_KEYS": str(folder), "DATABASE_URL": nowhere}))


def closed(site: Flask, text: str) -> list[str]:
    """Paths of pages named in backticks at which no page answers."""
    routes = site.url_map.bind("localhost")
    wrong = []
    for path in TICKED.findall(text):
        if path.startswith("/"):
            try:
                routes.match(path)
            except (NotFound, MethodNotAllowed):
                wrong.append(path)
    return wrong


@cache
def page_words() -> tuple[re.Pattern[str], ...]:
    """Every Chinese text of the pages; what is filled in may be anything."""
    texts = set()
    for catalogue in [*ROOT.glob("services/*/translations/en/LC_MESSAGES/*.po"), *ROOT.glob("shared/**/en/LC_MESSAGES/*.po")]:
        with catalogue.open("rb") as file:
            for message in read_po(file):
                texts |= {message.id} if isinstance(message.id, str) else set(message.id)
    return tuple(re.compile(re.sub(r"%\\?\(\w+\\?\)[sd]", ".+", re.escape(text))) for text in texts if text)


def unknown(text: str) -> list[str]:
    """Words in “ ” that no page has."""
    return [words for words in QUOTED.findall(text) if not any(known.fullmatch(words) for known in page_words())]


@cache
def zhida() -> Any:
    """The operator's command with what each service adds to it; a group has `commands`."""
    cli.mount()
    return typer.main.get_command(cli.app)


def no_commands(text: str) -> list[str]:
    """Commands that a page names and `zhida` does not know; what follows a command is its arguments."""
    wrong = []
    for said in COMMAND.findall(text):
        at = zhida()
        for word in said.split():
            if not hasattr(at, "commands"):
                break
            if word not in at.commands:
                wrong.append(f"zhida{said}")
                break
            at = at.commands[word]
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_of_the_operator_is_there(page: Path) -> None:
    assert no_commands(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_and_picture_leads_to_something(page: Path) -> None:
    assert list(dead(page, page.read_text(encoding="utf-8"))) == []


def test_every_picture_is_shown_by_a_page_and_light() -> None:
    shown = {Path(target).name for page in PAGES for target in LINK.findall(page.read_text(encoding="utf-8"))}
    pictures = list(PICTURES.glob("*.png"))
    assert {picture.name for picture in pictures} - shown == set()
    assert [picture.name for picture in pictures if picture.stat().st_size > MOST_BYTES] == []
    assert sum(picture.stat().st_size for picture in pictures) <= MOST_TOGETHER


@pytest.mark.parametrize("page", [DOCS / "architecture.md", *READERS], ids=lambda page: page.name)
def test_every_file_that_the_architecture_and_the_guides_name_is_there(page: Path) -> None:
    assert absent(page.read_text(encoding="utf-8")) == []


def test_the_architecture_says_what_each_service_tells() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|.*\| ((?:`\w+` ?)+)\|$", (DOCS / "architecture.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    said = {service: set(TICKED.findall(kinds)) for service, kinds in rows}
    told = {
        service: {each.name.split(".")[0] for each in EVENTS.values() if service in each.told_by} for service in config.SERVICES
    }
    assert said == told


@pytest.mark.parametrize("page", READERS, ids=lambda page: page.name)
def test_every_page_that_a_guide_names_answers(site: Flask, page: Path) -> None:
    assert closed(site, page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", READERS, ids=lambda page: page.name)
def test_a_guide_quotes_the_words_that_the_pages_have(page: Path) -> None:
    assert unknown(page.read_text(encoding="utf-8")) == []


def test_every_role_is_led_to_a_page_of_its_own() -> None:
    guide = (DOCS / "guide.md").read_text(encoding="utf-8")
    rows = {role: line for line in guide.splitlines() for role in re.findall(r"`(\w+)`", line) if line.startswith("|")}
    assert set(rows) == {role.value for role in Role}
    assert [role for role, line in rows.items() if not re.search(r"\]\(for/\w+\.md(#[^)]+)?\)", line)] == []


# The rules themselves can fail:


def test_a_dead_link_is_noticed() -> None:
    page = ROOT / "README.md"
    text = "[a](docs/nothing.md) ![b](docs/pictures/none.png) [c](docs/guide.md#nowhere) [d](#nothing) `[e](code.md)`"
    assert list(dead(page, text)) == ["docs/nothing.md", "docs/pictures/none.png", "docs/guide.md#nowhere", "#nothing"]
    assert list(dead(page, "[a](docs/guide.md) [b](https://example.org/x) [c](#how-it-is-built)")) == []


def test_what_is_not_there_any_more_is_noticed(site: Flask) -> None:
    assert absent("`shared/gone.py` `services/*/domain/` `shared/clock.py` `make demo`") == ["shared/gone.py"]
    assert closed(site, "`/intake/desk` `/intake/nowhere` `intake`") == ["/intake/nowhere"]
    assert no_commands("`zhida report list` `zhida reprot list`\n\n    zhida sync nothing FILE\n") == [
        "zhida reprot list",
        "zhida sync nothing",
    ]
    assert unknown("“批示并交办”“全部签发（3 件）”“没有这个词语”") == ["没有这个词语"]
