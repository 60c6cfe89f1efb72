"""What leaves the county is codes, days, stages and counts, of cases that nobody has to be protected by not telling."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from marshmallow import Schema, validate
from marshmallow import fields as f

from services.reporting.domain import facts, picture
from services.reporting.domain.facts import Facts
from services.reporting.domain.picture import CaseRow
from services.reporting.handlers import subscribing
from services.reporting.public import redacting
from shared.contract import EVENTS, Event, fields
from shared.contract.catalogue import EventSchema
from shared.contract.public import CASE as CASE_FIELDS
from shared.contract.public import CODE
from shared.errors import Refused
from tests.integration.reporting.story import CASE, COUNTY, EPB, TOWN_HEAD, TOWNSHIP, Bus, Case, article, at

PUBLIC_ID = UUID("00000000-0000-4000-8000-000000000001")
PUBLIC = {name: contract for name, contract in EVENTS.items() if contract.public}


def told(events: list[Event]) -> Facts:
    found: Facts = {}
    for event in events:
        if event.contract.name in facts.FOLDS:
            found = facts.absorb(found, event.source, event.contract.name, {**event.data, "tellers": [TOWNSHIP]})
    return found


def drawn(*, matter: str = "suggestion") -> CaseRow:
    """The article's case, as if it had been a suggestion."""
    row = picture.draw(CASE, told(article()))
    return replace(row, matter_type=matter)


# -- which cases ------------------------------------------------------------------------------------------------------
def test_an_ordinary_case_that_was_read_is_told() -> None:
    assert redacting.may_be_told(drawn(), own=COUNTY, barred=False)


@pytest.mark.parametrize("why", ["accusation", "unread", "barred", "confidential", "hidden name", "unknown name", "another's"])
def test_a_case_that_protects_somebody_is_not_told(why: str) -> None:
    row = drawn(matter="accusation" if why == "accusation" else "appeal")
    of: dict[str, dict[str, Any]] = {"unread": {"reviewed_at": None}, "confidential": {"confidential": True}}
    changed = of.get(why, {})
    if why.endswith("name"):
        identity = "confidential" if why == "hidden name" else None
        intake = {**row.facts[f"/{COUNTY}/intake"], "identity": identity}
        changed = {"facts": {**row.facts, f"/{COUNTY}/intake": intake}}
    own = TOWNSHIP if why == "another's" else COUNTY
    assert not redacting.may_be_told(replace(row, **changed), own=own, barred=why == "barred")


# -- what of them -----------------------------------------------------------------------------------------------------
def test_a_case_is_told_as_codes_days_and_stages() -> None:
    assert redacting.allowed(redacting.FIRST, redacting.case(drawn(), PUBLIC_ID)) == {
        "case": str(PUBLIC_ID), "organisation": COUNTY, "channel": "email", "category": "environment", "township": "431023104",
        "case_class": "ordinary", "stage": "archived", "round": 4, "outcome": "supported", "registered_on": "2016-11-07",
        "read_on": "2016-11-07", "dispatched_on": "2016-11-07", "replied_on": "2016-11-22", "reply_due_on": None,
        "conclude_due_on": None, "concluded_on": "2016-12-08", "closed_on": "2016-12-10",
    }  # fmt: skip


def test_days_are_those_of_the_wall_in_the_county() -> None:
    assert redacting.day(at("2016-12-01 00:10")) == "2016-12-01"
    assert redacting.day(at("2016-11-30 23:50")) == "2016-11-30"


def test_what_is_no_code_is_told_as_nothing() -> None:
    row = replace(drawn(), category="造纸厂污染", place=None)
    kept = redacting.allowed(redacting.FIRST, redacting.case(row, PUBLIC_ID))
    assert (kept["category"], kept["township"]) == (None, None)


def test_of_an_assignment_the_unit_is_told_and_nobodys_name() -> None:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:00"))
    issued = case.assign(at("2016-11-07 10:00"), 1, EPB, "lead")
    row = picture.draw(CASE, told(bus.sent))
    assert redacting.more("assignment.received", {"assignment_id": issued}, row) == {"unit": "431023-epb", "part": "lead"}


def test_what_a_unit_hands_on_among_its_own_is_told_nobody() -> None:
    bus = Bus()
    case = Case(bus)
    case.register(at("2016-11-07 09:00"))
    inner = case.bus.identifier()
    below = {"issued_at": "2016-11-07T03:00:00.000Z", "responsible": TOWN_HEAD, "part": "handling", "round": 1}
    row = picture.draw(CASE, {**told(bus.sent), f"/{TOWNSHIP}/routing": {"assignments": {inner: below}}})
    assert redacting.more("assignment.issued", {"assignment_id": inner}, row) is None
    assert redacting.more("assignment.received", {"assignment_id": case.bus.identifier()}, row) is None


@pytest.mark.parametrize(
    ("obligation", "is_told"), [("conclude", True), ("reply", True), ("follow_up", False), ("review", False)]
)
def test_of_a_missed_limit_its_day_and_the_unit_are_told(obligation: str, is_told: bool) -> None:
    data = {"obligation": obligation, "due_at": "2016-11-17T02:02:00.000Z", "responsible": TOWN_HEAD}
    wanted = {"obligation": obligation, "due_on": "2016-11-17", "unit": TOWNSHIP} if is_told else None
    assert redacting.more("deadline.missed", data, drawn()) == wanted
    nobody = redacting.more("deadline.missed", {**data, "responsible": None}, drawn())
    assert nobody is None or nobody["unit"] is None


