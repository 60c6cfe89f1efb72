"""The envelope and the quick check, against marshmallow and against broken input."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import fields

from shared.contract import EVENTS, Contract, decode, draft, seal_suffix
from shared.contract.envelope import CONTENT_TYPE, instant, uuid7
from shared.errors import Unreadable

NOW = datetime(2016, 11, 7, 1, 30, tzinfo=UTC)
CASE = "01583d2b-1c00-7000-8000-000000000001"


def example(field: Any) -> Any:  # noqa: C901 - one case for each kind of field
    """A value that fits a contract's field."""
    if isinstance(field, fields.Nested):
        return {name: example(inner) for name, inner in field.schema.fields.items()}
    if isinstance(field, fields.List):
        return [example(field.inner)]
    if isinstance(field, fields.Integer):
        return 3
    if isinstance(field, fields.Boolean):
        return True
    if isinstance(field, fields.Dict):
        return {"number": "1"}
    if type(field).__name__ == "Day":
        return "2016-11-30"
    if "Instant" in type(field).__name__:
        return instant(NOW)
    for rule in field.validators:
        if hasattr(rule, "choices"):
            return rule.choices[0]
        if getattr(rule, "min", None):
            return "a" * rule.min
        if hasattr(rule, "regex"):
            return "431023"
    return "文"


def data_of(contract: Contract) -> dict[str, Any]:
    return {name: example(field) for name, field in contract.schema.fields.items()}


def source_of(contract: Contract) -> str:
    """The county's service that tells it."""
    return f"/431023/{min(contract.told_by)}"


def body_of(contract: Contract, **changes: Any) -> bytes:
    made = draft(
        contract, event_id=uuid7(NOW), source=source_of(contract), subject=CASE, time=NOW, data=data_of(contract), caseversion=1,
        correlation_id=CASE, causation_id=None, traceparent="",
    ) + seal_suffix(7)  # fmt: skip
    return json.dumps({**json.loads(made), **changes}).encode() if changes else made


@pytest.mark.parametrize("contract", EVENTS.values(), ids=EVENTS)
def test_a_sealed_draft_is_read_back_as_it_was_told(contract: Contract) -> None:
    event = decode(body_of(contract), content_type=CONTENT_TYPE, stream_key="431023")
    assert event.contract is contract
    assert event.data == contract.schema.load(data_of(contract))
    assert (event.sequence, event.caseversion, event.time, event.stream) == (
        7,
        1,
        NOW,
        contract.stream(source_of(contract), "431023"),
    )


@pytest.mark.parametrize("contract", EVENTS.values(), ids=EVENTS)
def test_the_quick_check_never_says_yes_where_the_schema_says_no(contract: Contract) -> None:
    good = data_of(contract)
    for name in good:
        for wrong in (None, "", 5, True, [], {}, "x" * 200_000, [None], "2016-13-45", -1, {"official": 1}):
            changed = {**good, name: wrong}
            if contract.fits(changed):
                assert contract.schema.validate(changed) == {}, name
                assert contract.schema.load(changed) == changed
        without = {key: value for key, value in good.items() if key != name}
        if contract.fits(without):
            assert contract.schema.validate(without) == {}


def test_every_contract_is_judged_by_the_quick_check_alone() -> None:
    assert [name for name, contract in EVENTS.items() if not contract.fits(data_of(contract))] == []


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_the_quick_check_agrees_with_marshmallow_on_arbitrary_data(data: Any) -> None:
    for name in ("case.registered", "assignment.replied", "deadline.missed"):
        contract = EVENTS[name]
        if contract.fits(data):
            assert contract.schema.validate(data) == {}


@pytest.mark.parametrize(
    ("body", "content_type", "said"),
    [
        (b"{", CONTENT_TYPE, "not JSON"),
        (b"\xff\xfe", CONTENT_TYPE, "not JSON"),
        (b"[]", CONTENT_TYPE, "not a CloudEvents 1.0 object"),
        (b'{"specversion":"0.3"}', CONTENT_TYPE, "not a CloudEvents 1.0 object"),
        (b'{"specversion":"1.0"}', CONTENT_TYPE, "missing or not text"),
        (b"[" * 100_000, CONTENT_TYPE, "not JSON"),
        (b"{}", "text/plain", "content type"),
        (b"{}", None, "content type"),
    ],
)
def test_what_is_not_an_event_is_unreadable_and_says_why(body: bytes, content_type: str | None, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        decode(body, content_type=content_type, stream_key="431023")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"type": "cn.zhida.case.registered.v9"}, "unknown type or version"),
        ({"id": "not-a-uuid"}, "envelope"),
        ({"time": "yesterday"}, "envelope"),
        ({"time": "99999-01-01T00:00:00Z"}, "envelope"),
        ({"source": "431023"}, "envelope"),
        ({"source": "/431023/routing"}, "not told by"),
        ({"sequence": "-"}, "envelope"),
        ({"sequence": None}, "missing"),
        ({"caseversion": "x"}, "envelope"),
        ({"data": None}, "breaks the contract"),
        ({"data": {}}, "breaks the contract"),
        ({"data": {"channel": "pigeon"}}, "breaks the contract"),
    ],
)
def test_a_broken_envelope_is_unreadable_and_says_why(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        decode(body_of(EVENTS["case.registered"], **changes), content_type=CONTENT_TYPE, stream_key="431023")


def test_unknown_fields_are_ignored_so_that_a_teller_may_add_some() -> None:
    extra = {**data_of(EVENTS["case.accepted"]), "new_field": 1}
    event = decode(body_of(EVENTS["case.accepted"], data=extra, newextension="x"), content_type=CONTENT_TYPE, stream_key="431023")
    assert event.data["accepted_at"] == instant(NOW)


def test_the_official_sdk_reads_every_event() -> None:
    for contract in EVENTS.values():
        read = JSONFormat().read(CloudEvent, body_of(contract))
        assert (read.get_type(), read.get_subject(), read.get_extension("sequence")) == (contract.type, CASE, "000000000007")


def test_uuids_sort_by_time_and_carry_version_7() -> None:
    earlier, later = uuid7(NOW), uuid7(datetime(2016, 11, 8, tzinfo=UTC))
    assert earlier < later
    assert {earlier.version, later.version} == {7}
    assert len({uuid7(NOW) for _ in range(1000)}) == 1000
