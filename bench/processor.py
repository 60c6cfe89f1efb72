"""What a measure costs in processor time, by process: it says what takes the rest."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from bench.ground import Ground
from deploy.dev import procfs
from deploy.dev.processes import Process

TICKS = os.sysconf("SC_CLK_TCK")


class Processor:
    """The processor seconds of some programs with all their children; read before and after, the difference counts."""

    def __init__(self, ground: Ground, processes: Mapping[str, Process]) -> None:
        self._pids = {name: process.pid for name, process in processes.items()}
        self._pids |= {"PostgreSQL": ground.database.pid, "RabbitMQ": ground.broker.pid}
        self._begun = self._read()

    def spent(self) -> dict[str, float]:
        """Seconds of each since this was made."""
        return {name: round(seconds - self._begun[name], 3) for name, seconds in self._read().items()}

    def _read(self) -> dict[str, float]:
        return {name: _seconds(pid) for name, pid in self._pids.items() if pid is not None}


def _seconds(pid: int) -> float:
    """Of a process, of its living descendants, and of those that it has buried."""
    return sum(_ticks(one) for one in (pid, *(stat.pid for stat in procfs.family(pid)))) / TICKS


def _ticks(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return sum(int(field) for field in text[text.rindex(")") + 2 :].split()[11:15])
