"""What the product exposes, by its own registry: names as Prometheus stores them, with their labels."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

ROOT = Path(__file__).parents[2]
# What a scrape adds: a PodMonitor's own labels, and those that ours copies from the pod.
TARGET = frozenset({"job", "instance", "namespace", "pod", "container", "endpoint"})
COPIED = frozenset({"app_kubernetes_io_component", "zhida_cn_service"})
OURS = "zhida_"


@cache
def known() -> dict[str, frozenset[str]]:
    """Every series' name with its own labels, `le` included."""
    for path in sorted(ROOT.glob("services/*/metrics.py")):
        importlib.import_module(f"services.{path.parent.name}.metrics")
    for module in ("shared.metrics", "shared.web.app"):
        importlib.import_module(module)
    found: dict[str, frozenset[str]] = {"up": frozenset()}
    for metric in {one for one in REGISTRY._names_to_collectors.values() if isinstance(one, MetricWrapperBase)}:
        own = frozenset(metric._labelnames)
        name, kind = metric._name, metric._type
        if not name.startswith(OURS):
            continue
        if kind == "histogram":
            found |= {f"{name}_bucket": own | {"le"}, f"{name}_sum": own, f"{name}_count": own}
        else:
            found[f"{name}_total" if kind == "counter" else name] = own
    processes = ("cpu_seconds_total", "resident_memory_bytes", "open_fds", "max_fds", "start_time_seconds")
    return found | {f"process_{name}": frozenset() for name in processes}
