"""What a service's handlers hear is what the list says that it hears, no more and no less."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from shared.config import SERVICES
from shared.contract import EVENTS, heard_by, told_by
from shared.contract.document import asyncapi, markdown

ROOT = Path(__file__).parents[2]


def handlers(service: str) -> dict[str, object]:
    module = importlib.import_module(f"services.{service}.handlers")
    found: dict[str, object] = dict(module.HEARS)
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_handles_exactly_what_the_list_says_it_hears(service: str) -> None:
    assert set(handlers(service)) == {contract.name for contract in heard_by(service)}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_tells_only_what_the_list_says_and_all_of_it(service: str) -> None:
    text = "\n".join(path.read_text() for path in (ROOT / "services" / service).rglob("*.py"))
    named = {name for name in EVENTS if re.search(rf"[\"']{re.escape(name)}[\"']", text)}
    listed = {contract.name for contract in told_by(service)}
    assert listed - named == set(), "the list says that these are told, and nothing in the service names them"


def test_the_page_of_events_says_what_the_code_says() -> None:
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert page == markdown(), "run: zhida events --markdown > docs/events.md"


def test_the_asyncapi_document_holds_every_event_with_its_fields() -> None:
    messages = asyncapi()["components"]["messages"]
    assert set(messages) == {contract.type for contract in EVENTS.values() if not contract.public}
    reply = messages["cn.zhida.assignment.replied.v1"]["payload"]["properties"]["data"]
    assert {"signature", "outcome", "findings"} <= set(reply["required"])
    assert reply["properties"]["outcome"]["enum"] == ["supported", "explained", "not_supported"]
