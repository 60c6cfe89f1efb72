"""Reporting believes of an assignment what routing believes: nothing else stands in figures, dossier or a rebuild."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.reporting import store
from services.reporting.handlers import projecting, rebuilding
from shared.bus.inbox import Inbox
from shared.bus.parked import dismiss, listed
from shared.bus.retrying import retry_due
from shared.config import Settings
from shared.contract import Event
from shared.contract.envelope import instant
from shared.database import Database
from tests.integration.reporting.conftest import Take, reasons
from tests.integration.reporting.story import CASE, COUNTY, NOW, SECRETARY, TOWN_HEAD, TOWNSHIP, VICE, Bus, Case, at, person

MATIAN = "431023101"
ISSUED, REPLIED = at("2016-11-07 10:00"), at("2016-11-08 09:00")


class Told:
    """A case that was handed to the township, and what is told of it then."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.case = Case(self.bus)
        self.case.register(at("2016-11-07 09:30"))
        self.key = self.case.assign(ISSUED, 1, TOWN_HEAD)
        self.begun = list(self.bus.sent)

    def reply(
        self, *, told_by: str = TOWNSHIP, signer: dict[str, str] = TOWN_HEAD, round_number: int = 1, **changes: Any
    ) -> Event:
        """A reply signed as it says, and then changed."""
        self.case.reply(changes.pop("when", REPLIED), self.key, round_number, signer, told_by=told_by)
        signed = self.bus.sent[-1]
        return self.forged(signed, told_by, changes) if changes else signed

    def forged(self, event: Event, told_by: str, changes: dict[str, Any]) -> Event:
        data = {**event.data, **changes}
        self.bus.untell()
        return self.bus.tell(event.contract.name, data, REPLIED, org=told_by, subject=self.case.id, to=COUNTY)

    def say(self, verb: str, when: str, *, told_by: str = TOWNSHIP, **data: Any) -> Event:
        told = {"assignment_id": self.key, "by": TOWN_HEAD, f"{verb}_at": when, **data}
        return self.bus.tell(f"assignment.{verb}", told, REPLIED, org=told_by, subject=self.case.id, to=COUNTY)


@pytest.fixture
def told() -> Told:
    return Told()


def standing(database: Database) -> dict[str, Any]:
    """What the case list and the figures rest on."""
    with database.unit_of_work() as uow:
        row = uow.rows(store.CASES).get(CASE)
        assert row is not None
        return {name: getattr(row, name) for name in ("received_at", "replied_at", "reply_waiting", "responsible", "stage")}


def in_dossier(office: FlaskClient) -> list[str]:
    """The names of the dossier's entries."""
    answer = office.get(f"/api/reporting/cases/{CASE}/dossier")
    return [entry["name"] for entry in answer.get_json()["entries"]]


def same_when_rebuilt(database: Database) -> bool:
    return not any(rebuilding.differences(database).values())


@pytest.mark.parametrize(
    "forgery",
    [
        {"findings": "改动过"},
        {"replied_at": instant(at("2016-11-07 11:00"))},
        {"signature": {**TOWN_HEAD, "at": instant(REPLIED), "alg": "none", "hash": "0" * 64}},
        {"round_number": 2},
        {"signer": VICE},
        {"told_by": MATIAN},
        {"when": ISSUED - timedelta(minutes=6)},
        {"when": NOW + timedelta(minutes=6)},
    ],
    ids=["words", "time", "algorithm", "round", "signer", "neighbour", "before the issue", "in the future"],
)
def test_a_reply_that_routing_refuses_is_parked_and_stands_nowhere(
    reporting: Database, settings: Settings, deliver: Take, office: FlaskClient, told: Told, forgery: dict[str, Any]
) -> None:
    deliver(told.begun)
    before = standing(reporting)
    deliver([told.reply(**forgery)])
    assert reasons(reporting) == ["failed"]
    assert standing(reporting) == before
    assert in_dossier(office) == ["case.registered", "assignment.issued"]
    assert same_when_rebuilt(reporting)
    with reporting.unit_of_work() as uow:
        dismiss(uow, listed(uow)[0]["id"], by="o-operator", reason="伪造")
    deliver([told.reply()])
    retry_due(Inbox(reporting, settings, projecting.HEARS, projecting.preload, user="broker"))
    assert (standing(reporting)["replied_at"], standing(reporting)["reply_waiting"]) == (REPLIED, True)
    assert in_dossier(office)[2:] == ["assignment.replied"]
    assert same_when_rebuilt(reporting)


