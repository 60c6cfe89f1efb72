"""Who may say and hear what, as RabbitMQ's permissions: derived from the list of events and decision 3."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from shared.bus import topology
from shared.bus.senders import subtree
from shared.contract import told_by


def _any_of(patterns: list[str]) -> str:
    return f"^({'|'.join(patterns)})$" if patterns else "^$"


UPWARD = (
    r"(assignment\.(received|objected|progressed|replied|extension_requested|handed_over)"
    r"|case\.(referred_up|bars_passed)|directory\.(signing_key_recorded|unit_announced)|sync\.said)"
)


def service_rights(org: str, service: str, subordinates: tuple[str, ...] = (), superior: str | None = None) -> dict[str, str]:
    """configure/write/read on exchanges and queues, and topic_write/topic_read on case.events, of user `<org>.<service>`."""
    own = rf"{re.escape(org)}\.{service}(\.\d+|\.given)?"  # `given`: what neighbours give back after a restore
    links = [re.escape(topology.link_queue(code)) for code in subordinates] if service == topology.LINKED else []
    keys = [
        re.escape(key).replace(r"\*", r"[^.]+") for key in (*topology.bindings(org, service), *topology.sync_keys(org, service))
    ]
    names = [re.escape(contract.name) for contract in told_by(service) if not contract.public]
    names += [re.escape(topology.SYNC)] if names or service == topology.LINKED else []  # how far its streams go
    writes = [rf"{subtree(org)}\.({'|'.join(names)})"] if names else []
    if superior and service == topology.LINKED:
        writes.append(rf"{re.escape(superior)}\.{UPWARD}")
    return {
        "configure": _any_of([r"case\.events", own, *links]),
        # The default exchange carries replays: it reaches any queue, so it is open to the instance's own services only.
        "write": _any_of([r"case\.events", r"amq\.default", own, *links]),
        "read": _any_of([r"case\.events", own]) if not links else _any_of([r"case\.events", own, *links]),
        "topic_write": _any_of(writes),
        "topic_read": _any_of([*keys, *(rf"{re.escape(code)}\.\#" for code in subordinates if service == topology.LINKED)]),
    }


def link_rights(superior: str, org: str) -> dict[str, str]:
    """Rights of user `<org>` at its superior's broker (decision 3): speak for its subtree, hear what is addressed to it."""
    up, own = re.escape(superior), re.escape(org)
    return {
        "configure": "^$",
        "write": r"^case\.events$",
        "read": f"^{re.escape(topology.link_queue(org))}$",
        "topic_write": rf"^({up}\.{UPWARD}|{subtree(org)}\..+)$",
        "topic_read": rf"^{own}\.",
    }


def carrier_rights(org: str) -> dict[str, str]:
    """Rights of user `<org>.link` at the own broker: put in what the superior sent."""
    return {
        "configure": "^$", "write": r"^case\.events$", "read": "^$", "topic_write": rf"^{re.escape(org)}\.", "topic_read": "^$",
    }  # fmt: skip


def definitions(vhosts: Mapping[str, Mapping[str, tuple[str, dict[str, str]]]]) -> dict[str, Any]:
    """RabbitMQ's definitions for {vhost: {user: (password, rights)}}: what a broker imports at start."""
    users = {user: password for members in vhosts.values() for user, (password, _) in members.items()}
    return {
        "vhosts": [{"name": vhost} for vhost in vhosts],
        "users": [{"name": name, "password": password, "tags": ""} for name, password in users.items()],
        "permissions": [
            {"user": user, "vhost": vhost, **{kind: rights[kind] for kind in ("configure", "write", "read")}}
            for vhost, members in vhosts.items()
            for user, (_, rights) in members.items()
        ],
        "topic_permissions": [
            {"user": user, "vhost": vhost, "exchange": topology.EXCHANGE, "write": rights["topic_write"], "read": rights["topic_read"]}
            for vhost, members in vhosts.items()
            for user, (_, rights) in members.items()
        ],
        "policies": [
            {
                "vhost": vhost, "name": "patience", "pattern": r"^\d", "apply-to": "queues", "priority": 0,
                # Attempts are counted in the inbox; the broker must not drop what it has sent often.
                "definition": {"delivery-limit": 1_000_000},
            }
            for vhost in vhosts
        ],
    }  # fmt: skip


def instance_users(
    org: str,
    services: tuple[str, ...],
    passwords: Mapping[str, str],
    *,
    subordinates: tuple[str, ...] = (),
    superior: str | None = None,
) -> dict[str, tuple[str, dict[str, str]]]:
    """The users of one instance's vhost: its services, its carrier, and one for each linked subordinate."""
    users = {
        f"{org}.{service}": (passwords[f"{org}.{service}"], service_rights(org, service, subordinates, superior))
        for service in services
    }
    if superior:
        users[f"{org}.link"] = (passwords[f"{org}.link"], carrier_rights(org))
    for subordinate in subordinates:
        users[subordinate] = (passwords[subordinate], link_rights(org, subordinate))
    return users
