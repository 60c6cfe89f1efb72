"""Keys and PINs on a real database, from a township up to the county: whose signature is believed, and whose is not."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from services.routing import handlers, pins
from services.routing.domain import keys
from services.routing.handlers import signing, verifying
from shared.contract import Event, signature
from shared.contract.envelope import instant, uuid7
from shared.errors import Conflict, Forbidden, NotFound, NotYet, Refused
from tests.integration.routing.replying import PIN
from tests.integration.routing.world import AT, EPB, OFFICE, REPLY, TOWN, Instance, event, instruct

SECRET, ADMIN = "the web's secret", "o-431023-administrator"
REAL = datetime(2026, 3, 2, tzinfo=UTC)


def give_key(instance: Instance, official: str, pin: str = PIN) -> pins.Opened:
    """A key for the official, open."""
    public, sealed = pins.make(uuid7(), official, pin, SECRET)
    with instance.work() as uow:
        signing.set_key(uow, official, public, sealed)
    opened = pins.unseal(sealed, pin, SECRET)
    assert opened is not None
    return opened


def owed(county: Instance, case_id: UUID, official: str, at: Instance | None = None) -> UUID:
    """An assignment of the official that is received, in the instance that he works in."""
    instruct(county, case_id, official)
    if at is not None:
        county.carry_to(at)
    instance = at or county
    assignment = instance.assignment(case_id, official)
    with instance.work() as uow:
        handlers.receive(uow, assignment, official)
    if at is not None:
        at.carry_to(county)
    return assignment


def answer(instance: Instance, assignment: UUID, official: str, signer: pins.Opened | None) -> UUID:
    with instance.work() as uow:
        return handlers.reply(uow, assignment, official, **REPLY, signer=signer).id


def sent(instance: Instance, case_id: UUID, **changes) -> Event:
    """The reply that the instance told, changed on the way."""
    genuine = instance.told("assignment.replied")[-1]
    return event("assignment.replied", case_id, dict(genuine.data) | changes, source=genuine.source, at=AT, key="431023")


# -- the own key ------------------------------------------------------------------------------------------------------
def test_a_reply_bears_its_signers_key_and_verifies_with_it(county, case_id):
    assignment, signer = owed(county, case_id, EPB), give_key(county, EPB)
    reply_id = answer(county, assignment, EPB, signer)
    told = county.told("assignment.replied")[0].data["signature"]
    assert (told["alg"], told["key_id"]) == ("ed25519", str(signer.key_id))
    with county.work() as uow:
        assert verifying.by_id(uow, reply_id).standing == "keyed"


def test_whoever_has_a_key_signs_with_it_and_with_no_other(county, case_id):
    assignment, signer = owed(county, case_id, EPB), give_key(county, EPB)
    others = give_key(county, OFFICE)
    for wrong in (None, others):
        with pytest.raises(Refused, match="pin"):
            answer(county, assignment, EPB, wrong)
    assert county.query("SELECT id FROM reply") == []
    answer(county, assignment, EPB, signer)


def test_a_new_pin_is_a_new_key_and_what_was_signed_with_the_old_one_stays_valid(county, case_id):
    assignment, first = owed(county, case_id, EPB), give_key(county, EPB)
    reply_id = answer(county, assignment, EPB, first)
    county.set_clock(AT + timedelta(days=3))
    second = give_key(county, EPB, "739206")
    rows = county.query("SELECT key_id, ends, reason FROM signing_key ORDER BY begins")
    assert [(row["key_id"], row["ends"] is None, row["reason"]) for row in rows] == [
        (first.key_id, False, "replaced"), (second.key_id, True, None),
    ]  # fmt: skip
    assert [row["key_id"] for row in county.query("SELECT key_id FROM sealed_key")] == [second.key_id]
    told = [(told.data["key_id"], told.data["until"] is None) for told in county.told("directory.signing_key_recorded")]
    assert told == [(str(first.key_id), True), (str(first.key_id), False), (str(second.key_id), True)]
    with county.work() as uow:
        assert verifying.by_id(uow, reply_id).sound


def test_an_ended_key_signs_nothing_more(county, case_id):
    assignment, signer = owed(county, case_id, EPB), give_key(county, EPB)
    with pytest.raises(Forbidden), county.work() as uow:
        signing.end_key(uow, signer.key_id, OFFICE, "lost")
    with county.work() as uow:
        signing.end_key(uow, signer.key_id, ADMIN, "lost")
    assert county.query("SELECT * FROM sealed_key") == []
    for wrong in (signer, None):  # an ended key is no way back to signing without one
        with pytest.raises(Refused, match="pin"):
            answer(county, assignment, EPB, wrong)
    with pytest.raises(Conflict), county.work() as uow:
        signing.end_key(uow, signer.key_id, EPB, "lost")
    with pytest.raises(NotFound), county.work() as uow:
        signing.end_key(uow, uuid7(), ADMIN, "lost")
    answer(county, assignment, EPB, give_key(county, EPB, "739206"))


def test_nobody_has_a_key_where_he_does_not_work(county):
    with pytest.raises(Forbidden):
        give_key(county, TOWN)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE signing_key SET public = 'x'", "UPDATE signing_key SET begins = begins - interval '1 day'", "DELETE FROM signing_key",
        "UPDATE signing_key SET ends = NULL, reason = NULL WHERE ends IS NOT NULL",
    ],
)  # fmt: skip
def test_the_database_keeps_keys_as_they_were_told(county, statement):
    give_key(county, EPB)
    give_key(county, EPB, "739206")
    with county.work() as uow:
        uow.all("DELETE FROM sealed_key")
    with pytest.raises(psycopg2.errors.RaiseException), county.work() as uow:
        uow.all(statement)


def try_pin(county: Instance, now: datetime) -> signing.Try:
    with county.work() as uow:
        return signing.begin_try(uow, EPB, now)


def test_wrong_pins_cost_time_and_then_the_key(county):
    give_key(county, EPB)
    now, waited = REAL, timedelta(0)
    for _ in range(keys.MOST_TRIES):
        begun = try_pin(county, now)
        while begun.sealed is None:
            now, waited = now + begun.wait, waited + begun.wait
            begun = try_pin(county, now)
    assert waited > timedelta(minutes=1)
    with pytest.raises(Refused, match="pin"):
        try_pin(county, now + timedelta(days=1))
    give_key(county, EPB, "739206")
    assert try_pin(county, now).sealed is not None


def test_the_right_pin_forgets_the_wrong_ones_and_tries_side_by_side_are_counted_one_by_one(county):
    give_key(county, EPB)
    hands = [threading.Thread(target=try_pin, args=(county, REAL)) for _ in range(3)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert county.query("SELECT failures FROM sealed_key")[0]["failures"] == 3
    with county.work() as uow:
        signing.end_try(uow, EPB)
    assert try_pin(county, REAL).sealed is not None


def test_without_a_key_there_is_nothing_to_try(county):
    assert try_pin(county, REAL) == signing.Try(None)


# -- from below -------------------------------------------------------------------------------------------------------
@pytest.fixture
def signed_below(county, township, case_id) -> pins.Opened:
    """The township's head has answered with a key; the county knows the key and not the answer yet."""
    assignment = owed(county, case_id, TOWN, township)
    signer = give_key(township, TOWN)
    assert township.carry_to(county) == ["directory.signing_key_recorded"]
    answer(township, assignment, TOWN, signer)
    return signer


