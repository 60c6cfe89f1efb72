"""What a county decides about signing in and about telling its officials: the file that ZHIDA_FILE_ROUTING names.

    second_factor: [administrator, first_in_command]
    oidc: {issuer: "https://id.example.org", client_id: zhida, client_secret_file: oidc.secret}

Without a file there are local accounts alone, and a second factor is everybody's own choice. `docs/operations.md` lists the sections.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.routing.schemas import ROLES
from services.routing.site_telling import Telling, TellingSection
from shared.config import Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, kw_only=True)
class Oidc:
    """The county's identity provider, and what of it stands for an official."""

    issuer: str
    client_id: str
    client_secret_file: Path | None  # None: a public client, which PKCE alone protects
    claim: str  # what of the identity token is kept as the subject
    name: str
    name_en: str
    scopes: tuple[str, ...]
    skew_seconds: int
    ca_file: Path | None

    @property
    def client_secret(self) -> str | None:
        """Read anew each time, so that it can be changed. Raises OSError."""
        return self.client_secret_file.read_text(encoding="utf-8").strip() if self.client_secret_file else None


@dataclass(frozen=True, kw_only=True)
class Site:
    """Of which roles a second factor is demanded, and the provider, if there is one."""

    second_factor: frozenset[str]
    oidc: Oidc | None
    telling: Telling = field(default_factory=Telling)

    def at(self, folder: Path) -> Site:
        """The same, with paths taken from `folder`. Raises OSError when a file that is named is not there."""
        here = replace(self, telling=self.telling.at(folder))
        if self.oidc is None:
            return here
        secret, authority = (path and folder / path for path in (self.oidc.client_secret_file, self.oidc.ca_file))
        for path in (secret, authority):
            if path is not None and not path.is_file():
                raise OSError(f"{path} is not there; see docs/operations.md")
        return replace(here, oidc=replace(self.oidc, client_secret_file=secret, ca_file=authority))


def secure(address: str) -> bool:
    """Whether an address is https, or this machine's own."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


class OidcSection(Schema):
    """The provider."""

    issuer = fields.String(required=True, validate=validate.Length(1, 500))
    client_id = fields.String(required=True, validate=validate.Length(1, 200))
    client_secret_file = fields.String(load_default=None)
    claim = fields.String(load_default="sub", validate=validate.Regexp(r"^[A-Za-z0-9_.:/-]{1,100}\Z"))
    name = fields.String(load_default="统一身份认证", validate=validate.Length(1, 50))
    name_en = fields.String(load_default="single sign-on", validate=validate.Length(1, 50))
    scopes = fields.List(fields.String(validate=validate.Length(1, 100)), load_default=lambda: ["openid"])
    skew_seconds = fields.Integer(load_default=60, validate=validate.Range(0, 300))
    ca_file = fields.String(load_default=None)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Oidc:
        """The section as it is used. Raises ValidationError."""
        if not secure(data["issuer"]):
            raise ValidationError("must be https, but on this machine", "issuer")
        if "openid" not in data["scopes"]:
            raise ValidationError("must hold openid", "scopes")
        files = {name: data[name] and Path(data[name]) for name in ("client_secret_file", "ca_file")}
        return Oidc(**data | files | {"scopes": tuple(data["scopes"])})


class SiteFile(Schema):
    """The whole file; a word that it does not know is a mistake, not a comment."""

    second_factor = fields.List(fields.String(validate=validate.OneOf(ROLES)), load_default=list)
    oidc = fields.Nested(OidcSection, load_default=None)
    telling = fields.Nested(TellingSection, load_default=Telling)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Site:
        """The file as it is used."""
        return Site(second_factor=frozenset(data["second_factor"]), oidc=data["oidc"], telling=data["telling"])


def read_site(settings: Settings) -> Site:
    """The site of this instance. Raises OSError, naming file, field and rule, when the file is missing or makes no sense."""
    path = settings.service_files.get("routing")
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) if path else None
        site: Site = SiteFile().load({} if given is None else given)
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise OSError(f"{path}: not YAML: {fault}") from fault
    except ValidationError as fault:
        raise OSError(f"{path}: {_first(fault.messages)}; see docs/operations.md") from fault
    return site.at(path.parent if path else settings.keys.parent)


def _first(messages: Any, where: str = "") -> str:
    """The first mistake and where it stands."""
    if isinstance(messages, dict):
        name, inner = next(iter(messages.items()))
        return _first(inner, f"{where}.{name}".strip(".") if name != "_schema" else where)
    return f"{where}: {messages[0] if isinstance(messages, list) else messages}"
