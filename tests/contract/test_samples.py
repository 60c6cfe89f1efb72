"""One sample of every event in every version is kept here; today's code must read them all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.contract import EVENTS, decode
from shared.contract.envelope import CONTENT_TYPE

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_a_kept_sample_is_still_read(path: Path) -> None:
    event = decode(path.read_bytes(), content_type=CONTENT_TYPE, stream_key="431023")
    assert event.contract.type == f"cn.zhida.{path.stem}"
    assert event.data == json.loads(path.read_bytes())["data"]


def test_every_event_has_a_sample() -> None:
    assert {path.stem for path in SAMPLES} >= {contract.type.removeprefix("cn.zhida.") for contract in EVENTS.values()}
