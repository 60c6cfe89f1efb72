"""Learning in a process of its own, which is gone afterwards: splitting words takes a dictionary, and no page should carry it.

It is given the briefs and codes of past cases and gives back counts. It has neither our environment, which holds the database's
address, nor more memory and time than is agreed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

from services.routing.domain.learning import Model, Past
from shared.errors import Unavailable

MEMORY_MB, SECONDS = 1024, 600


class Taught(NamedTuple):
    """What was learnt from all cases, and from those that were not held out; the most memory that it took."""

    model: Model
    part: Model
    memory_mb: int


def teach(past: Sequence[Past]) -> Taught:
    """Learn from these cases. Raises Unavailable when the process is killed by its limits."""
    given = json.dumps([[str(one.id), *one.case, list(one.units)] for one in past], ensure_ascii=False)
    command = [sys.executable, "-P", "-X", "utf8", "-m", "services.routing.learner", str(MEMORY_MB)]
    try:
        child = subprocess.run(  # noqa: S603 - our own module
            command, input=given.encode(), capture_output=True, timeout=SECONDS, check=False, env={"LANG": "C.UTF-8"}
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise Unavailable(f"learning took more than {SECONDS} s") from late
    if child.returncode:
        last = child.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Unavailable(f"learning ended with {child.returncode}: {''.join(last)}")
    told = json.loads(child.stdout)
    return Taught(model=Model.of(told["model"]), part=Model.of(told["part"]), memory_mb=told["memory_mb"])
