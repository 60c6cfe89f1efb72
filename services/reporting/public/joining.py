"""An agency at the broker: made, changed and taken away by the management API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from services.reporting.public import rights
from shared.bus.management import call, part
from shared.bus.topology import PUBLIC_EXCHANGE
from shared.config import Settings
from shared.errors import Refused


def check(settings: Settings) -> None:
    """Refuse when it is not said where agencies are told something, or nobody may make users there."""
    if not settings.public_uri:
        raise Refused("AMQP_URI_PUBLIC", "没有设置对外事件的消息服务器地址。", "请设置 AMQP_URI_PUBLIC 后重试。")
    if not settings.management_url:
        raise Refused(
            "AMQP_MANAGEMENT_URL", "没有设置本单位消息服务器的管理地址。", "请设置 AMQP_MANAGEMENT_URL（须为管理员账号）后重试。"
        )


def vhost(settings: Settings) -> str:
    """The agencies' virtual host."""
    return unquote(urlsplit(settings.public_uri).path[1:]) or "/"


def queue(settings: Settings, name: str) -> str:
    """An agency's queue and user."""
    return rights.queue_of(settings.org, name)


def add(settings: Settings, name: str, wanted: Sequence[str], password: str | None) -> None:
    """Make user, queue and bindings, or change what the queue is bound to. Raises OSError."""
    host, admin = vhost(settings), settings.management_url
    call(admin, "PUT", f"/api/vhosts/{part(host)}", {})
    call(
        admin,
        "POST",
        "/api/definitions",
        _merged(rights.ground(host), rights.subscription(host, queue(settings, name), wanted, password)),
    )
    call(admin, "PUT", f"/api/user-limits/{part(queue(settings, name))}/max-connections", {"value": rights.CONNECTIONS})
    for binding in bindings(settings, name):
        if binding["routing_key"] not in wanted:
            call(admin, "DELETE", f"{_to(settings, name)}/{part(binding['properties_key'])}")


def bindings(settings: Settings, name: str) -> list[dict[str, Any]]:
    """What an agency's queue is bound to."""
    found: list[dict[str, Any]] = call(settings.management_url, "GET", _to(settings, name))
    return found


def remove(settings: Settings, name: str) -> None:
    """Take user and queue away, with what waits there. Its connections are closed."""
    for path in (
        f"/api/users/{part(queue(settings, name))}",
        f"/api/queues/{part(vhost(settings))}/{part(queue(settings, name))}",
    ):
        try:
            call(settings.management_url, "DELETE", path)
        except OSError as fault:
            if ": 404 " not in str(fault):
                raise


def set_password(settings: Settings, name: str, password: str) -> None:
    """Give the user another password, and end the connections that began with the old one."""
    user = queue(settings, name)
    call(settings.management_url, "PUT", f"/api/users/{part(user)}", {"password": password, "tags": ""})
    call(settings.management_url, "DELETE", f"/api/connections/username/{part(user)}")


def waiting(settings: Settings, name: str) -> int | None:
    """How many events wait for an agency, a few seconds ago; None: there is no such queue."""
    try:
        found = call(settings.management_url, "GET", f"/api/queues/{part(vhost(settings))}/{part(queue(settings, name))}")
    except OSError as fault:
        if ": 404 " in str(fault):
            return None
        raise
    return int(found.get("messages", 0))


def differences(settings: Settings, name: str, wanted: Iterable[str]) -> list[str]:
    """Where the broker grants an agency something else than it should have; in words."""
    host, user = vhost(settings), queue(settings, name)
    should = rights.subscriber_rights(user)
    given = call(settings.management_url, "GET", f"/api/users/{part(user)}/permissions")
    topics = call(settings.management_url, "GET", f"/api/users/{part(user)}/topic-permissions")
    found = [f"may sign in to {row['vhost']}" for row in given if row["vhost"] != host]
    for row in (row for row in given if row["vhost"] == host):
        found += [f"{kind} {row[kind]}" for kind in ("configure", "write", "read") if row[kind] != should[kind]]
    if [(row["vhost"], row["exchange"], row["write"], row["read"]) for row in topics] != [
        (host, PUBLIC_EXCHANGE, should["topic_write"], should["topic_read"])
    ]:
        found.append("topic permissions")
    bound = {row["routing_key"] for row in bindings(settings, name)}
    return (
        found
        + [f"bound to {key}" for key in sorted(bound - {*wanted})]
        + [f"not bound to {key}" for key in sorted({*wanted} - bound)]
    )


def address(settings: Settings, name: str, password: str, reached_at: str = "") -> str:
    """The AMQP address that an agency signs in at; `reached_at` is [scheme://]host[:port], by default where reporting signs in."""
    own = urlsplit(settings.public_uri)
    given = urlsplit(reached_at if "//" in reached_at else f"{own.scheme}://{reached_at}") if reached_at else own
    port = given.port or {"amqps": 5671}.get(given.scheme, 5672)
    sign_in = f"{quote(queue(settings, name), safe='')}:{quote(password, safe='')}"
    return f"{given.scheme}://{sign_in}@{given.hostname}:{port}/{quote(vhost(settings), safe='')}"


def _to(settings: Settings, name: str) -> str:
    return f"/api/bindings/{part(vhost(settings))}/e/{part(PUBLIC_EXCHANGE)}/q/{part(queue(settings, name))}"


def _merged(*parts: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    whole: dict[str, list[Any]] = {}
    for one in parts:
        for section, entries in one.items():
            whole.setdefault(section, []).extend(entries)
    return whole
