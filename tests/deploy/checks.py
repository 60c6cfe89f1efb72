"""What has to be true of every overlay: each check names the faults that it finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.deploy.manifests import LASTING, Manifest, Pod, named, of, pods, selects

READABLE = {"configMap", "secret", "projected"}
WRITABLE = {"emptyDir", "persistentVolumeClaim"}
EVERYWHERE = "0.0.0.0"  # noqa: S104 - probes and visitors come from outside of the pod


def limits(manifests: list[Manifest]) -> Iterator[str]:
    """Every container asks for cpu and memory and is stopped at a limit of memory."""
    for pod in pods(manifests):
        for container in pod.containers:
            yield from _limits(pod.name, container.get("resources", {}))
    for server in of(manifests, "RabbitmqCluster", "Cluster"):
        yield from _limits(named(server), server["spec"].get("resources", {}))


def _limits(name: str, resources: Manifest) -> Iterator[str]:
    if not {"cpu", "memory"} <= set(resources.get("requests", {})):
        yield f"{name}: does not ask for cpu and memory"
    if "memory" not in resources.get("limits", {}):
        yield f"{name}: no limit of memory"


def probes(manifests: list[Manifest]) -> Iterator[str]:
    """What runs on is asked whether it lives and whether it is ready; ours by its own pages, and is given time to start."""
    for pod in pods(manifests):
        if pod.owner["kind"] not in LASTING:
            continue
        for container in pod.spec["containers"]:
            for probe in ("livenessProbe", "readinessProbe"):
                if probe not in container:
                    yield f"{pod.name}: no {probe}"
            if _ours(container) and container.get("ports"):
                asked = {probe: container.get(probe, {}).get("httpGet", {}).get("path") for probe in PAGES}
                yield from (f"{pod.name}: {probe} asks {asked[probe]}" for probe, page in PAGES.items() if asked[probe] != page)


PAGES = {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}


def _ours(container: Manifest) -> bool:
    return bool(re.match(r"local/zhida:", container["image"]))


def restricted(manifests: list[Manifest]) -> Iterator[str]:
    """The restricted profile, a root that cannot be written, no token of the cluster's, and a namespace that demands the profile."""
    for namespace in of(manifests, "Namespace"):
        if namespace["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") != "restricted":
            yield f"{named(namespace)}: does not demand the restricted profile"
    if not of(manifests, "Namespace"):
        yield "no namespace"
    for pod in pods(manifests):
        for fault in (*_pod_security(pod.spec), *_volumes(pod)):
            yield f"{pod.name}: {fault}"
        for container in pod.containers:
            yield from (f"{pod.name}: {fault}" for fault in _container_security(container))


def operators(manifests: list[Manifest]) -> Iterator[str]:
    """The broker's pods, which its operator makes, keep the profile too; CloudNativePG's do by themselves."""
    for broker in of(manifests, "RabbitmqCluster"):
        spec = broker["spec"]["override"]["statefulSet"]["spec"]["template"]["spec"]
        parts = [*spec.get("initContainers", []), *spec["containers"]]
        if {one["name"] for one in parts} != {"setup-container", "rabbitmq"}:
            yield f"{named(broker)}: not all containers are restricted"
        for fault in (fault for one in parts for fault in _container_security(one) if fault != "its root can be written"):
            yield f"{named(broker)}: {fault}"
        token = "is given a token of the cluster"  # nodes find each other by it
        yield from (f"{named(broker)}: {fault}" for fault in _pod_security(spec) if fault != token)


def _pod_security(spec: Manifest) -> Iterator[str]:
    context = spec.get("securityContext", {})
    if context.get("runAsNonRoot") is not True:
        yield "may run as root"
    if not isinstance(context.get("runAsUser"), int) or context["runAsUser"] < 1:
        yield "no numeric user"
    if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "no seccomp profile"
    if spec.get("automountServiceAccountToken") is not False:
        yield "is given a token of the cluster"
    yield from (key for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key))


def _container_security(container: Manifest) -> Iterator[str]:
    context = container.get("securityContext", {})
    if context.get("allowPrivilegeEscalation") is not False:
        yield "privileges may grow"
    if context.get("readOnlyRootFilesystem") is not True:
        yield "its root can be written"
    if context.get("capabilities") != {"drop": ["ALL"]}:
        yield "keeps capabilities"
    yield from (f"{key} is set again" for key in ("privileged", "runAsUser", "runAsNonRoot", "seccompProfile") if key in context)
    if any("hostPort" in port for port in container.get("ports", [])):
        yield "takes a port of the node"