def test_a_townships_reply_is_believed_over_its_heads_own_key(county, township, case_id, signed_below):
    told = sent(township, case_id)
    county.hear(told)
    with county.work() as uow:
        found = verifying.by_id(uow, UUID(told.data["reply_id"]))
    assert (found.standing, found.instance) == ("keyed", "431023104")


def test_a_reply_altered_after_its_signing_is_refused_also_with_a_new_hash(county, township, case_id, signed_below):
    data = dict(sent(township, case_id).data)
    for change in ({"findings": "改动过"}, {"evidence": ["别的材料"]}, {"outcome": "explained"}):
        forged = data | change
        block = data["signature"]
        forged["signature"] = block | {"hash": signature.digest(forged | {"signature": block}, str(case_id))}
        with pytest.raises(Refused, match="signature"):
            county.hear(sent(township, case_id, **forged))
    assert county.query("SELECT id FROM reply") == []


def test_an_instance_that_leaves_its_heads_key_out_is_not_believed(county, township, case_id, signed_below):
    data = dict(sent(township, case_id).data)
    block = {key: value for key, value in data["signature"].items() if key not in ("key_id", "value")} | {"alg": "sha256"}
    forged = data | {"signature": block}
    forged["signature"] = block | {"hash": signature.digest(forged, str(case_id))}
    with pytest.raises(Refused, match="signature"):
        county.hear(sent(township, case_id, **forged))


