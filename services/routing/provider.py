"""The county's identity provider (OpenID Connect): discovery, authorization code with PKCE, and the identity token held to its rules.

Speaks HTTP, so it is called in the web process alone, outside any transaction. Tokens and codes are never logged.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urlencode

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from services.routing.site import Oidc, secure
from shared.errors import ZhidaError

log = logging.getLogger("zhida.routing.provider")
TIMEOUT = (3.05, 6.0)  # seconds to connect, and between two pieces of an answer
LARGEST = 256 * 1024  # bytes of an answer
FRESH = 600.0  # seconds for which what was discovered is believed
PATIENCE = 10.0  # seconds between two looks for new keys: a flood of bad tokens asks the provider no oftener
# Signatures by key pairs alone: one by the client's secret, or none, is no signature of the provider's.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
LONGEST_SUBJECT = 255


class Trouble(StrEnum):
    """What went wrong with the provider."""

    UNREACHABLE = "unreachable"
    NONSENSE = "nonsense"  # what it says of itself does not fit what was agreed
    DENIED = "denied"  # the person, or the provider's rules, said no
    REFUSED = "refused"  # the provider refused the exchange
    BAD_TOKEN = "bad_token"  # noqa: S105 - no password


class ProviderFault(ZhidaError):
    """Tell the person what went wrong with the provider; `detail` is for the log."""

    def __init__(self, trouble: Trouble, detail: str) -> None:
        super().__init__(f"{trouble}: {detail}")
        self.trouble = trouble


class Begun(NamedTuple):
    """Where to send the browser, and what has to come back with it. `verifier` never leaves this side before the exchange."""

    url: str
    state: str
    nonce: str
    verifier: str


class Identity(NamedTuple):
    """Who the provider says it is: the subject by the claim that the site names; the name is for people to read."""

    issuer: str
    subject: str
    name: str


class Provider:
    """One provider as one web process knows it. Threads share it."""

    def __init__(self, site: Oidc) -> None:
        self.site = site
        self._lock = threading.Lock()
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def begin(self, redirect_uri: str) -> Begun:
        """A new sign-in. Raises ProviderFault when the provider cannot be found."""
        endpoint = self._endpoint("authorization_endpoint")
        state, nonce, verifier = (secrets.token_urlsafe(size) for size in (24, 24, 48))
        with self._session() as session:
            url, _ = session.create_authorization_url(
                endpoint, state=state, nonce=nonce, code_verifier=verifier, redirect_uri=redirect_uri
            )
        return Begun(url, state, nonce, verifier)

    def identify(self, answer: Mapping[str, str], *, verifier: str, nonce: str, redirect_uri: str, now: datetime) -> Identity:
        """Exchange the code that came back, once, and say who it is. Raises ProviderFault."""
        # RFC 9207: an answer of another provider is none to this question.
        if answer.get("iss", self.site.issuer) != self.site.issuer:
            raise ProviderFault(Trouble.NONSENSE, "the answer names another issuer")
        if "error" in answer:
            raise ProviderFault(Trouble.DENIED, answer["error"][:64])
        token = self._exchange(answer.get("code", ""), verifier, redirect_uri)
        return self.verified(token, nonce, now)

    def leaving(self, back: str) -> str | None:
        """Where to leave the provider too, coming back to `back`; None where it has no such page or does not answer."""
        try:
            endpoint = self._known().get("end_session_endpoint")
        except ProviderFault:
            return None
        if not isinstance(endpoint, str) or not secure(endpoint):
            return None
        asked = urlencode({"client_id": self.site.client_id, "post_logout_redirect_uri": back})
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{asked}"

    # -- the exchange -------------------------------------------------------------------------------------------------
    def _session(self) -> OAuth2Session:
        secret = self.site.client_secret
        session = OAuth2Session(
            self.site.client_id, secret, scope=" ".join(self.site.scopes), code_challenge_method="S256",
            token_endpoint_auth_method=self._authentication() if secret else "none",
        )  # fmt: skip
        return _careful(session, self.site)

    def _authentication(self) -> str:
        known = self._known().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"

    def _exchange(self, code: str, verifier: str, redirect_uri: str) -> str:
        endpoint = self._endpoint("token_endpoint")
        try:
            with self._session() as session:
                found = session.fetch_token(
                    endpoint, code=code, code_verifier=verifier, redirect_uri=redirect_uri, timeout=TIMEOUT, allow_redirects=False
                )
        except AuthlibBaseError as fault:
            raise ProviderFault(Trouble.REFUSED, str(fault.error)[:64]) from fault
        except requests.RequestException as fault:
            raise ProviderFault(Trouble.UNREACHABLE, type(fault).__name__) from fault
        except ValueError as fault:
            raise ProviderFault(Trouble.REFUSED, "the answer is no JSON") from fault
        token = found.get("id_token") if isinstance(found, Mapping) else None
        if not isinstance(token, str) or len(token) > LARGEST:
            raise ProviderFault(Trouble.BAD_TOKEN, "no identity token")
        return token

    # -- the identity token -------------------------------------------------------------------------------------------
    def verified(self, token: str, nonce: str, now: datetime) -> Identity:
        """Who an identity token is of: signed by the provider, for us, for this sign-in, in time. Raises ProviderFault."""
        claims = self._opened(token)
        given: Any = {"essential": True}
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), leeway=self.site.skew_seconds, iss={"essential": True, "value": self.site.issuer},
            aud={"essential": True, "value": self.site.client_id}, nonce={"essential": True, "value": nonce},
            sub=given, exp=given, iat=given,
        )  # fmt: skip
        try:
            rules.validate(claims)
        except JoseError as fault:
            raise ProviderFault(Trouble.BAD_TOKEN, str(fault)[:120]) from fault
        many = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if many else self.site.client_id) != self.site.client_id:
            raise ProviderFault(Trouble.BAD_TOKEN, "azp is somebody else")
        subject = claims.get(self.site.claim)
        if isinstance(subject, bool) or not isinstance(subject, str | int) or not 0 < len(str(subject)) <= LONGEST_SUBJECT:
            raise ProviderFault(Trouble.BAD_TOKEN, f"the claim {self.site.claim} is missing")
        name = claims.get("name")
        return Identity(self.site.issuer, str(subject), name[:50] if isinstance(name, str) else "")

    def _opened(self, token: str) -> dict[str, Any]:
        """The claims of a token that the provider signed; its keys are looked up anew when they may have changed."""
        for again in (False, True):
            try:
                return dict(jwt.decode(token, self._key_set(again), algorithms=self._algorithms()).claims)
            except (InvalidKeyIdError, BadSignatureError) as fault:
                if again:
                    raise ProviderFault(Trouble.BAD_TOKEN, type(fault).__name__) from fault
            except (JoseError, ValueError) as fault:
                raise ProviderFault(Trouble.BAD_TOKEN, type(fault).__name__) from fault
        raise AssertionError("the second round returns or raises")

    def _algorithms(self) -> list[str]:
        known = self._known().get("id_token_signing_alg_values_supported") or ["RS256"]
        return [name for name in ALGORITHMS if name in known]

    # -- what the provider says of itself -----------------------------------------------------------------------------
    def _known(self) -> dict[str, Any]:
        with self._lock:
            if self._metadata is None or time.monotonic() - self._metadata[0] > FRESH:
                said = self._fetch(f"{self.site.issuer.rstrip('/')}/.well-known/openid-configuration")
                if said.get("issuer") != self.site.issuer:
                    raise ProviderFault(Trouble.NONSENSE, "it calls itself by another name")
                self._metadata = (time.monotonic(), said)
            return self._metadata[1]

    def _endpoint(self, name: str) -> str:
        address = self._known().get(name)
        if not isinstance(address, str) or not secure(address):
            raise ProviderFault(Trouble.NONSENSE, f"{name} is missing or not https")
        return address

    def _key_set(self, again: bool) -> KeySet:
        address = self._endpoint("jwks_uri")
        with self._lock:
            age = None if self._keys is None else time.monotonic() - self._keys[0]
            if age is None or age > (PATIENCE if again else FRESH):
                said = self._fetch(address)
                try:
                    usable = [key for key in said["keys"] if key.get("use", "sig") == "sig" and key.get("kty") != "oct"]
                    self._keys = (time.monotonic(), KeySet.import_key_set({"keys": usable}))
                except (JoseError, ValueError, KeyError, TypeError, AttributeError) as fault:
                    raise ProviderFault(Trouble.NONSENSE, "its keys cannot be read") from fault
            if self._keys is None:
                raise AssertionError("they have just been read")
            return self._keys[1]

    def _fetch(self, address: str) -> dict[str, Any]:
        """A JSON object from the provider; nothing larger than 256 KB is read, and no redirect is followed."""
        try:
            with (
                _careful(requests.Session(), self.site) as session,
                session.get(address, timeout=TIMEOUT, allow_redirects=False, stream=True) as response,
            ):
                body = response.raw.read(LARGEST + 1, decode_content=True)
                if response.status_code != 200 or len(body) > LARGEST:
                    raise ProviderFault(Trouble.UNREACHABLE, f"answered {response.status_code}")
                said = json.loads(body)
        except ValueError as fault:
            raise ProviderFault(Trouble.NONSENSE, "no JSON") from fault
        except (requests.RequestException, OSError) as fault:
            raise ProviderFault(Trouble.UNREACHABLE, type(fault).__name__) from fault
        if not isinstance(said, dict):
            raise ProviderFault(Trouble.NONSENSE, "no JSON object")
        return said


def _careful(session: Any, site: Oidc) -> Any:
    """The session with the site's own authority, and nothing taken from the environment (proxies, .netrc)."""
    session.trust_env = False
    session.verify = str(site.ca_file) if site.ca_file else True
    return session
