"""The secrets of a new instance as manifests: made anew at each call, so they are created once (`kubectl create`) and kept."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.dev import definitions
from deploy.k8s.rights import NOTHING, STEP, Manifest, for_agencies, users, watcher
from services.reporting.public import rights as agencies
from shared import keys
from shared.bus import rights

DATABASE, BROKER = "database-rw:5432", "broker:5672"
MANAGEMENT = "broker:15672"


def namespace(org: str) -> str:
    """Where an instance lives, unless an overlay says otherwise."""
    return f"zhida-{org}"


def made(
    org: str, services: Sequence[str], *, at: str = "", superior: str | None = None, superior_at: str = "", plain: bool = False
) -> list[Manifest]:
    """Keys, and the addresses with passwords of database and broker. `plain`: for servers without operators.

    An instance with a superior needs a user there: its secret stands in the superior's namespace, for `rights` to name.
    """
    home = at or namespace(org)
    publisher = [agencies.publisher(org)] if "reporting" in services else []
    names = (*users(org, services, (), superior), *publisher, watcher(org))
    passwords = {name: secrets.token_urlsafe(24) for name in names}
    found = [*_keys(services, home), *_database(services, home)]
    broker = {service: _amqp(f"{org}.{service}", passwords, BROKER, org) for service in services}
    broker["management"] = f"http://{watcher(org)}:{passwords[watcher(org)]}@{MANAGEMENT}"
    if publisher:
        broker["public"] = _amqp(agencies.publisher(org), passwords, BROKER, agencies.vhost_of(org))
    if superior:
        above = superior_at or f"broker.{namespace(superior)}:5672"
        passwords[org] = secrets.token_urlsafe(24)
        broker["link"] = _amqp(f"{org}.link", passwords, BROKER, org)
        broker["superior"] = f"{superior}={_amqp(org, passwords, above, superior)}"
        found.append(_credentials(org, passwords.pop(org), namespace(superior)))
    found.append(_secret("broker", home, broker))
    if plain:
        document = json.dumps(_definitions(org, services, superior, passwords), indent=1)
        return [*found, _secret("broker-definitions", home, {"definitions.json": document})]
    return [*found, *(_credentials(name, password, home) for name, password in passwords.items())]


def _keys(services: Sequence[str], home: str) -> list[Manifest]:
    with TemporaryDirectory() as folder:
        keys.make(Path(folder))
        known = {path.name: path.read_text() for path in sorted(Path(folder).iterdir())}
    master = {keys.MASTER: known.pop(keys.MASTER)}
    petitions = [_secret("master", home, master)] if "intake" in services else []
    return [_secret("keys", home, known), *petitions]


def _database(services: Sequence[str], home: str) -> list[Manifest]:
    """A role for each service, of its name, and the owner `zhida`; the single ones are for whoever makes the roles."""
    roles = {"owner": "zhida", **{service: service for service in services}}
    passwords = {name: secrets.token_urlsafe(24) for name in roles}
    urls = {name: f"postgresql://{role}:{passwords[name]}@{DATABASE}/zhida" for name, role in roles.items()}
    single = [
        _secret(f"database-{name}", home, {"username": role, "password": passwords[name]}, kind="kubernetes.io/basic-auth")
        for name, role in roles.items()
    ]
    return [_secret("database", home, urls), *single]


def _definitions(org: str, services: Sequence[str], superior: str | None, passwords: Mapping[str, str]) -> Manifest:
    document = definitions.merged(rights.definitions({org: users(org, services, (), superior)}), for_agencies(org, services))
    document["users"] = [definitions.user(name, password) for name, password in passwords.items() if name != watcher(org)]
    document["users"].append(definitions.user(watcher(org), passwords[watcher(org)], "management"))
    document["permissions"].append(definitions.permission(watcher(org), org, **NOTHING))
    return document


def _credentials(user: str, password: str, home: str) -> Manifest:
    return _secret(f"broker-{user}", home, {"username": user, "password": password})


def _amqp(user: str, passwords: Mapping[str, str], place: str, vhost: str) -> str:
    return f"amqp://{user}:{passwords[user]}@{place}/{vhost}"


def _secret(name: str, home: str, values: Mapping[str, str], *, kind: str = "Opaque") -> Manifest:
    return {
        "apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": {"name": name, "namespace": home, "labels": dict(STEP)},
        "stringData": dict(values),
    }  # fmt: skip