def _volumes(pod: Pod) -> Iterator[str]:
    """Only known kinds; what is temporary has a size; nothing else is written to."""
    kinds: dict[str, str] = {}
    for volume in pod.spec.get("volumes", []):
        (kind,) = set(volume) - {"name"}
        kinds[volume["name"]] = kind
        if kind not in READABLE | WRITABLE:
            yield f"volume {volume['name']} is a {kind}"
        if kind == "emptyDir" and "sizeLimit" not in volume[kind]:
            yield f"volume {volume['name']} has no limit"
    kinds |= {one["metadata"]["name"]: "persistentVolumeClaim" for one in pod.owner["spec"].get("volumeClaimTemplates", [])}
    for container in pod.containers:
        for mount in container.get("volumeMounts", []):
            if mount["name"] not in kinds:
                yield f"mounts {mount['name']}, which is not there"
            elif kinds[mount["name"]] in ("secret", "projected") and not mount.get("readOnly"):
                yield f"mounts the secret {mount['name']} as if to write it"
        yield from _inside(container)


def _inside(container: Manifest) -> Iterator[str]:
    """Nothing can be mounted inside of what cannot be written: there is no folder to mount it on."""
    mounts = container.get("volumeMounts", [])
    for outer in mounts:
        for inner in mounts:
            if outer.get("readOnly") and inner["mountPath"].startswith(outer["mountPath"] + "/"):
                yield f"mounts {inner['mountPath']} inside of {outer['mountPath']}"


def ports(manifests: list[Manifest]) -> Iterator[str]:
    """Probes and services meet ports that are there; what the command and the settings listen on is what is told."""
    known = list(pods(manifests))
    for pod in known:
        for container in pod.spec["containers"]:
            told = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
            for probe in PAGES:
                for way in ("httpGet", "tcpSocket"):
                    asked = container.get(probe, {}).get(way, {}).get("port")
                    if asked is not None and asked not in told:
                        yield f"{pod.name}: {probe} asks port {asked}"
            if _ours(container) and (heard := _listens(container)) != told:
                yield f"{pod.name}: listens on {heard}, tells {told}"
    for service in of(manifests, "Service"):
        behind = [pod for pod in known if selects({"matchLabels": service["spec"]["selector"]}, pod.labels)]
        if not behind:
            yield f"{named(service)}: selects nothing"
        for pod in behind:
            there = {port["name"] for container in pod.spec["containers"] for port in container.get("ports", [])}
            yield from (f"{named(service)}: {p['targetPort']}" for p in service["spec"]["ports"] if p["targetPort"] not in there)


def _listens(container: Manifest) -> dict[str, int]:
    """The ports of one of our processes, by its settings and its command line."""
    env = {one["name"]: one["value"] for one in container.get("env", [])}
    found = {"health": int(env["ZHIDA_HEALTH_PORT"])} if "ZHIDA_HEALTH_PORT" in env else {}
    if found and env.get("ZHIDA_HEALTH_HOST") != EVERYWHERE:
        found = {}
    if container["command"][0] == "gunicorn":
        host, _, port = container["command"][container["command"].index("--bind") + 1].rpartition(":")
        found |= {"http": int(port)} if host == EVERYWHERE else {}
    if container["command"][-2:] == ["intake", "channels"]:
        found["lmtp"] = 8024  # the site's file: test_settings.py
    return found


def images(manifests: list[Manifest]) -> Iterator[str]:
    """Names that belong to nobody, with a version."""
    for name, image in _images(manifests):
        if not re.fullmatch(r"local/[a-z]+:[\w.-]+", image) or image.endswith(":latest"):
            yield f"{name}: image {image}"


def _images(manifests: list[Manifest]) -> Iterator[tuple[str, str]]:
    for pod in pods(manifests):
        yield from ((pod.name, container["image"]) for container in pod.containers)
    for server in of(manifests, "RabbitmqCluster", "Cluster"):
        yield named(server), server["spec"].get("image") or server["spec"].get("imageName", "")


def availability(manifests: list[Manifest]) -> Iterator[str]:
    """What has several pods is spread, and keeps one while a node is emptied; what has one pod keeps no node."""
    scaled = {one["spec"]["scaleTargetRef"]["name"]: one for one in of(manifests, "HorizontalPodAutoscaler")}
    deployments = {one["metadata"]["name"]: one for one in of(manifests, "Deployment")}
    yield from (f"scales {name}, which is not there" for name in scaled if name not in deployments)
    budgets = of(manifests, "PodDisruptionBudget")
    for pod in pods(manifests):
        if pod.owner["kind"] != "Deployment":
            continue
        name, spec = pod.owner["metadata"]["name"], pod.owner["spec"]
        if name in scaled and "replicas" in spec:
            yield f"{name}: both the manifest and the autoscaler say how many"
        many: Any = scaled[name]["spec"]["minReplicas"] if name in scaled else spec.get("replicas", 1)
        kept = [one for one in budgets if selects(one["spec"]["selector"], pod.labels)]
        if (many > 1) != (len(kept) == 1):
            yield f"{name}: {many} pods and {len(kept)} budgets"
        spread = pod.spec.get("topologySpreadConstraints", [])
        if many > 1 and not any(selects(one["labelSelector"], pod.labels) for one in spread):
            yield f"{name}: its pods are not spread"
        if not selects(spec["selector"], pod.labels):
            yield f"{name}: does not select its own pods"