def test_a_forged_reply_that_comes_before_the_assignment_is_refused_when_that_comes(
    reporting: Database, deliver: Take, office: FlaskClient, told: Told
) -> None:
    deliver([told.reply(findings="改动过")])
    assert reasons(reporting) == ["not_yet"]
    deliver(told.begun)
    assert reasons(reporting) == ["failed"]
    assert standing(reporting)["replied_at"] is None
    assert in_dossier(office) == ["case.registered", "assignment.issued"]


@pytest.mark.parametrize(
    ("verb", "said"), [("received", {}), ("objected", {"reasons": "不属本镇"}), ("progressed", {"text": "办"})]
)
@pytest.mark.parametrize(
    "forgery",
    [
        {"told_by": MATIAN},
        {"by": VICE},
    ],
    ids=["neighbour", "somebody else"],
)
def test_what_else_routing_refuses_of_the_handler_stands_nowhere_either(
    reporting: Database, deliver: Take, office: FlaskClient, told: Told, verb: str, said: dict[str, str], forgery: dict[str, Any]
) -> None:
    deliver(told.begun)
    deliver([told.say(verb, instant(REPLIED), **said, **forgery)])
    assert reasons(reporting) == ["failed"]
    assert standing(reporting)["received_at"] is None
    assert in_dossier(office) == ["case.registered", "assignment.issued"]


def test_only_the_issuer_returns_approves_withdraws_or_issues_again(
    reporting: Database, deliver: Take, office: FlaskClient, told: Told
) -> None:
    deliver([*told.begun, told.reply()])
    before = standing(reporting)
    reply_id, when = told.bus.sent[-1].data["reply_id"], instant(REPLIED)
    who = {"by": TOWN_HEAD, "reply_id": reply_id}
    for org in (TOWNSHIP, MATIAN, "431023102", "431023103"):  # each in a lane of its own: behind a parked one they would wait
        forged = {
            TOWNSHIP: lambda org: told.say("returned", when, told_by=org, round=1, reasons="重办", **who),
            MATIAN: lambda org: told.say("approved", when, told_by=org, **who),
            "431023102": lambda org: told.say("withdrawn", when, told_by=org, by=None, reason="conflict", responsible=TOWN_HEAD),
            "431023103": lambda org: told.forged(told.begun[1], org, {"responsible": VICE}),
        }[org](org)
        deliver([forged])
    assert reasons(reporting) == ["failed"] * 4
    assert standing(reporting) == before
    assert in_dossier(office) == ["case.registered", "assignment.issued", "assignment.replied"]
    deliver([told.bus.tell("assignment.issued", {**told.begun[1].data, "responsible": VICE}, REPLIED, subject=CASE, to=TOWNSHIP)])
    assert standing(reporting)["responsible"].official == TOWN_HEAD["official"]


def test_a_returned_reply_that_is_sent_again_waits_for_no_verdict(reporting: Database, deliver: Take, told: Told) -> None:
    reply = told.reply()
    back = {"reply_id": reply.data["reply_id"], "round": 1, "reasons": "敷衍", "by": SECRETARY}
    deliver([*told.begun, reply, told.say("returned", instant(REPLIED), told_by=COUNTY, **back)])
    deliver([told.bus.tell("assignment.replied", dict(reply.data), REPLIED, org=TOWNSHIP, subject=CASE, to=COUNTY)])
    assert reasons(reporting) == ["failed"]
    assert standing(reporting)["reply_waiting"] is False


def test_a_unit_without_an_instance_speaks_through_its_superiors(reporting: Database, deliver: Take) -> None:
    bus = Bus()
    county, township = Case(bus), Case(bus)
    township.org = TOWNSHIP
    station = person("o-431023104-env", "曹建军", "站长", "431023104-env")
    county.register(at("2016-11-07 09:30"))
    county.assign(ISSUED, 1, TOWN_HEAD)
    one, other = county.assign(ISSUED, 1, VICE), township.assign(ISSUED, 1, station)
    county.receive(REPLIED, one, VICE)
    bus.tell(
        "assignment.received", {"assignment_id": other, "by": station, "received_at": instant(REPLIED)}, REPLIED, org=TOWNSHIP,
        subject=CASE,
    )  # fmt: skip
    deliver(bus.sent)
    assert reasons(reporting) == []
    county.receive(REPLIED, one, VICE, told_by=TOWNSHIP)
    deliver(bus.sent[-1:])
    assert reasons(reporting) == ["failed"]


