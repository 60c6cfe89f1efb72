"""Rules and alerts: what they name exists, promtool takes them, each fires when it should and keeps still when not."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.monitoring import rules
from tests.deploy import manifests
from tests.monitoring.exposed import COPIED, OURS, ROOT, TARGET, known

CASES = sorted((Path(__file__).parent / "alerts").glob("*.yaml"))
RULES = rules.read()
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RECORDED = {rule["record"]: rule for rule in RULES if "record" in rule}


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60)


def cases(*names: str) -> list[dict[str, Any]]:
    """The promtool cases of these files, or of all."""
    chosen = [path for path in CASES if not names or path.stem in names]
    return [case for path in chosen for case in loaded(path)["tests"]]


def strangers(expressions: Iterable[str], exposed: Mapping[str, frozenset[str]], recorded: Mapping[str, Any]) -> set[str]:
    """Figures that nothing exposes or records, and labels that none of an expression's figures bears."""
    found = set()
    for expression in expressions:
        names = rules.figures(expression)
        found |= {name for name in names if name not in exposed and name not in recorded}
        own = set().union(*(exposed.get(name, frozenset()) for name in names))
        if not any(name in recorded for name in names):
            made = set(re.findall(r'label_replace\([^"]*"(\w+)"', expression))
            found |= rules.labels(expression) - own - made - TARGET - COPIED
    return found


def test_every_rule_reads_what_is_exposed() -> None:
    assert strangers((rule["expr"] for rule in RULES), known(), RECORDED) == set()


def test_a_figure_that_was_renamed_is_noticed() -> None:
    renamed = {("zhida_outbox_seconds" if name == "zhida_outbox_age_seconds" else name): own for name, own in known().items()}
    assert "zhida_outbox_age_seconds" in strangers((rule["expr"] for rule in RULES), renamed, RECORDED)


def test_a_label_that_was_renamed_is_noticed() -> None:
    renamed = known() | {"zhida_parked_events": frozenset({"service", "why"})}
    assert strangers((rule["expr"] for rule in RULES), renamed, RECORDED) == {"reason"}


def test_no_figure_bears_a_label_that_a_scrape_would_rename() -> None:
    assert {name: own & (TARGET | COPIED) for name, own in known().items() if own & (TARGET | COPIED)} == {}


def test_no_label_could_name_a_person() -> None:
    """I8: what a label may hold is one of these kinds, each a short list that the county's set-up decides."""
    kinds = {
        "service", "destination", "outcome", "fault", "result", "timer", "queue", "reason", "part", "view", "method", "status", "le", "kind", "late",
        "unit", "channel", "account", "board", "line", "state", "medium",
    }  # fmt: skip
    assert set().union(*(own for name, own in known().items() if name.startswith(OURS))) - kinds == set()


