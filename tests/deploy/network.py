"""What network policies let through, worked out as a cluster does, and held against what the processes need."""

from __future__ import annotations

from collections.abc import Iterator

from tests.deploy.checks import _ours
from tests.deploy.manifests import Manifest, Pod, named, of, pods, selects

DATABASE, BROKER, MANAGEMENT = 5432, 5672, 15672
NEEDS = {"DATABASE_URL": ("database", DATABASE), "AMQP_URI": ("broker", BROKER), "AMQP_MANAGEMENT_URL": ("broker", MANAGEMENT)}
PROMETHEUS = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
SERVERS = ("broker", "database")


def server_labels(manifests: list[Manifest], server: str) -> dict[str, str]:
    """What the pods of a server bear: ours say so, those of operators are known by their documentation."""
    if of(manifests, "Cluster") and server == "database":
        return {"cnpg.io/cluster": "database"}
    if of(manifests, "RabbitmqCluster") and server == "broker":
        return {"app.kubernetes.io/name": "broker"}
    return next(pod.labels for pod in pods(manifests) if pod.name == f"StatefulSet/{server}")


def lets(manifests: list[Manifest], source: dict[str, str], target: dict[str, str], port: int) -> tuple[bool, bool]:
    """Whether it is let out of pods of the one kind, and whether into the other's, within the overlay's own namespace."""
    out = any(_passes(rule.get("to"), rule, target, port) for rule in _rules(manifests, "egress", source))
    into = any(_passes(rule.get("from"), rule, source, port) for rule in _rules(manifests, "ingress", target))
    return out, into


def _rules(manifests: list[Manifest], way: str, labels: dict[str, str]) -> Iterator[Manifest]:
    for policy in of(manifests, "NetworkPolicy"):
        if selects(policy["spec"]["podSelector"], labels):
            yield from policy["spec"].get(way, [])


def _passes(peers: list[Manifest] | None, rule: Manifest, labels: dict[str, str], port: int) -> bool:
    there = any(one["port"] <= port <= one.get("endPort", one["port"]) for one in rule["ports"])
    near = peers is None or any(
        "namespaceSelector" not in peer and "ipBlock" not in peer and selects(peer["podSelector"], labels) for peer in peers
    )
    return there and near


def closed(manifests: list[Manifest]) -> Iterator[str]:
    """Nothing passes that is not named, and what is named has ports, and an end that is no stranger."""
    policies = of(manifests, "NetworkPolicy")
    if not any(one["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} for one in policies):
        yield "no policy that denies everything"
    for policy in policies:
        spec = policy["spec"]
        for way, end in (("ingress", "from"), ("egress", "to")):
            if (way in spec) != (way.capitalize() in spec["policyTypes"]) and spec["podSelector"]:
                yield f"{named(policy)}: rules and types differ"
            for rule in spec.get(way, []):
                if not rule.get("ports"):
                    yield f"{named(policy)}: every port"
                anybody = not rule.get(end) or any(not peer or {} in peer.values() for peer in rule[end])
                ours = any(selects(spec["podSelector"], pod.labels) for pod in pods(manifests))
                if anybody and (way == "ingress" or ours):
                    yield f"{named(policy)}: {way} for anybody"
                yield from _outside(named(policy), rule.get(end, []))


def _outside(name: str, peers: list[Manifest]) -> Iterator[str]:
    """Addresses outside never are addresses inside."""
    for block in (peer["ipBlock"] for peer in peers if "ipBlock" in peer):
        inside = {"10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"}
        if block["cidr"] == "0.0.0.0/0" and set(block.get("except", [])) != inside:
            yield f"{name}: reaches inside by address"


def exact(manifests: list[Manifest]) -> Iterator[str]:
    """Our processes reach the servers whose addresses they are given, and no other."""
    for pod in pods(manifests):
        if not _ours(pod.spec["containers"][0]):
            continue
        given = _given(pod)
        for setting, (server, port) in NEEDS.items():
            for side, passes in zip(
                ("out to", "in to"), lets(manifests, pod.labels, server_labels(manifests, server), port), strict=True
            ):
                if passes != (setting in given):
                    yield f"{pod.name}: {'is' if passes else 'is not'} let {side} {server}:{port}"


def _given(pod: Pod) -> set[str]:
    names = {one["name"] for one in pod.spec["containers"][0].get("env", [])}
    kinds = {"AMQP_MANAGEMENT_URL": {"AMQP_MANAGEMENT_URL_FILE"}}
    return {
        kind
        for kind in NEEDS
        if names & kinds.get(kind, {name for name in names if name.startswith(kind) and "MANAGEMENT" not in name})
    }


def doors(manifests: list[Manifest]) -> Iterator[str]:
    """Each service of ours is let in on its port, and no policy names a port that nobody listens on."""
    known = [pod for pod in pods(manifests) if _ours(pod.spec["containers"][0])]
    for service in of(manifests, "Service"):
        for pod in (pod for pod in known if selects({"matchLabels": service["spec"]["selector"]}, pod.labels)):
            for port in _numbers(pod, {one["targetPort"] for one in service["spec"]["ports"]}):
                rules = [rule for rule in _rules(manifests, "ingress", pod.labels) if rule.get("from") != PROMETHEUS]
                if not any(port == one["port"] for rule in rules for one in rule["ports"]):
                    yield f"{named(service)}: nobody is let in to {port} of {pod.name}"
    for policy in of(manifests, "NetworkPolicy"):
        behind = [pod for pod in known if selects(policy["spec"]["podSelector"], pod.labels)]
        heard = {port for pod in behind for port in _numbers(pod)}
        for rule in policy["spec"].get("ingress", []):
            lost = {one["port"] for one in rule["ports"]} - heard
            if behind and lost:
                yield f"{named(policy)}: nobody listens on {lost}"
        anybody = [pod.labels for pod in pods(manifests)] + [server_labels(manifests, server) for server in SERVERS]
        if not any(selects(policy["spec"]["podSelector"], labels) for labels in anybody):
            yield f"{named(policy)}: selects nobody"


def _numbers(pod: Pod, names: set[str] | None = None) -> set[int]:
    told = [port for container in pod.spec["containers"] for port in container.get("ports", [])]
    return {port["containerPort"] for port in told if names is None or port["name"] in names}
