"""Each alert has a page of its name, and what the pages name is there: commands, settings, alerts, figures, pages of the product."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from babel.messages.pofile import read_po

from deploy.monitoring.dashboards import DASHBOARDS
from shared import cli
from shared.config import SERVICES
from tests.monitoring.exposed import OURS, ROOT, known
from tests.monitoring.test_rules import ALERTS, RECORDED, promtool, strangers

BOOKS = ROOT / "docs" / "runbooks"
PAGES = sorted(BOOKS.glob("Zhida*.md"))


def without_runbook(alerts: dict[str, dict[str, Any]], pages: list[Path]) -> set[str]:
    """Alerts that name no page of theirs, and pages of no alert."""
    there = {path.stem for path in pages}
    named = {name for name, rule in alerts.items() if rule["annotations"].get("runbook") == f"docs/runbooks/{name}.md"}
    return (set(alerts) - (named & there)) | (there - set(alerts))


def test_every_alert_has_a_runbook_of_its_name() -> None:
    assert without_runbook(ALERTS, PAGES) == set()


def test_an_alert_without_a_runbook_is_noticed() -> None:
    assert without_runbook(ALERTS, PAGES[1:]) == {PAGES[0].stem}
    nameless = ALERTS | {"ZhidaNew": {"annotations": {"runbook": "docs/runbooks/ZhidaNew.md"}}}
    assert without_runbook(nameless, PAGES) == {"ZhidaNew"}
    first = next(iter(ALERTS))
    misled = ALERTS | {first: {"annotations": {"runbook": "docs/runbooks/other.md"}}}
    assert without_runbook(misled, PAGES) == {first}


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_says_how_bad_it_is_for_whom_and_what_it_is_in_both_languages(name: str) -> None:
    rule = ALERTS[name]
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert rule["labels"]["audience"] in ("operations", "office", "discipline")
    assert re.search(r"[\u4e00-\u9fff]{2}", rule["annotations"]["summary"])
    assert "{{ $labels.namespace }}" in rule["annotations"]["summary"]
    assert rule["annotations"]["description"].endswith(".")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_runbook_says_what_it_means_where_to_look_and_what_to_do(path: Path) -> None:
    head, look, do = re.split(r"\n## (?:Look|Do)\n", path.read_text(encoding="utf-8"))
    title, _, means = head.partition("\n")
    assert re.fullmatch(rf"# {path.stem} · [\u4e00-\u9fff]+", title)
    assert len(means.strip()) > 80
    assert all(re.search(r"^- \S", part, re.MULTILINE) for part in (look, do))


def test_the_list_of_runbooks_names_each_with_its_severity_and_audience() -> None:
    listed = re.findall(
        r"^\| \[(\w+)\]\((\w+)\.md\) \| \S+ \| (\w+) \| (\w+) \|$", (BOOKS / "README.md").read_text(), re.MULTILINE
    )
    assert [(name, page) for name, page, *_ in listed] == [(name, name) for name in ALERTS]
    assert {name: (severity, audience) for name, _, severity, audience in listed} == {
        name: (rule["labels"]["severity"], rule["labels"]["audience"]) for name, rule in ALERTS.items()
    }


def commands() -> set[str]:
    """Every command line of `zhida`, without its arguments."""
    found = set(_walk(typer.main.get_command(cli.app), "zhida"))
    for service in SERVICES:
        module = importlib.import_module(f"services.{service}.cli")
        for name, group in {service: module.commands, **getattr(module, "ALSO", {})}.items():
            found |= set(_walk(typer.main.get_command(group), f"zhida {name}"))
    return found


def _walk(command: Any, name: str) -> Iterator[str]:
    yield name
    for word, child in getattr(command, "commands", {}).items():
        yield from _walk(child, f"{name} {word}")


def unknown(text: str) -> set[str]:
    """What a runbook names in code marks that is not there: commands, settings and figures; alerts anywhere."""
    spans = re.findall(r"`([^`]+)`", text)
    lines = {found[0] for span in spans if (found := re.match(r"zhida( [a-z][a-z-]+)+", span))}
    wrong = {line for line in lines if line not in commands()}
    wrong |= {
        span
        for span in spans
        if re.fullmatch(r"(ZHIDA|SMTP|AMQP|LINKS|PARTITIONS|DATABASE)\w*(<SERVICE>)?", span) and span not in SETTINGS
    }
    figures = {name for span in spans for name in re.findall(rf"{OURS}\w+", span)}
    wrong |= figures - set(known())
    return wrong | (set(re.findall(r"\bZhida[A-Z]\w+", text)) - set(ALERTS))


SETTINGS = {
    name for row in re.findall(r"^\| (`.+?) \|", (ROOT / "docs/operations.md").read_text(encoding="utf-8"), re.MULTILINE)
    for name in re.findall(r"`([A-Z_]+(?:<SERVICE>)?)`", row)
}  # fmt: skip


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_what_a_runbook_names_is_there(path: Path) -> None:
    assert unknown(path.read_text(encoding="utf-8")) == set()


def test_what_is_named_and_not_there_is_noticed() -> None:
    text = "`zhida bus sing SERVICE`, `zhida parked list SERVICE`, `ZHIDA_NOWHERE`, `sum(zhida_nothing_total)`, ZhidaPagesSlow, ZhidaGone"
    assert unknown(text) == {"zhida bus sing", "ZHIDA_NOWHERE", "zhida_nothing_total", "ZhidaGone"}


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Page words, and those of the dashboards."""
    found = set()
    for path in ROOT.glob("services/*/translations/en/LC_MESSAGES/messages.po"):
        found |= {str(message.id) for message in read_po(path.open("rb")) if message.id}
    for dashboard in DASHBOARDS:
        found |= {*dashboard.title.split(" · "), *(panel.title for panel in dashboard.panels)}
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_pages_and_panels_that_a_runbook_names_are_called_so(path: Path, words: set[str]) -> None:
    body = path.read_text(encoding="utf-8").partition("\n")[2]
    assert {word for word in re.findall(r"[\u4e00-\u9fff]+", body) if word not in words} == set()


def test_the_expressions_that_runbooks_give_are_read_by_promtool(tmp_path: Path) -> None:
    given = [
        span
        for path in PAGES
        for span in re.findall(r"`((?:sum|max|rate) ?\([^`]+|sum by[^`]+)`", path.read_text(encoding="utf-8"))
    ]
    assert given
    groups = {"groups": [{"name": "given", "rules": [{"record": f"x{n}", "expr": one} for n, one in enumerate(given)]}]}
    (tmp_path / "given.yaml").write_text(yaml.safe_dump(groups), encoding="utf-8")
    assert promtool("check", "rules", tmp_path / "given.yaml").returncode == 0
    assert strangers(given, known(), RECORDED) == set()