def test_promtool_takes_the_rules_and_the_example() -> None:
    for what, path in (("rules", rules.SOURCE), ("config", rules.HERE / "prometheus.yml")):
        done = promtool("check", what, path)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_promtool_finds_every_alert_as_its_case_says(path: Path) -> None:
    done = promtool("test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_a_case_in_which_it_fires_and_is_still_before() -> None:
    fires: dict[str, set[bool]] = {name: set() for name in ALERTS}
    for case in cases(*(path.stem for path in CASES if path.stem != "healthy")):
        for asked in case["alert_rule_test"]:
            fires[asked["alertname"]].add(bool(asked["exp_alerts"]))
    assert {name: seen for name, seen in fires.items() if seen != {True, False}} == {}


def test_every_case_runs_the_groups_in_the_order_of_the_file() -> None:
    """promtool's own order is by chance, and an alert that reads a recorded figure would be a minute late at times."""
    order = list(dict.fromkeys(rule["group"] for rule in RULES))
    for path in CASES:
        assert loaded(path)["group_eval_order"] == order, path.name


def test_the_healthy_hour_has_every_figure_and_asks_every_alert() -> None:
    (hour,) = cases("healthy")
    given = {series["series"].partition("{")[0] for series in hour["input_series"]}
    read = set().union(*(rules.figures(rule["expr"]) for rule in RULES)) - set(RECORDED)
    assert read - given == set()
    asked = {(one["alertname"], one["eval_time"]) for one in hour["alert_rule_test"]}
    assert {(name, at) for name in ALERTS for at in ("20m", "40m", "60m")} - asked == set()
    assert all(one["exp_alerts"] == [] for one in hour["alert_rule_test"])


def loaded(path: Path) -> Any:
    """A file's content; each call gives another, so that a test may break it."""
    return pickle.loads(_read(path))  # noqa: S301 - our own


@cache
def _read(path: Path) -> bytes:
    return pickle.dumps(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


def spoilt(tmp_path: Path, alert: str, change: Mapping[str, Any]) -> Path:
    """The cases of an alert, against rules of which its own is another."""
    source = loaded(rules.SOURCE)
    for group in source["groups"]:
        for rule in group["rules"]:
            if rule.get("alert") == alert:
                rule.update(change)
    (tmp_path / "rules.yaml").write_text(json.dumps(source), encoding="utf-8")
    group = ALERTS[alert]["group"].removeprefix("zhida-")
    whole = loaded(Path(__file__).parent / "alerts" / f"{group}.yaml")
    whole["rule_files"] = ["rules.yaml"]
    whole["tests"] = [case for case in whole["tests"] if case["alert_rule_test"][0]["alertname"] == alert]
    (tmp_path / "cases.yaml").write_text(json.dumps(whole), encoding="utf-8")  # JSON is YAML
    return tmp_path / "cases.yaml"


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_that_waits_too_long_or_calls_nobody_is_noticed(alert: str, tmp_path: Path) -> None:
    """Each case is sharp; that it holds with the rule as it stands is seen above."""
    assert promtool("test", "rules", spoilt(tmp_path, alert, {"for": "3h"})).returncode == 1
    assert promtool("test", "rules", spoilt(tmp_path, alert, {"labels": {"severity": "none"}})).returncode == 1


@pytest.mark.parametrize("alert", [name for name, rule in ALERTS.items() if "for" in rule])
def test_an_alert_that_does_not_wait_is_noticed(alert: str, tmp_path: Path) -> None:
    assert promtool("test", "rules", spoilt(tmp_path, alert, {"for": "0s"})).returncode == 1


def test_limits_that_the_rules_name_are_those_of_the_manifests() -> None:
    county = manifests.overlay("county")
    memory = RECORDED["zhida:memory:ratio"]["expr"]
    named = {kind: int(mib) for kind, mib in re.findall(r'component=~?"([\w|]+)"\} / \((\d+) ', memory)}
    assert named == {"worker": 512, "channels": 768, "web|public": 2048}
    units = {"Mi": 1, "Gi": 1024}
    for pod in manifests.pods(county):
        component = pod.labels.get("app.kubernetes.io/component", "")
        for kinds, mib in named.items():
            if component in kinds.split("|"):
                limit = pod.spec["containers"][0]["resources"]["limits"]["memory"]
                assert int(limit[:-2]) * units[limit[-2:]] == mib, pod.name
    web = manifests.pod(county, "Deployment/web").spec["containers"][0]["command"]
    threads = int(web[web.index("--threads") + 1])
    assert ALERTS["ZhidaThreadsShort"]["expr"].endswith(f"> {threads * 3 // 4}")


def test_a_pod_monitor_gives_the_labels_that_the_rules_rest_on() -> None:
    (monitor,) = manifests.of(manifests.overlay("county"), "PodMonitor")
    copied = {re.sub(r"\W", "_", label) for label in monitor["spec"]["podTargetLabels"]}
    assert copied == COPIED
    example = yaml.safe_load((rules.HERE / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = example["scrape_configs"]
    for target in job["static_configs"]:
        assert set(target["labels"]) == {"namespace", "pod", "app_kubernetes_io_component"}
    assert re.fullmatch(r"(.+/)?zhida", job["job_name"])
    assert ROOT.joinpath("deploy/monitoring", example["rule_files"][0]) == rules.SOURCE
