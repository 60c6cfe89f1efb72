"""What a kubelet makes of a pod: the files of its volumes and the environment of its process, under a folder of the test's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from deploy.k8s import secrets
from tests.deploy.manifests import Manifest, Pod, of, the

# What an operator of the county brings himself: docs/kubernetes.md.
OWN_SECRETS = {"backup": {"id", "secret"}, "web-certificate": {"tls.crt", "tls.key"}}


class Prepared(NamedTuple):
    """`mounts`: folder here, path there, whether it may be written."""

    command: list[str]
    env: dict[str, str]
    mounts: list[tuple[Path, str, bool]]


def org_of(manifests: list[Manifest]) -> str:
    return str(the(manifests, "ConfigMap", "settings")["data"]["ZHIDA_ORG"])


def services_of(manifests: list[Manifest]) -> list[str]:
    return str(the(manifests, "ConfigMap", "settings")["data"]["ZHIDA_SERVICES"]).split()


def secrets_of(manifests: list[Manifest], superior: str | None = None) -> list[Manifest]:
    """The secrets that the guide has an operator create for an overlay."""
    home = of(manifests, "Namespace")[0]["metadata"]["name"]
    plain = not of(manifests, "RabbitmqCluster")
    return secrets.made(org_of(manifests), services_of(manifests), at=home, superior=superior, plain=plain)


def prepare(pod: Pod, manifests: list[Manifest], known: list[Manifest], folder: Path) -> Prepared:
    """Lay out the volumes of a pod. KeyError or AssertionError where the manifest names what is not there."""
    container = pod.spec["containers"][0]
    volumes = {volume["name"]: volume for volume in pod.spec["volumes"]}
    mounts = []
    for mount in container["volumeMounts"]:
        place = folder / mount["name"]
        place.mkdir(parents=True, exist_ok=True)
        for path, content in contents(volumes.get(mount["name"], {}), manifests, known).items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text(content, encoding="utf-8")
        mounts.append((place, mount["mountPath"], not mount.get("readOnly", False)))
    return Prepared(container["command"], environment(container, manifests), mounts)


def environment(container: Manifest, manifests: list[Manifest]) -> dict[str, str]:
    """Of the settings that all share, and of its own, which count more."""
    env: dict[str, str] = {}
    for source in container.get("envFrom", []):
        env |= the(manifests, "ConfigMap", source["configMapRef"]["name"])["data"]
    return env | {one["name"]: one["value"] for one in container.get("env", [])}


def contents(volume: Manifest, manifests: list[Manifest], known: list[Manifest]) -> dict[str, str]:
    """Path in the volume to what stands there; nothing for what is written to."""
    if "configMap" in volume:
        return dict(the(manifests, "ConfigMap", volume["configMap"]["name"])["data"])
    if "secret" in volume:
        return dict(_secret(known, volume["secret"]["secretName"]))
    found: dict[str, str] = {}
    for source in volume.get("projected", {}).get("sources", []):
        values = _secret(known, source["secret"]["name"])
        items = source["secret"].get("items", [{"key": key, "path": key} for key in values])
        found |= {item["path"]: values[item["key"]] for item in items}
    return found


def _secret(known: list[Manifest], name: str) -> Mapping[str, str]:
    (one,) = (secret for secret in known if secret["metadata"]["name"] == name)
    values: Mapping[str, str] = one["stringData"]
    return values
