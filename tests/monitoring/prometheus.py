"""Debian's Prometheus on the running county: scraped as a PodMonitor would have it, with the rules that are shipped."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deploy.dev.ports import LOOPBACK, free_port
from deploy.dev.processes import Process
from deploy.monitoring import rules


@dataclass(frozen=True)
class Target:
    """One process: its port, the instance it belongs to, and what a pod's labels would say."""

    port: int
    namespace: str
    pod: str
    component: str

    def scraped(self) -> dict[str, Any]:
        """As service discovery would give it; `endpoint` is the name of the port."""
        labels = {
            "namespace": self.namespace, "pod": self.pod, "container": "zhida", "app_kubernetes_io_component": self.component,
            "endpoint": "http" if self.component == "web" else "health",
        }  # fmt: skip
        return {"targets": [f"{LOOPBACK}:{self.port}"], "labels": labels}


class Prometheus:
    """A server of its own, asked by its API. `dropped`: figures that it does not take from its targets."""

    def __init__(self, folder: Path, targets: Sequence[Target], dropped: str = "") -> None:
        folder.mkdir()
        self._address = f"http://{LOOPBACK}:{(port := free_port())}"
        jobs = {target.namespace: [one.scraped() for one in targets if one.namespace == target.namespace] for target in targets}
        relabelled = [{"source_labels": ["__name__"], "regex": dropped, "action": "drop"}] if dropped else []
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(rules.SOURCE)],
            "scrape_configs": [
                {"job_name": f"{namespace}/zhida", "static_configs": found, "metric_relabel_configs": relabelled}
                for namespace, found in jobs.items()
            ],
        }
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        self.process = Process(
            "prometheus",
            ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address={LOOPBACK}:{port}", "--log.level=warn"],
            folder=folder, die_with_parent=True,
        )  # fmt: skip

    def start(self) -> None:
        """Start it; returns when it answers."""
        self.process.start()
        self.process.wait_http(f"{self._address}/-/ready", timeout=60)

    def _get(self, path: str, **query: str) -> Any:
        address = f"{self._address}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - our own process
            found = json.load(answer)
        assert found["status"] == "success", found
        return found["data"]

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """The samples of an expression now: [{metric, value}]. Raises HTTPError for one that cannot be evaluated."""
        found: list[dict[str, Any]] = self._get("query", query=expression)["result"]
        return found

    def number(self, expression: str) -> float:
        """The one value of an expression; 0 when there is none."""
        found = self.ask(expression)
        assert len(found) <= 1, expression
        return float(found[0]["value"][1]) if found else 0.0

    def silent(self, expressions: Iterable[str]) -> list[str]:
        """Those that give nothing."""
        return [one for one in expressions if not self.ask(one)]

    def rules(self) -> list[dict[str, Any]]:
        """Every rule with its health, as it was evaluated last."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def alerts(self) -> dict[str, set[str]]:
        """The alerts that are pending or firing, with their pods."""
        found: dict[str, set[str]] = {}
        for alert in self._get("alerts")["alerts"]:
            found.setdefault(alert["labels"]["alertname"], set()).add(alert["labels"].get("pod", ""))
        return found

    def label_values(self) -> set[str]:
        """Every value of every label of every series."""
        series = self._get("series", **{"match[]": '{__name__=~".+"}'})
        return {value for labels in series for name, value in labels.items() if name != "__name__"}
