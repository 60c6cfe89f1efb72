"""What one instance says to its neighbour is read as it was said, and anything else is unreadable."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.bus.agreement import link_hash, read, spoken
from shared.errors import Unreadable

TOWN, COUNTY = "/431023104/routing", "431023"
CHAIN = link_hash(b"", b"an event")


def test_what_is_said_is_read_as_it_was_said() -> None:
    body = spoken(
        TOWN, 2, heads=[(f"{TOWN} {COUNTY}", 7, CHAIN)], holds=[("routing", f"/{COUNTY}/routing 431023104", 3, b"")],
        wants=[(f"/{COUNTY}/routing 431023104", False, 3), (f"{TOWN} {COUNTY}", True, 0)],
    )  # fmt: skip
    said = read(body)
    assert (said["source"], said["epoch"]) == (TOWN, 2)
    assert said["heads"] == [(f"{TOWN} {COUNTY}", 7, CHAIN)]
    assert said["holds"] == [("routing", f"/{COUNTY}/routing 431023104", 3, b"")]
    assert said["wants"] == [(f"/{COUNTY}/routing 431023104", False, 3), (f"{TOWN} {COUNTY}", True, 0)]


@pytest.mark.parametrize(
    "change",
    [
        {"source": "431023104"}, {"source": "/431023104"}, {"source": None}, {"epoch": "new"}, {"epoch": None}, {"heads": [["a stream", 1]]},
        {"heads": [["a stream", 1, "no digits"]]}, {"heads": 7}, {"holds": [["routing", "a stream", "x", ""]]}, {"wants": [[1]]}, {"wants": None},
    ],
    ids=str,
)  # fmt: skip
def test_what_nobody_says_is_unreadable(change: dict[str, Any]) -> None:
    said = json.loads(spoken(TOWN, 1)) | change
    with pytest.raises(Unreadable):
        read(json.dumps(said).encode())


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"\xff", b"7", b"[" * 100_000], ids=["nothing", "list", "empty", "bytes", "number", "deep"]
)
def test_what_is_no_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


def test_a_head_depends_on_everything_before_it() -> None:
    other = link_hash(link_hash(b"", b"another event"), b"the same")
    assert link_hash(CHAIN, b"the same") != other