# -- the archive ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("at_once", [1, 2000])
def test_a_rebuild_copes_with_an_archive_that_two_transactions_numbered_crosswise(
    reporting: Database, monkeypatch: pytest.MonkeyPatch, told: Told, at_once: int
) -> None:
    monkeypatch.setattr(rebuilding, "AT_ONCE", at_once)
    events = [told.say("received", instant(ISSUED)), told.reply(), *told.begun]
    with reporting.unit_of_work() as uow:
        projecting.preload(events, uow)
        for event in (*told.begun, *events[:2]):
            projecting.HEARS[event.contract.name](event, uow)
    assert same_when_rebuilt(reporting)
    assert rebuilding.rebuild(reporting) == 4
    assert standing(reporting)["replied_at"] == REPLIED


def test_what_an_older_archive_holds_unverified_is_left_out_of_a_rebuild_and_said(
    reporting: Database, take: Take, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    take(told.begun)
    stray = told.forged(told.reply(), TOWNSHIP, {"assignment_id": told.bus.identifier()})
    with reporting.unit_of_work() as uow:
        projecting.preload([told.reply(findings="改动过"), stray], uow)
    assert same_when_rebuilt(reporting)
    assert caplog.text.count("left out: assignment.replied") == 2


def handed_on(told: Told, *, to: dict[str, str], told_by: str, key: str | None = None, subject: Any = None) -> Event:
    """An issue of the case by an instance below, made out of the county's own."""
    issued = next(event for event in told.bus.sent if event.contract.name == "assignment.issued")
    data = {**issued.data, "assignment_id": key or told.bus.identifier(), "responsible": to, "issued_by": TOWN_HEAD}
    return told.bus.tell("assignment.issued", data, REPLIED, org=told_by, subject=subject or told.case.id, to=to["organisation"])


CLERK_OF_TOWN = person("o-431023104-clerk", "何青", "柏林镇干部", "431023104-xf")


def named(database: Database) -> set[str]:
    """Whom the case was handed to, and who therefore sees it."""
    with database.unit_of_work() as uow:
        return {row["official"] for row in uow.all("SELECT official FROM case_unit")}


def test_a_township_hands_its_case_on_to_its_own_people(reporting: Database, deliver: Take, told: Told) -> None:
    deliver([handed_on(told, to=CLERK_OF_TOWN, told_by=TOWNSHIP)])
    assert reasons(reporting) == ["not_yet"]
    deliver(told.begun)
    assert reasons(reporting) == []
    assert named(reporting) == {TOWN_HEAD["official"], CLERK_OF_TOWN["official"]}
    assert same_when_rebuilt(reporting)


def test_a_township_gives_nobody_sight_of_a_case_that_it_does_not_have(reporting: Database, deliver: Take, told: Told) -> None:
    deliver(told.begun)
    deliver([handed_on(told, to=person("o-431023101-head", "李明", "马田镇党委书记", MATIAN), told_by=MATIAN)])
    assert reasons(reporting) == ["not_yet"]
    assert named(reporting) == {TOWN_HEAD["official"]}


def test_a_township_hands_on_to_nobody_elses_people(reporting: Database, deliver: Take, told: Told) -> None:
    deliver(told.begun)
    deliver([handed_on(told, to=VICE, told_by=TOWNSHIP)])
    assert reasons(reporting) == ["failed"]
    assert named(reporting) == {TOWN_HEAD["official"]}


def test_an_assignment_belongs_to_one_case(reporting: Database, deliver: Take, told: Told) -> None:
    deliver(told.begun)
    other = Case(told.bus)
    other.id = UUID(told.bus.identifier())
    other.register(at("2016-11-07 09:40"))
    deliver([told.bus.sent[-1], handed_on(told, to=TOWN_HEAD, told_by=COUNTY, key=told.key, subject=other.id)])
    assert reasons(reporting) == ["failed"]
    with reporting.unit_of_work() as uow:
        assert uow.all("SELECT DISTINCT case_id FROM case_unit") == [{"case_id": CASE}]
