"""Dashboards: made of code and not drifted from it, laid out without overlaps, reading what is exposed."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.monitoring import __main__ as making
from deploy.monitoring import rules
from deploy.monitoring.dashboards import COUNTY, DASHBOARDS
from deploy.monitoring.panels import WIDE, Dashboard
from tests.deploy import manifests
from tests.monitoring.exposed import ROOT, known
from tests.monitoring.test_rules import ALERTS, RECORDED, strangers

CRD = ROOT.parent / "shared" / "crds" / "monitoring.coreos.com_prometheusrules.yaml"
UNITS = {"short", "s", "percentunit", "ops", "reqps"}
EACH = pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.uid)


def expressions(dashboard: Dashboard) -> list[str]:
    """What its panels and marks ask, with every instance chosen."""
    drawn = dashboard.drawn()
    asked = [target["expr"] for panel in drawn["panels"] for target in panel.get("targets", ())]
    return [one.replace("$namespace", ".+") for one in asked]


def test_what_is_generated_is_what_is_committed() -> None:
    assert making.drifted() == [], "run: python -m deploy.monitoring"


def test_drift_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = replace(COUNTY, panels=[replace(COUNTY.panels[0], title="别的"), *COUNTY.panels[1:]])
    monkeypatch.setattr(making, "DASHBOARDS", (changed, *DASHBOARDS[1:-1]))
    assert [path.name for path in making.drifted()] == ["zhida-county.json", "zhida-processes.json"]


@EACH
def test_every_panel_reads_what_is_exposed(dashboard: Dashboard) -> None:
    asked = expressions(dashboard)
    assert strangers(asked, known(), RECORDED) == set()
    assert all('namespace=~".+"' in one for one in asked), "the choice of instances narrows every panel"


def test_a_figure_that_was_renamed_is_noticed() -> None:
    renamed = {name: own for name, own in known().items() if name != "zhida_petitions_registered_total"}
    assert "zhida_petitions_registered_total" in strangers(expressions(COUNTY), renamed, RECORDED)


def overlaps(panels: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Panels that lie on each other or run out of the page."""
    found = [(one["title"], "edge") for one in panels if one["gridPos"]["x"] + one["gridPos"]["w"] > WIDE]
    for one, other in combinations(panels, 2):
        a, b = one["gridPos"], other["gridPos"]
        if a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"] and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]:
            found.append((one["title"], other["title"]))
    return found


@EACH
def test_panels_lie_beside_each_other_and_each_says_what_it_shows(dashboard: Dashboard) -> None:
    panels = dashboard.drawn()["panels"]
    assert overlaps(panels) == []
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    for panel in panels:
        if panel["type"] == "row":
            continue
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0]["value"] is None
        assert any("\u4e00" <= letter <= "\u9fff" for letter in panel["description"])
        assert panel["description"].endswith(".")
        assert all(target["legendFormat"] for target in panel["targets"])


def test_an_overlap_is_noticed() -> None:
    panels = COUNTY.drawn()["panels"]
    panels[1]["gridPos"]["x"] -= 1
    assert overlaps(panels) == [(panels[0]["title"], panels[1]["title"])]


def test_every_alert_about_a_figure_is_seen_on_a_dashboard() -> None:
    """Whoever is called finds the curve: what an alert compares is drawn, itself or as it is recorded."""
    drawn = set().union(*(rules.figures(one) for dashboard in DASHBOARDS for one in expressions(dashboard)))
    drawn |= set().union(*(rules.figures(RECORDED[name]["expr"]) for name in drawn if name in RECORDED))
    elsewhere = {"up", "zhida_timer_period_seconds", "zhida_backlog_measured_timestamp_seconds", "zhida_telephone_messages_total"}
    missing = {name for rule in ALERTS.values() for name in rules.figures(rule["expr"])} - drawn
    assert missing == elsewhere


def test_the_operator_takes_the_rules() -> None:
    found = yaml.safe_load((rules.HERE / "prometheusrule.yaml").read_text(encoding="utf-8"))
    assert found == rules.manifest()
    if not CRD.is_file():
        pytest.skip("no ../shared/crds here: the rules are not held against the operator's schema")
    (version,) = yaml.load(CRD.read_text(), Loader=yaml.CSafeLoader)["spec"]["versions"]
    jsonschema.Draft202012Validator(version["schema"]["openAPIV3Schema"]).validate(found)
    found["spec"]["groups"][0]["rules"][0]["expr"] = None
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(version["schema"]["openAPIV3Schema"]).validate(found)


def test_kustomize_puts_rules_and_dashboards_into_one_namespace() -> None:
    found = manifests.built(ROOT / "deploy/monitoring")
    assert {one["metadata"]["namespace"] for one in found} == {"monitoring"}
    (boards,) = manifests.of(found, "ConfigMap")
    assert boards["metadata"]["labels"]["grafana_dashboard"] == "1"
    kept = {f"{dashboard.uid}.json": dashboard.drawn() for dashboard in DASHBOARDS}
    assert {name: json.loads(text) for name, text in boards["data"].items()} == kept
    assert len(manifests.of(found, "PrometheusRule")) == 1
    assert sum(len(text.encode()) for text in boards["data"].values()) < 2**20, "a ConfigMap holds a megabyte"
    assert all(Path(name).suffix == ".json" for name in boards["data"])
