"""Identity tokens that the provider would not make: each is refused, whatever in it does not fit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from services.routing.provider import ProviderFault
from services.routing.web.providing import provider as provider_of
from tests.integration.routing.browser import NOW
from tests.provider import SECRET, Provider


def forged(site, running: Provider, key: Any, header: dict[str, str], **claims: Any) -> None:
    """Verify a token of our making, signed with the provider's own key or another."""
    made = {"iss": running.issuer, "aud": "zhida", "sub": "x", "employee_number": "E-1", "nonce": "n", "iat": int(NOW.timestamp()),
            "exp": int(NOW.timestamp()) + 300} | claims  # fmt: skip
    made = {name: value for name, value in made.items() if value is not None}
    token = jwt.encode(header, made, key, algorithms=[header["alg"]])
    with site.test_request_context("/"):
        provider_of().verified(token, "n", NOW)


def test_a_token_must_be_the_providers_for_us_and_for_this_sign_in(site, use, running):
    (kept,) = json.loads(running.keys.read_text())["keys"]
    own, other = RSAKey.import_key(kept), RSAKey.generate_key(2048)
    header = {"alg": "RS256", "kid": kept["kid"]}
    forged(site, running, own, header)  # the twin: as the provider makes it
    forged(site, running, own, header, aud=["zhida", "another"], azp="zhida")
    for claims in (
        {"iss": "https://other.example"}, {"aud": "another"}, {"aud": ["zhida", "another"]}, {"azp": "another"}, {"nonce": "m"},
        {"nonce": None}, {"exp": None}, {"exp": int(NOW.timestamp()) - 61}, {"iat": int(NOW.timestamp()) + 61}, {"iat": None},
        {"employee_number": None}, {"employee_number": True}, {"employee_number": ["a"]}, {"employee_number": "9" * 256}, {"sub": None},
    ):  # fmt: skip
        with pytest.raises(ProviderFault):
            forged(site, running, own, header, **claims)
    with pytest.raises(ProviderFault):
        forged(site, running, other, header)
    with pytest.raises(ProviderFault):
        forged(site, running, OctKey.import_key(SECRET * 2), {"alg": "HS256", "kid": kept["kid"]})
    for token in ("", "a.b", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."):
        with site.test_request_context("/"), pytest.raises(ProviderFault):
            provider_of().verified(token, "n", NOW)
