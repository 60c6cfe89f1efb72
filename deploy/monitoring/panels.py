"""A small language for Grafana's dashboards: panels in reading order become the JSON that Grafana imports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

WIDE = 24  # columns of a dashboard
TALL = {"row": 1, "stat": 4, "timeseries": 8, "bargauge": 8}
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
HERE = 'namespace=~"$namespace"'


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One panel. `queries` are (expression, legend); `steps` (from, colour) are its thresholds, the first from nothing."""

    title: str
    about: str = ""
    queries: Sequence[tuple[str, str]] = ()
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 8
    steps: Sequence[tuple[float | None, str]] = ()

    def drawn(self, number: int, x: int, y: int) -> dict[str, Any]:
        """As Grafana has it."""
        placed = {"id": number, "title": self.title, "gridPos": {"h": TALL[self.kind], "w": self.width, "x": x, "y": y}}
        if self.kind == "row":
            return {**placed, "type": "row", "collapsed": False, "panels": []}
        steps = [{"color": colour, "value": value} for value, colour in self.steps or ((None, "green"),)]
        defaults: dict[str, Any] = {"unit": self.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
        if self.kind == "timeseries":
            shown = "area" if self.steps else "off"
            defaults["custom"] = {"lineWidth": 1, "fillOpacity": 10, "showPoints": "never", "thresholdsStyle": {"mode": shown}}
        instant = self.kind != "timeseries"
        return {
            **placed, "type": self.kind, "description": self.about, "datasource": SOURCE,
            "targets": [
                {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": expression, "legendFormat": legend,
                 "instant": instant, "range": not instant}
                for place, (expression, legend) in enumerate(self.queries)
            ],
            "fieldConfig": {"defaults": defaults, "overrides": []},
            "options": _OPTIONS[self.kind],
        }  # fmt: skip


_OPTIONS: dict[str, dict[str, Any]] = {
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {"colorMode": "background", "graphMode": "none", "reduceOptions": {"calcs": ["lastNotNull"]}},
    "bargauge": {"displayMode": "basic", "orientation": "horizontal", "reduceOptions": {"calcs": ["lastNotNull"]}},
}


def row(title: str) -> Panel:
    """A heading across the dashboard."""
    return Panel(title=title, kind="row", width=WIDE)


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """A dashboard; `uid` stays, for people keep its address."""

    uid: str
    title: str
    about: str
    panels: Sequence[Panel]
    since: str = "now-6h"

    def drawn(self) -> dict[str, Any]:
        """As Grafana imports it."""
        return {
            "uid": self.uid, "title": self.title, "description": self.about, "tags": ["zhida"], "schemaVersion": 39, "version": 1,
            "editable": False, "timezone": "Asia/Shanghai", "refresh": "30s", "time": {"from": self.since, "to": "now"},
            "templating": {"list": _VARIABLES}, "annotations": {"list": [_FIRING]},
            "links": [{"title": "直达", "type": "dashboards", "tags": ["zhida"], "includeVars": True, "keepTime": True}],
            "panels": list(self._placed()),
        }  # fmt: skip

    def _placed(self) -> Iterator[dict[str, Any]]:
        x = y = tall = 0
        for number, panel in enumerate(self.panels, 1):
            if x + panel.width > WIDE:
                x, y, tall = 0, y + tall, 0
            yield panel.drawn(number, x, y)
            x, tall = x + panel.width, max(tall, TALL[panel.kind])


_VARIABLES: list[dict[str, Any]] = [
    {"name": "datasource", "label": "数据源", "type": "datasource", "query": "prometheus"},
    {
        "name": "namespace", "label": "机构", "type": "query", "datasource": SOURCE, "refresh": 2, "multi": True, "includeAll": True,
        "allValue": ".+", "current": {"text": "All", "value": "$__all"}, "sort": 1,
        "query": {"refId": "namespace", "query": "label_values(zhida_part_up, namespace)"},
    },
]  # fmt: skip
# Where an alert fired: a red mark in every panel.
_FIRING: dict[str, Any] = {
    "name": "告警", "datasource": SOURCE, "enable": True, "iconColor": "red", "titleFormat": "{{alertname}}",
    "expr": f'ALERTS{{alertname=~"Zhida.+", alertstate="firing", {HERE}}}',
}  # fmt: skip