def test_an_event_of_the_case_itself_tells_nothing_besides() -> None:
    assert redacting.more("case.closed", {"reason": "satisfied", "by": TOWN_HEAD}, drawn()) == {}


def test_what_the_contract_does_not_list_is_left_out_and_what_it_lists_has_to_be_there() -> None:
    stands = redacting.case(drawn(), PUBLIC_ID)
    assert redacting.allowed(redacting.FIRST, {**stands, "brief": "反映造纸厂污水乱排"}).keys() == CASE_FIELDS.keys()
    with pytest.raises(ValueError, match="stage"):
        redacting.allowed(redacting.FIRST, {name: value for name, value in stands.items() if name != "stage"})


# -- counts -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("counted", "untold", "undone", "shown"),
    [
        (0, 0, 0, None), (2, 0, 0, None), (3, 0, 0, 3), (12, 3, 0, 12), (12, 2, 0, 10), (12, 1, 0, 11), (4, 2, 0, None), (9, 9, 0, 9),
        (4, 0, 1, 5), (4, 0, 3, 4), (9, 5, 3, 7), (9, 4, 4, 9), (9, 4, 2, 7), (1, 0, 2, 3),
    ],
)  # fmt: skip
def test_no_count_and_no_difference_is_smaller_than_three(counted: int, untold: int, undone: int, shown: int | None) -> None:
    assert redacting.count(counted, untold, undone) == shown


@pytest.mark.parametrize(
    ("period", "last", "month"),
    [
        ("half_month", "2016-11-30", (date(2016, 11, 1), date(2016, 12, 1))),
        ("half_month", "2016-12-31", (date(2016, 12, 1), date(2017, 1, 1))),
        ("half_month", "2016-11-15", None),
        ("week", "2016-07-31", None),
        ("two_months", "2016-12-31", None),
    ],
)
def test_a_month_is_over_with_its_second_half(period: str, last: str, month: tuple[date, date] | None) -> None:
    assert redacting.month_of({"period": period, "last": last}) == month


# -- by contract ------------------------------------------------------------------------------------------------------
def words_fit(schema: Schema) -> set[str]:
    """The fields that somebody's words, name or exact instant fit into."""
    return {name for name, field in schema.fields.items() if not _narrow(field)}


def _narrow(field: Any) -> bool:
    if type(field) in (f.Integer, fields.Day):
        return True
    identifier = [rule for rule in field.validators if isinstance(rule, validate.Length) and rule.min == rule.max == 36]
    code = [rule for rule in field.validators if isinstance(rule, validate.Regexp) and rule.regex.pattern == CODE]
    return type(field) is f.String and bool(
        identifier or code or any(isinstance(rule, validate.OneOf) for rule in field.validators)
    )


@pytest.mark.parametrize("name", PUBLIC)
def test_no_words_fit_into_what_agencies_are_told(name: str) -> None:
    assert words_fit(PUBLIC[name].schema) == set()
    assert PUBLIC[name].local
    assert PUBLIC[name].told_by == {"reporting"}


@pytest.mark.parametrize(
    "mistake", [{"brief": fields.text()}, {"by": fields.person()}, {"at": fields.instant()}, {"note": fields.code()},
                {"units": f.List(f.String())}],
    ids=["words", "a person", "an instant", "an open code", "a list"],
)  # fmt: skip
def test_a_field_that_is_added_by_mistake_is_noticed(mistake: dict[str, Any]) -> None:
    schema = EventSchema.from_dict({**CASE_FIELDS, **mistake})()
    assert words_fit(schema) == set(mistake)


def test_the_stages_of_the_contract_are_those_of_a_case() -> None:
    stage = CASE_FIELDS["stage"].validators[0]
    assert isinstance(stage, validate.OneOf)
    assert set(stage.choices) == {stage.value for stage in picture.Stage}


def test_every_public_event_is_told_of_something() -> None:
    assert {*redacting.TOLD.values(), redacting.FIRST, redacting.COUNTED} == set(PUBLIC)


# -- what can be subscribed to ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("#", 15),
        ("*.*", 15),
        ("case.*", 7),
        ("*.issued", 1),
        ("case.closed", 1),
        ("case.#", 0),
        ("*", 0),
        ("", 0),
        ("case.(x", 0),
    ],
)
def test_a_pattern_takes_in_the_events_that_the_broker_would_send(pattern: str, count: int) -> None:
    assert len(subscribing.matching(pattern)) == count


@pytest.mark.parametrize(
    ("name", "events", "organisations", "field"),
    [
        ("Water", ["#"], [COUNTY], "NAME"), ("w ater", ["#"], [COUNTY], "NAME"), ("../x", ["#"], [COUNTY], "NAME"),
        ("water", ["petition.*"], [COUNTY], "--events"), ("water", ["#"], ["440000"], "--org"), ("water", ["#"], ["431023; x"], "--org"),
    ],
)  # fmt: skip
def test_what_cannot_be_subscribed_to_is_refused(name: str, events: list[str], organisations: list[str], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        subscribing.check(name, events, organisations, COUNTY)
    assert refusal.value.field == field
    subscribing.check("water-bureau", ["case.*"], [COUNTY, TOWNSHIP, "*"], COUNTY)
