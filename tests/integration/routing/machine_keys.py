"""The rules of the machine that take signing keys into force, sign with one's own and with others', and forge."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st
from hypothesis.stateful import rule

from services.routing import domain, handlers, pins
from services.routing.handlers import signing
from services.routing.workflow import OPEN
from shared.contract.envelope import instant, uuid7
from shared.contract.signature import canonical
from tests.integration.routing.machine import Place
from tests.integration.routing.machine_rules import number, one_or_other, somebody
from tests.integration.routing.machine_time import Everything
from tests.integration.routing.world import AT, CDI, EPB, MATIAN, OFFICE, REPLY, SECRETARY, VICE, event


class Keyed(Everything):
    """The machine with keys."""

    @rule(which=one_or_other, official=somebody)
    def set_key(self, which: int, official: str) -> None:
        """Somebody takes a signing key into force."""
        place, case = self._at(which)
        private = Ed25519PrivateKey.generate()
        sealed = pins.Sealed(key_id=uuid7(), official=official, alg=pins.ALG, salt=b"", nonce=b"", sealed=b"")
        public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
        with self.step("set_key", place, case, None), place.instance.work() as uow:
            signing.set_key(uow, official, public, sealed)
            place.keys[official] = pins.Opened(key_id=sealed.key_id, private=private)

    @rule(official=st.sampled_from((SECRETARY, OFFICE, VICE)), who=st.sampled_from((EPB, MATIAN, CDI)))
    def lend_a_key(self, official: str, who: str) -> None:
        """Somebody has a key, and the person responsible signs with it."""
        place, case = self.places["431023"], self.cases["431023"]
        self.set_key(0, official)
        self.instruct(0, SECRETARY, [who], "handling", None, "returned", "goes_on")
        held = [row for row in place.instance.assignments(case) if row["stage"] in OPEN and row["official"] == who]
        for key in (place.keys.get(official), place.keys.get(who)) if held else ():
            with self.step("receive", place, case, who), place.instance.work() as uow:
                handlers.receive(uow, held[0]["id"], who)
            with self.step("reply", place, case, who), place.instance.work() as uow:
                handlers.reply(uow, held[0]["id"], who, **self._findings(case), signer=key)

    def _signer(self, place: Place, by: str, pick: int) -> pins.Opened | None:
        """Mostly his own key; now and then another's, or none."""
        others = [key for official, key in sorted(place.keys.items()) if official != by]
        if pick == 5:
            return others[0] if others else None
        return place.keys.get(by)

    def _assignment_replied(self, place: Place, case: UUID, data: Any) -> None:
        super()._assignment_replied(place, case, data)
        signature, key = data["signature"], place.keys.get(data["signature"]["official"])
        assert signature.get("key_id") == (str(key.key_id) if key else None), "signed with somebody else's key, or with none"
        if key is not None:
            value = base64.b64decode(signature["value"])
            key.private.public_key().verify(value, canonical(data, str(case)))

    @rule(pick=number, signer=somebody)
    def forge(self, pick: int, signer: str) -> None:
        """The township's instance sends a reply that somebody else signed."""
        place, case = self.places["431023"], self.cases["431023"]
        rows = [row for row in place.instance.assignments(case) if row["instance"] == "431023104" and row["official"] != signer]
        if not rows:
            return
        row = rows[pick % len(rows)]
        person = domain.Official(
            official=signer, name="某", active=True, posts=(domain.Post(organisation="431023104", title="某", roles=frozenset()),)
        ).in_post()
        assert person is not None
        with place.instance.work() as uow:
            reply = domain.sign(
                person, reply_id=uuid4(), assignment_id=row["id"], case_id=case, round_number=row["round"], now=uow.now, **REPLY
            )
        data = {"assignment_id": str(row["id"]), "reply_id": str(reply.id), "round": row["round"], **REPLY, "signature": reply.signature,
                "replied_at": instant(reply.replied_at)}  # fmt: skip
        with self.step("forge", place, case, None):
            self.heard(place, event("assignment.replied", case, data, source="/431023104/routing", at=AT, key="431023"))
            raise AssertionError("a reply that somebody else signed was taken in")
