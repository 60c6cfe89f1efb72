"""An instance's users at its broker, as objects of RabbitMQ's topology operator: exactly what `shared.bus.rights` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deploy.dev.definitions import merged
from services.reporting.public import rights as agencies
from shared.bus import rights

Manifest = dict[str, Any]
API = "rabbitmq.com/v1beta1"
CLUSTER = {"name": "broker"}
STEP = {"zhida.cn/step": "ground"}
NOTHING = {"configure": "^$", "write": "^$", "read": "^$"}


def watcher(org: str) -> str:
    """The user who looks whether queues are bound as they should be (AMQP_MANAGEMENT_URL), and may do nothing else."""
    return f"{org}.watch"


def users(org: str, services: Sequence[str], subordinates: Sequence[str], superior: str | None) -> Mapping[str, Any]:
    """Users of the instance's virtual host with their rights, without passwords: those are secrets."""
    names = [*(f"{org}.{service}" for service in (*services, "link")), *subordinates]
    return rights.instance_users(
        org, tuple(services), dict.fromkeys(names, ""), subordinates=tuple(subordinates), superior=superior
    )


def for_agencies(org: str, services: Sequence[str]) -> Mapping[str, Any]:
    """Where other agencies are told something: a virtual host of its own, and who puts it in there, without a password. Each agency's own user
    and queue are made when it subscribes."""
    if "reporting" not in services:
        return {}
    vhost = agencies.vhost_of(org)
    return merged(agencies.ground(vhost), agencies.user(vhost, agencies.publisher(org), agencies.publisher_rights(org)))


def objects(org: str, services: Sequence[str], subordinates: Sequence[str] = (), superior: str | None = None) -> list[Manifest]:
    """Virtual hosts, users, permissions, topic permissions and policies of an instance."""
    own = rights.definitions({org: users(org, services, subordinates, superior)})
    told = for_agencies(org, services)
    publisher = [{"name": agencies.publisher(org), "tags": ""}] if told else []
    watching = {
        "users": [*publisher, {"name": watcher(org), "tags": "management"}],
        "permissions": [{"user": watcher(org), "vhost": org, **NOTHING}],
    }
    return [made for kind, entries in merged(own, told, watching).items() for made in map(_MADE[kind], entries)]


def _vhost(host: Mapping[str, Any]) -> Manifest:
    # Retained: what waits in the queues must not go with a manifest.
    return _object("Vhost", f"vhost-{host['name']}", {"name": host["name"], "deletionPolicy": "retain"})


def _exchange(one: Mapping[str, Any]) -> Manifest:
    told = {
        "name": one["name"],
        "vhost": one["vhost"],
        "type": one["type"],
        "durable": one["durable"],
        "autoDelete": one["auto_delete"],
    }
    return _object("Exchange", f"exchange-{one['vhost']}-{one['name']}", told)


def _policy(one: Mapping[str, Any]) -> Manifest:
    return _object(
        "Policy", f"policy-{one['vhost']}-{one['name']}",
        {"name": one["name"], "vhost": one["vhost"], "pattern": one["pattern"], "applyTo": one["apply-to"],
         "priority": one["priority"], "definition": one["definition"]},
    )  # fmt: skip


def _object(kind: str, name: str, spec: Mapping[str, Any]) -> Manifest:
    return {
        "apiVersion": API, "kind": kind, "metadata": {"name": name, "labels": dict(STEP)},
        "spec": {**spec, "rabbitmqClusterReference": dict(CLUSTER)},
    }  # fmt: skip


def _user(user: Mapping[str, str]) -> Manifest:
    tags = {"tags": [user["tags"]]} if user["tags"] else {}
    return _object("User", f"user-{user['name']}", {**tags, "importCredentialsSecret": {"name": f"broker-{user['name']}"}})


def _permission(row: Mapping[str, str], first: str) -> Manifest:
    kinds = {kind: row[kind] for kind in (first, "write", "read")}
    return {"userReference": {"name": f"user-{row['user']}"}, "vhost": row["vhost"], "permissions": kinds}


_MADE: Mapping[str, Callable[[Mapping[str, Any]], Manifest]] = {
    "vhosts": _vhost,
    "users": _user,
    "permissions": lambda one: _object("Permission", f"permission-{one['user']}", _permission(one, "configure")),
    "topic_permissions": lambda one: _object("TopicPermission", f"topics-{one['user']}", _permission(one, "exchange")),
    "policies": _policy,
    "exchanges": _exchange,
}
