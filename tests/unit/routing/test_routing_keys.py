"""A reply is signed with its signer's own key, by the one in force at that instant, and what does not hold is told apart."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.routing import domain, pins
from services.routing.domain import SigningKey, keys
from shared.errors import Conflict, Refused
from tests.unit.routing.builders import EPB, NOW, OTHER_ID, TOWN, later, reply

TOWNSHIP = TOWN.organisation


class Signer:
    """A key as it is when its PIN has opened it."""

    def __init__(self, key_id: UUID = OTHER_ID) -> None:
        self.key_id, self.private = key_id, Ed25519PrivateKey.generate()

    def sign(self, text: bytes) -> bytes:
        return self.private.sign(text)

    def public(self, **changes: object) -> SigningKey:
        made = SigningKey(
            key_id=self.key_id, official=TOWN.official, instance=TOWNSHIP, alg="ed25519",
            public=base64.b64encode(self.private.public_key().public_bytes_raw()).decode(), begins=NOW - timedelta(days=1),
        )  # fmt: skip
        return replace(made, **changes)  # type: ignore[arg-type]


SIGNER = Signer()
KEY = SIGNER.public()


def worth(answer: domain.Reply, key: SigningKey | None = KEY, *, owed: bool = True) -> str:
    return keys.standing(answer, key, instance=TOWNSHIP, owed=owed)


def test_a_reply_signed_with_the_key_in_force_holds() -> None:
    signed = reply(key=SIGNER, evidence=["检测报告", " "], page={"name": "p.png", "form": "png", "size": 3, "sha256": "0" * 64})
    assert signed.signature["key_id"] == str(OTHER_ID)
    assert len(base64.b64decode(signed.signature["value"])) == 64
    assert signed.evidence == ("检测报告",)
    assert worth(signed) == "keyed"


@pytest.mark.parametrize(
    "change",
    [
        {"answer": "别的话"},
        {"evidence": ("另一份",)},
        {"page": None},
        {"replied_at": later(seconds=1)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_reply_altered_after_it_was_signed_does_not_hold(change) -> None:
    signed = reply(key=SIGNER, evidence=["检测报告"], page={"name": "p.png", "form": "png", "size": 3, "sha256": "0" * 64})
    assert worth(replace(signed, **change)) == "altered"


def test_whoever_makes_a_new_hash_for_altered_words_still_lacks_the_signature() -> None:
    signed = reply(key=SIGNER)
    forged = replace(signed, answer="别的话")
    forged = replace(
        forged,
        signature=signed.signature | {"hash": domain.reply.signing.digest(domain.reply.as_told(forged), str(forged.case_id))},
    )
    assert domain.verify(forged)
    assert worth(forged) == "altered"
    for value in ("", "不是", base64.b64encode(b"0" * 64).decode()):
        assert worth(replace(signed, signature=signed.signature | {"value": value})) == "altered"


def test_another_officials_key_another_instances_and_one_nobody_knows_are_not_the_signers() -> None:
    signed = reply(key=SIGNER)
    assert worth(signed, None) == "unknown_key"
    assert worth(signed, SIGNER.public(official=EPB.official)) == "unknown_key"
    assert worth(signed, SIGNER.public(instance="431023101")) == "unknown_key"
    assert worth(signed, Signer().public()) == "altered"


def test_a_key_counts_from_its_beginning_to_its_end_and_old_signatures_stay() -> None:
    signed = reply(key=SIGNER)
    assert worth(signed, SIGNER.public(begins=later(minutes=1))) == "not_in_force"
    assert worth(signed, SIGNER.public(ends=NOW)) == "not_in_force"
    assert worth(signed, keys.end(KEY, "lost", at=later(minutes=1))) == "keyed"


def test_without_a_key_the_hash_alone_counts_but_not_once_a_key_is_in_force() -> None:
    assert worth(reply(), None, owed=False) == "hashed"
    assert worth(reply(), None, owed=True) == "unkeyed"
    assert "key_id" not in reply().signature


def test_evidence_has_an_end() -> None:
    with pytest.raises(Refused, match="evidence"):
        reply(evidence=["x"] * 51)


def test_a_key_ends_once_for_a_reason() -> None:
    ended = keys.end(KEY, "lost", at=later(minutes=1))
    assert (ended.ends, ended.reason) == (later(minutes=1), "lost")
    assert keys.end(KEY, "lost", at=KEY.begins - timedelta(days=1)).ends == KEY.begins
    with pytest.raises(Conflict):
        keys.end(ended, "left", at=later(minutes=2))
    with pytest.raises(Refused, match="reason"):
        keys.end(KEY, "boring", at=NOW)


def test_what_another_instance_tells_of_a_key_never_changes_what_it_told_before() -> None:
    ended = replace(KEY, ends=later(days=1), reason="lost")
    assert keys.believed(None, KEY, []) == KEY
    assert keys.believed(KEY, KEY, []) == KEY
    assert keys.believed(KEY, ended, []) == ended
    assert keys.believed(ended, ended, []) == ended
    other = Signer().public()
    for known, told in (
        (KEY, replace(KEY, public=other.public)), (KEY, replace(KEY, official="o-else")), (KEY, replace(KEY, begins=NOW)),
        (ended, KEY), (ended, replace(ended, ends=later(days=2))), (KEY, replace(KEY, ends=KEY.begins - timedelta(days=1))),
        (None, replace(KEY, ends=KEY.begins - timedelta(days=1))), (None, replace(KEY, alg="rsa")), (None, replace(KEY, public="AAAA")),
        (None, replace(KEY, public="不是")),
    ):  # fmt: skip
        with pytest.raises(Refused):
            keys.believed(known, told, [])


def test_two_keys_of_one_official_are_never_in_force_at_once() -> None:
    before = Signer(UUID(int=7)).public(begins=NOW - timedelta(days=9), ends=KEY.begins)
    assert keys.believed(None, KEY, [before]) == KEY
    for other in (replace(before, ends=None), replace(before, ends=NOW), replace(before, begins=NOW, ends=None)):
        with pytest.raises(Refused, match="from"):
            keys.believed(None, KEY, [other])


@pytest.mark.parametrize(
    "pin",
    ["12345", "123456", "654321", "111111", "121212", "123123", "abcdef", "147258", "aabbaa" * 11, "雷卫华雷卫华",
     TOWN.official, f"x{TOWN.official}"],
)  # fmt: skip
def test_a_pin_that_is_guessed_first_is_refused(pin: str) -> None:
    with pytest.raises(Refused, match="pin"):
        keys.check_pin(pin, TOWN.official, TOWN.name)


@pytest.mark.parametrize("pin", ["204817", "绿水青山8号", "abab12", "K7!mm2"])
def test_a_pin_that_nobody_guesses_is_taken(pin: str) -> None:
    keys.check_pin(pin, TOWN.official, TOWN.name)


def test_tries_are_slowed_and_end() -> None:
    assert keys.tried(0, NOW) == (1, NOW)
    assert keys.tried(5, NOW) == (6, later(seconds=8))
    with pytest.raises(Refused, match="pin"):
        keys.tried(keys.MOST_TRIES, NOW)


def test_keys_begin_in_whole_milliseconds_as_the_instants_are_that_are_signed() -> None:
    assert keys.instant_of_key(NOW.replace(microsecond=123_456)) == NOW.replace(microsecond=123_000)


def test_a_sealed_key_opens_for_its_pin_and_this_sites_secret_alone() -> None:
    public, sealed = pins.make(OTHER_ID, TOWN.official, "204817", "secret")
    opened = pins.unseal(sealed, "204817", "secret")
    assert opened is not None
    key = SIGNER.public(public=public)
    assert worth(reply(key=opened), key) == "keyed"
    assert pins.unseal(sealed, "204818", "secret") is None
    assert pins.unseal(sealed, "204817", "another site's") is None
    assert pins.unseal(replace(sealed, official=EPB.official), "204817", "secret") is None, "nobody opens it as his own"
    assert b"204817" not in sealed.sealed
    assert "sealed=" not in repr(sealed)
