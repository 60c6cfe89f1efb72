"""What a private server must remember between two starts: its ports and secrets, in one file."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.dev.ports import free_port, is_free

State = dict[str, Any]


def remembered(path: Path, make: Callable[[], State]) -> State:
    """The state in the file, written there first (readable by its owner only) when there is none."""
    if path.exists():
        state: State = json.loads(path.read_text())
        return state
    state = make()
    save(path, state)
    return state


def save(path: Path, state: State) -> None:
    """Replace the file at once: a reader sees the old state or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:  # noqa: PTH123 - with a mode
        json.dump(state, out)
    draft.replace(path)


def settle_ports(path: Path, state: State) -> None:
    """Before a start: keep every port that is still free, take a new one for each that a stranger has."""
    ports = {name: port if is_free(port) else free_port() for name, port in state["ports"].items()}
    if ports != state["ports"]:
        state["ports"] = ports
        save(path, state)
