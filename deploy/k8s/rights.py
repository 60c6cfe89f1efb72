"""An instance's users at its broker, as objects of RabbitMQ's topology operator: exactly what `shared.bus.rights` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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


def objects(org: str, services: Sequence[str], subordinates: Sequence[str] = (), superior: str | None = None) -> list[Manifest]:
    """Virtual host, users, permissions, topic permissions and policy of an instance."""
    known = rights.definitions({org: users(org, services, subordinates, superior)})
    known["users"].append({"name": watcher(org), "tags": "management"})
    known["permissions"].append({"user": watcher(org), "vhost": org, **NOTHING})
    # Retained: what waits in the queues must not go with a manifest.
    made = [
        _object("Vhost", f"vhost-{host['name']}", {"name": host["name"], "deletionPolicy": "retain"}) for host in known["vhosts"]
    ]
    made += [_user(user) for user in known["users"]]
    made += [_object("Permission", f"permission-{one['user']}", _permission(one, "configure")) for one in known["permissions"]]
    made += [
        _object("TopicPermission", f"topics-{one['user']}", _permission(one, "exchange")) for one in known["topic_permissions"]
    ]
    made += [
        _object(
            "Policy", f"policy-{one['vhost']}-{one['name']}",
            {"name": one["name"], "vhost": one["vhost"], "pattern": one["pattern"], "applyTo": one["apply-to"],
             "priority": one["priority"], "definition": one["definition"]},
        )
        for one in known["policies"]
    ]  # fmt: skip
    return made


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
