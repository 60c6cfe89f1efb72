"""What is told of an assignment is held against its issue: who may tell what, in whose name, of when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contract import EVENTS, Event, decode, draft, seal_suffix, signature
from shared.contract.assigned import CLOCK_SKEW, Assigned, tellers
from shared.contract.envelope import CONTENT_TYPE, instant, uuid7
from shared.contract.person import Person
from shared.errors import Forbidden, Refused

COUNTY, TOWN = "431023", "431023104"
CASE, OTHER, REPLY = (f"01583d2b-1c00-7000-8000-00000000000{n}" for n in "123")
ISSUED, NOW = datetime(2016, 11, 7, 2, tzinfo=UTC), datetime(2016, 11, 9, 2, tzinfo=UTC)
HEAD = Person(official="o-1", name="李志强", post="镇党委书记", organisation=TOWN)
ASSIGNED = Assigned(case_id=UUID(CASE), issuer=COUNTY, tellers=(TOWN,), responsible=HEAD, round=1, issued_at=ISSUED)
SAID: dict[str, Any] = {
    "outcome": "supported", "findings": "属实", "measures": ["整改"], "answer": "已办", "reasons": "不属本镇", "text": "已入户",
}  # fmt: skip


def event(name: str, data: dict[str, Any], *, org: str = TOWN, case: str = CASE, to: str = COUNTY) -> Event:
    body = draft(
        EVENTS[name], event_id=uuid7(), source=f"/{org}/routing", subject=case, time=NOW, data=data, caseversion=1,
        correlation_id="c", causation_id=None, traceparent="",
    )  # fmt: skip
    return decode(body + seal_suffix(1), content_type=CONTENT_TYPE, stream_key=to)


def reply(at: datetime = NOW, *, round_number: int = 1, signer: Person = HEAD, org: str = TOWN, **changes: Any) -> Event:
    """A reply signed as it says, and then changed."""
    data = {
        **SAID, "assignment_id": OTHER, "reply_id": REPLY, "round": round_number, "replied_at": instant(at),
        "signature": {**signer.as_data(), "at": instant(at), "alg": "sha256"},
    }  # fmt: skip
    data["signature"]["hash"] = signature.digest(data, CASE)
    return event("assignment.replied", data | changes, org=org)


def sent_up(verb: str, at: datetime = NOW, *, by: Person = HEAD, org: str = TOWN, case: str = CASE) -> Event:
    data = {**SAID, "assignment_id": OTHER, "by": by.as_data(), f"{verb}_at": instant(at)}
    return event(f"assignment.{verb}", data, org=org, case=case)


def handed_down(verb: str, org: str = COUNTY) -> Event:
    data = {
        **SAID, "assignment_id": OTHER, "reply_id": REPLY, "round": 1, "by": HEAD.as_data(), "reason": "replaced",
        "responsible": HEAD.as_data(), f"{verb}_at": instant(NOW),
    }  # fmt: skip
    return event(f"assignment.{verb}", data, org=org)


def check(told: Event, assigned: Assigned = ASSIGNED, own: str = COUNTY) -> None:
    assigned.check(told, own=own, now=NOW)


UPWARD, DOWNWARD = ("received", "objected", "progressed"), ("returned", "approved", "withdrawn")
MORE_DOWN = ("objection_decided", "extended", "extension_refused", "paused", "resumed")
HEIR = Person(official="o-2", name="龙继任", post="镇党委书记", organisation=TOWN)


def protocol(verb: str, *, org: str = COUNTY, by: Person = HEAD, to: Person = HEIR) -> Event:
    """What is told of time, objections and posts."""
    people = {"by": by.as_data(), "authority": by.as_data(), "from": by.as_data(), "to": to.as_data()}
    data = {
        "assignment_id": OTHER, "extension_id": OTHER, "pause_id": OTHER, "days": 10, "reasons": "案情复杂", "category": "hearing",
        "decision": "dismissed", "reason": "left", "at": instant(NOW),
    }  # fmt: skip
    return event(f"assignment.{verb}", data | people, org=org)


def test_time_is_given_by_the_issuer_alone_and_asked_for_by_the_person_responsible_alone() -> None:
    for verb in MORE_DOWN:
        check(protocol(verb))
        for org in (TOWN, "431023101"):
            with pytest.raises(Refused):
                check(protocol(verb, org=org))
    check(protocol("extension_requested", org=TOWN))
    for wrong in (protocol("extension_requested"), protocol("extension_requested", org=TOWN, by=HEIR)):
        with pytest.raises(Refused):
            check(wrong)


def test_a_post_is_handed_over_by_his_own_instance_from_its_holder_and_within_his_organisation() -> None:
    check(protocol("handed_over", org=TOWN))
    elsewhere = Person(official="o-2", name="龙继任", post="镇党委书记", organisation="431023101")
    for wrong in (
        protocol("handed_over"), protocol("handed_over", org="431023101"), protocol("handed_over", org=TOWN, by=HEIR),
        protocol("handed_over", org=TOWN, to=elsewhere),
    ):  # fmt: skip
        with pytest.raises(Refused):
            check(wrong)


def test_what_the_rules_allow_is_believed() -> None:
    for told in (reply(), *map(sent_up, UPWARD), *map(handed_down, DOWNWARD)):
        check(told)


@pytest.mark.parametrize("told", [reply(org="431023101"), *(sent_up(verb, org="431023101") for verb in UPWARD)])
def test_a_neighbour_does_not_speak_for_the_person_responsible(told: Event) -> None:
    with pytest.raises(Refused):
        check(told)


@pytest.mark.parametrize("verb", DOWNWARD)
def test_nobody_but_the_issuer_speaks_for_the_issuer(verb: str) -> None:
    with pytest.raises(Refused):
        check(handed_down(verb, org=TOWN))


@pytest.mark.parametrize("change", [{"official": "o-2"}, {"name": "别人"}, {"post": "镇长"}, {"organisation": "431023101"}])
def test_nobody_else_acts_or_signs(change: dict[str, str]) -> None:
    other = Person.of(HEAD.as_data() | change)
    for told in (reply(signer=other), *(sent_up(verb, by=other) for verb in UPWARD)):
        with pytest.raises(Forbidden):
            check(told)


@pytest.mark.parametrize(
    "change",
    [
        {"findings": "另说"}, {"answer": "另说"}, {"outcome": "explained"}, {"measures": []}, {"assignment_id": CASE},
        {"reply_id": CASE}, {"round": 2}, {"replied_at": instant(NOW - timedelta(seconds=1))},
        {"signature": {**HEAD.as_data(), "at": instant(NOW), "alg": "md5", "hash": "0" * 64}},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_a_reply_that_its_signature_does_not_cover_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        check(reply(**change))


def test_an_unknown_algorithm_does_not_fit_whatever_it_hashes() -> None:
    data = dict(reply().data)
    data["signature"] = data["signature"] | {"alg": "sha1"}
    data["signature"]["hash"] = signature.digest(data, CASE)
    assert not signature.verify(data, CASE)


def test_what_a_signature_says_beyond_its_fields_and_how_an_identifier_is_spelt_changes_no_hash() -> None:
    data = dict(reply().data)
    assert signature.verify(data | {"signature": data["signature"] | {"more": "x"}, "reply_id": REPLY.upper()}, CASE.upper())


def test_a_reply_is_to_its_own_round_and_given_once() -> None:
    with pytest.raises(Refused):
        check(reply(round_number=2))
    known = Assigned(**{**vars(ASSIGNED), "replies": (REPLY,)})
    with pytest.raises(Refused):
        check(reply(), known)


def test_another_cases_assignment_is_refused() -> None:
    with pytest.raises(Refused):
        check(sent_up("received", case=OTHER))


@pytest.mark.parametrize(
    ("at", "believed"),
    [
        (ISSUED - CLOCK_SKEW - timedelta(seconds=1), False), (ISSUED - CLOCK_SKEW, True), (ISSUED, True), (NOW, True),
        (NOW + CLOCK_SKEW, True), (NOW + CLOCK_SKEW + timedelta(seconds=1), False),
    ],
)  # fmt: skip
def test_a_reply_from_below_lies_between_the_issue_and_now(at: datetime, believed: bool) -> None:
    check(reply(at), own=TOWN)  # at home our own clock is not held against itself
    if believed:
        check(reply(at))
    else:
        with pytest.raises(Refused):
            check(reply(at))
    for verb in UPWARD:  # nobody signed these instants: a slow clock must not block what comes after them
        check(sent_up(verb, at))


@pytest.mark.parametrize(
    ("issuer", "addressee", "unit", "own", "may_speak"),
    [
        (COUNTY, TOWN, TOWN, TOWN, {TOWN}),  # at home nobody else does, the superior neither
        (COUNTY, TOWN, f"{TOWN}-env", COUNTY, {TOWN}),
        (COUNTY, TOWN, f"{TOWN}-env", TOWN, {TOWN}),
        (COUNTY, f"{COUNTY}-epb", f"{COUNTY}-epb", COUNTY, {COUNTY, f"{COUNTY}-epb"}),
        (COUNTY, "431023101", "431023101", COUNTY, {COUNTY, "431023101"}),
        (TOWN, f"{TOWN}-env", f"{TOWN}-env", COUNTY, {TOWN, f"{TOWN}-env"}),
        (COUNTY, COUNTY, COUNTY, COUNTY, {COUNTY}),
    ],
)
def test_who_may_speak_follows_from_where_the_assignment_was_addressed(
    issuer: str, addressee: str, unit: str, own: str, may_speak: set[str]
) -> None:
    person = Person.of(HEAD.as_data() | {"organisation": unit}).as_data()
    data = {
        **SAID, "assignment_id": OTHER, "instruction_id": OTHER, "round": 1, "part": "handling", "responsible": person,
        "issued_by": person, "issued_at": instant(ISSUED), "case_class": "ordinary", "number": "1", "channel": "letter",
        "category": "water", "title": "题", "brief": "摘要",
    }  # fmt: skip
    issued = event("assignment.issued", data, org=issuer, to=addressee)
    assert set(tellers(issued, own)) == may_speak
