"""Who is reading: a short-lived token, signed where routing runs, verified by every service alone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Request, current_app, g, redirect, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

COOKIE, RENEWING = "zhida_session", "zhida_renewing"
ALGORITHM = "Ed25519"  # RFC 9864's name for EdDSA over this curve; the name "EdDSA" is deprecated there
LIFETIME, RENEW_AFTER = timedelta(minutes=60), timedelta(minutes=10)
SKEW = 60  # seconds by which the signing machine's clock may run ahead of ours
NEVER = datetime.fromtimestamp(0, UTC)
LARGEST = 3800  # bytes; browsers drop larger cookies without a word
_key = lru_cache(maxsize=8)(OKPKey.import_key)
web: Any = LocalProxy(lambda: current_app.extensions["zhida"])  # app.Web: settings and hooks of this site


class BadToken(Exception):
    """Not signed by our key, expired, or not of our shape: the reader has to sign in."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A signed-in official. `posts` are {title, org}; `scope` holds codes, or prefixes ending in `*`."""

    official_id: str
    name: str
    org: str
    posts: tuple[dict[str, str], ...]
    roles: frozenset[str]
    scope: frozenset[str]
    sid: str
    issued_at: datetime = NEVER

    def may(self, *roles: str) -> bool:
        """True when the reader holds at least one of `roles`."""
        return not self.roles.isdisjoint(roles)

    def sees(self, org: str) -> bool:
        """True when `org` lies in the reader's scope."""
        return any(org == seen or (seen[-1:] == "*" and org.startswith(seen[:-1])) for seen in self.scope)


def issue(reader: Reader, key: str, now: datetime) -> str:
    """A token for `reader`, valid for 60 minutes of real time from `now`; `key` is the private key as PEM.

    Raises ValueError when the token would not fit into a cookie: give the reader a scope of prefixes."""
    claims = {"sub": reader.official_id, "name": reader.name, "org": reader.org, "posts": list(reader.posts),
              "roles": sorted(reader.roles), "scope": sorted(reader.scope), "sid": reader.sid,
              "iat": int(now.timestamp()), "exp": int((now + LIFETIME).timestamp())}  # fmt: skip
    token = jwt.encode({"alg": ALGORITHM}, claims, _key(key), algorithms=[ALGORITHM])
    if len(token) > LARGEST:
        raise ValueError(f"a token of {len(token)} bytes does not fit into a cookie")
    return token


def read(token: str, key: str, now: datetime) -> Reader:
    """The reader named by `token`; `key` is the public key as PEM. Raises BadToken, whatever is wrong."""
    try:
        claims: dict[str, Any] = jwt.decode(token, _key(key), algorithms=[ALGORITHM]).claims
        if not claims["iat"] - SKEW <= now.timestamp() < claims["exp"]:
            raise BadToken("expired or not yet valid")
        return Reader(official_id=claims["sub"], name=claims["name"], org=claims["org"], sid=claims["sid"],
                      posts=tuple({"title": post["title"], "org": post["org"]} for post in claims["posts"]),
                      roles=frozenset(claims["roles"]), scope=frozenset(claims["scope"]),
                      issued_at=datetime.fromtimestamp(claims["iat"], UTC))  # fmt: skip
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise BadToken(type(error).__name__) from error


def cookie(name: str, request: Request) -> str | None:
    """A cookie of the request. Most of what other systems send has none, and then there is nothing to take apart."""
    return request.cookies.get(name) if "HTTP_COOKIE" in request.environ else None


def current_reader() -> Reader | None:
    """The official of this request, or None; a session that has ended counts as none."""
    if "reader" not in g:
        g.reader = None  # stays so if a question below fails: whoever asks again gets nobody
        token = cookie(COOKIE, request)
        try:
            reader = read(token, web.settings.session_public_key, web.real_now()) if token else None
        except BadToken:
            reader = None
        if reader and not web.session_ended(reader.sid, reader.official_id, int(reader.issued_at.timestamp())):
            g.reader = reader
    return g.reader


def set_cookie(response: Response, token: str, name: str = COOKIE, lifetime: timedelta = LIFETIME) -> None:
    """Sign the browser in with `token`; an empty token signs it out."""
    secure, seconds = current_app.config["SESSION_COOKIE_SECURE"], lifetime.total_seconds() if token else 0
    response.set_cookie(name, token, max_age=int(seconds), httponly=True, secure=secure, samesite="Lax")


def safe_next(target: str | None, otherwise: str = "/") -> str:
    """`target` if it is a path that no browser reads as another site's address, else `otherwise`."""
    text = target or ""
    bad = text[:1] != "/" or text[:2] == "//" or "\\" in text or not text.isprintable()
    return otherwise if bad or urlsplit(text).netloc else text


def sign_in(page: str) -> Response:
    """To the sign-in (or renewal) page, and back here afterwards if this was plain reading."""
    back = safe_next(request.full_path.rstrip("?")) if request.method == "GET" else "/"
    return redirect(f"{page}?next={quote(back)}", 303)


def renewal(reader: Reader) -> Response | None:
    """A redirect to renew an ageing token before a page is read; once, so a failed renewal cannot loop."""
    mark, headers = str(int(reader.issued_at.timestamp())), request.headers
    part = headers.get("Sec-Fetch-Dest", "document") != "document" or "HX-Request" in headers
    if part or request.method != "GET" or request.path.startswith(("/api/", "/sign-in")):
        return None
    if web.real_now() - reader.issued_at <= RENEW_AFTER or request.cookies.get(RENEWING) == mark:
        return None
    response = sign_in("/sign-in/renew")
    set_cookie(response, mark, RENEWING, timedelta(seconds=60))
    return response