def test_ending_its_heads_key_first_does_not_help_it(county, township, case_id, signed_below):
    township.set_clock(AT + timedelta(hours=1))
    with township.work() as uow:
        signing.end_key(uow, signed_below.key_id, TOWN, "suspected")
    county.hear(*township.told("directory.signing_key_recorded")[-1:])
    test_an_instance_that_leaves_its_heads_key_out_is_not_believed(county, township, case_id, signed_below)
    county.hear(sent(township, case_id))  # signed before its end: good


def test_a_reply_signed_with_a_key_not_told_of_yet_waits_for_it(county, township, case_id):
    assignment = owed(county, case_id, TOWN, township)
    answer(township, assignment, TOWN, give_key(township, TOWN))
    with pytest.raises(NotYet):
        county.hear(sent(township, case_id))
    county.hear(*township.told("directory.signing_key_recorded"))
    county.hear(sent(township, case_id))
    assert county.assignments(case_id)[0]["stage"] == "replied"


def told_key(official: str, source: str, **changes) -> Event:
    public, sealed = pins.make(uuid7(), official, PIN, SECRET)
    data = {
        "official": official, "key_id": str(sealed.key_id), "alg": "ed25519", "public": public, "from": instant(AT), "until": None, "reason": None,
    }  # fmt: skip
    return event("directory.signing_key_recorded", official, data | changes, source=source, at=AT, key="431023")


@pytest.mark.parametrize(
    ("official", "source"),
    [(TOWN, "/431023101/routing"), (EPB, "/431023104/routing"), ("o-nobody", "/431023104/routing"), (TOWN, "/431024/routing")],
    ids=["a neighbour's head", "the county's own", "nobody", "another county"],
)
def test_a_key_of_another_subtree_is_not_believed(county, official, source):
    with pytest.raises(Refused):
        county.hear(told_key(official, source))
    assert county.query("SELECT * FROM signing_key") == []


def test_a_second_key_for_the_time_of_the_first_is_not_believed(county, signed_below):
    other = told_key(TOWN, "/431023104/routing", **{"from": instant(AT + timedelta(days=1))})
    with pytest.raises(Refused, match="from"):
        county.hear(other)


# -- by command and from a file ---------------------------------------------------------------------------------------
def test_a_signed_form_is_verified_with_the_keys_known_here_and_not_with_its_own(county, case_id):
    assignment, signer = owed(county, case_id, EPB), give_key(county, EPB)
    reply_id = answer(county, assignment, EPB, signer)
    with county.work() as uow:
        content = json.loads(json.dumps(verifying.as_file(verifying.by_id(uow, reply_id).reply, "431023")))
        assert verifying.from_file(uow, content).standing == "keyed"
        assert verifying.from_file(uow, content | {"answer": "别的话"}).standing == "altered"
        assert verifying.from_file(uow, content | {"instance": "431023104"}).standing == "unknown_key"
        wrong: list[Any] = [
            [],
            {},
            content | {"reply_id": "x" * 36},
            content | {"signature": {}},
            content | {"replied_at": "昨天"},
        ]
        for broken in wrong:
            with pytest.raises(Refused, match="file"):
                verifying.from_file(uow, broken)
        with pytest.raises(NotFound):
            verifying.by_id(uow, uuid7())
