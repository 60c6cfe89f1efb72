"""What a link takes from its superior's broker: only what its key, its source and its sender agree on."""

from __future__ import annotations

from typing import Any

import amqp
import pytest

from shared.bus.agreement import GIVEN, SYNC, spoken
from shared.bus.link import LinkReader
from shared.config import load
from shared.contract import EVENTS
from shared.contract.envelope import CONTENT_TYPE, draft, seal_suffix, uuid7
from tests.unit.shared.test_contract import CASE, NOW, data_of

TOWN, COUNTY = "431023104", "431023"
ISSUED = f"{TOWN}.assignment.issued"


@pytest.fixture
def kept() -> list[str]:
    return []


@pytest.fixture
def reader(kept: list[str]) -> LinkReader:
    settings = load({"ZHIDA_ORG": TOWN, "AMQP_URI": "amqp://431023104.link:x@127.0.0.1/town"})
    return LinkReader(settings, COUNTY, "amqp://431023104:x@127.0.0.1/county", lambda body, key, kind, why: kept.append(why))


def message(*, exchange: str = "case.events", key: str = ISSUED, header: str | None = None, user: str = "431023.routing",
            source: str = "/431023/routing") -> amqp.Message:  # fmt: skip
    contract = EVENTS["assignment.issued"]
    body = draft(
        contract, event_id=uuid7(NOW), source=source, subject=CASE, time=NOW, data=data_of(contract), caseversion=1,
        correlation_id=CASE, causation_id=None, traceparent="",
    ) + seal_suffix(1)  # fmt: skip
    headers: dict[str, Any] = {} if header is None else {"key": header}
    made = amqp.Message(body, content_type=CONTENT_TYPE, user_id=user, application_headers=headers)
    made.delivery_info = {"exchange": exchange, "routing_key": key}
    return made


def test_what_comes_by_the_exchange_and_what_is_sent_again_arrive_under_the_same_key(reader: LinkReader, kept: list[str]) -> None:
    for sent in (message(), message(exchange="", key=f"{TOWN}.link", header=ISSUED)):
        carried = reader._translate(sent)
        assert carried is not None
        assert (carried.routing_key, carried.key) == (ISSUED, ISSUED)
    assert kept == []


@pytest.mark.parametrize(
    ("forged", "said"),
    [
        ({"exchange": "", "key": f"{TOWN}.link", "header": "431023.assignment.issued"}, "does not come under the key"),
        ({"exchange": "", "key": f"{TOWN}.link", "header": f"{TOWN}." + "a" * 300}, "does not come under the key"),
        ({"exchange": "", "key": f"{TOWN}.link"}, "does not come under the key"),
        ({"key": f"{TOWN}.case.closed"}, "does not come under the key"),
        ({"user": "431023.intake", "source": "/431023/intake"}, "not told by"),
        ({"user": "431023.intake"}, "may not speak"),
        ({"user": TOWN}, "may not speak"),
    ],
    ids=["another's key", "a key too long", "no key", "another event's key", "another service", "another's name", "ourselves"],
)
def test_what_does_not_agree_is_kept_and_carried_nowhere(
    reader: LinkReader, kept: list[str], forged: dict[str, str], said: str
) -> None:
    assert reader._translate(message(**forged)) is None
    assert len(kept) == 1
    assert said in kept[0]


def word(*, key: str = f"{TOWN}.sync.said", exchange: str = "case.events", user: str = "431023.routing", source: str = "/431023/routing",
         kind: str = SYNC) -> amqp.Message:  # fmt: skip
    made = amqp.Message(spoken(source, 1), content_type=kind, user_id=user, application_headers={"key": ISSUED})
    made.delivery_info = {"exchange": exchange, "routing_key": key}
    return made


def test_a_superiors_word_is_carried_as_what_it_is_and_an_event_that_it_gives_back_keeps_its_key(
    reader: LinkReader, kept: list[str]
) -> None:
    for kind in (SYNC, GIVEN):
        carried = reader._translate(word(kind=kind))
        assert carried is not None
        assert (carried.routing_key, carried.content_type, carried.key) == (f"{TOWN}.sync.said", kind, ISSUED)
    assert kept == []


def test_ones_own_word_to_the_superior_comes_back_as_an_echo_and_is_let_go(reader: LinkReader, kept: list[str]) -> None:
    assert reader._translate(word(source=f"/{TOWN}/intake", user=TOWN)) is None
    assert kept == []


@pytest.mark.parametrize(
    "forged",
    [
        {"user": "431023.intake"},
        {"user": TOWN},
        {"source": "/431023104/routing"},
        {"key": ISSUED},
        {"exchange": "", "key": f"{TOWN}.link"},
    ],
    ids=["another service", "ourselves", "another source", "an event's key", "no key"],
)
def test_what_another_says_in_the_superiors_name_is_kept_and_carried_nowhere(
    reader: LinkReader, kept: list[str], forged: dict[str, str]
) -> None:
    assert reader._translate(word(**forged)) is None
    assert len(kept) == 1
