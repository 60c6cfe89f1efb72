"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import Any

import psycopg2

from bench.ground import Ground


def facts(ground: Ground) -> dict[str, Any]:
    """Cores, processor, memory in MB, versions, and how busy the machine was with other things when the run began."""
    connection = psycopg2.connect(ground.database.url())
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()
    connection.close()
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _first(r"model name\s*: (.*)", "/proc/cpuinfo"),
        "memory": int(_first(r"MemTotal:\s*(\d+)", "/proc/meminfo") or 0) // 1024,
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgres": postgres[0] if postgres else "",
        "rabbitmq": ground.broker.management("GET", "/api/overview")["rabbitmq_version"],
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def _first(pattern: str, path: str) -> str:
    found = re.search(pattern, Path(path).read_text())
    return found[1].strip() if found else ""
